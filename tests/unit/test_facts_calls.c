/* SPDX-License-Identifier: GPL-2.0 */
/* What a failing call says, and what the victim's program saw in the end. */
#include "incidents.h"
#include "test.h"

/* The first failing call after a reset at 10 µs, in a state that may leave EPIPE. */
static struct incident after_call(struct rst_event ev)
{
	struct rst_event in = received(10);
	struct incident inc;

	in.sock.state = CLOSE_WAIT;
	inc = taken(in);
	facts_call(&inc, &ev, false);
	return inc;
}

static void failing_call(void **state)
{
	struct incident inc = after_call(client_call(93, "sendto", EPIPE));
	const struct failure *f = &inc.failures[0];

	assert_int_equal(inc.n_failures, 1);
	assert_int_equal(f->err, EPIPE);
	assert_string_equal(f->syscall, "sendto");
	assert_int_equal(f->fd, 5);
	assert_int_equal(f->pid, CLIENT_PID);
	assert_int_equal(f->tid, CLIENT_PID + 1);
	assert_string_equal(f->comm, "ab");
	assert_int_equal(f->delay_us, 83);
	assert_int_equal(f->sigpipe, 0);	/* signals are watched, and there was none */
	assert_int_equal(f->action, SIGPIPE_NONE);
	assert_false(f->on_sender);
	assert_false(f->inferred);
	assert_int_equal(inc.victim.owner, OWNER_CALLER);
	assert_int_equal(inc.victim.uid, 1000);
	assert_int_equal(inc.victim.cgroup_id, CLIENT_PID * 10);
	/* by another processor's clock it may even come before the reset */
	inc = after_call(client_call(5, "sendto", EPIPE));
	assert_int_equal(inc.failures[0].delay_us, 0);
}

static void caller_is_owner(void **state)
{
	struct rst_event ev = client_call(93, "recvmsg", ECONNRESET);
	struct incident inc;

	event_task(&ev, 444, "worker");
	event_in_call(&ev, "recvmsg", 7);
	inc = after_call(ev);
	assert_int_equal(inc.victim.pid, 444);
	assert_int_equal(inc.victim.tid, 445);
	assert_string_equal(inc.victim.comm, "worker");
	assert_int_equal(inc.victim.cgroup_id, 4440);
	assert_int_equal(inc.victim.fd, 7);
	/* a call that names no descriptor leaves the one that was known */
	event_in_call(&ev, "io_uring_enter", 9);
	inc = after_call(ev);
	assert_int_equal(inc.victim.pid, 444);
	assert_int_equal(inc.victim.fd, 5);
}

/* What was looked up of the owner known before does not apply to the caller. */
static void caller_is_another(void **state)
{
	struct rst_event in = received(11), ev = client_call(93, "recvmsg", ECONNRESET);
	struct incident inc;

	incident_init(&inc);
	facts_received(&inc, &in, &events_meta);
	strcpy(inc.victim.exe, "/usr/bin/ab");
	strcpy(inc.victim.unit, "ab.service");
	facts_call(&inc, &ev, false);
	assert_string_equal(inc.victim.exe, "/usr/bin/ab");
	event_task(&ev, 444, "worker");
	facts_call(&inc, &ev, false);
	assert_int_equal(inc.victim.pid, 444);
	assert_string_equal(inc.victim.exe, "");
	assert_string_equal(inc.victim.unit, "");
}

