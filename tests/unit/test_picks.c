/* SPDX-License-Identifier: GPL-2.0 */
/* Which resets a page shows if it cannot show all. */
#include "page/picks.h"
#include "told.h"
#include "test.h"

/* So many resets with this cause, one in each second. */
static void add_some(struct report *r, const char *cause, int n)
{
	for (int i = 0; i < n; i++) {
		struct incident inc = told("a", 1, 2, true, true);

		inc.cause = cause;
		inc.time_ns += i * S;
		add(r, inc);
	}
}

static int count(const struct picks *p, const struct report *r, const char *cause)
{
	int n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += !strcmp(strings_get(strings, store_at(report_store(r), p->pick[i].entry)->cause), cause);
	return n;
}

static void all_where_they_fit(void **state)
{
	struct report *r = new_report(BY_CAUSE, 1000);
	struct picks p;

	add_some(r, "linger-zero", 30);
	add_some(r, "closed-port", 10);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(picks_choose(&p, r, 100, SIZE_MAX), 0);
	assert_int_equal(p.n, 40);
	picks_free(&p);
	assert_int_equal(picks_choose(&p, r, 40, SIZE_MAX), 0);
	assert_int_equal(p.n, 40);
	picks_free(&p);
	assert_int_equal(picks_choose(&p, r, 100, 35), 0);
	assert_int_equal(p.n, 35);
	picks_free(&p);
	report_free(r);
}

/* Rare causes are shown in full, the rest evenly over its time. */
static void a_fair_share(void **state)
{
	struct report *r = new_report(BY_CAUSE, 1000);
	int halves[2] = { };
	struct picks p;

	add_some(r, "linger-zero", 600);
	add_some(r, "closed-port", 200);
	add_some(r, "bad-syn-cookie", 3);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(picks_choose(&p, r, 103, SIZE_MAX), 0);
	assert_int_equal(p.n, 103);
	assert_int_equal(count(&p, r, "bad-syn-cookie"), 3);
	assert_int_equal(count(&p, r, "closed-port"), 50);
	assert_int_equal(count(&p, r, "linger-zero"), 50);
	for (size_t i = 0; i < p.n; i++)
		if (p.pick[i].entry < 600)
			halves[p.pick[i].entry >= 300]++;
	assert_int_equal(halves[0], 25);
	assert_int_equal(halves[1], 25);
	picks_free(&p);
	report_free(r);
}

static void both_ends_are_one(void **state)
{
	struct report *r = new_report(BY_CAUSE, 1000);
	struct pick *sent;
	struct picks p;

	add(r, told("b", 1, 2, false, true));
	add(r, told("a", 1, 2, true, false));
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(picks_choose(&p, r, 100, SIZE_MAX), 0);
	assert_int_equal(p.n, 1);
	sent = picks_find(&p, r, 1);
	assert_non_null(sent);
	assert_int_equal(sent->entry, 1);
	assert_ptr_equal(picks_find(&p, r, 0), sent);
	picks_free(&p);
	report_free(r);
}

static void by_time(void **state)
{
	struct report *r = new_report(BY_CAUSE, 1000);
	struct incident inc;
	struct picks p;

	for (int i = 5; i; i--) {
		inc = told("a", i, 2, true, true);
		inc.time_ns += i * S;
		add(r, inc);
	}
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(picks_choose(&p, r, 100, SIZE_MAX), 0);
	picks_by_time(&p, r);
	for (int i = 0; i < 5; i++)
		assert_int_equal(p.pick[i].entry, 4 - i);
	picks_free(&p);
	report_free(r);
}

static void none(void **state)
{
	struct report *r = new_report(BY_CAUSE, 10);
	struct picks p;

	assert_int_equal(report_finish(r), 0);
	assert_int_equal(picks_choose(&p, r, 100, SIZE_MAX), 0);
	assert_int_equal(p.n, 0);
	assert_int_equal(picks_choose(&p, r, 0, SIZE_MAX), 0);
	picks_free(&p);
	report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_where_they_fit),
		cmocka_unit_test(a_fair_share),
		cmocka_unit_test(both_ends_are_one),
		cmocka_unit_test(by_time),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, open_strings, close_strings);
}
