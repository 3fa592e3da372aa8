/* SPDX-License-Identifier: GPL-2.0 */
/* The chain when the sending of a RST, or the end of a socket, is told late or not at all. */
#include "chain_bench.h"

#define UNSEEN_US (SETTLE_US + 500000)

/* A chain for a host whose probes show what it sends. */
static void bench_seeing(struct bench *b, const struct source_meta *meta)
{
	static const struct chain_ops ops = { diagnose, on_incident, on_no_receipt, on_unmatched, on_resolve };
	struct chain_config cfg = { .settle_ns = SETTLE_US * 1000 };

	memset(b, 0, sizeof(*b));
	b->chain = chain_new(meta, &cfg, &ops, b);
	assert_non_null(b->chain);
}

/*
 * A record whose RST was not seen leaving waits longer, and its sender is looked up only after
 * that.
 */
static void unseen_waits(void **state)
{
	struct source_meta meta = events_meta;
	struct rst_event ev = received(10);
	struct bench b;

	meta.sees_sent = true;
	bench_seeing(&b, &meta);
	ev.flags |= EVF_PEER;
	ev.peer.owner = sent_active(10).owner;
	ev.peer.owner.close_ns = ev.sock.birth_ns + 1;
	feed(&b, ev);
	assert_int_equal(b.last_resolved, CLIENT_PID);
	tick(&b, 9 + UNSEEN_US);
	assert_int_equal(b.n, 0);
	assert_int_equal(b.resolved, 1);
	tick(&b, 10 + UNSEEN_US);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.resolved, 2);
	assert_int_equal(b.last_resolved, SERVER_PID);
	assert_string_equal(b.shown[0].sender.exe, "/resolved");
	/* shown again, without another look-up */
	feed(&b, client_call(600000, "read", ECONNRESET));
	tick(&b, 600000 + SETTLE_US);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.last_resolved, CLIENT_PID);
	/* the sending is told later still: that corrects the record */
	feed(&b, sent_active(700000));
	tick(&b, 700000 + SETTLE_US);
	assert_int_equal(b.n, 3);
	assert_false(b.shown[1].sender.seen || !b.shown[1].unseen);
	assert_true(b.shown[2].sender.seen && !b.shown[2].unseen);
	assert_string_equal(b.shown[2].id, b.shown[0].id);
	chain_free(b.chain);
}

/* The hook runs when the function returns: the sender may have been preempted before. */
static void sending_told_late(void **state)
{
	struct source_meta meta = events_meta;
	struct bench b;

	meta.sees_sent = true;
	bench_seeing(&b, &meta);
	feed(&b, received(10));
	feed(&b, destroyed(20, 0));
	tick(&b, 10 + SETTLE_US);
	feed(&b, sent_active(400000));
	finish(&b);
	assert_int_equal(b.n, 1);
	assert_true(b.shown[0].sender.seen && b.shown[0].victim.seen);
	assert_false(b.shown[0].unseen);
	chain_free(b.chain);
}

/* At the end of the session it is shown without further waiting. */
static void unseen_at_the_end(void **state)
{
	struct source_meta meta = events_meta;
	struct bench b;

	meta.sees_sent = true;
	bench_seeing(&b, &meta);
	feed(&b, received(10));
	finish(&b);
	assert_int_equal(b.n, 1);
	assert_true(b.shown[0].unseen);
	chain_free(b.chain);
}

/* No data was unacknowledged, so this was a keepalive timeout whose RST went unseen. */
static void keepalive_unseen(void **state)
{
	struct rst_event ev = aborted(10, ETIMEDOUT);
	struct bench *b = *state;

	ev.sock.unsent = 0;
	ev.extra.probes_out = 9;
	feed(b, ev);
	feed(b, client_call(30, "recvfrom", ETIMEDOUT));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].kind, KIND_ACTIVE);
	assert_string_equal(b->shown[0].cause, "keepalive-timeout");
	assert_int_equal(b->shown[0].confidence, LIKELY);
	assert_string_equal(b->shown[0].cause_text,
			    "keepalive probes went unanswered; the sending was not seen, only that "
			    "the connection was given up idle");
	assert_true(b->shown[0].unseen);
	assert_int_equal(b->shown[0].sender.pid, CLIENT_PID);
	assert_int_equal(b->shown[0].rst_seq, ev.sock.snd_nxt);
	assert_int_equal(b->shown[0].failures[0].err, ETIMEDOUT);
	assert_true(b->shown[0].failures[0].on_sender);
}

/* Where its end is not told, as the kernel side had no room for it, its ports tell it from the next. */
static void address_reused_without_an_end(void **state)
{
	struct rst_event in = received(11), call = client_call(120, "read", ECONNRESET);
	struct bench *b = *state;

	in.sock.id = call.sock.id = 0;
	call.flow.lport = 40000;
	feed(b, sent_active(10));
	feed(b, in);
	feed(b, call);
	call.flow.lport = 0;		/* a closed socket may have none any more */
	call.flow.rport = 8080;
	feed(b, call);
	call.flow.rport = SERVER_PORT;
	feed(b, call);
	finish(b);
	assert_int_equal(b->unmatched, 2);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].n_failures, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(unseen_waits),
		CHAIN_TEST(sending_told_late),
		CHAIN_TEST(unseen_at_the_end),
		CHAIN_TEST(keepalive_unseen),
		CHAIN_TEST(address_reused_without_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
