/* SPDX-License-Identifier: GPL-2.0 */
/* Incidents that come twice, that are too many, or that are not wanted; and what is counted. */
#include "told.h"

#include "report/questions.h"
#include "test.h"

/*
 * A later revision replaces the entry, an earlier one does not, and reading the same file again
 * changes nothing.
 */
static void revisions(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident inc = told("a", 1, 2, true, true);

	inc.outcome = OUTCOME_PENDING;
	add(r, inc);
	inc.rev = 2;
	inc.outcome = OUTCOME_EOF;
	add(r, inc);
	inc.rev = 1;
	inc.outcome = OUTCOME_UNNOTICED;
	add(r, inc);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->resets, 1);
	assert_int_equal(report_totals(r)->hurt, 1);
	assert_int_equal(report_totals(r)->replaced, 2);
	report_free(r);
}

/* The situation is from the sender's record, or else from the other end's. */
static void situations_have_rows(void **state)
{
	struct report *r = new_report(BY_SITUATION, 100);
	struct incident sent = told("a", 1, 2, true, false), received = told("b", 1, 2, false, true);
	const struct report_row *rows;
	char name[64];
	size_t n;

	received.situation = "client-left";
	add(r, sent);
	add(r, received);
	add(r, told("a", 3, 4, true, true));
	sent = told("a", 5, 6, true, true);
	sent.situation = "client-left";
	add(r, sent);
	assert_int_equal(report_finish(r), 0);
	rows = rows_sorted(report_rows(r), &n);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].count, 2);
	assert_string_equal(rows_name(report_rows(r), rows[0].key, name, sizeof(name)), "client-left");
	assert_int_equal(rows[1].count, 1);
	assert_string_equal(rows_name(report_rows(r), rows[1].key, name, sizeof(name)), "(none)");
	report_free(r);
}

/* The kernel is named where it sent for nobody, as in the summary, but it is no process. */
static void kernel_in_pairs(void **state)
{
	static const struct { enum report_by by; const char *want; } by[] = {
		{ BY_PAIR, "kernel → curl" }, { BY_PROCESS, "curl" },
	};
	struct incident inc = told("a", 1, 2, true, true);
	const struct report_row *rows;
	char name[64];
	size_t n;

	inc.sender.owner = OWNER_KERNEL;
	inc.sender.comm[0] = '\0';
	for (size_t i = 0; i < 2; i++) {
		struct report *r = new_report(by[i].by, 100);

		add(r, inc);
		assert_int_equal(report_finish(r), 0);
		rows = rows_sorted(report_rows(r), &n);
		assert_int_equal(n, 1);
		assert_string_equal(rows_name(report_rows(r), rows[0].key, name, sizeof(name)), by[i].want);
		report_free(r);
	}
}

/* An incident that finds no room is counted once, whatever its revisions. */
static void bounded(void **state)
{
	struct report *r = new_report(BY_CAUSE, 10);

	for (int i = 0; i < 25; i++) {
		struct incident inc = told("a", 1, 1, true, true);

		add(r, inc);
		inc.rev = 1;
		add(r, inc);
	}
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->resets, 25);
	assert_int_equal(report_totals(r)->hurt, 25);
	assert_int_equal(report_totals(r)->unkept, 15);
	assert_int_equal(report_totals(r)->pairs.count[WAY_HERE], 10);
	report_free(r);
}

/* Several chunks, and a table of ids that has to grow. */
static void many(void **state)
{
	struct report *r = new_report(BY_PORT, 300000);

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 150000; i++) {
			struct incident inc = told("a", 1, 1, true, true);

			snprintf(inc.id, sizeof(inc.id), "x%d", i);
			inc.rev = round;
			inc.sport = i % 1000;
			add(r, inc);
		}
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->resets, 150000);
	assert_int_equal(report_totals(r)->replaced, 150000);
	assert_int_equal(rows_find(report_rows(r), 999)->count, 150);
	assert_true(report_totals(r)->bytes < 150000 * 160 + (20 << 20));
	report_free(r);
}

static bool only_port_81(void *ctx, const struct incident *inc)
{
	return inc->sport == 81;
}

