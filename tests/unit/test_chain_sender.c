/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A RST that also ends the sender's own socket; how many records are kept, and in which order they
 * are shown.
 */
#include "chain_bench.h"

/*
 * Data came for a socket that was shut down: the kernel seems to receive a RST on the server's own
 * socket, and then sends one.
 */
static struct rst_event false_receipt(uint64_t us)
{
	struct rst_event ev = sent_active(us);

	ev.type = EV_RECEIVED;
	ev.flags = EVF_LOOPBACK | EVF_SOCK | EVF_SEQ;
	event_owner(&ev, OWNER_SOCKET, SERVER_PID, "nginx");
	ev.sock.state = FIN_WAIT2;
	ev.sock.bits = SOCKF_EVIDENCE;
	ev.seg.rst_seq = 42;
	return ev;
}

static struct rst_event after_shutdown(uint64_t us)
{
	struct rst_event ev = sent_reply(us, TH_ACK | TH_PUSH, 16);

	ev.flags |= EVF_SOCK;
	ev.sock = sent_active(us).sock;
	ev.sock.old_state = FIN_WAIT2;
	event_owner(&ev, OWNER_SOCKET, SERVER_PID, "nginx");
	return ev;
}

static struct rst_event server_call(uint64_t us, const char *name, int err)
{
	struct rst_event ev = client_call(us, name, err);

	event_flow(&ev, "10.0.0.1", SERVER_PORT, "10.0.0.9", CLIENT_PORT);
	ev.sock.sk = SERVER_SK;
	ev.sock.id = SERVER_ID;
	event_task(&ev, SERVER_PID, "nginx");
	event_in_call(&ev, name, 14);
	return ev;
}

/* An orphan: its entry is gone between the two events. */
static void data_for_an_orphan(void **state)
{
	struct bench *b = *state;
	struct rst_event answer = after_shutdown(10);

	answer.sock.id = 0;
	feed(b, false_receipt(9));
	feed(b, answer);
	feed(b, received(11));
	tick(b, 1000);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->no_receipts, 1);
	assert_int_equal(b->shown[0].kind, KIND_REPLY);
	assert_int_equal(b->shown[0].victim.pid, CLIENT_PID);
}

