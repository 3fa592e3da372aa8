/* SPDX-License-Identifier: GPL-2.0 */
/* The chain when events are missing and the stream says so: nothing is concluded from their absence. */
#include <errno.h>

#include "chain_bench.h"

#define TRIP_US 1000000		/* longer than a RST takes from one end to the other */

static struct rst_event gap(enum rst_event_type type, uint64_t from_us, uint64_t to_us)
{
	struct rst_event ev = event_at(EV_GAP, to_us);

	ev.gap.from_ns = AT_US(from_us);
	ev.gap.lost[type] = 1;
	return ev;
}

/* A connect that an error ended at once: by a RST that was not seen, or by an ICMP message. */
static struct rst_event connect_aborted(uint64_t us, int err)
{
	struct rst_event ev = refusal_received(us, 1001);

	ev.type = EV_ABORTED;
	ev.err = ev.sock.sk_err = err;
	return ev;
}

static const struct incident *only(struct bench *b)
{
	finish(b);
	assert_int_equal(b->n, 1);
	return &b->shown[0];
}

/* The reply that ended the connect was seen, its receipt was not: it is no ICMP error. */
static void refused_by_reply(void **state)
{
	struct bench *b = *state;
	const struct incident *inc;

	feed(b, refusal_sent(10, 1001));
	feed(b, connect_aborted(11, ECONNREFUSED));
	inc = only(b);
	assert_string_equal(inc->cause, "closed-port");
	assert_int_equal(inc->kind, KIND_REPLY);
	assert_true(inc->victim.seen);
}

/*
 * The error was taken, and another processor tells only after the socket's end that the call was lost:
 * it may have returned a part of its work and no error.
 */
static void told_after_the_end(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(11));
	feed(b, destroyed(20, 0));
	tick(b, 21);
	assert_int_equal(b->n, 0);
	feed(b, gap(EV_CALL, 12, 100000));
	assert_int_equal(only(b)->outcome, OUTCOME_UNSET);
	assert_true(only(b)->lost & LOST_CALLS);
}

/* Another error is not from a RST, and another connect did not get this reply. */
static void not_this_reply(void **state)
{
	struct bench *b = *state;

	feed(b, refusal_sent(10, 1001));
	feed(b, connect_aborted(11, EHOSTUNREACH));
	feed(b, refusal_sent(20, 77));
	finish(b);
	assert_int_equal(b->n, 3);
	assert_string_equal(b->shown[1].cause, "icmp-unreachable");
	assert_int_equal(b->shown[1].confidence, CERTAIN);
	assert_false(b->shown[0].victim.seen || b->shown[2].victim.seen);
}

static void refused_by_whom(void **state)
{
	static const enum rst_event_type lost[] = { EV_SENT_REPLY, EV_SENT_NETFILTER, EV_RECEIVED };

	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		struct bench *b = bench_new(0);
		const struct incident *inc;

		feed(b, connect_aborted(11, ECONNREFUSED));
		feed(b, gap(lost[i], 5, 50));
		inc = only(b);
		assert_string_equal(inc->cause, "unknown");
		assert_int_equal(inc->confidence, GUESS);
		assert_int_equal(inc->kind, KIND_NONE);
		assert_non_null(strstr(inc->cause_text, "lost"));
		teardown((void **)&b);
	}
}

/* The socket has kept the ICMP message: it says who refused, whatever is lost. */
static void refused_by_icmp(void **state)
{
	static const struct { uint8_t code; const char *cause; } cases[] = {
		{ 3, "icmp-unreachable" },	/* port unreachable */
		{ 1, "unknown" },		/* a message from before: it has another errno */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rst_event ev = connect_aborted(11, ECONNREFUSED);
		struct bench *b = bench_new(0);

		ev.icmp = (struct rst_icmp){ .family = ev.flow.family, .type = 3, .code = cases[i].code };
		feed(b, ev);
		feed(b, gap(EV_SENT_REPLY, 5, 50));
		assert_string_equal(only(b)->cause, cases[i].cause);
		teardown((void **)&b);
	}
}