static void sigpipe(void **state)
{
	struct rst_event ev = client_call(93, "write", EPIPE);

	ev.flags |= EVF_SIGPIPE;
	assert_int_equal(after_call(ev).failures[0].sigpipe, 1);
	assert_int_equal(after_call(ev).failures[0].action, SIGPIPE_HANDLED);
	ev.flags |= EVF_SIGPIPE_DFL;
	assert_int_equal(after_call(ev).failures[0].action, SIGPIPE_KILLED);
	ev.flags ^= EVF_SIGPIPE_DFL | EVF_SIGPIPE_IGN;
	assert_int_equal(after_call(ev).failures[0].action, SIGPIPE_IGNORED);
	ev.flags &= ~(EVF_SIGPIPE | EVF_SIGPIPE_IGN | EVF_SIGPIPE_SEEN);
	assert_int_equal(after_call(ev).failures[0].sigpipe, UNKNOWN);	/* signals are not watched */
	assert_int_equal(after_call(ev).failures[0].action, SIGPIPE_NONE);
}

static void io_worker(void **state)
{
	struct rst_event ev = client_call(93, "sendto", EPIPE);
	struct incident inc;

	ev.task.flags = TASKF_IO_WORKER;
	memset(&ev.task.call, 0, sizeof(ev.task.call));
	inc = after_call(ev);
	assert_string_equal(inc.failures[0].syscall, "io_uring");
	assert_int_equal(inc.failures[0].fd, UNKNOWN);
	assert_int_equal(inc.failures[0].pid, CLIENT_PID);
	assert_int_equal(inc.victim.owner, OWNER_CALLER);
	assert_int_equal(inc.victim.fd, 5);	/* still that of the connect() */
}

/* A kernel thread that uses a socket (NFS, say) does not become its owner. */
static void kernel_thread(void **state)
{
	struct rst_event ev = client_call(93, "sendto", EPIPE);
	struct incident inc;

	event_task(&ev, 55, "kworker/1:2");
	ev.task.flags = TASKF_KTHREAD;
	inc = after_call(ev);
	assert_string_equal(inc.failures[0].syscall, "");
	assert_int_equal(inc.failures[0].fd, UNKNOWN);
	assert_string_equal(inc.failures[0].comm, "kworker/1:2");
	assert_int_equal(inc.victim.pid, CLIENT_PID);
	assert_int_equal(inc.victim.owner, OWNER_SOCKET);
}

static void calls_by_number(void **state)
{
	struct rst_event ev = client_call(93, "read", ECONNRESET);
	struct incident inc;

	/* number 3 is read() in this ABI, close() in the other */
	ev.task.call = (struct rst_call){ .arch = ARCH_I386, .nr = 3, .arg = { 11, 0, 0 } };
	inc = after_call(ev);
	assert_string_equal(inc.failures[0].syscall, "read");
	assert_int_equal(inc.failures[0].fd, 11);
	ev.task.call.arch = ARCH_X86_64;
	assert_string_equal(after_call(ev).failures[0].syscall, "close");
	ev.task.call = (struct rst_call){ .arch = ARCH_AARCH64, .nr = 63, .arg = { 12, 0, 0 } };
	inc = after_call(ev);
	assert_string_equal(inc.failures[0].syscall, "read");
	assert_int_equal(inc.failures[0].fd, 12);
	ev.task.call.arch = 0;
	assert_string_equal(after_call(ev).failures[0].syscall, "");
}

/* splice has two descriptors: which is the socket depends on the side that failed. */
static void splice(void **state)
{
	struct rst_event ev = client_call(93, "read", EPIPE);
	struct incident inc;

	ev.task.call = call_of(ARCH_X86_64, "splice", 30, 0, 31);
	inc = after_call(ev);
	assert_int_equal(inc.failures[0].fd, 31);
	assert_int_equal(inc.victim.fd, 31);
	ev.flags |= EVF_RECV;
	inc = after_call(ev);
	assert_int_equal(inc.failures[0].fd, 30);
	assert_int_equal(inc.victim.fd, 30);
	ev.task.call = call_of(ARCH_X86_64, "sendfile", 5, 6, 0);
	ev.flags &= ~EVF_RECV;
	assert_int_equal(after_call(ev).failures[0].fd, 5);
}

