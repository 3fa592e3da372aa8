/* SPDX-License-Identifier: GPL-2.0 */
/* Which process owns an end, and which of its calls led to the reset. */
#include <signal.h>

#include "incidents.h"
#include "test.h"

static void timewait(void **state)
{
	struct incident inc = sent(timewait_reply(10));
	const struct endpoint *ep = &inc.sender;

	assert_true(inc.recent);
	assert_true(ep->timewait);
	assert_false(ep->have_sock);
	assert_string_equal(ep->state, "TIME_WAIT");
	assert_int_equal(ep->pid, SERVER_PID);
	assert_string_equal(ep->syscall, "close");
	assert_int_equal(ep->fd, 14);
	assert_int_equal(ep->closed_us, 4100);
	assert_int_equal(ep->age_us, 9000);
	assert_int_equal(ep->sock_id, SERVER_ID);
	assert_int_equal(ep->unread, UNKNOWN);
	assert_int_equal(ep->linger0, UNKNOWN);
}

/* Clocks of two processors may differ: a time after the event counts as not known. */
static void times_that_cannot_be(void **state)
{
	struct rst_event ev = timewait_reply(10);
	struct incident inc;

	ev.owner.close_ns = ev.time_ns + 1;
	ev.sock.birth_ns = ev.time_ns + 1;
	inc = sent(ev);
	assert_int_equal(inc.sender.closed_us, UNKNOWN);
	assert_string_equal(inc.sender.syscall, "");
	assert_int_equal(inc.sender.age_us, UNKNOWN);
	ev.owner.close_ns = 0;
	ev.sock.birth_ns = 0;
	inc = sent(ev);
	assert_int_equal(inc.sender.closed_us, UNKNOWN);
	assert_int_equal(inc.sender.age_us, UNKNOWN);
}

/* A process that ends with this wait status while it is in a call. */
static struct endpoint ending(int32_t exit_code)
{
	struct rst_event ev = sent_active(10);

	ev.owner.close = call_of(ARCH_X86_64, exit_code & 0x7f ? "recvfrom" : "exit_group", 3, 0, 0);
	ev.owner.close_flags = TASKF_SYSCALL | TASKF_EXITING;
	ev.owner.close_exit_code = exit_code;
	return sent(ev).sender;
}

static void exits(void **state)
{
	struct endpoint ep = ending(0);

	assert_string_equal(ep.exit, "exit");
	assert_string_equal(ep.syscall, "exit_group");
	assert_int_equal(ep.fd, UNKNOWN);
	ep = ending(3 << 8);
	assert_string_equal(ep.exit, "exit");
	/* a call that a signal interrupted did not close the socket */
	ep = ending(SIGKILL);
	assert_string_equal(ep.exit, "SIGKILL");
	assert_string_equal(ep.syscall, "");
	assert_int_equal(ep.fd, UNKNOWN);
	ep = ending(SIGSEGV | 0x80);	/* with a core dump */
	assert_string_equal(ep.exit, "SIGSEGV");
	assert_string_equal(ep.syscall, "");
	ep = ending(SIGPIPE);
	assert_string_equal(ep.exit, "SIGPIPE");
	ep = ending(40);
	assert_string_equal(ep.exit, "signal 40");
	ep = sent(sent_active(10)).sender;
	assert_string_equal(ep.exit, "");
}

static void killed_before(void **state)
{
	struct rst_event ev = timewait_reply(10);
	struct incident inc;

	ev.owner.close_flags = TASKF_SYSCALL | TASKF_EXITING;
	ev.owner.close_exit_code = SIGKILL;
	inc = sent(ev);
	assert_string_equal(inc.sender.exit, "SIGKILL");
	assert_string_equal(inc.sender.syscall, "");
	assert_int_equal(inc.sender.closed_us, 4100);
}

/* Checks that this call, on this descriptor, is named as the one that led to the reset. */
static void names_call(struct rst_event ev, const char *syscall, int64_t fd)
{
	struct incident inc = sent(ev);

	assert_string_equal(inc.sender.syscall, syscall);
	assert_int_equal(inc.sender.fd, fd);
}

static void closed_by_io_uring(void **state)
{
	struct rst_event ev = sent_active(10);

	ev.owner.close_flags = TASKF_IO_WORKER;
	memset(&ev.owner.close, 0, sizeof(ev.owner.close));
	names_call(ev, "io_uring", UNKNOWN);
	/* if no call is known, none is named */
	ev.owner.close_flags = 0;
	ev.owner.close = call_of(ARCH_X86_64, "close", 14, 0, 0);
	names_call(ev, "", UNKNOWN);
}

