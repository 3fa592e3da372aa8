/* SPDX-License-Identifier: GPL-2.0 */
/* JSON, piece by piece. */
#include "report/json_pull.h"
#include "test.h"

static void expect_text(const char *text, const char *want)
{
	struct pull_slice s;
	struct json_pull j;
	char buf[64];

	pull_begin(&j, text, strlen(text));
	assert_true(pull_string(&j, &s));
	pull_copy(buf, sizeof(buf), &s);
	assert_string_equal(buf, want);
	assert_true(pull_ends(&j));
}

static void strings(void **state)
{
	expect_text("\"\"", "");
	expect_text(" \"plain, and longer than eight bytes\" ", "plain, and longer than eight bytes");
	expect_text("\"a\\\"b\\\\c\\/d\\n\\t\\r\\b\\f\"", "a\"b\\c/d\n\t\r\b\f");
	expect_text("\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	expect_text("\"\xc3\xa9\\u000a\"", "\xc3\xa9\n");
	/* a single half of a surrogate pair, and a NUL */
	expect_text("\"\\ud83dx\"", "\xef\xbf\xbdx");
	expect_text("\"\\ude00\"", "\xef\xbf\xbd");
	expect_text("\"a\\u0000b\"", "a\xef\xbf\xbd""b");
}

/* What does not fit is cut between characters. */
static void short_buffers(void **state)
{
	struct pull_slice plain = { "abc\xc3\xa9", 5, false }, escaped = { "ab\\u00e9", 8, true };
	char buf[8];

	assert_int_equal(pull_copy(buf, 5, &plain), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(pull_copy(buf, 6, &plain), 5);
	assert_int_equal(pull_copy(buf, 4, &escaped), 2);
	assert_string_equal(buf, "ab");
	assert_int_equal(pull_copy(buf, 1, &plain), 0);
	assert_string_equal(buf, "");
}

/* A quote, a backslash or a control character ends the run at each place of a word of eight bytes. */
static void ends_of_runs(void **state)
{
	for (size_t at = 0; at < 20; at++) {
		char text[32] = "\"";
		struct pull_slice s;
		struct json_pull j;

		memset(text + 1, '\x80', 25);
		text[1 + at] = '"';
		pull_begin(&j, text, 26);
		assert_true(pull_string(&j, &s));
		assert_int_equal(s.n, at);
		text[1 + at] = '\x1f';
		pull_begin(&j, text, 26);
		assert_false(pull_string(&j, &s));
		assert_int_equal(j.at - text, 1 + at);
		assert_string_equal(j.why, "a control character in a string");
		text[1 + at] = '\\';
		pull_begin(&j, text, 26);
		assert_false(pull_string(&j, &s));
		assert_int_equal(j.at - text, 1 + at);
	}
}

static void integers(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} good[] = {
		{ "0", 0 }, { "-1", -1 }, { " 42 ", 42 }, { "9223372036854775807", INT64_MAX },
		{ "-9223372036854775807", -INT64_MAX },
	};
	static const char *const bad[] = { "", "-", "1.5", "1e3", "x", "9223372036854775808", "\"1\"" };
	struct json_pull j;
	int64_t v;

	for (size_t i = 0; i < N(good); i++) {
		pull_begin(&j, good[i].text, strlen(good[i].text));
		assert_true(pull_integer(&j, &v));
		assert_int_equal(v, good[i].want);
	}
	for (size_t i = 0; i < N(bad); i++) {
		pull_begin(&j, bad[i], strlen(bad[i]));
		assert_false(pull_integer(&j, &v));
		assert_non_null(j.why);
	}
}

/* What is wrong says what was expected in its place. */
static void wanted(void **state)
{
	static const struct {
		char c;
		const char *text, *why;
	} cases[] = {
		{ '{', "[]", "an object was expected here" },
		{ '[', "{}", "a list was expected here" },
		{ '[', "\"x\"", "a list was expected here" },
		{ ':', "1", "a ':' is missing" },
		{ '}', "\"b\":2}", "a ',' or '}' is missing" },
		{ ']', "2]", "a ',' or ']' is missing" },
		{ ']', " ", "it ends too soon" },
	};

	for (size_t i = 0; i < N(cases); i++) {
		struct json_pull j;

		pull_begin(&j, cases[i].text, strlen(cases[i].text));
		assert_false(pull_want(&j, cases[i].c));
		assert_string_equal(j.why, cases[i].why);
	}
}

static void expect_skip(const char *text, bool good)
{
	struct json_pull j;

	pull_begin(&j, text, strlen(text));
	assert_int_equal(pull_skip(&j) && pull_ends(&j), good);
	assert_int_equal(!j.why, good);
}

static void skips(void **state)
{
	char deep[300];

	expect_skip("{\"a\":[1,2.5e-3,{\"b\":null}],\"c\":{},\"d\":[ ]}", true);
	expect_skip("true", true);
	expect_skip("\"x\"", true);
	expect_skip("{\"a\":1", false);
	expect_skip("{\"a\" 1}", false);
	expect_skip("{a:1}", false);
	expect_skip("[1 2]", false);
	expect_skip("[1,]", false);
	expect_skip("1 2", false);
	expect_skip("", false);
	memset(deep, '[', sizeof(deep));
	deep[299] = '\0';
	expect_skip(deep, false);
}

/* A text cut at any byte is noticed, and nothing after its end is read. */
static void cut_anywhere(void **state)
{
	static const char text[] = "{\"a\":[1,\"\\u00e9\\ud83d\\ude00\",{\"b\":true}]}";

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n ?: 1);	/* so that the sanitizers see the end */
		struct json_pull j;

		memcpy(copy, text, n);
		pull_begin(&j, copy, n);
		assert_false(pull_skip(&j));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(short_buffers),
		cmocka_unit_test(ends_of_runs),
		cmocka_unit_test(integers),
		cmocka_unit_test(wanted),
		cmocka_unit_test(skips),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
