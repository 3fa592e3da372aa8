/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event told by both loads of the programs is taken once; one that happened twice is taken
 * twice.
 */
#include "events.h"
#include "events/repeat.h"
#include "test.h"
#include "account/totals.h"

static struct rst_event by_second(struct rst_event ev)
{
	ev.flags |= EVF_SECOND;
	return ev;
}

static bool found(struct repeats *r, struct rst_event ev)
{
	return repeats_find(r, &ev);
}

/* A task was preempted between the two programs; which of them ran last depends on the hook. */
static void told_by_both(void **state)
{
	struct repeats r = { 0 };

	assert_false(found(&r, sent_active(10)));
	assert_false(found(&r, by_second(sent_reply(20, TH_ACK, 1))));
	assert_false(found(&r, received(30)));
	assert_true(found(&r, by_second(sent_active(3010))));
	assert_true(found(&r, sent_reply(3020, TH_ACK, 1)));
	assert_true(found(&r, by_second(received(3030))));
	assert_int_equal(r.found[EV_SENT_ACTIVE], 1);
	assert_int_equal(r.found[EV_SENT_REPLY], 1);
	assert_int_equal(r.found[EV_RECEIVED], 1);
}

/* An event is told at most twice, so a third one is another event. */
static void one_for_one(void **state)
{
	struct repeats r = { 0 };

	assert_false(found(&r, sent_reply(10, TH_ACK, 1)));
	assert_true(found(&r, by_second(sent_reply(20, TH_ACK, 1))));
	assert_false(found(&r, by_second(sent_reply(30, TH_ACK, 1))));
}

/* The same segment that comes twice is answered twice, and one load tells both RSTs. */
static void answered_twice(void **state)
{
	struct repeats r = { 0 };

	assert_false(found(&r, sent_reply(10, TH_ACK, 1)));
	assert_false(found(&r, sent_reply(20, TH_ACK, 1)));
	r = (struct repeats){ 0 };
	assert_false(found(&r, by_second(sent_reply(10, TH_ACK, 1))));
	assert_false(found(&r, by_second(sent_reply(20, TH_ACK, 1))));
}

/* An event that differs is of another RST, whichever load of the programs told it. */
static void another_rst(void **state)
{
	struct rst_event first = sent_active(10), ev;
	struct repeats r = { 0 };

	assert_false(found(&r, first));
	ev = by_second(sent_active(20));
	ev.seg.rst_seq++;
	assert_false(found(&r, ev));
	ev = by_second(sent_active(20));
	ev.sock.id++;
	assert_false(found(&r, ev));
	ev = by_second(sent_active(20));
	ev.sock.sk++;
	assert_false(found(&r, ev));
	ev = by_second(sent_active(20));
	ev.task.tid++;
	assert_false(found(&r, ev));
	ev = by_second(sent_active(20));
	ev.flow.rport++;
	assert_false(found(&r, ev));
	ev = by_second(sent_active(20));
	ev.type = EV_SENT_REPLY;
	assert_false(found(&r, ev));
	/* a segment that was not acknowledged comes again, and is answered again */
	assert_false(found(&r, by_second(sent_active(10 + 200000))));
	assert_true(found(&r, by_second(sent_active(20))));
}

/* A SYN to a closed port, and another one from the same port: both RSTs have the number 0. */
static void refused_again(void **state)
{
	struct repeats r = { 0 };

	assert_false(found(&r, refusal_sent(10, 5001)));
	assert_false(found(&r, by_second(refusal_sent(20, 6001))));
	assert_true(found(&r, by_second(refusal_sent(30, 5001))));
}

/* Calls fail again and again, in the same way. */
static void calls_are_kept(void **state)
{
	struct repeats r = { 0 };

	assert_false(found(&r, client_call(10, "connect", ECONNREFUSED)));
	assert_false(found(&r, by_second(client_call(20, "connect", ECONNREFUSED))));
}

/* If there are more than are kept, the oldest are forgotten. */
static void the_last_are_kept(void **state)
{
	struct rst_event oldest = sent_reply(10, TH_ACK, 1), newest = oldest;
	struct repeats r = { 0 };

	assert_false(found(&r, oldest));
	for (int i = 0; i < REPEATS_KEPT; i++) {
		newest.seg.rst_seq++;
		assert_false(found(&r, newest));
	}
	assert_false(found(&r, by_second(oldest)));
	assert_true(found(&r, by_second(newest)));
}

/* Two RSTs, one of them told twice, two runs refused: one by one spare, one by none. */
static void counters_without(void **state)
{
	struct rst_stats st[2] = {
		{ .seen = { [EV_SENT_ACTIVE] = 1 } },
		{ .seen = { [EV_SENT_ACTIVE] = 2 }, .spared = 2 },
	};
	struct repeats r = { 0 };
	struct totals t = { 0 };

	assert_false(found(&r, sent_active(10)));
	assert_true(found(&r, by_second(sent_active(20))));
	repeats_uncount(&r, st);
	totals_lost(&t, st, 2);
	assert_int_equal(t.sent, 2);
	assert_int_equal(st[0].spared + st[1].spared, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_by_both),
		cmocka_unit_test(one_for_one),
		cmocka_unit_test(answered_twice),
		cmocka_unit_test(another_rst),
		cmocka_unit_test(refused_again),
		cmocka_unit_test(calls_are_kept),
		cmocka_unit_test(the_last_are_kept),
		cmocka_unit_test(counters_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
