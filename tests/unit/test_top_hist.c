/* SPDX-License-Identifier: GPL-2.0 */
/* The history for a sparkline: of the recent past, or of all time in steps that double. */
#include "test.h"
#include "top/hist.h"

#define S 1000000000ULL

static struct hist_scale last_minute(void)
{
	return (struct hist_scale){ .begin_ns = 100 * S, .width_ns = S };
}

static void at(struct hist *h, struct hist_scale *s, uint64_t second, int64_t n)
{
	assert_false(hist_scale_to(s, s->begin_ns + second * S));
	hist_add(h, s, s->begin_ns + second * S, n);
}

static uint64_t column(const struct hist *h, const struct hist_scale *s, unsigned int i)
{
	uint64_t cols[HIST_STEPS];

	hist_columns(h, s, cols, HIST_STEPS);
	return cols[i];
}

static void test_newest_right(void **state)
{
	struct hist_scale s = last_minute();
	struct hist h = {};

	at(&h, &s, 0, 2);
	at(&h, &s, 3, 5);
	assert_int_equal(column(&h, &s, HIST_STEPS - 1), 5);
	assert_int_equal(column(&h, &s, HIST_STEPS - 4), 2);
	assert_int_equal(column(&h, &s, 0), 0);
}

static void test_old_ones_fall_out(void **state)
{
	struct hist_scale s = last_minute();
	struct hist h = {};

	at(&h, &s, 0, 2);
	at(&h, &s, 59, 1);
	assert_int_equal(column(&h, &s, 0), 2);
	at(&h, &s, 60, 4);
	assert_int_equal(column(&h, &s, 0), 0);
	assert_int_equal(column(&h, &s, HIST_STEPS - 1), 4);
	/* the ring has gone round: second 60 takes the place of second 0 */
	at(&h, &s, 10000, 7);
	assert_int_equal(column(&h, &s, HIST_STEPS - 1), 7);
	assert_int_equal(hist_sum(&h, &s, 10), 0);
}

static void test_silence_shows(void **state)
{
	struct hist_scale s = last_minute();
	struct hist h = {};

	at(&h, &s, 5, 9);
	/* time goes on without anything added */
	assert_false(hist_scale_to(&s, s.begin_ns + 200 * S));
	for (unsigned int i = 0; i < HIST_STEPS; i++)
		assert_int_equal(column(&h, &s, i), 0);
}

static void test_late_one(void **state)
{
	struct hist_scale s = last_minute();
	struct hist h = {};

	at(&h, &s, 100, 1);
	hist_add(&h, &s, s.begin_ns + 98 * S, 3);
	hist_add(&h, &s, s.begin_ns + 40 * S, 8);	/* older than all that is kept */
	assert_int_equal(column(&h, &s, HIST_STEPS - 3), 3);
	assert_int_equal(hist_sum(&h, &s, HIST_STEPS), 3);
	hist_add(&h, &s, s.begin_ns + 98 * S, -3);
	hist_add(&h, &s, s.begin_ns + 98 * S, -3);
	assert_int_equal(column(&h, &s, HIST_STEPS - 3), 0);
}

static void test_sum_leaves_out_the_unfinished(void **state)
{
	struct hist_scale s = last_minute();
	struct hist h = {};

	for (int i = 0; i < 20; i++)
		at(&h, &s, i, 1);
	assert_int_equal(hist_sum(&h, &s, 10), 10);
	at(&h, &s, 20, 1000);
	assert_int_equal(hist_sum(&h, &s, 10), 10);
}

static void test_fewer_columns(void **state)
{
	struct hist_scale s = last_minute();
	struct hist h = {};
	uint64_t cols[12];

	for (int i = 0; i < 60; i++)
		at(&h, &s, i, 1);
	hist_columns(&h, &s, cols, 12);
	for (int i = 0; i < 12; i++)
		assert_int_equal(cols[i], 5);
}

static void test_whole_doubles(void **state)
{
	struct hist_scale s = { .begin_ns = 0, .width_ns = S, .whole = 1 };
	struct hist h = {};
	unsigned int halved = 0;

	hist_add(&h, &s, 0, 3);
	assert_false(hist_scale_to(&s, 59 * S));
	hist_add(&h, &s, 59 * S, 4);
	assert_int_equal(column(&h, &s, 0), 3);
	assert_int_equal(column(&h, &s, 59), 4);
	while (hist_scale_to(&s, 400 * S)) {
		hist_halve(&h);
		halved++;
	}
	assert_int_equal(halved, 3);	/* at 60, 120, 240 and 480 s */
	hist_add(&h, &s, 400 * S, 5);
	assert_int_equal(column(&h, &s, 0), 3);
	/* 51 steps of 8 s, over 60 columns */
	assert_int_equal(column(&h, &s, 7 * HIST_STEPS / 51), 4);
	assert_int_equal(column(&h, &s, 50 * HIST_STEPS / 51), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newest_right),
		cmocka_unit_test(test_old_ones_fall_out),
		cmocka_unit_test(test_silence_shows),
		cmocka_unit_test(test_late_one),
		cmocka_unit_test(test_sum_leaves_out_the_unfinished),
		cmocka_unit_test(test_fewer_columns),
		cmocka_unit_test(test_whole_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
