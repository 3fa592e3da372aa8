/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of the victim: failing calls, also late ones, and sockets that are destroyed. */
#include "chain_bench.h"

static void late_error(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	tick(b, 1000);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_PENDING);
	assert_true(chain_next(b->chain) == UINT64_MAX);
	feed(b, client_call(5000, "write", ECONNRESET));
	assert_int_equal(chain_next(b->chain), AT_US(5000 + SETTLE_US));
	feed(b, client_call(5100, "write", EPIPE));
	tick(b, 5000 + SETTLE_US - 1);
	assert_int_equal(b->n, 1);
	tick(b, 5000 + SETTLE_US);
	assert_int_equal(b->n, 2);
	assert_string_equal(b->shown[1].id, b->shown[0].id);
	assert_int_equal(b->shown[0].rev, 0);
	assert_int_equal(b->shown[1].rev, 1);
	assert_int_equal(b->shown[1].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[1].was, OUTCOME_PENDING);
	assert_false(b->shown[0].passed);
	assert_true(b->shown[1].passed && b->shown[1].only_outcome);
	assert_int_equal(b->shown[1].n_failures, 2);
	assert_int_equal(b->shown[1].failures[0].delay_us, 4990);
	/* and a revision once more */
	feed(b, client_call(9000, "read", 0));
	finish(b);
	assert_int_equal(b->n, 3);
	assert_int_equal(b->shown[2].rev, 2);
	assert_int_equal(b->shown[2].n_failures, 3);
}

static void calls_in_order(void **state)
{
	struct bench *b = *state;
	struct rst_event other = client_call(40, "sendmsg", EPIPE);
	const struct failure *f;

	event_task(&other, 444, "helper");
	other.flags |= EVF_SIGPIPE | EVF_SIGPIPE_IGN;
	feed(b, sent_active(10));
	feed(b, received(12));
	feed(b, client_call(20, "write", ECONNRESET));
	feed(b, client_call(30, "write", EPIPE));
	feed(b, other);
	finish(b);
	assert_int_equal(b->n, 1);
	f = b->shown[0].failures;
	assert_int_equal(b->shown[0].n_failures, 3);
	assert_int_equal(f[0].err, ECONNRESET);
	assert_int_equal(f[1].err, EPIPE);
	assert_int_equal(f[2].err, EPIPE);
	assert_int_equal(f[0].pid, CLIENT_PID);
	assert_int_equal(f[2].pid, 444);
	assert_string_equal(f[2].syscall, "sendmsg");
	assert_int_equal(f[2].sigpipe, 1);
	/* the process that used the socket last is its owner */
	assert_int_equal(b->shown[0].victim.pid, 444);
	assert_int_equal(b->shown[0].victim.owner, OWNER_CALLER);
}

static void more_calls_than_kept(void **state)
{
	struct bench *b = *state;
	int i;

	feed(b, sent_active(10));
	feed(b, received(12));
	for (i = 0; i < MAX_FAILURES + 4; i++)
		feed(b, client_call(20 + i, "write", i ? EPIPE : ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].n_failures, MAX_FAILURES + 4);
	assert_int_equal(b->shown[0].failures[MAX_FAILURES - 1].delay_us, 10 + MAX_FAILURES - 1);
}

static void end_of_file(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	feed(b, client_call(20, "read", 0));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_EOF);
	assert_int_equal(b->shown[0].failures[0].err, 0);
}

static void end_of_file_then_error(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	feed(b, client_call(20, "read", 0));
	feed(b, client_call(30, "write", EPIPE));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
}

static void unmatched_calls(void **state)
{
	struct rst_event call = client_call(20, "write", EPIPE);
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	call.sock.id += 5;	/* another socket, at the same address */
	feed(b, call);
	assert_int_equal(b->unmatched, 1);
	call.err = 0;		/* an end of file is no failing call */
	call.flags |= EVF_EOF;
	feed(b, call);
	assert_int_equal(b->unmatched, 1);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].n_failures, 0);
}

static void unnoticed(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	feed(b, destroyed(40, ECONNRESET));
	/* no later event can change the record, so it is shown at once */
	assert_int_equal(chain_next(b->chain), AT_US(40));
	tick(b, 40);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_UNNOTICED);
	finish(b);
	assert_int_equal(b->n, 1);
}