/* A loss of other types of events cannot hide a RST, so the ICMP error is not in doubt. */
static void surely_icmp(void **state)
{
	static const struct { int err; enum rst_event_type lost; uint64_t from_us, to_us; } cases[] = {
		{ ECONNREFUSED, EV_CALL, 5, 50 },
		{ ECONNREFUSED, EV_SENT_REPLY, 3 * TRIP_US, 4 * TRIP_US },
		{ EHOSTUNREACH, EV_SENT_REPLY, 5, 50 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new(0);
		const struct incident *inc;

		feed(b, connect_aborted(11, cases[i].err));
		feed(b, gap(cases[i].lost, cases[i].from_us, cases[i].to_us));
		inc = only(b);
		assert_string_equal(inc->cause, "icmp-unreachable");
		assert_int_equal(inc->confidence, CERTAIN);
		teardown((void **)&b);
	}
}

/* "No socket was hurt" and "on another host" are said only if no receipt can be missing. */
static void victim_lost(void **state)
{
	static const bool loopback[] = { true, false };

	for (int i = 0; i < 2; i++) {
		struct bench *b = bench_new(0);
		struct rst_event ev = sent_active(10);
		const struct incident *inc;

		ev.flags &= ~EVF_LOOPBACK;
		ev.flags |= loopback[i] ? EVF_LOOPBACK : 0;
		feed(b, ev);
		feed(b, gap(EV_RECEIVED, 11, 12));
		inc = only(b);
		assert_int_equal(inc->outcome, OUTCOME_UNSET);
		assert_int_equal(inc->lost, LOST_RECEIPT);
		assert_int_equal(inc->victim.local, loopback[i] ? 1 : UNKNOWN);
		assert_string_equal(inc->cause, "close-with-unread");
		assert_int_equal(inc->confidence, CERTAIN);
		teardown((void **)&b);
	}
}

/* From the receipt alone it cannot be said that the RST came from another host. */
static void sender_lost(void **state)
{
	struct bench *b = *state;
	struct rst_event ev = received(10);
	const struct incident *inc;

	ev.flags &= ~EVF_LOOPBACK;
	feed(b, ev);
	feed(b, gap(EV_SENT_ACTIVE, 5, 9));
	inc = only(b);
	assert_int_equal(inc->confidence, GUESS);
	assert_int_equal(inc->sender.local, UNKNOWN);
	assert_int_equal(inc->netns, UNKNOWN);
	assert_non_null(strstr(inc->cause_text, "lost"));
}

/* A gap that becomes known after the record was shown corrects it; a gap of another time does not. */
static void known_late(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(11));
	tick(b, 11 + SETTLE_US);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_PENDING);
	feed(b, gap(EV_CALL, 500000, 500001));
	tick(b, 1000000);
	assert_int_equal(b->n, 1);
	feed(b, gap(EV_CALL, 12, 13));
	tick(b, 2000000);
	assert_int_equal(b->n, 2);
	assert_string_equal(b->shown[1].id, b->shown[0].id);
	assert_int_equal(b->shown[1].outcome, OUTCOME_UNSET);
	feed(b, gap(EV_CALL, 13, 14));
	tick(b, 3000000);
	assert_int_equal(b->n, 2);
}

/*
 * An error that is left on the socket shows that no call took it, unless the peer's FIN had
 * come first.
 */
static void calls_lost(void **state)
{
	static const struct { uint8_t victim; enum outcome outcome; } cases[] = {
		{ ESTABLISHED, OUTCOME_UNNOTICED }, { CLOSE_WAIT, OUTCOME_UNSET },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new(0);
		struct rst_event ev = received(11);

		ev.sock.state = cases[i].victim;
		feed(b, sent_active(10));
		feed(b, ev);
		feed(b, gap(EV_CALL, 12, 13));
		feed(b, destroyed(20, ECONNRESET));
		assert_int_equal(only(b)->outcome, cases[i].outcome);
		teardown((void **)&b);
	}
}

/* A call that fails with the error of a second call is not the first that failed. */
static void first_call_lost(void **state)
{
	struct bench *b = *state;
	const struct incident *inc;

	feed(b, sent_active(10));
	feed(b, received(11));
	feed(b, gap(EV_CALL, 12, 13));
	feed(b, client_call(20, "recvfrom", ENOTCONN));
	inc = only(b);
	assert_int_equal(inc->outcome, OUTCOME_ERROR);
	assert_int_equal(inc->n_failures, 1);
	assert_null(incident_first_error(inc));
}

/*
 * Only one call gets the error that the reset left, so no failing call can have come before
 * this one.
 */
static void first_call_seen(void **state)
{
	struct bench *b = *state;
	const struct incident *inc;

	feed(b, sent_active(10));
	feed(b, received(11));
	feed(b, gap(EV_CALL, 12, 13));
	feed(b, client_call(20, "recvfrom", ECONNRESET));
	inc = only(b);
	assert_ptr_equal(incident_first_error(inc), &inc->failures[0]);
	assert_int_equal(inc->victim.tid, UNKNOWN);	/* it is not known which thread made the last call */
}

