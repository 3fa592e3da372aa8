/* SPDX-License-Identifier: GPL-2.0 */
/* A line that is built in a buffer of fixed size. */
#include "incident/format.h"
#include "test.h"
#include "output/text_line.h"

/* What does not fit is cut, and what would follow is left out. */
static void too_long(void **state)
{
	struct line l = { .len = 0 };
	size_t room = sizeof(l.text) - 1;

	while (l.len + 8 <= room)
		line_add(&l, "%s", "12345678");
	line_add(&l, "%.*s", (int)(room - l.len), "12345678");
	assert_int_equal(l.len, room);
	assert_int_equal(strlen(l.text), room);
	line_add(&l, "%s", "more");
	assert_int_equal(l.len, room);
	assert_int_equal(strlen(l.text), room);
	assert_null(strchr(l.text, 'm'));
}

/* A character of several bytes is there whole or not at all; what is before it stays. */
static void cut_in_a_character(void **state)
{
	static const char *const chars[] = { "ż", "→", "─" };

	for (size_t i = 0; i < N(chars); i++)
		for (size_t left = 1; left <= strlen(chars[i]); left++) {
			struct line l = { .len = 0 };
			size_t before;

			while (l.len < sizeof(l.text) - 1 - left)
				line_add(&l, "a");
			before = l.len;
			line_add(&l, "%s%s", chars[i], "b");
			assert_int_equal(l.len, strlen(l.text));
			/*
			 * a character that would just fit is left out too, because the mark of
			 * a cut is plain ASCII
			 */
			assert_int_equal(l.len, before);
			assert_int_equal(l.text[l.len - 1], 'a');
		}
}

static void comma(void **state)
{
	struct line l = { .len = 0 };

	assert_string_equal(line_comma(&l), "");
	line_escaped(&l, "a\n", 2);
	assert_string_equal(l.text, "a\\x0a");
	assert_string_equal(line_comma(&l), ", ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_long),
		cmocka_unit_test(cut_in_a_character),
		cmocka_unit_test(comma),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