/* The socket is destroyed before the event of the sending has come, which is still waited for. */
static void destroyed_before_sent(void **state)
{
	struct bench *b = *state;

	feed(b, received(10));
	feed(b, destroyed(11, ECONNRESET));
	tick(b, 12);
	assert_int_equal(b->n, 0);
	feed(b, sent_active(13));
	finish(b);
	assert_int_equal(b->n, 1);
	is_server_to_client(&b->shown[0]);
	assert_int_equal(b->shown[0].outcome, OUTCOME_UNNOTICED);
}

static void pending_then_unnoticed(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	tick(b, 1000);
	feed(b, destroyed(2000, ECONNRESET));
	assert_int_equal(chain_next(b->chain), AT_US(2000));
	tick(b, 2000);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[0].outcome, OUTCOME_PENDING);
	assert_int_equal(b->shown[1].outcome, OUTCOME_UNNOTICED);
	assert_int_equal(b->shown[1].rev, 1);
}

/* What was shown in full is not shown again when the socket is destroyed. */
static void error_then_destroyed(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	feed(b, client_call(20, "read", ECONNRESET));
	feed(b, destroyed(30, 0));
	tick(b, 30);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
	/* another socket has this address now */
	feed(b, client_call(50, "read", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->unmatched, 1);
}

static void shown_then_destroyed(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	feed(b, client_call(20, "read", ECONNRESET));
	tick(b, 1000);
	feed(b, destroyed(1030, 0));
	finish(b);
	assert_int_equal(b->n, 1);
}

/* A socket that is destroyed is found no more, even while its record waits to be shown. */
static void call_after_destroyed(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	feed(b, destroyed(30, ECONNRESET));
	feed(b, client_call(31, "read", ECONNRESET));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_UNNOTICED);
	assert_int_equal(b->unmatched, 1);
}

/* No error was left on the socket, so a call that no probe shows has taken it. */
static void taken_unseen(void **state)
{
	static const struct { int state, err; } left[] = {
		{ ESTABLISHED, ECONNRESET }, { CLOSE_WAIT, EPIPE }, { SYN_SENT, ECONNREFUSED },
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < N(left); i++) {
		struct rst_event in = received(100 * i), gone = destroyed(100 * i + 9, 0);

		in.flow.lport += i;
		in.sock.id = gone.sock.id = 1000 + i;
		in.sock.state = left[i].state;
		feed(b, in);
		feed(b, gone);
	}
	finish(b);
	assert_int_equal(b->n, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(b->shown[i].outcome, OUTCOME_ERROR);
		assert_int_equal(b->shown[i].n_failures, 1);
		assert_int_equal(b->shown[i].failures[0].err, left[i].err);
		assert_string_equal(b->shown[i].failures[0].syscall, "");
		assert_int_equal(b->shown[i].failures[0].pid, UNKNOWN);
	}
}

/* A reset swallowed as end of file, whose error something took later. */
static void eof_then_taken_unseen(void **state)
{
	struct bench *b = *state;

	feed(b, received(10));
	feed(b, client_call(20, "read", 0));
	feed(b, destroyed(30, 0));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[0].n_failures, 2);
}

/* The same, after the end of file was shown already. */
static void eof_shown_then_taken_unseen(void **state)
{
	struct bench *b = *state;

	feed(b, received(10));
	feed(b, client_call(20, "read", 0));
	tick(b, 1000);
	assert_int_equal(b->shown[0].outcome, OUTCOME_EOF);
	feed(b, destroyed(2000, 0));
	tick(b, 1999 + SETTLE_US);
	assert_int_equal(b->n, 1);
	tick(b, 2000 + SETTLE_US);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[1].outcome, OUTCOME_ERROR);
}

/* There is no RST, but the connection ended: its owner is the victim. */
static void aborted_without_rst(void **state)
{
	struct bench *b = *state;

	feed(b, aborted(10, ETIMEDOUT));
	feed(b, client_call(30, "recvfrom", ETIMEDOUT));
	feed(b, destroyed(50, 0));
	assert_int_equal(chain_next(b->chain), AT_US(50));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].kind, KIND_TIMEOUT);
	assert_int_equal(b->shown[0].victim.pid, CLIENT_PID);
	assert_false(b->shown[0].sender.seen);
	assert_int_equal(b->shown[0].rst_seq, UNKNOWN);
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[0].failures[0].err, ETIMEDOUT);
	assert_int_equal(b->shown[0].failures[0].delay_us, 20);
	assert_int_equal(b->unmatched, 0);
}

static void aborted_unnoticed(void **state)
{
	struct bench *b = *state;

	feed(b, aborted(10, EHOSTUNREACH));
	feed(b, destroyed(50, EHOSTUNREACH));
	tick(b, 50);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_UNNOTICED);
	assert_int_equal(b->shown[0].n_failures, 0);
}

