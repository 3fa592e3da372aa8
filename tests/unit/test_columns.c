/* SPDX-License-Identifier: GPL-2.0 */
/* Rows as columns: what was put in is read back, whatever the bytes. */
#include "page/columns.h"
#include "page/details.h"
#include "unpacked.h"
#include "test.h"

static json_t *packed(struct columns *c)
{
	struct json_text out = { };
	json_t *block;

	assert_int_equal(columns_pack(c, &out), 0);
	assert_int_equal(columns_rows(c), 0);
	block = unpack_block(out.s, out.len);
	json_text_free(&out);
	return block;
}

static void keys_come_and_go(void **state)
{
	struct columns *c = columns_new();
	json_t *block;

	columns_row(c);
	columns_int(c, "a", 1);
	columns_row(c);
	columns_row(c);
	columns_string(c, "b", "two", 3);
	columns_int(c, "a", -3);
	assert_int_equal(columns_rows(c), 3);
	block = packed(c);
	assert_int_equal(json_integer_value(json_object_get(block, "n")), 3);
	assert_int_equal(json_integer_value(unpacked_value(block, "a", 0)), 1);
	assert_null(unpacked_value(block, "a", 1));
	assert_int_equal(json_integer_value(unpacked_value(block, "a", 2)), -3);
	assert_null(unpacked_value(block, "b", 0));
	assert_string_equal(json_string_value(unpacked_value(block, "b", 2)), "two");
	json_decref(block);

	/* the next block does not have this one's columns */
	columns_row(c);
	columns_int(c, "b", INT64_MAX);
	block = packed(c);
	assert_null(unpacked_value(block, "a", 0));
	assert_true(json_integer_value(unpacked_value(block, "b", 0)) == INT64_MAX);
	json_decref(block);
	columns_free(c);
}

static void any_bytes(void **state)
{
	static const struct { const char *in, *out; } cases[] = {
		{ "\"\\\n\t\x01\x1f\x7f", "\"\\\n\t\x01\x1f\x7f" },
		{ "</script>", "</script>" },
		{ "a\xff" "b\xc3", "a\xef\xbf\xbd" "b\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "→ \xf0\x9f\x98\x80", "→ \xf0\x9f\x98\x80" },
		{ "", "" },
	};
	struct columns *c = columns_new();
	json_t *block;

	for (size_t i = 0; i < N(cases); i++) {
		columns_row(c);
		columns_string(c, "s", cases[i].in, strlen(cases[i].in));
	}
	block = packed(c);
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(json_string_value(unpacked_value(block, "s", i)), cases[i].out);
	json_decref(block);
	columns_free(c);
}

/* The text is in a script element, and must not contain what ends that. */
static void ends_no_element(void **state)
{
	struct json_text t = { };

	json_text_string(&t, "</script><!--", 64);
	assert_null(memchr(t.s, '<', t.len));
	json_text_free(&t);
}

static void more_keys_than_any_record(void **state)
{
	struct columns *c = columns_new();
	char key[100];
	json_t *block;

	for (int row = 0; row < 3; row++) {
		columns_row(c);
		for (int i = 0; i < 1000; i++) {
			snprintf(key, sizeof(key), "%d", i);
			columns_int(c, key, i);
		}
	}
	block = packed(c);
	assert_int_equal(json_integer_value(unpacked_value(block, "100", 2)), 100);
	assert_null(unpacked_value(block, "900", 2));
	json_decref(block);
	columns_free(c);
}

static void a_record(void **state)
{
	struct columns *c = columns_new();
	struct incident inc;
	const json_t *errors;
	json_t *block;

	incident_init(&inc);
	strcpy(inc.id, "x");
	inc.sport = 80;
	inc.sender.local = 0;
	inc.n_failures = 2;
	for (int i = 0; i < 2; i++) {
		inc.failures[i] = (struct failure){ .err = i ? EPIPE : ECONNRESET, .fd = 7, .pid = UNKNOWN, .tid = UNKNOWN,
						    .delay_us = UNKNOWN, .sigpipe = UNKNOWN };
		strcpy(inc.failures[i].syscall, i ? "write" : "read");
	}
	assert_int_equal(details_add(c, &inc), 0);
	block = packed(c);
	assert_int_equal(json_integer_value(unpacked_value(block, "sport", 0)), 80);
	assert_true(json_is_false(unpacked_value(block, "sender_local", 0)));
	assert_null(unpacked_value(block, "dport", 0));
	errors = unpacked_value(block, "errors", 0);
	assert_int_equal(json_array_size(errors), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(errors, 1), "errno")), "EPIPE");
	assert_string_equal(json_string_value(unpacked_value(block, "error_syscall", 0)), "read");
	json_decref(block);
	columns_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_come_and_go),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(ends_no_element),
		cmocka_unit_test(more_keys_than_any_record),
		cmocka_unit_test(a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
