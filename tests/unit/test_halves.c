/* SPDX-License-Identifier: GPL-2.0 */
/* Several RSTs of one flow with one number: which sending belongs to which receipt. */
#include "chain_bench.h"

#define AT_ONCE_US 50000
#define LONG_US 10000000ULL

/*
 * A keepalive's RST is lost while the link is down; later the peer closes, and that is answered by
 * a RST.
 */
static struct rst_event keepalive(uint64_t us)
{
	struct rst_event ev = sent_active(us);

	ev.sock.state = ESTABLISHED;
	ev.sock.bits = SOCKF_EVIDENCE;
	return ev;
}

static void later_one_arrived(void **state)
{
	struct bench *b = *state;

	feed(b, keepalive(10));
	tick(b, LONG_US);
	feed(b, sent_reply(LONG_US, TH_FIN | TH_ACK, 0));
	feed(b, received(LONG_US + 1));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[0].kind, KIND_ACTIVE);
	assert_false(b->shown[0].victim.seen);
	assert_int_equal(b->shown[1].kind, KIND_REPLY);
	assert_true(b->shown[1].victim.seen);
}

/* However soon another RST follows that can have arrived. */
static void one_without_a_route_did_not_arrive(void **state)
{
	struct rst_event lost = keepalive(10);
	struct bench *b = *state;

	lost.flags |= EVF_UNROUTED;
	feed(b, lost);
	feed(b, sent_reply(20, TH_FIN | TH_ACK, 0));
	feed(b, received(21));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_false(b->shown[0].victim.seen);
	assert_true(b->shown[1].victim.seen);
}

/* If the hook runs before the RST is sent, a route may be found in between. */
static void the_only_one_arrived_all_the_same(void **state)
{
	struct rst_event ev = keepalive(10);
	struct bench *b = *state;

	ev.flags |= EVF_UNROUTED;
	feed(b, ev);
	feed(b, received(20));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_true(b->shown[0].victim.seen);
}

/* How long a RST may take depends on the victim's round-trip time. */
static void slow_link(void **state)
{
	struct rst_event ev = received(3 * AT_ONCE_US);
	struct bench *b = *state;

	ev.sock.srtt_us = 2 * AT_ONCE_US;
	feed(b, sent_reply(10, TH_ACK, 5));
	feed(b, sent_reply(10 + 2 * AT_ONCE_US, TH_ACK, 5));
	feed(b, ev);
	finish(b);
	assert_int_equal(b->n, 2);
	assert_true(b->shown[0].victim.seen && !b->shown[1].victim.seen);
}

/* In a burst, the first RST ends the connection. */
static void first_of_burst(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 3; i++)
		feed(b, sent_reply(10 + i, TH_ACK, 5));
	feed(b, received(20));
	finish(b);
	assert_int_equal(b->n, 3);
	assert_true(b->shown[0].victim.seen);
	assert_false(b->shown[1].victim.seen || b->shown[2].victim.seen);
}

/* The segment shows whether its RST has an ACK: an answer to an ACK has none. */
static void told_by_ack(void **state)
{
	struct rst_event ev = received(20);
	struct bench *b = *state;

	ev.seg.ttl = 64;
	ev.flags &= ~EVF_ACK;
	feed(b, keepalive(10));
	feed(b, sent_reply(11, TH_ACK, 5));
	feed(b, ev);
	finish(b);
	assert_int_equal(b->n, 2);
	assert_false(b->shown[0].victim.seen);
	assert_true(b->shown[1].victim.seen);
}

/* A RST that arrived long before a reply was sent is another one, whose sending is missing. */
static void not_that_receipt(void **state)
{
	struct bench *b = *state;

	feed(b, received(10));
	feed(b, sent_reply(LONG_US, TH_ACK, 5));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_false(b->shown[0].sender.seen || b->shown[1].victim.seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(later_one_arrived),
		CHAIN_TEST(one_without_a_route_did_not_arrive),
		CHAIN_TEST(the_only_one_arrived_all_the_same),
		CHAIN_TEST(slow_link),
		CHAIN_TEST(first_of_burst),
		CHAIN_TEST(told_by_ack),
		CHAIN_TEST(not_that_receipt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