/* Data for a socket that was shut down looks like a RST received, until the reply tells. */
static void no_receipt_without_reply(void **state)
{
	struct rst_event ev = received(10);
	struct bench *b = *state;

	ev.sock.state = FIN_WAIT2;
	ev.sock.shutdown = 3;
	ev.seg.ttl = 0;
	feed(b, ev);
	feed(b, gap(EV_SENT_REPLY, 11, 12));
	finish(b);
	assert_int_equal(b->n, 0);
	assert_int_equal(b->no_receipts, 1);
}

/* The peer's data, beyond the number of the reset that had ended the client's connection, is answered. */
static struct rst_event went_beyond(uint64_t us, const char *peer)
{
	struct rst_event ev = sent_reply(us, TH_ACK | TH_PUSH, 10);

	event_flow(&ev, "10.0.0.9", CLIENT_PORT, peer, SERVER_PORT);
	ev.flags &= ~EVF_LOOPBACK;
	ev.flags |= EVF_RECENT;
	ev.seg.seq = RST_SEQ;
	ev.seg.rst_seq = 77;
	ev.sock.id = CLIENT_ID;
	ev.ending = (struct rst_ending){ .time_ns = AT_US(11), .rst_seq = RST_SEQ, .how = END_RST_RECEIVED,
					 .role = ROLE_CLIENT };
	return ev;
}

static struct rst_event between_hosts(struct rst_event ev)
{
	ev.flags &= ~EVF_LOOPBACK;
	return ev;
}

/* The last thing that was shown of the client's answer. */
static const struct incident *answer(struct bench *b)
{
	const struct incident *found = NULL;

	finish(b);
	for (int i = 0; i < b->n; i++)
		if (b->shown[i].situation && !strcmp(b->shown[i].situation, "after-reset"))
			found = &b->shown[i];
	assert_non_null(found);
	assert_true(found->follows[0]);
	return found;
}

/*
 * Whether the peer never sent the reset that had come in its name: not if this host saw it sent,
 * in another namespace, and not known if the event of that may be lost.
 */
static void peer_went_on(void **state)
{
	static const struct { bool sent, lost; const char *advice; } cases[] = {
		{ false, false, "the peer never sent that reset" },
		{ false, true, "this host may have, and the event is lost" },
		{ true, false, "nobody forged it" },
		{ true, true, "nobody forged it" },
	};

	for (size_t i = 0; i < N(cases); i++) {
		struct bench *b = bench_new(0);

		if (cases[i].sent)
			feed(b, between_hosts(elsewhere(sent_reply(10, TH_ACK, 0), 7)));
		feed(b, between_hosts(received(11)));
		feed(b, went_beyond(5000, "10.0.0.1"));
		if (cases[i].lost)
			feed(b, gap(EV_SENT_REPLY, 5, 6000));
		assert_non_null(strstr(answer(b)->advice, cases[i].advice));
		teardown((void **)&b);
	}
}

/* The same of a reset that came with another address than it was sent with: it was not injected. */
static void translated_peer_went_on(void **state)
{
	struct rst_event got = between_hosts(received(11));
	struct bench *b = *state;

	event_flow(&got, "10.0.0.9", CLIENT_PORT, "10.0.0.77", SERVER_PORT);
	feed(b, between_hosts(elsewhere(sent_reply(10, TH_ACK, 0), 7)));
	feed(b, got);
	feed(b, went_beyond(5000, "10.0.0.77"));
	assert_non_null(strstr(answer(b)->advice, "nobody forged it"));
	for (int i = 0; i < b->n; i++)
		assert_string_not_equal(b->shown[i].cause, "injected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(refused_by_reply),
		CHAIN_TEST(not_this_reply),
		cmocka_unit_test(refused_by_whom),
		cmocka_unit_test(refused_by_icmp),
		cmocka_unit_test(surely_icmp),
		cmocka_unit_test(victim_lost),
		CHAIN_TEST(sender_lost),
		CHAIN_TEST(known_late),
		CHAIN_TEST(told_after_the_end),
		cmocka_unit_test(calls_lost),
		CHAIN_TEST(first_call_lost),
		CHAIN_TEST(first_call_seen),
		CHAIN_TEST(no_receipt_without_reply),
		cmocka_unit_test(peer_went_on),
		CHAIN_TEST(translated_peer_went_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