static void aborted_and_taken_unseen(void **state)
{
	struct bench *b = *state;

	feed(b, aborted(10, EHOSTUNREACH));
	feed(b, destroyed(50, 0));
	finish(b);
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[0].failures[0].err, EHOSTUNREACH);
}

/* The process holds the MPTCP socket; the RST hit a subflow below it. */
static void mptcp_parent(void **state)
{
	struct bench *b = *state;
	struct rst_event in = received(11), call = client_call(20, "read", ECONNRESET);

	in.extra.msk = call.sock.sk = 0xffff888100777000ULL;
	call.sock.id = 0;
	feed(b, sent_active(10));
	feed(b, in);
	feed(b, call);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->unmatched, 0);
	assert_int_equal(b->shown[0].outcome, OUTCOME_ERROR);
	assert_int_equal(b->shown[0].victim.mptcp, 1);
}

/* The outcome follows the end of the MPTCP socket, not that of the subflow. */
static void mptcp_unnoticed(void **state)
{
	struct bench *b = *state;
	struct rst_event in = received(11), gone = destroyed(30, ECONNRESET);

	in.extra.msk = gone.sock.sk = 0xffff888100777000ULL;
	gone.sock.id = 0;
	feed(b, sent_active(10));
	feed(b, in);
	feed(b, destroyed(20, 0));
	feed(b, gone);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_UNNOTICED);
}

static void pending(void **state)
{
	struct bench *b = *state;

	feed(b, sent_active(10));
	feed(b, received(12));
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].outcome, OUTCOME_PENDING);
	assert_int_equal(b->shown[0].victim.local, 1);
}

/* A socket without an id is known by its address, which another socket may get later. */
static void address_reused(void **state)
{
	struct bench *b = *state;
	struct rst_event in = received(11), out = sent_active(110), call = client_call(120, "read", 0);
	struct rst_event gone = destroyed(130, 0);

	in.sock.id = call.sock.id = gone.sock.id = 0;
	feed(b, sent_active(10));
	feed(b, in);
	out.flow.rport = call.flow.lport = 40000;
	out.sock.id++;
	in = received(111);
	in.sock.id = 0;
	in.flow.lport = 40000;
	feed(b, out);
	feed(b, in);
	call.err = ECONNRESET;
	call.flags &= ~EVF_EOF;
	feed(b, call);
	feed(b, gone);
	feed(b, call);		/* a call of yet another process, on a socket that was not reset */
	finish(b);
	assert_int_equal(b->unmatched, 1);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->shown[0].dport, CLIENT_PORT);
	assert_int_equal(b->shown[0].n_failures, 0);
	assert_int_equal(b->shown[1].dport, 40000);
	assert_int_equal(b->shown[1].n_failures, 1);
}

/* A socket with an id is known by that, whatever socket has its address later. */
static void same_address_other_id(void **state)
{
	struct bench *b = *state;
	struct rst_event call = client_call(20, "read", ECONNRESET);

	feed(b, sent_active(10));
	feed(b, received(11));
	call.sock.id++;
	feed(b, call);
	finish(b);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->shown[0].n_failures, 0);
	assert_int_equal(b->unmatched, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAIN_TEST(late_error),
		CHAIN_TEST(calls_in_order),
		CHAIN_TEST(more_calls_than_kept),
		CHAIN_TEST(end_of_file),
		CHAIN_TEST(end_of_file_then_error),
		CHAIN_TEST(unmatched_calls),
		CHAIN_TEST(unnoticed),
		CHAIN_TEST(destroyed_before_sent),
		CHAIN_TEST(pending_then_unnoticed),
		CHAIN_TEST(error_then_destroyed),
		CHAIN_TEST(shown_then_destroyed),
		CHAIN_TEST(call_after_destroyed),
		CHAIN_TEST(taken_unseen),
		CHAIN_TEST(eof_then_taken_unseen),
		CHAIN_TEST(eof_shown_then_taken_unseen),
		CHAIN_TEST(aborted_without_rst),
		CHAIN_TEST(aborted_unnoticed),
		CHAIN_TEST(aborted_and_taken_unseen),
		CHAIN_TEST(mptcp_parent),
		CHAIN_TEST(mptcp_unnoticed),
		CHAIN_TEST(pending),
		CHAIN_TEST(address_reused),
		CHAIN_TEST(same_address_other_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
