/* SPDX-License-Identifier: GPL-2.0 */
/* What an event of either end says of the reset and its sockets. */
#include "incidents.h"
#include "test.h"

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
	assert_int_equal(inc.sampled, UNKNOWN);
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
	assert_int_equal(ep->closed_us, UNKNOWN);	/* this close caused the reset */
	assert_string_equal(ep->state, "ESTABLISHED");
	assert_int_equal(ep->netns, NETNS);
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
	/* the direction of the RST: from the peer to this socket */
	assert_memory_equal(inc.saddr, "\x0a\0\0\x01", 4);
	assert_memory_equal(inc.daddr, "\x0a\0\0\x09", 4);
	assert_int_equal(inc.sport, SERVER_PORT);
	assert_int_equal(inc.dport, CLIENT_PORT);
	assert_int_equal(inc.rst_seq, RST_SEQ);
	assert_int_equal(inc.rst_ack, UNKNOWN);
	assert_int_equal(ep->netns, NETNS);
	assert_true(ep->seen);
	assert_int_equal(ep->owner, OWNER_SOCKET);
	assert_int_equal(ep->pid, CLIENT_PID);
	assert_string_equal(ep->comm, "ab");
	assert_int_equal(ep->fd, 5);		/* the descriptor of the connect() that made it the owner */
	assert_string_equal(ep->syscall, "");	/* a call that softirq interrupted is not the victim's */
	assert_string_equal(ep->state, "ESTABLISHED");
	assert_int_equal(ep->age_us, 250);
	assert_int_equal(ep->bytes_out, 1126);
	assert_int_equal(ep->unsent, 16);
	assert_int_equal(ep->retrans, 2);
	assert_int_equal(ep->srtt_us, 333);
	assert_false(inc.sender.seen);
	assert_int_equal(inc.sender.local, 1);	/* as the flow stays within this host */
}

/* With events of both ends, the flow is the sender's and the time is the earlier one. */
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
	struct incident inc = sent(sent_reply(10, TH_ACK | TH_PUSH, 16));
	const struct endpoint *ep = &inc.sender;

	assert_int_equal(inc.kind, KIND_REPLY);
	assert_string_equal(inc.reason, "NO_SOCKET");
	assert_int_equal(inc.seg_flags, TH_ACK | TH_PUSH);
	assert_int_equal(inc.seg_len, 16);
	assert_int_equal(inc.rst_ack, UNKNOWN);
	assert_int_equal(ep->owner, OWNER_KERNEL);
	assert_false(ep->have_sock);
	/* the interrupted task owns nothing */
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
	assert_false(inc.join);
	ev.flags |= EVF_JOIN;
	assert_true(sent(ev).join);
	assert_int_equal(inc.accept_queue, 129);
	assert_int_equal(inc.accept_queue_max, 128);
	assert_string_equal(inc.sender.state, "LISTEN");
	assert_int_equal(inc.sender.unread, UNKNOWN);	/* a listener has no unread data */
}

static void states(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	/* the state before CLOSE, if it was seen */
	ev.sock.old_state = LAST_ACK;
	inc = sent(ev);
	assert_string_equal(inc.sender.state, "LAST_ACK");
	assert_int_equal(inc.sender.old_state, LAST_ACK);
	ev.sock.bits &= ~SOCKF_OLD_STATE;
	inc = sent(ev);
	assert_string_equal(inc.sender.state, "");
	assert_int_equal(inc.sender.old_state, 0);
	assert_int_equal(inc.sender.tcp_state, CLOSE);
	/* a timer acts in the socket's present state; a state change long before says nothing */
	ev.sock.bits |= SOCKF_OLD_STATE;
	ev.sock.state = FIN_WAIT2;
	inc = sent(ev);
	assert_string_equal(inc.sender.state, "FIN_WAIT2");
	/* a number that stands for no state */
	ev.sock.state = 200;
	inc = sent(ev);
	assert_string_equal(inc.sender.state, "");
}

/*
 * The running process is noted if the socket was aborted while its state was not CLOSE, and not by
 * a close of that process.
 */
static void killer(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	assert_int_equal(sent(ev).killer.pid, UNKNOWN);
	ev.sock.state = ESTABLISHED;
	event_task(&ev, 77, "ss");
	event_in_call(&ev, "sendto", 3);
	inc = sent(ev);
	assert_int_equal(inc.killer.pid, 77);
	assert_string_equal(inc.killer.comm, "ss");
	assert_string_equal(inc.killer.syscall, "sendto");
	assert_int_equal(inc.sender.pid, SERVER_PID);
	ev.task.flags = 0;
	assert_string_equal(sent(ev).killer.syscall, "");
	ev.task.flags = TASKF_KTHREAD;
	assert_int_equal(sent(ev).killer.pid, UNKNOWN);
	event_task(&ev, 0, "swapper/0");
	assert_int_equal(sent(ev).killer.pid, UNKNOWN);
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
	ev.sock.srtt_us = 0;	/* no round trip was measured */
	inc = sent(ev);
	assert_int_equal(inc.sender.unread, 312);
	assert_int_equal(inc.sender.srtt_us, UNKNOWN);
}

static void reasons(void **state)
{
	struct rst_event ev = sent_active(10);

	ev.seg.reason = R_NOT_SPECIFIED;
	assert_string_equal(sent(ev).reason, "NOT_SPECIFIED");
	ev.seg.reason = 13;	/* a number without a name, between others */
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
	ev.flags |= EVF_SEQ_GUESS;
	assert_int_equal(sent(ev).rst_seq, UNKNOWN);
	ev.flags &= ~(EVF_SEQ | EVF_ACK);
	assert_int_equal(sent(ev).rst_seq, UNKNOWN);
	assert_int_equal(sent(ev).rst_ack, UNKNOWN);
	assert_int_equal(taken(refusal_received(10, 1001)).rst_seq, UNKNOWN);
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

/* There is no RST: the connection's owner is the victim, and the numbers mean nothing. */
static void aborted_connection(void **state)
{
	struct rst_event ev = aborted(10, ETIMEDOUT);
	struct incident inc;

	ev.flags |= EVF_SEQ | EVF_ACK;
	ev.extra.retransmits = 5;
	ev.extra.user_timeout_ms = 2000;
	incident_init(&inc);
	facts_aborted(&inc, &ev, &events_meta);
	assert_int_equal(inc.icmp_type, UNKNOWN);
	assert_int_equal(inc.icmp_code, UNKNOWN);
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

/* 1 in N is told: either end says so. */
static void sampled(void **state)
{
	struct rst_event ev = sent_active(10);
	struct incident inc;

	ev.seg.sampled = 64;
	assert_int_equal(sent(ev).sampled, 64);
	ev = received(10);
	ev.seg.sampled = 512;
	incident_init(&inc);
	facts_received(&inc, &ev, &events_meta);
	assert_int_equal(inc.sampled, 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sampled),
		cmocka_unit_test(sender),
		cmocka_unit_test(victim),
		cmocka_unit_test(both_ends),
		cmocka_unit_test(reply_of_nobody),
		cmocka_unit_test(listener),
		cmocka_unit_test(states),
		cmocka_unit_test(killer),
		cmocka_unit_test(options_of_the_socket),
		cmocka_unit_test(without_evidence),
		cmocka_unit_test(reasons),
		cmocka_unit_test(numbers),
		cmocka_unit_test(firewall),
		cmocka_unit_test(aborted_connection),
		cmocka_unit_test(counts_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
