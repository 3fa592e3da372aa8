/* SPDX-License-Identifier: GPL-2.0 */
/* Which events belong to one reset: by flow and number, never by time. */
#include "chain_bench.h"

static void sent_first(void **state)
{
	struct bench *b = *state;

	assert_true(chain_next(b->chain) == UINT64_MAX);
	feed(b, sent_active(10));
	feed(b, received(30));
	feed(b, client_call(93, "recvfrom", ECONNRESET));
	assert_int_equal(chain_next(b->chain), AT_US(10 + SETTLE_US));
	tick(b, 10 + SETTLE_US - 1);
	assert_int_equal(b->n, 0);
	tick(b, 10 + SETTLE_US);
	assert_int_equal(b->n, 1);
	is_server_to_client(&b->shown[0]);
	assert_int_equal(b->shown[0].rev, 0);
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[0].n_failures, 1);
	assert_int_equal(b->shown[0].failures[0].err, ECONNRESET);
	assert_int_equal(b->shown[0].failures[0].delay_us, 83);
	assert_false(b->shown[0].failures[0].on_sender);
	assert_string_equal(b->shown[0].cause, "close-with-unread");
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->unmatched, 0);
}

/* With the tracepoints, the receipt of the RST is told before its sending. */
static void received_first(void **state)
{
	struct bench *b = *state;

	feed(b, received(10));
	feed(b, sent_active(30));
	feed(b, client_call(93, "recvfrom", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 1);
	is_server_to_client(&b->shown[0]);
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[0].mono_ns, AT_US(10));
	assert_int_equal(b->shown[0].failures[0].delay_us, 83);
}

/* The failing call may be told before another processor tells the sending. */
static void call_before_sent(void **state)
{
	struct bench *b = *state;

	feed(b, received(10));
	feed(b, client_call(14, "read", ECONNRESET));
	feed(b, sent_active(15));
	finish(b);
	assert_int_equal(b->n, 1);
	is_server_to_client(&b->shown[0]);
	assert_int_equal(b->shown[0].failures[0].delay_us, 4);
}

static void other_sequence_number(void **state)
{
	struct bench *b = *state;
	struct rst_event in = received(12);

	in.seg.rst_seq = RST_SEQ + 1;
	feed(b, sent_active(10));
	feed(b, in);
	finish(b);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[0].kind, KIND_ACTIVE);
	assert_false(b->shown[0].victim.seen);
	assert_int_equal(b->shown[1].kind, KIND_RECEIVED);
	assert_false(b->shown[1].sender.seen);
	assert_string_not_equal(b->shown[0].id, b->shown[1].id);
}

/* A flow that differs in any part is another connection, even with the same numbers. */
static void other_flows(void **state)
{
	struct bench *b = *state;
	struct rst_event in[5];
	int i;

	feed(b, sent_active(10));
	for (i = 0; i < 5; i++) {
		in[i] = received(11 + i);
		in[i].sock.id += i;
	}
	in[0].flow.lport++;
	in[1].flow.rport++;
	in[2].flow.laddr[3]++;
	in[3].flow.raddr[3]++;
	/* the same the other way round: a RST of the client's */
	event_flow(&in[4], "10.0.0.1", SERVER_PORT, "10.0.0.9", CLIENT_PORT);
	for (i = 0; i < 5; i++)
		feed(b, in[i]);
	finish(b);
	assert_int_equal(b->n, 6);
	for (i = 0; i < 6; i++)
		assert_true(b->shown[i].sender.seen != b->shown[i].victim.seen);
}

/*
 * The RST that refuses a connect has the sequence number 0: the number it acknowledges tells
 * two of them apart.
 */
static void closed_port(void **state)
{
	struct bench *b = *state;
	struct rst_event again = refusal_received(21, 5001);

	again.sock.id++;
	feed(b, refusal_sent(10, 1001));
	feed(b, refusal_sent(20, 5001));
	feed(b, again);
	feed(b, refusal_received(22, 1001));
	feed(b, client_call(23, "connect", ECONNREFUSED));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_string_equal(b->shown[0].cause, "closed-port");
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[0].sender.owner, OWNER_KERNEL);
	assert_int_equal(b->shown[0].victim.pid, CLIENT_PID);
	assert_int_equal(b->shown[0].rst_seq, 0);
	assert_int_equal(b->shown[1].outcome, OUTCOME_PENDING);
}

