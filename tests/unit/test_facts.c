/* SPDX-License-Identifier: GPL-2.0 */
/* What an event of either end says: every member of an incident that comes from it. */
#include <signal.h>

#include "events.h"
#include "facts.h"
#include "test.h"

static struct incident sent(struct rst_event ev)
{
	struct incident inc;

	incident_init(&inc);
	facts_sent(&inc, &ev, &events_meta);
	return inc;
}

static struct incident taken(struct rst_event ev)
{
	struct incident inc;

	incident_init(&inc);
	facts_received(&inc, &ev, &events_meta);
	return inc;
}

static struct incident with_ttl(int rst, int flow, int queued)
{
	struct rst_event ev = received(10);

	ev.seg.ttl = rst;
	ev.seg.ip_id = rst ? 3 : 0;
	ev.seg.flow_ttl = flow;
	ev.seg.queued_ttl = queued;
	ev.seg.queued_ip_id = queued ? 7 : 0;
	return taken(ev);
}

static void ttls_are(struct incident inc, int64_t rst, int64_t flow)
{
	assert_int_equal(inc.rst_ttl, rst);
	assert_int_equal(inc.flow_ttl, flow);
}

/* Of the handshake's and the queued segment's the one more like the RST's. */
static void ttls(void **state)
{
	struct rst_event v6 = received(10);
	struct incident inc;

	ttls_are(with_ttl(0, 0, 0), UNKNOWN, UNKNOWN);
	ttls_are(with_ttl(64, 0, 0), 64, UNKNOWN);
	ttls_are(with_ttl(0, 57, 0), UNKNOWN, 57);
	ttls_are(with_ttl(0, 57, 12), UNKNOWN, 57);
	ttls_are(with_ttl(255, 57, 0), 255, 57);
	ttls_are(with_ttl(255, 0, 57), 255, 57);
	ttls_are(with_ttl(57, 250, 58), 57, 58);
	ttls_are(with_ttl(57, 58, 250), 57, 58);
	ttls_are(with_ttl(41, 57, 60), 41, 57);

	/* 0 is an identification too, where there is one */
	inc = with_ttl(64, 57, 0);
	assert_int_equal(inc.rst_ip_id, 3);
	assert_int_equal(inc.flow_ip_id, UNKNOWN);
	inc = with_ttl(0, 57, 57);
	assert_int_equal(inc.rst_ip_id, UNKNOWN);
	assert_int_equal(inc.flow_ip_id, 7);
	event_flow(&v6, "fd00::1", 1, "fd00::2", 2);
	v6.seg.ttl = v6.seg.queued_ttl = 64;
	inc = taken(v6);
	ttls_are(inc, 64, 64);
	assert_int_equal(inc.rst_ip_id, UNKNOWN);
	assert_int_equal(inc.flow_ip_id, UNKNOWN);
}