static void left_out(void **state)
{
	const struct report_config cfg = {
		.since_ns = T0, .until_ns = T0 + 10, .keep = 10, .strings = strings, .wanted = only_port_81,
	};
	struct report *r = report_new(&cfg);
	const int64_t times[] = { T0 - 1, T0, T0 + 9, T0 + 10, UNKNOWN };

	for (size_t i = 0; i < N(times); i++) {
		struct incident inc = told("a", 1, 1, true, true);

		inc.time_ns = times[i];
		add(r, inc);
		inc.sport = 81;
		strcat(inc.id, "x");
		add(r, inc);
	}
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->read, 10);
	assert_int_equal(report_totals(r)->hidden, 8);
	assert_int_equal(report_totals(r)->resets, 2);
	assert_int_equal(report_totals(r)->first_ns, T0);
	assert_int_equal(report_totals(r)->last_ns, T0 + 9);
	report_free(r);
}

static bool only_closing(void *ctx, const struct incident *inc)
{
	return !strcmp(inc->cause, "close-with-unread");
}

/* The receipt's record has another cause, but that does not make the RST a lost one. */
static void filters_part_no_pair(void **state)
{
	const struct report_config cfg = {
		.since_ns = INT64_MIN, .until_ns = INT64_MAX, .skew_ns = S, .keep = 10, .strings = strings,
		.wanted = only_closing,
	};
	struct report *r = report_new(&cfg);

	add(r, told("a", 1, 2, true, false));
	add(r, told("b", 1, 2, false, true));
	add(r, told("b", 7, 2, false, true));
	expect_way(r, WAY_PAIRED, 1);
}

static void expect_rows(enum report_by by, const char *want)
{
	struct report *r = new_report(by, 100);
	struct incident received = told("b", 1, 2, false, true), own = told("a", 1, 1, true, true);
	const struct report_row *rows;
	const struct line_check said[] = { { "a", "6.1" }, { "b", "6.1" }, { "b", "6.12" }, { "a", "" } };
	char text[512] = "", name[128];
	size_t n;

	strcpy(own.victim.comm, "nginx");
	strcpy(own.sender.unit, "web.service");
	strcpy(own.victim.container, "0123");
	add(r, told("a", 1, 2, true, false));
	add(r, received);
	add(r, own);
	for (size_t i = 0; i < N(said); i++)
		assert_int_equal(report_check(r, &said[i]), 0);
	assert_int_equal(report_finish(r), 0);
	rows = rows_sorted(report_rows(r), &n);
	for (size_t i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s %d,", rows_name(report_rows(r), rows[i].key, name, sizeof(name)),
			(int)rows[i].count);
	assert_string_equal(text, want);
	report_free(r);
}

static void by_what(void **state)
{
	expect_rows(BY_CAUSE, "close-with-unread 2,");
	expect_rows(BY_PAIR, "nginx → nginx 1,nginx → curl 1,");
	expect_rows(BY_PROCESS, "nginx 2,curl 1,");
	expect_rows(BY_PORT, "80 2,");
	expect_rows(BY_UNIT, "? 1,web.service 1,0123 1,");
	expect_rows(BY_HOST, "a 2,b 1,");
	expect_rows(BY_KERNEL, "6.1 2,");	/* b ran two kernels */
	expect_rows(BY_ADDRESSES, "10.0.0.1 → 10.0.0.1 1,10.0.0.1 → 10.0.0.2 1,");
	expect_rows(BY_SOURCE, "10.0.0.1:80 2,");
}

/* What the option says that it takes are the questions that there are. */
static void questions_have_names(void **state)
{
	char names[] = QUESTIONS, *save = NULL;
	int n = 0;

	for (char *name = strtok_r(names, ", ", &save); name; name = strtok_r(NULL, ", ", &save), n++)
		assert_string_equal(question_find(name)->name, name);
	assert_int_equal(n, 11);
	assert_null(question_find("why"));
}

static void ends_of_runs_add_up(void **state)
{
	struct report *r = new_report(BY_CAUSE, 10);

	report_end(r, &(struct line_end){ .lost = 3, .missed = 1, .suppressed = 7 });
	report_end(r, &(struct line_end){ .lost = 2, .missed = -5 });
	assert_int_equal(report_totals(r)->lost, 5);
	assert_int_equal(report_totals(r)->missed, 1);
	assert_int_equal(report_totals(r)->suppressed, 7);
	report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revisions),
		cmocka_unit_test(bounded),
		cmocka_unit_test(situations_have_rows),
		cmocka_unit_test(kernel_in_pairs),
		cmocka_unit_test(many),
		cmocka_unit_test(left_out),
		cmocka_unit_test(filters_part_no_pair),
		cmocka_unit_test(by_what),
		cmocka_unit_test(questions_have_names),
		cmocka_unit_test(ends_of_runs_add_up),
	};

	return cmocka_run_group_tests(tests, open_strings, close_strings);
}