static void outcomes(void **state)
{
	struct incident inc = taken(received(10));
	struct rst_event out = sent_active(10);

	assert_int_equal(facts_outcome(&inc, false), OUTCOME_PENDING);
	assert_int_equal(facts_outcome(&inc, true), OUTCOME_UNNOTICED);
	inc.n_failures = 1;
	inc.failures[0].err = ECONNRESET;
	inc.failures[0].on_sender = true;	/* a call on the sender's socket */
	assert_int_equal(facts_outcome(&inc, false), OUTCOME_PENDING);
	inc.n_failures = 2;
	inc.failures[1].err = 0;
	assert_int_equal(facts_outcome(&inc, true), OUTCOME_EOF);
	inc.n_failures = 3;
	inc.failures[2].err = EPIPE;
	assert_int_equal(facts_outcome(&inc, true), OUTCOME_ERROR);
	inc.n_failures = 1000;	/* more than were kept */
	assert_int_equal(facts_outcome(&inc, false), OUTCOME_ERROR);

	incident_init(&inc);
	facts_sent(&inc, &out, &events_meta);
	assert_int_equal(facts_outcome(&inc, false), OUTCOME_NONE);
	inc.loopback = false;
	assert_int_equal(facts_outcome(&inc, false), OUTCOME_REMOTE);
}

/* A call that works in pieces may have returned some of them, and not the error. */
static void parts(void **state)
{
	static const struct {
		const char *call;
		uint32_t flags;
		enum returned returned;
		enum outcome outcome;
	} calls[] = {
		{ "sendfile", EVF_PART, RETURNED_PART, OUTCOME_PENDING },
		{ "sendfile", EVF_PART | EVF_PART_GUESS, RETURNED_PART, OUTCOME_PENDING },
		{ "sendfile", 0, RETURNED_ERROR, OUTCOME_ERROR },
		{ "splice", EVF_PART_GUESS, RETURNED_EITHER, OUTCOME_UNSET },
		{ "sendmmsg", EVF_PART_GUESS, RETURNED_EITHER, OUTCOME_UNSET },
		{ "io_uring_enter", EVF_PART_GUESS, RETURNED_EITHER, OUTCOME_UNSET },
		{ "sendmmsg", 0, RETURNED_ERROR, OUTCOME_ERROR },
		{ "sendto", EVF_PART_GUESS, RETURNED_ERROR, OUTCOME_ERROR },
		{ "recvmmsg", EVF_RECV, RETURNED_EITHER, OUTCOME_UNSET },
		{ "recvmmsg", EVF_RECV | EVF_TAKEN, RETURNED_ERROR, OUTCOME_ERROR },
		{ "sendfile", EVF_PART | EVF_SIGPIPE | EVF_SIGPIPE_IGN, RETURNED_PART, OUTCOME_PENDING },
		{ "sendfile", EVF_PART | EVF_SIGPIPE, RETURNED_PART, OUTCOME_ERROR },	/* its handler ran */
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct rst_event ev = client_call(93, calls[i].call, ECONNRESET);
		struct incident inc;

		ev.flags |= calls[i].flags;
		inc = after_call(ev);
		assert_int_equal(inc.failures[0].returned, calls[i].returned);
		assert_int_equal(facts_outcome(&inc, false), calls[i].outcome);
		assert_int_equal(!!incident_first_error(&inc), calls[i].returned != RETURNED_PART);
		/* the thread's next call begins after the reset */
		ev.flags &= ~EVF_PART;
		ev.err = EPIPE;
		facts_call(&inc, &ev, false);
		assert_int_equal(inc.failures[1].returned, RETURNED_ERROR);
		assert_int_equal(facts_outcome(&inc, false), OUTCOME_ERROR);
		/* nobody else took the error */
		facts_taken_unseen(&inc);
		assert_int_equal(inc.n_failures, 2);
	}
}