static void sender(void **state)
{
	struct incident inc = sent(sent_active(10));
	const struct endpoint *ep = &inc.sender;

	assert_int_equal(inc.kind, KIND_ACTIVE);
	assert_int_equal(inc.mono_ns, AT_US(10));
	assert_int_equal(inc.time_ns, 1709215402118010000LL);
	assert_string_equal(inc.host, "testhost");
	assert_int_equal(inc.family, 4);
	assert_memory_equal(inc.saddr, "\x0a\0\0\x01", 4);
	assert_memory_equal(inc.daddr, "\x0a\0\0\x09", 4);
	assert_int_equal(inc.sport, SERVER_PORT);
	assert_int_equal(inc.dport, CLIENT_PORT);
	assert_int_equal(inc.netns, NETNS);
	assert_int_equal(inc.rst_seq, RST_SEQ);
	assert_int_equal(inc.rst_ack, 77);
	assert_string_equal(inc.reason, "TCP_ABORT_ON_CLOSE");
	assert_true(inc.loopback);
	assert_false(inc.recent);
	assert_false(inc.listener);
	assert_int_equal(inc.seg_flags, UNKNOWN);
	assert_int_equal(inc.seg_len, UNKNOWN);
	assert_int_equal(inc.accept_queue, UNKNOWN);
	assert_int_equal(inc.accept_queue_max, UNKNOWN);

	assert_true(ep->seen);
	assert_true(ep->have_sock);
	assert_false(ep->timewait);
	assert_int_equal(ep->local, 1);
	assert_int_equal(inc.victim.local, 1);
	assert_int_equal(ep->owner, OWNER_CALLER);
	assert_int_equal(ep->pid, SERVER_PID);
	assert_int_equal(ep->tid, SERVER_PID + 1);
	assert_int_equal(ep->uid, 1000);
	assert_string_equal(ep->comm, "nginx");
	assert_int_equal(ep->cgroup_id, SERVER_PID * 10);
	assert_string_equal(ep->syscall, "close");
	assert_int_equal(ep->fd, 14);
	assert_string_equal(ep->exit, "");
	assert_int_equal(ep->closed_us, UNKNOWN);	/* this close is the reset */
	assert_string_equal(ep->state, "ESTABLISHED");
	assert_int_equal(ep->tcp_state, CLOSE);
	assert_int_equal(ep->old_state, ESTABLISHED);
	assert_int_equal(ep->shutdown, 3);
	assert_int_equal(ep->sk, SERVER_SK);
	assert_int_equal(ep->sock_id, SERVER_ID);
	assert_int_equal(ep->age_us, 4200);
	assert_int_equal(ep->unread, 312);
	assert_int_equal(ep->unsent, 0);
	assert_int_equal(ep->bytes_in, 1126);
	assert_int_equal(ep->bytes_out, 0);
	assert_int_equal(ep->srtt_us, 90);
	assert_int_equal(ep->retrans, 0);
	assert_int_equal(ep->linger0, 0);
	assert_false(inc.victim.seen);
	assert_int_equal(inc.victim.pid, UNKNOWN);
}

static void victim(void **state)
{
	struct rst_event ev = received(10);
	struct incident inc;
	const struct endpoint *ep = &inc.victim;

	ev.sock.unsent = 16;
	ev.sock.retrans = 2;
	ev.sock.srtt_us = 333;
	inc = taken(ev);
	assert_int_equal(inc.kind, KIND_RECEIVED);
	assert_int_equal(inc.time_ns, 1709215402118010000LL);
	/* the RST's direction: from the peer to this socket */
	assert_memory_equal(inc.saddr, "\x0a\0\0\x01", 4);
	assert_memory_equal(inc.daddr, "\x0a\0\0\x09", 4);
	assert_int_equal(inc.sport, SERVER_PORT);
	assert_int_equal(inc.dport, CLIENT_PORT);
	assert_int_equal(inc.rst_seq, RST_SEQ);
	assert_int_equal(inc.rst_ack, UNKNOWN);
	assert_true(ep->seen);
	assert_int_equal(ep->owner, OWNER_SOCKET);
	assert_int_equal(ep->pid, CLIENT_PID);
	assert_string_equal(ep->comm, "ab");
	assert_int_equal(ep->fd, 5);		/* of the connect that made it the owner */
	assert_string_equal(ep->syscall, "");	/* what softirq interrupted is no call of the victim's */
	assert_string_equal(ep->state, "ESTABLISHED");
	assert_int_equal(ep->age_us, 250);
	assert_int_equal(ep->bytes_out, 1126);
	assert_int_equal(ep->unsent, 16);
	assert_int_equal(ep->retrans, 2);
	assert_int_equal(ep->srtt_us, 333);
	assert_false(inc.sender.seen);
	assert_int_equal(inc.sender.local, 1);	/* the other end of a local flow */
}

/* Both ends: the sender's word on the flow, the earlier time. */
static void both_ends(void **state)
{
	struct rst_event in = received(12);
	struct incident inc = sent(sent_active(20));

	in.flow.netns = 1;
	in.flow.laddr[3] = 99;
	facts_received(&inc, &in, &events_meta);
	assert_int_equal(inc.kind, KIND_ACTIVE);
	assert_int_equal(inc.netns, NETNS);
	assert_memory_equal(inc.daddr, "\x0a\0\0\x09", 4);
	assert_int_equal(inc.mono_ns, AT_US(12));
	assert_int_equal(inc.time_ns, 1709215402118012000LL);

	inc = taken(received(12));
	in = sent_active(20);
	facts_sent(&inc, &in, &events_meta);
	assert_int_equal(inc.kind, KIND_ACTIVE);
	assert_int_equal(inc.mono_ns, AT_US(12));
	assert_true(inc.victim.seen && inc.sender.seen);
}

