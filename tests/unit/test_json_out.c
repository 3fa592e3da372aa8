/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of JSON, byte for byte as jansson writes the same values, but with hidden characters
 * escaped as well.
 */
#include <jansson.h>

#include "incident/format.h"
#include "output/json_out.h"
#include "test.h"

#define MAX_TEXT 9000	/* more than the writer's buffer */

/* A line that is being written, and its text. */
struct paper {
	FILE *f;
	char *text;
	size_t len;
	struct json_out line;
};

static void paper_open(struct paper *p)
{
	memset(p, 0, sizeof(*p));
	p->f = open_memstream(&p->text, &p->len);
	assert_non_null(p->f);
	json_out_begin(&p->line, p->f);
}

/* What jansson wrote, with its hidden characters escaped; frees it. */
static char *escaped(char *text)
{
	char *out = malloc(U_ESCAPE_MAX * strlen(text) + 1), *end = out;
	uint32_t cp;

	assert_non_null(out);
	for (int n, at = 0; (n = utf8_char(text + at, strlen(text + at), &cp)); at += n)
		if (utf8_hidden(cp))
			end += sprintf(end, "%s", fmt_u_escape((char[U_ESCAPE_MAX + 1]){ 0 }, U_ESCAPE_MAX + 1, cp));
		else
			end = mempcpy(end, text + at, n);
	*end = '\0';
	free(text);
	return out;
}

/* Ends the line, which has to be what jansson makes of the object; frees both. */
static void expect(struct paper *p, json_t *obj)
{
	char *want = json_dumps(obj, JSON_COMPACT);

	assert_non_null(want);
	want = escaped(want);
	assert_int_equal(json_out_end(&p->line), 0);
	assert_int_equal(fclose(p->f), 0);
	assert_int_equal(p->len, strlen(want) + 1);
	assert_int_equal(p->text[p->len - 1], '\n');
	assert_memory_equal(p->text, want, p->len - 1);
	free(p->text);
	free(want);
	json_decref(obj);
}

static void nothing(void **state)
{
	struct paper p;

	paper_open(&p);
	expect(&p, json_object());
}

static void numbers(void **state)
{
	static const int64_t values[] = { 0, 1, -1, 9, 10, 4294967296, INT64_MAX, INT64_MIN };
	json_t *obj = json_object();
	struct paper p;
	char key[8];

	paper_open(&p);
	for (size_t i = 0; i < N(values); i++) {
		snprintf(key, sizeof(key), "n%zu", i);
		json_out_int(&p.line, key, values[i]);
		json_object_set_new(obj, key, json_integer(values[i]));
	}
	json_out_bool(&p.line, "yes", true);
	json_out_bool(&p.line, "no", false);
	json_object_set_new(obj, "yes", json_true());
	json_object_set_new(obj, "no", json_false());
	expect(&p, obj);
}

static void lists(void **state)
{
	struct paper p;

	paper_open(&p);
	json_out_list(&p.line, "none");
	json_out_list_end(&p.line);
	json_out_list(&p.line, "two");
	json_out_item(&p.line);
	json_out_int(&p.line, "a", 1);
	json_out_int(&p.line, "b", 2);
	json_out_item_end(&p.line);
	json_out_item(&p.line);
	json_out_item_end(&p.line);
	json_out_list_end(&p.line);
	json_out_int(&p.line, "after", 3);
	expect(&p, json_pack("{s:[], s:[{s:i, s:i}, {}], s:i}", "none", "two", "a", 1, "b", 2, "after", 3));
}

/* Numbers that seem random, but are the same in every run. */
static uint32_t draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Any bytes, now and then many; mostly text, so that there are whole UTF-8 characters. */
static size_t any_text(char *text, uint32_t *seed)
{
	static const char *const pieces[] = {
		"a", "\"", "\\", "/", "\n", "\x1f", "\x7f", "µ", "─RST→", "\xf0\x9f\x92\xa5", "\xff",
		"\xe2\x80", "\xe2\x80\xae", "\xc2\x9b", "\xf3\xa0\x81\x81", "\xed\xa0\x80", "\xc0\x80", "long plain text without anything to it",
	};
	size_t n = 0, most = draw(seed) % 8 ? draw(seed) % 60 : draw(seed) % (MAX_TEXT - 64);

	while (n < most)
		n += stpcpy(text + n, pieces[draw(seed) % N(pieces)]) - (text + n);
	text[n] = '\0';
	return n;
}

static void any_strings(void **state)
{
	static char text[MAX_TEXT], clean[3 * MAX_TEXT + 1];
	uint32_t seed = 11;

	for (int round = 0; round < 2000; round++) {
		json_t *obj = json_object();
		struct paper p;

		paper_open(&p);
		for (int i = draw(&seed) % 5; i >= 0; i--) {
			size_t n = any_text(text, &seed), bound = draw(&seed) % 3 ? n + draw(&seed) % 9 : n / 2;
			char key[8];

			snprintf(key, sizeof(key), "k%d", i);
			json_out_string(&p.line, key, text, bound);
			fmt_utf8(clean, sizeof(clean), text, bound);
			json_object_set_new(obj, key, json_string(clean));
		}
		expect(&p, obj);
	}
}

/* A terminal that shows JSON must not be told anything by a name; a reader gets the name. */
static void hidden_characters(void **state)
{
	static const char name[] = "\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81\xc3\xa9";
	struct paper p;
	json_t *read;

	paper_open(&p);
	json_out_string(&p.line, "k", name, sizeof(name));
	assert_int_equal(json_out_end(&p.line), 0);
	fclose(p.f);
	assert_string_equal(p.text, "{\"k\":\"\\u007F\\u009B\\u202E\\uDB40\\uDC41\xc3\xa9\"}\n");
	read = json_loads(p.text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(read, "k")), name);
	json_decref(read);
	free(p.text);
}

static void full_disk(void **state)
{
	static char text[MAX_TEXT];
	struct json_out line;
	FILE *f = fopen("/dev/full", "w");

	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	memset(text, 'x', sizeof(text) - 1);
	json_out_begin(&line, f);
	json_out_string(&line, "text", text, sizeof(text));
	json_out_int(&line, "n", 1);
	assert_int_equal(json_out_end(&line), -ENOSPC);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(numbers),
		cmocka_unit_test(lists),
		cmocka_unit_test(any_strings),
		cmocka_unit_test(hidden_characters),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