/* A sequence number that is marked as not known matches any other. */
static void number_not_known(void **state)
{
	struct bench *b = *state;
	struct rst_event in = refusal_received(11, 1001);

	in.seg.rst_seq = 99;
	feed(b, refusal_sent(10, 1001));
	feed(b, in);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_true(b->shown[0].sender.seen && b->shown[0].victim.seen);
}

static void closed_port_received_first(void **state)
{
	struct bench *b = *state;

	feed(b, refusal_received(10, 1001));
	feed(b, refusal_sent(11, 1001));
	feed(b, refusal_sent(12, 1002));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_true(b->shown[0].victim.seen && b->shown[0].sender.seen);
	assert_false(b->shown[1].victim.seen);
}

/* The function hook reads the numbers from the segment; they are the same. */
static void closed_port_by_function(void **state)
{
	struct bench *b = *state;
	struct rst_event in = refusal_received(12, 0);

	in.flags |= EVF_SEQ | EVF_ACK;
	in.seg.rst_seq = 0;
	in.seg.rst_ack = 1001;
	feed(b, refusal_sent(10, 1001));
	feed(b, in);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_string_equal(b->shown[0].cause, "closed-port");
	assert_int_equal(b->shown[0].rst_ack, 1001);
}

/* Two namespaces with the same addresses, ports and numbers, each on its own lo. */
static void two_namespaces(void **state)
{
	struct bench *b = *state;
	int i;

	feed(b, elsewhere(sent_active(10), 1));
	feed(b, elsewhere(sent_active(11), 2));
	feed(b, elsewhere(received(12), 2));
	feed(b, elsewhere(received(13), 1));
	feed(b, elsewhere(client_call(14, "read", ECONNRESET), 2));
	finish(b);
	assert_int_equal(b->n, 2);
	for (i = 0; i < 2; i++) {
		assert_int_equal(b->shown[i].netns, i + 1);
		assert_int_equal(b->shown[i].sender.pid, 10000 * (i + 1) + SERVER_PID);
		assert_int_equal(b->shown[i].victim.pid, 10000 * (i + 1) + CLIENT_PID);
	}
	assert_int_equal(b->shown[0].outcome, OUTCOME_PENDING);
	assert_int_equal(b->shown[1].outcome, OUTCOME_ERROR);
}

/* From one namespace to another over a veth pair: the flow is the same in both. */
static void across_namespaces(void **state)
{
	struct bench *b = *state;
	struct rst_event out = elsewhere(sent_active(10), 1), in = elsewhere(received(12), 2);

	out.flags &= ~EVF_LOOPBACK;
	in.flags &= ~EVF_LOOPBACK;
	feed(b, out);
	feed(b, in);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].sender.pid, 10000 + SERVER_PID);
	assert_int_equal(b->shown[0].victim.pid, 20000 + CLIENT_PID);
	assert_int_equal(b->shown[0].netns, 1);
	assert_int_equal(b->shown[0].sender.local, 1);
	assert_int_equal(b->shown[0].victim.local, 1);
}

/* Only one end knows that its route leads back to this host. */
static void one_end_knows(void **state)
{
	struct rst_event out = sent_active(10), in = received(12);
	struct bench *b = *state;
	int i;

	for (i = 0; i < 4; i++) {
		out = sent_active(1000 * i + (i & 1 ? 10 : 12));
		in = received(1000 * i + 11);
		out.seg.rst_seq = in.seg.rst_seq = 100 + i;
		out.sock.id += i;
		in.sock.id += i;
		if (i & 2)
			out.flags &= ~EVF_LOOPBACK;
		else
			in.flags &= ~EVF_LOOPBACK;
		feed(b, i & 1 ? out : in);
		feed(b, i & 1 ? in : out);
	}
	finish(b);
	assert_int_equal(b->n, 4);
	for (i = 0; i < 4; i++)
		assert_true(b->shown[i].sender.seen && b->shown[i].victim.seen);
}

static void remote_victim(void **state)
{
	struct bench *b = *state;
	struct rst_event out = sent_active(10);

	out.flags &= ~EVF_LOOPBACK;
	feed(b, out);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_REMOTE);
	assert_int_equal(b->shown[0].victim.local, 0);
}

static void remote_sender(void **state)
{
	struct bench *b = *state;
	struct rst_event in = received(10);

	in.flags &= ~EVF_LOOPBACK;
	feed(b, in);
	feed(b, client_call(20, "read", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].kind, KIND_RECEIVED);
	assert_int_equal(b->shown[0].sender.local, 0);
	assert_int_equal(b->shown[0].sport, SERVER_PORT);
	assert_int_equal(b->shown[0].dport, CLIENT_PORT);
	assert_string_equal(b->shown[0].cause, "peer-reset");
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
}