static void reply_of_nobody(void **state)
{
	struct incident inc = sent(sent_reply(10, TH_ACK | TH_PSH, 16));
	const struct endpoint *ep = &inc.sender;

	assert_int_equal(inc.kind, KIND_REPLY);
	assert_string_equal(inc.reason, "NO_SOCKET");
	assert_int_equal(inc.seg_flags, TH_ACK | TH_PSH);
	assert_int_equal(inc.seg_len, 16);
	assert_int_equal(inc.rst_ack, UNKNOWN);
	assert_int_equal(ep->owner, OWNER_KERNEL);
	assert_false(ep->have_sock);
	/* the task it interrupted is nobody's owner */
	assert_int_equal(ep->pid, UNKNOWN);
	assert_int_equal(ep->tid, UNKNOWN);
	assert_int_equal(ep->uid, UNKNOWN);
	assert_string_equal(ep->comm, "");
	assert_string_equal(ep->syscall, "");
	assert_int_equal(ep->fd, UNKNOWN);
	assert_string_equal(ep->state, "");
	assert_int_equal(ep->unread, UNKNOWN);
	assert_int_equal(ep->unsent, UNKNOWN);
	assert_int_equal(ep->linger0, UNKNOWN);
	assert_int_equal(ep->age_us, UNKNOWN);
	assert_int_equal(ep->bytes_in, UNKNOWN);
	assert_int_equal(ep->bytes_out, UNKNOWN);
	assert_int_equal(ep->srtt_us, UNKNOWN);
	assert_int_equal(ep->retrans, UNKNOWN);
}

/* A timewait sock answers for the connection that nginx closed 4.1 ms before. */
static struct rst_event reply_of_timewait(void)
{
	struct rst_event ev = sent_reply(10, TH_ACK, 16);

	ev.flags |= EVF_TIMEWAIT | EVF_RECENT;
	ev.sock.state = TIME_WAIT;
	ev.sock.old_state = FIN_WAIT2;
	ev.sock.bits = SOCKF_OLD_STATE;
	ev.sock.id = SERVER_ID;
	ev.sock.birth_ns = ev.time_ns - 9000000;
	event_owner(&ev, OWNER_SOCKET, SERVER_PID, "nginx");
	ev.owner.close = call_of(ARCH_X86_64, "close", 14, 0, 0);
	ev.owner.close_flags = TASKF_SYSCALL;
	ev.owner.close_ns = ev.time_ns - 4100000;
	return ev;
}