static void other_closing_calls(void **state)
{
	struct rst_event ev = sent_active(10);

	ev.owner.close = call_of(ARCH_X86_64, "shutdown", 9, 2, 0);
	names_call(ev, "shutdown", 9);
	ev.owner.close = call_of(ARCH_X86_64, "dup2", 3, 8, 0);	/* closes what it replaces */
	names_call(ev, "dup2", 8);
	ev.owner.close = call_of(ARCH_I386, "close", 6, 0, 0);
	names_call(ev, "close", 6);
	ev.owner.close.nr = 99999;
	names_call(ev, "", UNKNOWN);
}

static void owners(void **state)
{
	struct rst_event ev = received(10);
	struct incident inc;

	event_owner(&ev, OWNER_SNAPSHOT, 77, "old");
	ev.owner.fd = 21;	/* from the snapshot; no call is known */
	memset(&ev.owner.used, 0, sizeof(ev.owner.used));
	inc = taken(ev);
	assert_int_equal(inc.victim.owner, OWNER_SNAPSHOT);
	assert_int_equal(inc.victim.pid, 77);
	assert_int_equal(inc.victim.fd, 21);
	ev.owner.fd = 0;	/* a descriptor like any other */
	assert_int_equal(taken(ev).victim.fd, 0);
	ev.owner.fd = -1;
	assert_int_equal(taken(ev).victim.fd, UNKNOWN);

	event_owner(&ev, OWNER_LISTENER, SERVER_PID, "nginx");
	ev.owner.used = call_of(ARCH_X86_64, "listen", 3, 0, 0);	/* 3 is the listener */
	inc = taken(ev);
	assert_int_equal(inc.victim.owner, OWNER_LISTENER);
	assert_int_equal(inc.victim.pid, SERVER_PID);
	assert_int_equal(inc.victim.fd, UNKNOWN);
	ev.owner.fd = 3;	/* the descriptor of the listener, from the snapshot */
	assert_int_equal(taken(ev).victim.fd, UNKNOWN);
	ev.owner.fd = -1;

	event_owner(&ev, OWNER_KERNEL, SERVER_PID, "nginx");	/* the kernel is no process */
	inc = taken(ev);
	assert_int_equal(inc.victim.owner, OWNER_KERNEL);
	assert_int_equal(inc.victim.pid, UNKNOWN);
	assert_string_equal(inc.victim.comm, "");

	memset(&ev.owner, 0, sizeof(ev.owner));
	ev.owner.fd = -1;
	inc = taken(ev);
	assert_int_equal(inc.victim.owner, OWNER_NONE);
	assert_int_equal(inc.victim.pid, UNKNOWN);
	assert_int_equal(inc.victim.uid, UNKNOWN);
}

/* close() of an MPTCP socket resets a subflow, of which no close was seen. */
static void fast_close(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	ev.extra.msk = 0xffff888100777000ULL;
	ev.sock.state = ESTABLISHED;
	event_owner(&ev, OWNER_SOCKET, SERVER_PID, "nginx");
	ev.owner.close_ns = 0;
	inc = sent(ev);
	assert_int_equal(inc.sender.owner, OWNER_CALLER);
	assert_string_equal(inc.sender.syscall, "close");
	assert_int_equal(inc.sender.fd, 14);
	assert_int_equal(inc.sender.mptcp, 1);
	/* unread data is on the MPTCP socket: the subflow's own queue says nothing */
	assert_int_equal(inc.sender.unread, UNKNOWN);
	/* if another process ran, or it was in another call, this process did not cause the reset */
	ev.task.pid++;
	assert_int_equal(sent(ev).sender.owner, OWNER_SOCKET);
	ev.task.pid--;
	event_in_call(&ev, "sendto", 14);
	inc = sent(ev);
	assert_int_equal(inc.sender.owner, OWNER_SOCKET);
	assert_string_equal(inc.sender.syscall, "");
	ev.task.flags |= TASKF_EXITING;
	ev.task.exit_code = SIGKILL;
	inc = sent(ev);
	assert_int_equal(inc.sender.owner, OWNER_CALLER);
	assert_string_equal(inc.sender.exit, "SIGKILL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timewait),
		cmocka_unit_test(times_that_cannot_be),
		cmocka_unit_test(exits),
		cmocka_unit_test(killed_before),
		cmocka_unit_test(closed_by_io_uring),
		cmocka_unit_test(other_closing_calls),
		cmocka_unit_test(owners),
		cmocka_unit_test(fast_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