/* The RST was sent to this host itself, and no socket here received it. */
static void nobody_hurt(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_NONE);
	assert_int_equal(b->shown[0].victim.local, 1);
	assert_int_equal(b->shown[0].victim.pid, UNKNOWN);
}

/*
 * Two segments are answered by two RSTs with the same number: one ends a socket, the other finds
 * none.
 */
static void same_number_twice(void **state)
{
	struct bench *b = *state;

	feed(b, sent_reply(10, TH_ACK, 16));
	feed(b, received(11));
	feed(b, sent_reply(12, TH_ACK, 16));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_true(b->shown[0].victim.seen);
	assert_int_equal(b->shown[0].outcome, OUTCOME_PENDING);
	assert_false(b->shown[1].victim.seen);
	assert_int_equal(b->shown[1].outcome, OUTCOME_NONE);
}

static void same_number_twice_before_receipt(void **state)
{
	struct bench *b = *state;

	feed(b, sent_reply(10, TH_ACK, 16));
	feed(b, sent_reply(11, TH_ACK, 16));
	feed(b, received(12));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_true(b->shown[0].victim.seen);
	assert_false(b->shown[1].victim.seen);
	assert_int_equal(b->shown[1].outcome, OUTCOME_NONE);
}

/* One RST that two sockets received: the second receipt gets a record of its own. */
static void received_twice(void **state)
{
	struct bench *b = *state;
	struct rst_event again = received(13);

	again.sock.id++;
	feed(b, received(11));
	feed(b, again);
	feed(b, sent_active(15));
	finish(b);
	assert_int_equal(b->n, 2);
	assert_true(b->shown[0].sender.seen);
	assert_false(b->shown[1].sender.seen);
}

/*
 * Names are looked up when the event comes, while the process exists, and not when the record is
 * shown.
 */
static void resolved_at_once(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	assert_int_equal(b->resolved, 1);
	assert_int_equal(b->last_resolved, SERVER_PID);
	feed(b, received(11));
	assert_int_equal(b->resolved, 2);
	assert_int_equal(b->last_resolved, CLIENT_PID);
	feed(b, refusal_sent(12, 1001));	/* no process to look up */
	assert_int_equal(b->resolved, 2);
	finish(b);
	assert_string_equal(b->shown[0].sender.exe, "/resolved");
	assert_string_equal(b->shown[0].victim.exe, "/resolved");
}

static void without_resolver(void **state)
{
	static const struct chain_ops ops = { .diagnose = diagnose, .incident = on_incident, .unmatched = on_unmatched };
	struct chain_config cfg = { .settle_ns = 1000 };
	struct bench b = { .n = 0 };

	b.chain = chain_new(&events_meta, &cfg, &ops, &b);
	assert_non_null(b.chain);
	feed(&b, sent_active(10));
	feed(&b, received(11));
	feed(&b, client_call(12, "read", ECONNRESET));
	finish(&b);
	assert_int_equal(b.n, 1);
	chain_free(b.chain);
}

static void others_ignored(void **state)
{
	struct bench *b = *state;

	feed(b, event_at(EV_FORK, 10));
	feed(b, destroyed(20, ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 0);
	assert_int_equal(b->unmatched, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(sent_first),
		CHAIN_TEST(received_first),
		CHAIN_TEST(call_before_sent),
		CHAIN_TEST(other_sequence_number),
		CHAIN_TEST(other_flows),
		CHAIN_TEST(closed_port),
		CHAIN_TEST(number_not_known),
		CHAIN_TEST(closed_port_received_first),
		CHAIN_TEST(closed_port_by_function),
		CHAIN_TEST(two_namespaces),
		CHAIN_TEST(across_namespaces),
		CHAIN_TEST(one_end_knows),
		CHAIN_TEST(remote_victim),
		CHAIN_TEST(remote_sender),
		CHAIN_TEST(nobody_hurt),
		CHAIN_TEST(same_number_twice),
		CHAIN_TEST(same_number_twice_before_receipt),
		CHAIN_TEST(received_twice),
		CHAIN_TEST(resolved_at_once),
		cmocka_unit_test(without_resolver),
		CHAIN_TEST(others_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