static void timewait(void **state)
{
	struct incident inc = sent(reply_of_timewait());
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

/* Clocks of two processors: what comes after the event is not known at all. */
static void times_that_cannot_be(void **state)
{
	struct rst_event ev = reply_of_timewait();
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

static void listener(void **state)
{
	struct rst_event ev = sent_reply(10, TH_ACK, 0);
	struct incident inc;

	ev.flags |= EVF_SOCK | EVF_LISTEN;
	ev.sock.state = LISTEN;
	ev.sock.accept_queue = 129;
	ev.sock.accept_queue_max = 128;
	inc = sent(ev);
	assert_true(inc.listener);
	assert_int_equal(inc.accept_queue, 129);
	assert_int_equal(inc.accept_queue_max, 128);
	assert_string_equal(inc.sender.state, "LISTEN");
	assert_int_equal(inc.sender.unread, UNKNOWN);	/* no evidence in a listener */
}

static void states(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	/* the state before CLOSE, where it was seen */
	ev.sock.old_state = LAST_ACK;
	inc = sent(ev);
	assert_string_equal(inc.sender.state, "LAST_ACK");
	assert_int_equal(inc.sender.old_state, LAST_ACK);
	ev.sock.bits &= ~SOCKF_OLD_STATE;
	inc = sent(ev);
	assert_string_equal(inc.sender.state, "");
	assert_int_equal(inc.sender.old_state, 0);
	assert_int_equal(inc.sender.tcp_state, CLOSE);
	/* a timer acts in the state the socket is in; an older change is old */
	ev.sock.bits |= SOCKF_OLD_STATE;
	ev.sock.state = FIN_WAIT2;
	inc = sent(ev);
	assert_string_equal(inc.sender.state, "FIN_WAIT2");
	/* a number that is no state */
	ev.sock.state = 200;
	inc = sent(ev);
	assert_string_equal(inc.sender.state, "");
}

static void options_of_the_socket(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	ev.sock.bits |= SOCKF_LINGER | SOCKF_DEAD;
	ev.sock.linger2 = -1;
	ev.sock.sk_err = ECONNABORTED;
	inc = sent(ev);
	assert_int_equal(inc.sender.linger0, 1);
	assert_int_equal(inc.sender.linger2, -1);
	assert_int_equal(inc.sender.sk_err, ECONNABORTED);
	assert_true(inc.sender.bits & SOCKF_DEAD);
	ev.sock.lingertime = 250;
	assert_int_equal(sent(ev).sender.linger0, 0);
	ev.sock.bits &= ~SOCKF_LINGER;
	ev.sock.lingertime = 0;
	assert_int_equal(sent(ev).sender.linger0, 0);
}

static void without_evidence(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	ev.sock.bits &= ~SOCKF_EVIDENCE;
	inc = sent(ev);
	assert_true(inc.sender.have_sock);
	assert_int_equal(inc.sender.unread, UNKNOWN);
	assert_int_equal(inc.sender.unsent, UNKNOWN);
	assert_int_equal(inc.sender.bytes_in, UNKNOWN);
	assert_int_equal(inc.sender.bytes_out, UNKNOWN);
	assert_int_equal(inc.sender.retrans, UNKNOWN);
	assert_int_equal(inc.sender.srtt_us, UNKNOWN);
	ev.sock.bits |= SOCKF_EVIDENCE;
	ev.sock.srtt_us = 0;	/* no round trip was measured yet */
	inc = sent(ev);
	assert_int_equal(inc.sender.unread, 312);
	assert_int_equal(inc.sender.srtt_us, UNKNOWN);
}

static void reasons(void **state)
{
	struct rst_event ev = sent_active(10);

	ev.seg.reason = R_NOT_SPECIFIED;
	assert_string_equal(sent(ev).reason, "NOT_SPECIFIED");
	ev.seg.reason = 13;	/* a number between others that has no name */
	assert_string_equal(sent(ev).reason, "");
	ev.seg.reason = 16;
	assert_string_equal(sent(ev).reason, "");
	ev.seg.reason = UINT32_MAX;
	assert_string_equal(sent(ev).reason, "");
	ev.seg.reason = R_TCP_STATE;
	assert_string_equal(sent(ev).reason, "TCP_STATE");
	ev.flags &= ~EVF_REASON;
	assert_string_equal(sent(ev).reason, "");
}

static void numbers(void **state)
{
	struct rst_event ev = sent_active(10);

	ev.seg.rst_seq = UINT32_MAX;
	assert_int_equal(sent(ev).rst_seq, 4294967295LL);
	ev.flags &= ~(EVF_SEQ | EVF_ACK);
	assert_int_equal(sent(ev).rst_seq, UNKNOWN);
	assert_int_equal(sent(ev).rst_ack, UNKNOWN);
	assert_int_equal(taken(refusal_received(10, 1001)).rst_seq, UNKNOWN);
}

/* A process that ends, with this wait status, while it is in a call. */
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
	/* whatever call a signal interrupted did not close the socket */
	ep = ending(SIGKILL);
	assert_string_equal(ep.exit, "SIGKILL");
	assert_string_equal(ep.syscall, "");
	assert_int_equal(ep.fd, UNKNOWN);
	ep = ending(SIGSEGV | 0x80);	/* and dumps core */
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
	struct rst_event ev = reply_of_timewait();
	struct incident inc;

	ev.owner.close_flags = TASKF_SYSCALL | TASKF_EXITING;
	ev.owner.close_exit_code = SIGKILL;
	inc = sent(ev);
	assert_string_equal(inc.sender.exit, "SIGKILL");
	assert_string_equal(inc.sender.syscall, "");
	assert_int_equal(inc.sender.closed_us, 4100);
}

static void closed_by_io_uring(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	ev.owner.close_flags = TASKF_IO_WORKER;
	memset(&ev.owner.close, 0, sizeof(ev.owner.close));
	inc = sent(ev);
	assert_string_equal(inc.sender.syscall, "io_uring");
	assert_int_equal(inc.sender.fd, UNKNOWN);
	/* no call is known: none is named */
	ev.owner.close_flags = 0;
	ev.owner.close = call_of(ARCH_X86_64, "close", 14, 0, 0);
	inc = sent(ev);
	assert_string_equal(inc.sender.syscall, "");
	assert_int_equal(inc.sender.fd, UNKNOWN);
}

static void other_closing_calls(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	ev.owner.close = call_of(ARCH_X86_64, "shutdown", 9, 2, 0);
	inc = sent(ev);
	assert_string_equal(inc.sender.syscall, "shutdown");
	assert_int_equal(inc.sender.fd, 9);
	ev.owner.close = call_of(ARCH_X86_64, "dup2", 3, 8, 0);	/* closes what it replaces */
	inc = sent(ev);
	assert_string_equal(inc.sender.syscall, "dup2");
	assert_int_equal(inc.sender.fd, 8);
	ev.owner.close = call_of(ARCH_I386, "close", 6, 0, 0);
	inc = sent(ev);
	assert_string_equal(inc.sender.syscall, "close");
	assert_int_equal(inc.sender.fd, 6);
	ev.owner.close.nr = 99999;
	inc = sent(ev);
	assert_string_equal(inc.sender.syscall, "");
	assert_int_equal(inc.sender.fd, UNKNOWN);
}

static void owners(void **state)
{
	struct rst_event ev = received(10);
	struct incident inc;

	event_owner(&ev, OWNER_SNAPSHOT, 77, "old");
	ev.owner.fd = 21;	/* of the snapshot; no call is known */
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
	ev.owner.used = call_of(ARCH_X86_64, "accept4", 3, 0, 0);	/* 3 is the listener */
	inc = taken(ev);
	assert_int_equal(inc.victim.owner, OWNER_LISTENER);
	assert_int_equal(inc.victim.pid, SERVER_PID);
	assert_int_equal(inc.victim.fd, UNKNOWN);

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

static void loopback(void **state)
{
	static const struct { const char *l, *r; bool is; } flows[] = {
		{ "127.0.0.1", "127.0.0.1", true },
		{ "127.0.0.1", "127.8.9.10", true },
		{ "127.0.0.1", "10.0.0.1", false },
		{ "10.0.0.1", "127.0.0.1", false },
		{ "10.0.0.1", "10.0.0.1", true },
		{ "10.0.0.1", "10.0.0.2", false },
		{ "::1", "::1", true },
		{ "fd00::1", "fd00::1", true },
		{ "fd00::1", "fd00::2", false },
		{ "7f00::1", "7f00::2", false },	/* begins like 127 */
	};
	size_t i;

	for (i = 0; i < N(flows); i++) {
		struct rst_event ev = event_at(EV_SENT_ACTIVE, 10);
		struct incident inc;

		event_flow(&ev, flows[i].l, 80, flows[i].r, 4000);
		assert_int_equal(facts_loopback(&ev), flows[i].is);
		inc = sent(ev);
		assert_int_equal(inc.sender.local, 1);
		assert_int_equal(inc.victim.local, flows[i].is);
		inc = taken(ev);
		assert_int_equal(inc.victim.local, 1);
		assert_int_equal(inc.sender.local, flows[i].is);
		ev.flags |= EVF_LOOPBACK;
		assert_true(facts_loopback(&ev));
	}
}

static void v6(void **state)
{
	static const uint8_t one[16] = { 0xfd, [15] = 1 }, two[16] = { 0xfd, [15] = 2 };
	struct rst_event ev = sent_active(10);
	struct incident inc;

	event_flow(&ev, "fd00::1", 443, "fd00::2", 50000);
	inc = sent(ev);
	assert_int_equal(inc.family, 6);
	assert_memory_equal(inc.saddr, one, 16);
	assert_memory_equal(inc.daddr, two, 16);
	inc = taken(ev);
	assert_memory_equal(inc.saddr, two, 16);
	assert_memory_equal(inc.daddr, one, 16);
	assert_int_equal(inc.sport, 50000);
	assert_int_equal(inc.dport, 443);
}

static void firewall(void **state)
{
	struct rst_event ev = sent_reply(10, TH_SYN, 0);
	struct incident inc;

	ev.type = EV_SENT_NETFILTER;
	ev.extra.nf_hook = 2;
	inc = sent(ev);
	assert_int_equal(inc.kind, KIND_NETFILTER);
	assert_int_equal(inc.nf_hook, 2);
	assert_int_equal(inc.sender.owner, OWNER_KERNEL);
	assert_int_equal(inc.seg_flags, TH_SYN);
	assert_int_equal(sent(sent_active(10)).nf_hook, 0);
}

/* No RST: the owner of the connection is the victim, the numbers mean nothing. */
static void aborted_connection(void **state)
{
	struct rst_event ev = aborted(10, ETIMEDOUT);
	struct incident inc;

	ev.flags |= EVF_SEQ | EVF_ACK;
	ev.extra.retransmits = 5;
	ev.extra.user_timeout_ms = 2000;
	incident_init(&inc);
	facts_aborted(&inc, &ev, &events_meta);
	assert_int_equal(inc.kind, KIND_TIMEOUT);
	assert_int_equal(inc.abort_err, ETIMEDOUT);
	assert_int_equal(inc.rst_seq, UNKNOWN);
	assert_int_equal(inc.rst_ack, UNKNOWN);
	assert_int_equal(inc.victim.pid, CLIENT_PID);
	assert_int_equal(inc.victim.local, 1);
	assert_int_equal(inc.sender.local, 0);
	assert_string_equal(inc.victim.state, "ESTABLISHED");
	assert_int_equal(inc.victim.retransmits, 5);
	assert_int_equal(inc.victim.user_timeout_ms, 2000);
	assert_int_equal(inc.sport, SERVER_PORT);
	assert_int_equal(inc.dport, CLIENT_PORT);
}

/* On a flow that stays here the sending is seen, unless it was no TCP's. */
static void sent_by_nobody(void **state)
{
	struct source_meta meta = events_meta;
	struct rst_event in = received(10), out = sent_active(12);
	struct incident inc;

	meta.sees_sent = true;
	incident_init(&inc);
	facts_received(&inc, &in, &meta);
	assert_true(inc.sent_by_nobody);
	facts_sent(&inc, &out, &meta);		/* it was only told later */
	assert_false(inc.sent_by_nobody);
	incident_init(&inc);
	facts_sent(&inc, &out, &meta);
	facts_received(&inc, &in, &meta);
	assert_false(inc.sent_by_nobody);
	/* where REJECT rules are seen at work, it was none of theirs: an event is missing */
	meta.sees_rejects = true;
	incident_init(&inc);
	facts_received(&inc, &in, &meta);
	assert_false(inc.sent_by_nobody);
	meta.sees_rejects = false;
	/* from another host: nobody here could have seen it */
	in.flags &= ~EVF_LOOPBACK;
	incident_init(&inc);
	facts_received(&inc, &in, &meta);
	assert_false(inc.sent_by_nobody);
	/* or the probe that would have is missing */
	assert_false(taken(received(10)).sent_by_nobody);
}

/* close() of an MPTCP socket resets a subflow that no close was seen of. */
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
	/* what nobody read lies with the MPTCP socket: the subflow's own queue says nothing */
	assert_int_equal(inc.sender.unread, UNKNOWN);
	/* in another process's time, or in another call, it is not its doing */
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

/* What a kernel with this rate counts so long after its boot. */
static uint64_t jiffies_at(unsigned int hz, uint64_t s)
{
	return (1ULL << 32) - 300ULL * hz + s * hz;
}

static void ticks(void **state)
{
	static const unsigned int rates[] = { 100, 250, 300, 1000 };
	static const uint64_t ages[] = { 1, 30, 280, 320, 3600, 86400, 40 * 86400, 1000 * 86400 };

	for (size_t r = 0; r < 4; r++)
		for (size_t a = 0; a < N(ages); a++)
			assert_int_equal(facts_hz(jiffies_at(rates[r], ages[a]),
						  ages[a] * 1000000000), rates[r]);
}

/* Where the rates cannot be told apart, or it is no such counter at all. */
static void no_ticks(void **state)
{
	assert_int_equal(facts_hz(0, 3600ULL * 1000000000), 0);
	assert_int_equal(facts_hz(jiffies_at(250, 300), 300ULL * 1000000000), 0);
	assert_int_equal(facts_hz(jiffies_at(250, 305), 305ULL * 1000000000), 0);
	assert_int_equal(facts_hz(12345, 3600ULL * 1000000000), 0);
	assert_int_equal(facts_hz(UINT64_MAX, 3600ULL * 1000000000), 0);
}

static void idle(void **state)
{
	struct rst_event ev = sent_active(10);	/* 1000 s after boot */
	uint64_t now = jiffies_at(250, 1000);

	ev.extra.jiffies = now;
	ev.extra.lsndtime = (uint32_t)(now - 250 * 75);
	ev.extra.lrcvtime = (uint32_t)(now - 250 * 80);
	assert_int_equal(sent(ev).sender.idle_us, 75000000);	/* the later of the two */
	assert_int_equal(sent(ev).sender.heard_us, 80000000);
	ev.extra.lrcvtime = (uint32_t)(now - 25);
	assert_int_equal(sent(ev).sender.idle_us, 100000);
	/* 32 bits of it wrapped around in between */
	ev = sent_active(10);
	ev.time_ns = 310ULL * 1000000000;
	ev.extra.jiffies = jiffies_at(250, 310);
	ev.extra.lsndtime = ev.extra.lrcvtime = (uint32_t)(ev.extra.jiffies - 250 * 20);
	assert_int_equal(sent(ev).sender.idle_us, 20000000);
	assert_int_equal(sent(ev).sender.heard_us, 20000000);
	/* never connected, so nothing came or went */
	ev.extra.lrcvtime = 0;
	assert_int_equal(sent(ev).sender.idle_us, UNKNOWN);
	assert_int_equal(sent(ev).sender.heard_us, UNKNOWN);
	/* an older recording does not say */
	assert_int_equal(sent(sent_active(10)).sender.idle_us, UNKNOWN);
	assert_int_equal(sent(sent_active(10)).sender.heard_us, UNKNOWN);
}

static void counts_in_a_row(void **state)
{
	struct rst_event ev = received(10);
	struct incident inc = taken(ev);

	assert_int_equal(inc.victim.user_timeout_ms, UNKNOWN);
	assert_int_equal(inc.victim.mptcp, UNKNOWN);
	ev.extra.retransmits = 3;
	ev.extra.probes_out = 2;
	ev.extra.user_timeout_ms = 500;
	ev.extra.msk = 1;
	inc = taken(ev);
	assert_int_equal(inc.victim.retransmits, 3);
	assert_int_equal(inc.victim.probes, 2);
	assert_int_equal(inc.victim.user_timeout_ms, 500);
	assert_int_equal(inc.victim.mptcp, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sender),
		cmocka_unit_test(ttls),
		cmocka_unit_test(victim),
		cmocka_unit_test(both_ends),
		cmocka_unit_test(reply_of_nobody),
		cmocka_unit_test(timewait),
		cmocka_unit_test(times_that_cannot_be),
		cmocka_unit_test(listener),
		cmocka_unit_test(states),
		cmocka_unit_test(options_of_the_socket),
		cmocka_unit_test(without_evidence),
		cmocka_unit_test(reasons),
		cmocka_unit_test(numbers),
		cmocka_unit_test(exits),
		cmocka_unit_test(killed_before),
		cmocka_unit_test(closed_by_io_uring),
		cmocka_unit_test(other_closing_calls),
		cmocka_unit_test(owners),
		cmocka_unit_test(loopback),
		cmocka_unit_test(v6),
		cmocka_unit_test(firewall),
		cmocka_unit_test(aborted_connection),
		cmocka_unit_test(sent_by_nobody),
		cmocka_unit_test(fast_close),
		cmocka_unit_test(ticks),
		cmocka_unit_test(no_ticks),
		cmocka_unit_test(idle),
		cmocka_unit_test(counts_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