/* recvmmsg() leaves the error to the next call where it has received something. */
static void put_back(void **state)
{
	struct rst_event ev = client_call(93, "recvmmsg", ECONNRESET);
	struct incident inc;

	ev.flags |= EVF_RECV;
	inc = after_call(ev);
	event_in_call(&ev, "recvfrom", 5);
	facts_call(&inc, &ev, false);
	assert_int_equal(inc.failures[0].returned, RETURNED_PART);
	assert_int_equal(inc.failures[1].returned, RETURNED_ERROR);
	assert_ptr_equal(incident_first_error(&inc), &inc.failures[1]);
}

/* If no probe shows calls, only an error still pending says something. */
static void outcomes_of_unseen_calls(void **state)
{
	static const uint8_t after_fin[] = { CLOSE_WAIT, LAST_ACK, CLOSING };
	struct source_meta meta = events_meta;
	struct rst_event ev = received(10);
	struct incident inc;

	(void)state;
	meta.misses_calls = true;
	incident_init(&inc);
	facts_received(&inc, &ev, &meta);
	assert_int_equal(facts_outcome(&inc, false), OUTCOME_UNSET);
	assert_int_equal(facts_outcome(&inc, true), OUTCOME_UNNOTICED);
	facts_taken_unseen(&inc);
	assert_int_equal(facts_outcome(&inc, true), OUTCOME_ERROR);
	/* a read may have taken the reset for an end of file */
	for (size_t i = 0; i < sizeof(after_fin); i++) {
		ev.sock.state = after_fin[i];
		incident_init(&inc);
		facts_received(&inc, &ev, &meta);
		assert_int_equal(facts_outcome(&inc, true), OUTCOME_UNSET);
	}
	/* no process holds the socket any more */
	inc.victim.bits |= SOCKF_DEAD;
	assert_int_equal(facts_outcome(&inc, false), OUTCOME_PENDING);
	assert_int_equal(facts_outcome(&inc, true), OUTCOME_UNNOTICED);
}

/* connect() where no hook shows what it returned. */
static void guessed(void **state)
{
	struct rst_event ev = client_call(93, "connect", ECONNREFUSED);

	ev.flags |= EVF_CONNECT | EVF_ERRNO_GUESS;
	assert_true(after_call(ev).failures[0].inferred);
	assert_int_equal(after_call(ev).failures[0].err, ECONNREFUSED);
	assert_string_equal(after_call(ev).failures[0].syscall, "connect");
	ev.flags |= EVF_CALL_GUESS;
	assert_int_equal(after_call(ev).failures[0].err, ECONNREFUSED);
	assert_string_equal(after_call(ev).failures[0].syscall, "");
	assert_int_equal(after_call(ev).failures[0].fd, UNKNOWN);
}

/*
 * EPIPE comes after another call took the error, unless the RST itself left EPIPE: only in
 * CLOSE_WAIT.
 */
static void second_error_first(void **state)
{
	struct rst_event write = client_call(93, "write", EPIPE);
	struct incident inc = taken(received(10));

	facts_call(&inc, &write, false);
	assert_int_equal(inc.n_failures, 2);
	assert_int_equal(inc.failures[0].err, ECONNRESET);
	assert_true(inc.failures[0].inferred);
	assert_string_equal(inc.failures[0].syscall, "");
	assert_int_equal(inc.failures[1].err, EPIPE);
	assert_false(inc.failures[1].inferred);
	/* it is added only once */
	facts_call(&inc, &write, false);
	assert_int_equal(inc.n_failures, 3);
	/* a failing call on the victim's socket says nothing of the sender's */
	inc = taken(received(10));
	facts_call(&inc, &write, true);
	assert_int_equal(inc.n_failures, 1);
}

