/* SPDX-License-Identifier: GPL-2.0 */
#include "events.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <seccomp.h>

const struct source_meta events_meta = {
	.host = "testhost",
	.release = "6.12.0",
	.boot_offset_ns = 1709215402118000000LL - 1000000000000LL,
	.reason = {
		"NOT_SPECIFIED", "NO_SOCKET", "TCP_INVALID_ACK_SEQUENCE", "TCP_RFC7323_PAWS",
		"TCP_TOO_OLD_ACK", "TCP_ACK_UNSENT_DATA", "TCP_FLAGS", "TCP_OLD_ACK",
		"TCP_ABORT_ON_DATA", "TCP_TIMEWAIT_SOCKET", "INVALID_SYN", "TCP_ABORT_ON_CLOSE",
		"TCP_ABORT_ON_LINGER", "", "TCP_STATE", "TCP_KEEPALIVE_TIMEOUT",
	},
	.n_reasons = 16,
	.hz = 250,
};

struct rst_event event_at(enum rst_event_type type, uint64_t us)
{
	return (struct rst_event){
		.size = sizeof(struct rst_event),
		.wire = RST_WIRE,
		.type = type,
		.cpu = 1,
		.time_ns = AT_US(us),
		.owner.fd = -1,
		.asked_peer = type == EV_RECEIVED,
	};
}

static uint16_t set_addr(uint8_t *addr, const char *text)
{
	if (inet_pton(AF_INET, text, addr) == 1)
		return 4;
	assert(inet_pton(AF_INET6, text, addr) == 1);
	return 6;
}

void event_flow(struct rst_event *ev, const char *laddr, int lport, const char *raddr, int rport)
{
	struct rst_flow *f = &ev->flow;

	memset(f, 0, sizeof(*f));
	f->family = set_addr(f->laddr, laddr);
	set_addr(f->raddr, raddr);
	f->lport = lport;
	f->rport = rport;
	f->netns = NETNS;
}

static void set_comm(char *comm, const char *text)
{
	memset(comm, 0, RST_COMM_LEN);
	snprintf(comm, RST_COMM_LEN, "%s", text);
}

void event_task(struct rst_event *ev, uint32_t pid, const char *comm)
{
	ev->task.pid = pid;
	ev->task.tid = pid + 1;
	ev->task.uid = 1000;
	ev->task.cgroup = pid * 10;
	set_comm(ev->task.comm, comm);
}

void event_owner(struct rst_event *ev, enum rst_owner_how how, uint32_t pid, const char *comm)
{
	ev->owner.how = how;
	ev->owner.pid = pid;
	ev->owner.tid = pid + 1;
	ev->owner.uid = 1000;
	ev->owner.cgroup = pid * 10;
	set_comm(ev->owner.comm, comm);
}

struct rst_call call_of(uint32_t arch, const char *name, int a0, int a1, int a2)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);

	assert(nr != __NR_SCMP_ERROR);
	return (struct rst_call){ .arch = arch, .nr = nr, .arg = { a0, a1, a2 } };
}

void event_in_call(struct rst_event *ev, const char *name, int fd)
{
	ev->task.flags |= TASKF_SYSCALL;
	ev->task.call = call_of(ARCH_X86_64, name, fd, 0, 0);
}

static void at_server(struct rst_event *ev)
{
	event_flow(ev, "10.0.0.1", SERVER_PORT, "10.0.0.9", CLIENT_PORT);
	ev->flags |= EVF_LOOPBACK;
}

static void at_client(struct rst_event *ev)
{
	event_flow(ev, "10.0.0.9", CLIENT_PORT, "10.0.0.1", SERVER_PORT);
	event_owner(ev, OWNER_SOCKET, CLIENT_PID, "ab");
	ev->owner.used = call_of(ARCH_X86_64, "connect", 5, 0, 0);
	ev->flags |= EVF_LOOPBACK | EVF_SOCK;
	ev->sock.sk = CLIENT_SK;
	ev->sock.id = CLIENT_ID;
	ev->sock.state = ESTABLISHED;
	ev->sock.birth_ns = ev->time_ns - 250000;
}

struct rst_event sent_active(uint64_t us)
{
	struct rst_event ev = event_at(EV_SENT_ACTIVE, us);

