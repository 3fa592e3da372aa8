/* SPDX-License-Identifier: GPL-2.0 */
/* Ends that are paired, and what single ends show. */
#include "told.h"
#include "test.h"

static void one_host_saw_both(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);

	add(r, told("a", 1, 1, true, true));
	expect_way(r, WAY_HERE, 1);
}

/*
 * Clocks that differ by seconds do not matter; the cause is from the sender's record, the harm from
 * the victim's.
 */
static void two_hosts(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident received = told("b", 1, 2, false, true);
	const struct report_row *rows;
	size_t n;

	received.time_ns -= 7 * S;
	add(r, received);
	add(r, told("a", 1, 2, true, false));
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_PAIRED], 1);
	assert_int_equal(report_totals(r)->hurt, 1);
	assert_int_equal(report_totals(r)->hosts, 2);
	rows = rows_sorted(report_rows(r), &n);
	assert_int_equal(n, 1);
	assert_string_equal(strings_get(strings, rows[0].key), "close-with-unread");
	assert_int_equal(rows[0].count, 1);
	assert_int_equal(rows[0].hurt, 1);
	report_free(r);
}

static void not_a_pair(struct incident a, struct incident b)
{
	struct report *r = new_report(BY_CAUSE, 100);

	add(r, a);
	add(r, b);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_PAIRED], 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_TRANSLATED], 0);
	assert_int_equal(report_totals(r)->resets, 2);
	report_free(r);
}

static void no_pairs(void **state)
{
	struct incident sent = told("a", 1, 2, true, false), received = told("b", 1, 2, false, true), other;

	other = received;
	other.rst_seq++;
	not_a_pair(sent, other);
	other = received;
	other.rst_ack++;
	not_a_pair(sent, other);
	other = received;
	other.time_ns += 31 * S;
	not_a_pair(sent, other);
	not_a_pair(sent, told("b", 1, 2, true, false));
	other = received;
	other.rst_seq = UNKNOWN;
	not_a_pair(sent, other);
}

/* A connect that is refused over and over: the sequence number is always 0. */
static void refused_connects(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);

	for (int i = 0; i < 5; i++) {
		struct incident sent = told("a", 1, 2, true, false), received = told("b", 1, 2, false, true);

		sent.rst_seq = received.rst_seq = 0;
		sent.rst_ack = received.rst_ack = 1000 + i;
		add(r, sent);
		add(r, received);
	}
	expect_way(r, WAY_PAIRED, 5);
}

static void translated(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident received = told("b", 1, 2, false, true);

	received.saddr[0] = 192;
	received.sport = 8080;
	received.time_ns += 3 * S;
	add(r, told("a", 1, 2, true, false));
	add(r, received);
	expect_way(r, WAY_TRANSLATED, 1);
}

/*
 * Where one record lacks the acknowledged number, the address of one end has to be the same in
 * both; where both have it, both addresses may differ.
 */
static void translated_needs_evidence(void **state)
{
	struct incident sent = told("a", 1, 2, true, false), received = told("b", 1, 2, false, true);
	struct report *r = new_report(BY_CAUSE, 100);

	received.saddr[0] = received.daddr[0] = 192;
	add(r, sent);
	add(r, received);
	expect_way(r, WAY_TRANSLATED, 1);
	received.rst_ack = UNKNOWN;
	not_a_pair(sent, received);
	memcpy(received.daddr, sent.daddr, 4);
	r = new_report(BY_CAUSE, 100);
	add(r, sent);
	add(r, received);
	expect_way(r, WAY_TRANSLATED, 1);
	sent.rst_seq = received.rst_seq = 0;
	not_a_pair(sent, received);
}

/* If two ends fit, none is chosen. */
static void ambiguous(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident one = told("b", 1, 2, false, true), two = told("c", 1, 2, false, true);

	one.saddr[0] = two.saddr[0] = 192;
	two.sport = 81;
	add(r, told("a", 1, 2, true, false));
	add(r, one);
	add(r, two);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_TRANSLATED], 0);
	assert_int_equal(report_totals(r)->pairs.ambiguous, 1);
	assert_int_equal(report_totals(r)->resets, 3);
	report_free(r);
}