static void data_after_shutdown(void **state)
{
	struct bench *b = *state;
	const struct incident *inc = b->shown;
	struct rst_event gone = destroyed(60, 0), in = received(11);
	int resolved;

	in.sock.state = CLOSE_WAIT;	/* the FIN of the shutdown had arrived */
	feed(b, false_receipt(9));
	feed(b, after_shutdown(10));
	feed(b, in);
	feed(b, client_call(20, "write", EPIPE));
	resolved = b->resolved;
	feed(b, server_call(30, "recvfrom", ECONNRESET));
	assert_int_equal(b->resolved, resolved);	/* neither end was looked up again */
	tick(b, 1000);
	assert_int_equal(b->n, 1);
	assert_string_equal(inc->cause, "data-after-shutdown");
	assert_int_equal(inc->kind, KIND_REPLY);
	assert_int_equal(inc->sender.pid, SERVER_PID);
	assert_int_equal(inc->victim.pid, CLIENT_PID);
	assert_int_equal(inc->mono_ns, AT_US(10));
	assert_int_equal(inc->n_failures, 2);
	assert_false(inc->failures[0].on_sender);
	assert_true(inc->failures[1].on_sender);
	assert_int_equal(inc->failures[1].pid, SERVER_PID);
	/* the call at the sender's end changes the owner of neither end */
	assert_int_equal(inc->victim.owner, OWNER_CALLER);
	assert_int_equal(inc->sender.owner, OWNER_SOCKET);
	/* the server's socket is destroyed; the victim's calls stay */
	gone.sock.sk = SERVER_SK;
	gone.sock.id = SERVER_ID;
	feed(b, gone);
	feed(b, server_call(70, "read", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->unmatched, 1);
}

/* An error that only the sender's own calls got is not the victim's. */
static void sender_alone_fails(void **state)
{
	struct bench *b = *state;

	feed(b, false_receipt(9));
	feed(b, after_shutdown(10));
	feed(b, received(11));
	feed(b, server_call(30, "recvfrom", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_PENDING);
	assert_true(b->shown[0].failures[0].on_sender);
}

/*
 * connect(AF_UNSPEC) leaves an error to the process that called it; after close() no process could
 * get one.
 */
static void dissolved_and_used(void **state)
{
	struct bench *b = *state;
	struct rst_event ev = sent_active(10);

	feed(b, ev);
	feed(b, server_call(20, "recvfrom", ECONNRESET));
	assert_int_equal(b->unmatched, 1);
	ev = elsewhere(sent_active(30), NETNS + 1);
	ev.owner.close = call_of(ARCH_X86_64, "connect", 14, 0, 0);
	ev.seg.reason = R_TCP_STATE;
	feed(b, ev);
	feed(b, elsewhere(server_call(40, "recvfrom", ECONNRESET), NETNS + 1));
	finish(b);
	assert_int_equal(b->unmatched, 1);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[0].n_failures, 0);
	assert_string_equal(b->shown[1].cause, "disconnect");
	assert_int_equal(b->shown[1].n_failures, 1);
	assert_true(b->shown[1].failures[0].on_sender);
	assert_int_equal(b->shown[1].failures[0].err, ECONNRESET);
}

/* An error of the sender's after the settle time is shown too. */
static void sender_fails_late(void **state)
{
	struct bench *b = *state;

	feed(b, after_shutdown(10));
	feed(b, received(11));
	feed(b, destroyed(20, ECONNRESET));
	tick(b, 1000);
	assert_int_equal(b->n, 1);
	feed(b, server_call(2000, "recvfrom", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[1].rev, 1);
	assert_int_equal(b->shown[1].outcome, OUTCOME_UNNOTICED);
	assert_true(b->shown[1].failures[0].on_sender);
}

/* A timer, or ss -K, ends a connection whose process still holds it, and later finds it dead. */
static struct rst_event sent_by_timer(uint64_t us)
{
	struct rst_event ev = sent_active(us);

	ev.sock.state = ESTABLISHED;
	ev.sock.bits = SOCKF_EVIDENCE;
	ev.flags &= ~EVF_LOOPBACK;
	event_owner(&ev, OWNER_SOCKET, SERVER_PID, "nginx");
	memset(&ev.owner.close, 0, sizeof(ev.owner.close));
	ev.owner.close_ns = 0;
	ev.seg.reason = R_TCP_KEEPALIVE_TIMEOUT;
	return ev;
}

static void sender_holds_its_socket(void **state)
{
	struct bench *b = *state;

	feed(b, sent_by_timer(10));
	feed(b, server_call(20, "recvfrom", ETIMEDOUT));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->unmatched, 0);
	assert_string_equal(b->shown[0].cause, "keepalive-timeout");
	assert_int_equal(b->shown[0].outcome, OUTCOME_REMOTE);
	assert_int_equal(b->shown[0].n_failures, 1);
	assert_int_equal(b->shown[0].failures[0].err, ETIMEDOUT);
	assert_true(b->shown[0].failures[0].on_sender);
}

/* The connection that the timer gave up is reported as aborted too: that is the same incident. */
static void told_twice(void **state)
{
	struct bench *b = *state;
	struct rst_event ab = aborted(11, ETIMEDOUT);

	ab.sock.sk = SERVER_SK;
	ab.sock.id = SERVER_ID;
	feed(b, sent_by_timer(10));
	feed(b, ab);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].kind, KIND_ACTIVE);
}

/*
 * The process that closed the socket makes no more calls on it: a call at that address is on
 * another socket.
 */