	at_server(&ev);
	event_task(&ev, SERVER_PID, "nginx");
	event_in_call(&ev, "close", 14);
	event_owner(&ev, OWNER_CALLER, SERVER_PID, "nginx");
	ev.owner.used = ev.owner.close = ev.task.call;
	ev.owner.close_flags = ev.task.flags;
	ev.owner.close_ns = ev.time_ns;
	ev.flags |= EVF_SOCK | EVF_SEQ | EVF_ACK | EVF_REASON;
	ev.seg.rst_seq = RST_SEQ;
	ev.seg.rst_ack = 77;
	ev.seg.reason = R_TCP_ABORT_ON_CLOSE;
	ev.sock = (struct rst_sock){
		.sk = SERVER_SK, .id = SERVER_ID, .birth_ns = ev.time_ns - 4200000,
		.bytes_in = 1126, .unread = 312, .srtt_us = 90, .snd_nxt = RST_SEQ,
		.state = CLOSE, .old_state = ESTABLISHED, .shutdown = 3,
		.bits = SOCKF_OLD_STATE | SOCKF_EVIDENCE,
	};
	return ev;
}

struct rst_event sent_reply(uint64_t us, uint8_t tcp_flags, uint32_t len)
{
	struct rst_event ev = event_at(EV_SENT_REPLY, us);

	at_server(&ev);
	event_task(&ev, CLIENT_PID, "ab");	/* in softirq, on top of the client's send */
	event_in_call(&ev, "sendto", 5);
	ev.owner.how = OWNER_KERNEL;
	ev.flags |= EVF_SEGMENT | EVF_SEQ | EVF_REASON;
	ev.seg.rst_seq = RST_SEQ;
	ev.seg.reason = R_NO_SOCKET;
	ev.seg.tcp_flags = tcp_flags;
	ev.seg.len = len;
	return ev;
}

struct rst_event timewait_reply(uint64_t us)
{
	struct rst_event ev = sent_reply(us, TH_ACK, 16);

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

struct rst_event received(uint64_t us)
{
	struct rst_event ev = event_at(EV_RECEIVED, us);

	at_client(&ev);
	event_task(&ev, SERVER_PID, "nginx");
	event_in_call(&ev, "close", 14);
	ev.flags |= EVF_SEQ;
	ev.seg.rst_seq = RST_SEQ;
	ev.sock.rcv_nxt = RST_SEQ;
	ev.sock.bytes_out = 1126;
	ev.sock.bits = SOCKF_EVIDENCE;
	return ev;
}

struct rst_event client_call(uint64_t us, const char *name, int err)
{
	struct rst_event ev = event_at(EV_CALL, us);

	at_client(&ev);
	ev.sock.state = CLOSE;
	event_task(&ev, CLIENT_PID, "ab");
	event_in_call(&ev, name, 5);
	ev.err = err;
	ev.flags |= EVF_SIGPIPE_SEEN;
	if (!err)
		ev.flags |= EVF_EOF | EVF_RECV;
	return ev;
}

struct rst_event destroyed(uint64_t us, int err)
{
	struct rst_event ev = event_at(EV_DESTROY, us);

	at_client(&ev);
	ev.err = ev.sock.sk_err = err;
	ev.sock.state = CLOSE;
	event_task(&ev, CLIENT_PID, "ab");
	event_in_call(&ev, "close", 5);
	return ev;
}

struct rst_event aborted(uint64_t us, int err)
{
	struct rst_event ev = event_at(EV_ABORTED, us);

	at_client(&ev);
	ev.flags &= ~EVF_LOOPBACK;
	ev.err = ev.sock.sk_err = err;
	ev.sock.bits = SOCKF_EVIDENCE;
	ev.sock.unsent = 100;
	return ev;
}

struct rst_event refusal_sent(uint64_t us, uint32_t ack)
{
	struct rst_event ev = sent_reply(us, TH_SYN, 0);

	ev.seg.rst_seq = 0;
	ev.seg.rst_ack = ack;
	ev.flags |= EVF_ACK;
	return ev;
}

struct rst_event refusal_received(uint64_t us, uint32_t ack)
{
	struct rst_event ev = received(us);

	ev.sock.state = SYN_SENT;
	ev.sock.snd_nxt = ack;
	ev.sock.bytes_out = 0;
	ev.sock.rcv_nxt = 0;
	ev.seg.rst_seq = 0;
	ev.flags &= ~EVF_SEQ;	/* the tracepoint does not show the segment that carries the RST */
	return ev;
}

struct rst_event elsewhere(struct rst_event ev, uint32_t netns)
{
	ev.flow.netns = netns;
	if (ev.sock.sk)
		ev.sock.sk += 0x10000 * netns;
	if (ev.sock.id)
		ev.sock.id += 0x100 * netns;
	if (ev.owner.pid)
		ev.owner.pid += 10000 * netns;
	ev.task.pid += 10000 * netns;
	return ev;
}