/* Of many RSTs with one number only so many are searched, and then none is paired. */
static void as_many_alike_as_anybody_forges(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100000);

	for (int i = 0; i < 20000; i++) {
		struct incident inc = told(i % 2 ? "a" : "b", 1, 2, i % 2, !(i % 2));

		inc.sport = i;
		add(r, inc);
	}
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_TRANSLATED], 0);
	report_free(r);
}

/* Host b is known to be traced, as it told another incident before or after. */
static void never_received(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident of_b = told("b", 2, 3, true, false);

	of_b.rst_seq = 1;
	add(r, told("a", 1, 2, true, false));
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_ELSEWHERE], 1);
	report_free(r);

	r = new_report(BY_CAUSE, 100);
	add(r, told("a", 1, 2, true, false));
	of_b.time_ns += 10 * S;
	add(r, of_b);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_LOST], 1);
	report_free(r);

	r = new_report(BY_CAUSE, 100);
	add(r, told("a", 1, 2, true, false));
	of_b.time_ns += 3600 * S;	/* as far as is known, host b was not traced at that time */
	add(r, of_b);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_LOST], 0);
	report_free(r);
}

static void never_sent(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident of_a = told("a", 1, 3, true, false), of_c = of_a;

	of_a.rst_seq = 1;
	add(r, told("b", 1, 2, false, true));
	add(r, of_a);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_NOT_SENT], 1);

	/* an address that two hosts use stands for neither of them */
	strcpy(of_c.host, "c");
	of_c.rst_seq = 2;
	report_free(r);
	r = new_report(BY_CAUSE, 100);
	add(r, told("b", 1, 2, false, true));
	add(r, of_a);
	add(r, of_c);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_NOT_SENT], 0);
	report_free(r);
}

/*
 * What a router passes on under its own address is not-sent without the sender's record, as what is
 * forged in its name: it sent neither.
 */
static void behind_a_nat(void **state)
{
	struct incident of_router = told("router", 3, 2, true, false);

	of_router.rst_seq = 1;
	for (int traced = 0; traced < 2; traced++) {
		struct report *r = new_report(BY_CAUSE, 100);

		add(r, of_router);
		add(r, told("b", 3, 2, false, true));
		if (traced)
			add(r, told("a", 1, 2, true, false));
		assert_int_equal(report_finish(r), 0);
		assert_int_equal(report_totals(r)->pairs.count[WAY_NOT_SENT], !traced);
		assert_int_equal(report_totals(r)->pairs.count[WAY_TRANSLATED], traced);
		report_free(r);
	}
}

/* In a storm a host tells only samples, so the missing incident may have happened nevertheless. */
static void a_storm_proves_nothing(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident of_a = told("a", 1, 3, true, false);

	of_a.rst_seq = 1;
	of_a.sampled = 16;
	of_a.time_ns += 20 * S;
	add(r, told("b", 1, 2, false, true));
	add(r, of_a);
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_NOT_SENT], 0);
	assert_int_equal(report_totals(r)->sampled, 1);
	assert_int_equal(report_totals(r)->stand_for, 16);
	report_free(r);
}

static void a_rule_answers_for_another_host(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident rejected = told("router", 1, 3, true, false);

	rejected.kind = KIND_NETFILTER;
	rejected.rst_seq = 1;
	add(r, rejected);
	add(r, told("b", 1, 2, false, true));
	assert_int_equal(report_finish(r), 0);
	assert_int_equal(report_totals(r)->pairs.count[WAY_NOT_SENT], 0);
	report_free(r);
}

static void given_up(void **state)
{
	struct report *r = new_report(BY_CAUSE, 100);
	struct incident inc = told("a", 1, 2, false, true);

	inc.kind = KIND_TIMEOUT;
	add(r, inc);
	expect_way(r, WAY_NO_RST, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_host_saw_both),
		cmocka_unit_test(two_hosts),
		cmocka_unit_test(no_pairs),
		cmocka_unit_test(refused_connects),
		cmocka_unit_test(translated),
		cmocka_unit_test(translated_needs_evidence),
		cmocka_unit_test(ambiguous),
		cmocka_unit_test(as_many_alike_as_anybody_forges),
		cmocka_unit_test(never_received),
		cmocka_unit_test(never_sent),
		cmocka_unit_test(behind_a_nat),
		cmocka_unit_test(a_storm_proves_nothing),
		cmocka_unit_test(a_rule_answers_for_another_host),
		cmocka_unit_test(given_up),
	};

	return cmocka_run_group_tests(tests, open_strings, close_strings);
}
