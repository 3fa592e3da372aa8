/* SPDX-License-Identifier: GPL-2.0 */
/* Changes between two reports, and times as people write them. */
#include <time.h>

#include "app/times.h"
#include "report/change.h"
#include "test.h"

#define S 1000000000LL
#define T0 (1790000000 * S)

static void counts(void **state)
{
	assert_int_equal(change_of(0, 0, 1, 0), CHANGE_NEW);
	assert_int_equal(change_of(1, 0, 0, 0), CHANGE_GONE);
	assert_int_equal(change_of(5, 0, 9, 0), CHANGE_SAME);	/* chance explains it */
	assert_int_equal(change_of(50, 0, 90, 0), CHANGE_WORSE);
	assert_int_equal(change_of(90, 0, 50, 0), CHANGE_BETTER);
	/* chance does not explain it, but it has grown by less than half */
	assert_int_equal(change_of(10000, 0, 14000, 0), CHANGE_SAME);
	assert_int_equal(change_of(10000, 0, 16000, 0), CHANGE_WORSE);
}

/* Ten times as many in ten times the time are the same. */
static void rates(void **state)
{
	assert_int_equal(change_of(100, 1, 1000, 10), CHANGE_SAME);
	assert_int_equal(change_of(100, 1, 3000, 10), CHANGE_WORSE);
	assert_int_equal(change_of(100, 1, 300, 10), CHANGE_BETTER);
	assert_int_equal(change_of(100, 0, 300, 10), CHANGE_WORSE);	/* one span not known */
}

static struct report *report_of(struct strings *strings, int a, int b, int64_t step)
{
	const struct report_config cfg = {
		.by = BY_CAUSE, .since_ns = INT64_MIN, .until_ns = INT64_MAX, .keep = 10000, .strings = strings,
	};
	struct report *r = report_new(&cfg);

	for (int i = 0; i < a + b; i++) {
		struct incident inc;

		incident_init(&inc);
		snprintf(inc.id, sizeof(inc.id), "%d", i);
		inc.time_ns = T0 + i * step;
		inc.cause = i < a ? "closed-port" : "linger-zero";
		assert_int_equal(report_incident(r, &inc), 0);
	}
	assert_int_equal(report_finish(r), 0);
	return r;
}

static void rows(void **state)
{
	struct strings *strings = strings_new();
	struct report *before = report_of(strings, 100, 0, 0), *after = report_of(strings, 10, 7, 0);
	struct change_row *rows;
	size_t n;

	rows = change_rows(before, after, &n);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].change, CHANGE_NEW);
	assert_string_equal(strings_get(strings, rows[0].key), "linger-zero");
	assert_int_equal(rows[0].after, 7);
	assert_int_equal(rows[1].change, CHANGE_BETTER);
	assert_int_equal(rows[1].before, 100);
	assert_int_equal(rows[1].after, 10);
	free(rows);
	report_free(before);
	report_free(after);
	strings_free(strings);
}

static void hours(void **state)
{
	struct strings *strings = strings_new();
	struct report *short_one = report_of(strings, 5, 0, S), *hour = report_of(strings, 61, 0, 60 * S);

	assert_true(report_hours(short_one) == 0);
	assert_true(report_hours(hour) == 1.0);
	report_free(short_one);
	report_free(hour);
	strings_free(strings);
}

static void times(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} good[] = {
		{ "2026-09-21T14:13:20Z", T0 }, { "2026-09-21 14:13:20Z", T0 }, { "2026-09-21T14:13Z", T0 - 20 * S },
		{ "2026-09-21", T0 - 51200 * S },	/* local, which is UTC here */
		{ "90s", T0 - 90 * S }, { "15m", T0 - 900 * S }, { "2h", T0 - 7200 * S }, { "1d", T0 - 86400 * S },
	};
	static const char *const bad[] = { "", "x", "12", "5w", "-3m", "2026-13-01", "2026-09-21T14:13:20+01", "1h x" };
	int64_t t;

	setenv("TZ", "UTC0", 1);
	tzset();
	for (size_t i = 0; i < N(good); i++) {
		assert_int_equal(times_parse(good[i].text, T0, &t), 0);
		assert_int_equal(t, good[i].want);
	}
	for (size_t i = 0; i < N(bad); i++)
		assert_int_equal(times_parse(bad[i], T0, &t), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(rates),
		cmocka_unit_test(rows),
		cmocka_unit_test(hours),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