/* The error is gone, and no call was seen taking it. */
static void taken_unseen(void **state)
{
	struct rst_event call = client_call(20, "read", ECONNRESET), eof = client_call(20, "read", 0);
	struct incident inc = taken(received(10));

	facts_taken_unseen(&inc);
	assert_int_equal(inc.n_failures, 1);
	assert_int_equal(inc.failures[0].err, ECONNRESET);
	assert_true(inc.failures[0].inferred);
	assert_int_equal(inc.failures[0].delay_us, UNKNOWN);
	assert_string_equal(inc.failures[0].syscall, "");
	assert_int_equal(facts_outcome(&inc, true), OUTCOME_ERROR);
	/* a call was seen taking it: nothing to add */
	inc = taken(received(10));
	facts_call(&inc, &call, false);
	facts_taken_unseen(&inc);
	assert_int_equal(inc.n_failures, 1);
	/* the sender's call is on another socket, and an end of file takes no error */
	inc = taken(received(10));
	facts_call(&inc, &call, true);
	facts_call(&inc, &eof, false);
	facts_taken_unseen(&inc);
	assert_int_equal(inc.n_failures, 3);
	assert_int_equal(inc.failures[2].err, ECONNRESET);
	assert_false(inc.failures[2].on_sender);
	/* but a call after it took the error */
	inc = taken(received(10));
	facts_call(&inc, &eof, false);
	facts_call(&inc, &call, false);
	facts_taken_unseen(&inc);
	assert_int_equal(inc.n_failures, 2);
	/* there is no room to keep this call, but it is counted */
	inc = taken(received(10));
	for (int i = 0; i < MAX_FAILURES; i++)
		facts_call(&inc, &eof, false);
	facts_taken_unseen(&inc);
	assert_int_equal(inc.n_failures, MAX_FAILURES + 1);
}

/* What a RST leaves depends on the state of the socket; an abort left the error that it names. */
static void error_left(void **state)
{
	struct rst_event ev = received(10);
	struct incident inc;

	ev.sock.state = CLOSE_WAIT;
	inc = taken(ev);
	facts_taken_unseen(&inc);
	assert_int_equal(inc.failures[0].err, EPIPE);
	ev.sock.state = SYN_SENT;
	inc = taken(ev);
	facts_taken_unseen(&inc);
	assert_int_equal(inc.failures[0].err, ECONNREFUSED);
	inc = taken(ev);
	inc.abort_err = EHOSTUNREACH;
	facts_taken_unseen(&inc);
	assert_int_equal(inc.failures[0].err, EHOSTUNREACH);
}

/* The stack of the first call that failed, if it is of the process that owns the socket. */
static void stack_of_first(void **state)
{
	struct rst_event first = client_call(93, "recvfrom", ECONNRESET), second = client_call(99, "sendto", EPIPE);
	struct stack_text *one = (void *)&first, *two = (void *)&second;
	struct incident inc;

	first.stack = one;
	first.kstack = two;
	second.stack = two;
	inc = after_call(first);
	assert_ptr_equal(inc.victim.stack, one);
	assert_ptr_equal(inc.victim.kstack, two);
	assert_null(inc.sender.stack);
	facts_call(&inc, &second, false);
	assert_ptr_equal(inc.victim.stack, one);
	event_task(&second, 444, "worker");
	facts_call(&inc, &second, false);
	assert_int_equal(inc.victim.pid, 444);
	assert_null(inc.victim.stack);
	/* a failing call of the sender's says nothing of the victim's stack */
	inc = taken(received(10));
	facts_call(&inc, &first, true);
	assert_null(inc.victim.stack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failing_call),
		cmocka_unit_test(caller_is_owner),
		cmocka_unit_test(caller_is_another),
		cmocka_unit_test(sigpipe),
		cmocka_unit_test(io_worker),
		cmocka_unit_test(kernel_thread),
		cmocka_unit_test(calls_by_number),
		cmocka_unit_test(splice),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(parts),
		cmocka_unit_test(put_back),
		cmocka_unit_test(outcomes_of_unseen_calls),
		cmocka_unit_test(guessed),
		cmocka_unit_test(second_error_first),
		cmocka_unit_test(taken_unseen),
		cmocka_unit_test(error_left),
		cmocka_unit_test(stack_of_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