static void sender_is_through(void **state)
{
	struct bench *b = *state;
	struct rst_event out = sent_by_timer(1010);

	feed(b, sent_active(10));	/* sent by close() */
	out.sock.state = FIN_WAIT2;	/* sent by a timer of an orphan */
	out.sock.bits |= SOCKF_DEAD;
	out.seg.rst_seq++;
	feed(b, out);
	feed(b, server_call(1020, "read", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[0].n_failures + b->shown[1].n_failures, 0);
	assert_int_equal(b->unmatched, 1);
}

/* The function hook shows that there was no RST segment. */
static void receipt_without_rst(void **state)
{
	struct bench *b = *state;
	struct rst_event in = false_receipt(9);

	in.flags |= EVF_NO_RST;
	feed(b, in);
	finish(b);
	assert_int_equal(b->n, 0);
}

/* When no socket answered, no socket had a false receipt and none will see a call fail. */
static void answer_without_a_socket(void **state)
{
	struct bench *b = *state;
	struct rst_event in = received(9), out = after_shutdown(10);

	in.sock.sk = in.sock.id = 0;
	feed(b, in);
	out.flags &= ~EVF_SOCK;
	feed(b, out);
	feed(b, server_call(20, "read", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_true(b->shown[0].victim.seen && b->shown[0].sender.seen);
	assert_int_equal(b->shown[0].n_failures, 0);
	assert_int_equal(b->unmatched, 1);
}

/* A RST that no socket sent as an answer takes back no socket's receipt. */
static void answer_takes_nothing_back(void **state)
{
	struct bench *b = *state;
	struct rst_event out = after_shutdown(10);

	out.flags &= ~EVF_SOCK;
	feed(b, false_receipt(9));
	feed(b, out);
	finish(b);
	assert_int_equal(b->no_receipts, 0);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[0].kind, KIND_RECEIVED);
	assert_int_equal(b->shown[1].kind, KIND_REPLY);
}

/* A record of a socket that a RST really hit, and that was shown, stays. */
static void true_receipt_stays(void **state)
{
	struct bench *b = *state;

	feed(b, false_receipt(9));
	tick(b, 1000);
	assert_int_equal(b->n, 1);
	feed(b, after_shutdown(1010));
	feed(b, server_call(1020, "read", ECONNRESET));
	finish(b);
	assert_int_equal(b->no_receipts, 0);
	assert_int_equal(b->n, 3);
	assert_int_equal(b->shown[1].rev, 1);
	assert_string_equal(b->shown[1].id, b->shown[0].id);
	assert_int_equal(b->shown[2].kind, KIND_REPLY);
	assert_string_not_equal(b->shown[2].id, b->shown[0].id);
}

/* A whole reset of a connection of its own. */
static void feed_reset(struct bench *b, int i)
{
	struct rst_event out = sent_active(10 + 100 * i), in = received(11 + 100 * i);

	out.flow.rport = in.flow.lport = 40000 + i;
	out.sock.id += 2 * i;
	in.sock.id += 2 * i;
	feed(b, out);
	feed(b, in);
}

static void feed_call(struct bench *b, int i, uint64_t us)
{
	struct rst_event call = client_call(us, "read", ECONNRESET);

	call.sock.id += 2 * i;
	feed(b, call);
}

/* When there is no room, the oldest record is shown before its time and dropped. */
static void full_of_waiting(void **state)
{
	struct bench *b = bench_new(2);

	feed_reset(b, 0);
	feed_reset(b, 1);
	assert_int_equal(b->n, 0);
	feed_reset(b, 2);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].dport, 40000);
	assert_int_equal(b->shown[0].outcome, OUTCOME_PENDING);
	feed_call(b, 0, 300);
	assert_int_equal(b->unmatched, 1);
	feed_call(b, 1, 301);
	feed_call(b, 2, 302);
	assert_int_equal(b->unmatched, 1);
	finish(b);
	assert_int_equal(b->n, 3);
	assert_int_equal(b->shown[1].dport, 40001);
	assert_int_equal(b->shown[2].dport, 40002);
	teardown((void **)&b);
}

/* Records that wait go before those that are only kept for a late error. */
static void full_of_shown(void **state)
{
	struct bench *b = bench_new(2);

	feed_reset(b, 0);
	tick(b, 10 + SETTLE_US);
	assert_int_equal(b->n, 1);
	feed_reset(b, 4);
	feed_reset(b, 5);
	/* the record that had been shown made room, so no waiting one was shown early */
	assert_int_equal(b->n, 1);
	feed_call(b, 0, 600);
	assert_int_equal(b->unmatched, 1);
	feed_call(b, 4, 601);
	feed_call(b, 5, 602);
	finish(b);
	assert_int_equal(b->n, 3);
	assert_int_equal(b->shown[1].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[2].outcome, OUTCOME_ERROR);
	teardown((void **)&b);
}

/* The record that makes room had the same number, and the new one is found by it nevertheless. */
static void full_of_the_same_number(void **state)
{
	struct bench *b = bench_new(1);

	feed(b, sent_reply(10, TH_ACK, 16));
	feed(b, sent_reply(11, TH_ACK, 16));
	assert_int_equal(b->n, 1);
	feed(b, received(12));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_false(b->shown[0].victim.seen);
	assert_true(b->shown[1].sender.seen && b->shown[1].victim.seen);
	teardown((void **)&b);
}

static void in_order_of_age(void **state)
{
	struct bench *b = *state;
	int i;

	for (i = 0; i < 5; i++)
		feed_reset(b, i);
	assert_int_equal(chain_next(b->chain), AT_US(10 + SETTLE_US));
	tick(b, 110 + SETTLE_US);
	assert_int_equal(b->n, 2);
	assert_int_equal(chain_next(b->chain), AT_US(210 + SETTLE_US));
	finish(b);
	assert_int_equal(b->n, 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(b->shown[i].dport, 40000 + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(data_for_an_orphan),
		CHAIN_TEST(data_after_shutdown),
		CHAIN_TEST(sender_alone_fails),
		CHAIN_TEST(dissolved_and_used),
		CHAIN_TEST(sender_fails_late),
		CHAIN_TEST(sender_holds_its_socket),
		CHAIN_TEST(told_twice),
		CHAIN_TEST(sender_is_through),
		CHAIN_TEST(receipt_without_rst),
		CHAIN_TEST(answer_without_a_socket),
		CHAIN_TEST(answer_takes_nothing_back),
		CHAIN_TEST(true_receipt_stays),
		cmocka_unit_test(full_of_waiting),
		cmocka_unit_test(full_of_shown),
		cmocka_unit_test(full_of_the_same_number),
		CHAIN_TEST(in_order_of_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
