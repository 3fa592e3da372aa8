/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes to lines, however they are cut. */
#include "report/lines.h"
#include "test.h"

struct seen {
	int incidents, ends;
	struct bad_line bad[8];
	size_t n_bad;
	int answer;
};

static int on_incident(void *ctx, const struct incident *inc)
{
	struct seen *s = ctx;

	s->incidents++;
	return s->answer;
}

static void on_end(void *ctx, const struct line_end *end)
{
	((struct seen *)ctx)->ends += end->lost == 4;
}

static void on_bad(void *ctx, const struct bad_line *b)
{
	struct seen *s = ctx;

	assert_true(s->n_bad < N(s->bad));
	s->bad[s->n_bad++] = *b;
}

static const struct lines_ops ops = { .incident = on_incident, .end = on_end, .bad = on_bad };

#define GOOD "{\"schema\":\"rsttrace/1\",\"id\":\"a\"}"
#define END "{\"schema\":\"rsttrace/1\",\"type\":\"end\",\"lost\":4}"

static const char text[] = GOOD "\n\n{\"schema\":3}\n" GOOD "\n" END "\nx\n" GOOD;

/* However they are cut: three incidents, an end line, two bad lines. */
static void in_pieces(void **state)
{
	const size_t len = sizeof(text) - 1, second = sizeof(GOOD) + 1, third = len - sizeof(GOOD) - 1;

	for (size_t piece = 1; piece <= len; piece++) {
		struct seen s = {};
		struct lines *l = lines_new(&ops, &s);

		for (size_t at = 0; at < len; at += piece)
			assert_int_equal(lines_bytes(l, text + at, len - at < piece ? len - at : piece), 0);
		assert_int_equal(lines_end(l), 0);
		assert_int_equal(s.incidents, 3);
		assert_int_equal(s.ends, 1);
		assert_int_equal(s.n_bad, 2);
		assert_int_equal(s.bad[0].line, 3);
		assert_int_equal(s.bad[0].offset, second + 10);
		assert_string_equal(s.bad[0].why, "a string was expected here");
		assert_int_equal(s.bad[1].line, 6);
		assert_int_equal(s.bad[1].offset, third);
		lines_free(l);
	}
}

/* A line without an end does not fill the memory, and the lines after it are read. */
static void too_long(void **state)
{
	static char junk[100000];
	struct seen s = {};
	struct lines *l = lines_new(&ops, &s);

	memset(junk, 'x', sizeof(junk));
	for (int i = 0; i < 30; i++)
		assert_int_equal(lines_bytes(l, junk, sizeof(junk)), 0);
	assert_int_equal(lines_bytes(l, "\n" GOOD "\n", sizeof(GOOD) + 1), 0);
	assert_int_equal(lines_end(l), 0);
	assert_int_equal(s.n_bad, 1);
	assert_string_equal(s.bad[0].why, "the line is longer than any record");
	assert_int_equal(s.incidents, 1);
	lines_free(l);
}

static void an_answer_ends_it(void **state)
{
	struct seen s = { .answer = -EPIPE };
	struct lines *l = lines_new(&ops, &s);

	assert_int_equal(lines_bytes(l, text, sizeof(text) - 1), -EPIPE);
	assert_int_equal(s.incidents, 1);
	lines_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(too_long),
		cmocka_unit_test(an_answer_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
