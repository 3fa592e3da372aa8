/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a rule fits an incident. Kernels from 6.10 on may give a reason with a RST, older
 * ones give none; so each rule also knows the evidence that the reason stands for. The comments
 * name the kernel functions (in net/ipv4) that a rule follows; what people read of it is in
 * rules.c.
 */
#include "cause/rules_match.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/array.h"

#define SHUTDOWN_BOTH 3

static bool reason_is(const struct incident *inc, const char *reason)
{
	return !strcmp(inc->reason, reason);
}

/* 6.10 and 6.11 give NOT_SPECIFIED for every active reset. */
static bool no_reason(const struct incident *inc)
{
	return !inc->reason[0] || reason_is(inc, "NOT_SPECIFIED");
}

static bool active(const struct incident *inc)
{
	return inc->kind == KIND_ACTIVE;
}

/* A call of the sender aborted the connection: then the state is CLOSE before the RST is sent. */
static bool by_call(const struct incident *inc)
{
	return active(inc) && inc->sender.tcp_state == TCP_CLOSE;
}

/* A timer, netlink or BPF aborted it: then the state is still the old one. */
static bool by_other(const struct incident *inc)
{
	return active(inc) && inc->sender.tcp_state != TCP_CLOSE;
}

static bool reply_without_socket(const struct incident *inc)
{
	return inc->kind == KIND_REPLY && !inc->sender.have_sock && !inc->sender.timewait;
}

static bool is_syn(const struct incident *inc)
{
	return inc->seg_flags != UNKNOWN && inc->seg_flags & TH_SYN && !(inc->seg_flags & TH_ACK);
}

/* The sending of the RST was not seen, but the closing of the socket that must have sent it was. */
static bool unseen_abort(const struct incident *inc)
{
	return inc->kind == KIND_RECEIVED && inc->unseen && inc->recent && inc->abort;
}

static enum confidence sure_if(bool yes, enum confidence c)
{
	return yes ? c : CONFIDENCE_UNSET;
}

/* ---- sent actively ---------------------------------------------------------- */

enum confidence match_mptcp(const struct incident *inc)
{
	bool subflow = active(inc) && inc->sender.mptcp == 1;
	bool fast_close = by_other(inc) && subflow;
	/*
	 * subflow_check_data_avail() sets EBADMSG. mptcp_check_fastclose() runs in a worker: it
	 * is not a keepalive timer, which would have sent probes.
	 */
	bool broken = subflow && inc->sender.sk_err == EBADMSG;
	bool asked = fast_close && inc->by_kernel && inc->sender.probes == 0;

	if (!strncmp(inc->reason, "MPTCP_RST_", 10) ||
	    (fast_close && reason_is(inc, "TCP_ABORT_ON_CLOSE")))
		return CERTAIN;
	/*
	 * subflow_check_req() refuses a join before there is a request, into which another SYN
	 * could come; in subflow_syn_recv_sock() the ACK proves nothing, or comes too late
	 */
	if (inc->kind == KIND_REPLY && inc->join && no_reason(inc))
		return LIKELY;
	return sure_if(no_reason(inc) && (broken || asked ||
					  (fast_close && inc->sender.owner == OWNER_CALLER)),
		       LIKELY);
}

/*
 * tcp_abort(): up to 6.10 it sets sk_err first; later kernels give TCP_STATE for a state that
 * is not CLOSE
 */
enum confidence match_killed(const struct incident *inc)
{
	if (!by_other(inc))
		return CONFIDENCE_UNSET;
	if (inc->sender.sk_err == ECONNABORTED)
		return CERTAIN;
	if (reason_is(inc, "TCP_STATE"))
		return sure_if(!(inc->sender.tcp_state == TCP_FIN_WAIT2 && inc->sender.bits & SOCKF_DEAD),
			       LIKELY);
	/*
	 * 6.1.103 and 6.6 abort like later kernels, but give no reason. Probes would mean
	 * keepalive; match_mptcp() is asked before.
	 */
	return sure_if(no_reason(inc) && !(inc->sender.bits & SOCKF_DEAD) && inc->sender.probes == 0,
		       LIKELY);
}

/* __tcp_close() with TCP_LINGER2 < 0; tcp_keepalive_timer() for an orphan in FIN_WAIT2 */
enum confidence match_linger2(const struct incident *inc)
{
	bool orphan = inc->sender.bits & SOCKF_DEAD;

	/*
	 * tcp_rcv_state_process(): the orphan's FIN is acknowledged, and with TCP_LINGER2 < 0
	 * it enters no FIN_WAIT2
	 */
	if (inc->kind == KIND_REPLY)
		return sure_if(inc->sender.have_sock && inc->sender.tcp_state == TCP_CLOSE && orphan &&
			       inc->sender.linger2 < 0 && inc->seg_len == 0, CERTAIN);
	if (!active(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_ABORT_ON_LINGER"))
		return CERTAIN;
	if (by_other(inc) && inc->sender.tcp_state == TCP_FIN_WAIT2 && orphan &&
	    (no_reason(inc) || reason_is(inc, "TCP_STATE")))
		return LIKELY;
	return sure_if(by_call(inc) && no_reason(inc) && inc->sender.old_state == TCP_FIN_WAIT2 &&
		       orphan && inc->sender.linger2 < 0, LIKELY);
}

/* tcp_check_oom() in __tcp_close() and tcp_out_of_resources() */
enum confidence match_memory(const struct incident *inc)
{
	if (!active(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_ABORT_ON_MEMORY"))
		return CERTAIN;
	return sure_if(no_reason(inc) && inc->sender.bits & SOCKF_DEAD, LIKELY);
}

/* tcp_keepalive_timer() on a socket that a program still holds */
enum confidence match_keepalive(const struct incident *inc)
{
	if (!by_other(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_KEEPALIVE_TIMEOUT"))
		return CERTAIN;
	return sure_if(no_reason(inc), LIKELY);
}

/* __tcp_close() with data in the receive queue; it tests for that before it looks at linger */
enum confidence match_unread(const struct incident *inc)
{
	if (unseen_abort(inc))
		return sure_if(inc->abort & PEER_UNREAD, LIKELY);
	if (!by_call(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_ABORT_ON_CLOSE"))
		return CERTAIN;
	return sure_if(no_reason(inc) && inc->sender.shutdown == SHUTDOWN_BOTH &&
		       inc->sender.unread != UNKNOWN && inc->sender.unread > 0, CERTAIN);
}

/* inet_child_forget(): a connection that no accept() has returned, and that is no orphan either */
enum confidence match_listener_closed(const struct incident *inc)
{
	return sure_if(by_call(inc) && inc->sender.bits & SOCKF_ORPHAN &&
		       !(inc->sender.bits & SOCKF_DEAD), CERTAIN);
}

/* __tcp_close() -> tcp_disconnect(): SO_LINGER with time 0; the close has shut down both directions */
enum confidence match_linger_zero(const struct incident *inc)
{
	if (unseen_abort(inc))
		return sure_if(inc->abort & PEER_LINGER0, LIKELY);
	return sure_if(by_call(inc) && inc->sender.linger0 == 1 &&
		       inc->sender.shutdown == SHUTDOWN_BOTH &&
		       strcmp(inc->sender.syscall, "connect"), CERTAIN);
}

/* tcp_disconnect() by connect(AF_UNSPEC) */
enum confidence match_disconnect(const struct incident *inc)
{
	if (!by_call(inc))
		return CONFIDENCE_UNSET;
	if (!strcmp(inc->sender.syscall, "connect"))
		return CERTAIN;
	return sure_if(no_reason(inc) || reason_is(inc, "TCP_STATE") ||
		       reason_is(inc, "TCP_DISCONNECT_WITH_DATA"), GUESS);
}

/* ---- sent in reply ---------------------------------------------------------- */

/*
 * nf_send_reset(); where that cannot be hooked: nf_hook_slow() dropped the segment that the
 * rule rejected
 */
enum confidence match_netfilter(const struct incident *inc)
{
	if (inc->kind == KIND_NETFILTER)
		return CERTAIN;
	return sure_if(inc->kind == KIND_RECEIVED && inc->filtered, LIKELY);
}

/* tcp_v4_rcv(), no_tcp_socket, for a SYN */
enum confidence match_closed_port(const struct incident *inc)
{
	if (reply_without_socket(inc) && is_syn(inc))
		return CERTAIN;
	if (inc->kind != KIND_RECEIVED || !inc->loopback || inc->victim.tcp_state != TCP_SYN_SENT)
		return CONFIDENCE_UNSET;
	/* up to 6.9 the tracepoint does not show RSTs that no socket sends */
	return sure_if(!inc->listens || (inc->listens == UNKNOWN && !inc->unseen), LIKELY);
}

/*
 * The sending was not seen, but it was seen that the other end had closed and that data was on
 * its way there.
 */
static bool unseen_after_close(const struct incident *inc)
{
	uint8_t st = inc->victim.tcp_state;

	return inc->kind == KIND_RECEIVED && inc->unseen && inc->recent &&
	       inc->sender.closed_us != UNKNOWN && (st == TCP_CLOSE_WAIT || st == TCP_LAST_ACK) &&
	       inc->victim.unsent != UNKNOWN && inc->victim.unsent > 0;
}

/* The connection did not end by FIN: it ended by a reset or an error, or was never established. */
static bool never_closed(const struct incident *inc)
{
	enum rst_end how = inc->sender.end.how;

	return !inc->sender.have_sock && !inc->sender.timewait &&
	       (how == END_RST_SENT || how == END_RST_RECEIVED || how == END_CONNECTING || how == END_FAILED);
}

/*
 * The connection had closed in order: a timewait sock stands in for FIN_WAIT2, or the socket is
 * closed but not yet gone (tcp_rcv_state_process), or nothing of it is left.
 */
enum confidence match_after_close(const struct incident *inc)
{
	if (inc->kind != KIND_REPLY)
		return sure_if(unseen_after_close(inc), LIKELY);
	if (never_closed(inc))
		return CONFIDENCE_UNSET;
	if (inc->sender.timewait)
		return CERTAIN;
	if (inc->sender.have_sock)
		return sure_if(inc->sender.tcp_state == TCP_CLOSE && inc->sender.bits & SOCKF_DEAD, CERTAIN);
	return sure_if(inc->recent, LIKELY);
}

/* An ACK that a listener got because its own connection had ended. */
static bool came_late(const struct incident *inc)
{
	return inc->kind == KIND_REPLY && inc->listener && !is_syn(inc) && !reason_is(inc, "INVALID_SYN") &&
	       inc->sender.end.how != END_UNKNOWN && inc->accept_queue <= inc->accept_queue_max;
}

enum confidence match_stray(const struct incident *inc)
{
	return reply_without_socket(inc) ? CERTAIN : sure_if(came_late(inc), LIKELY);
}

/* tcp_rcv_state_process(): new data arrives after RCV_SHUTDOWN */
enum confidence match_after_shutdown(const struct incident *inc)
{
	return sure_if(inc->kind == KIND_REPLY && inc->sender.have_sock &&
		       inc->sender.tcp_state == TCP_CLOSE, CERTAIN);
}

static bool at_listener(const struct incident *inc)
{
	return inc->kind == KIND_REPLY && inc->listener;
}

/* tcp_check_req(): a SYN within the window of a half-open connection */
enum confidence match_syn(const struct incident *inc)
{
	/* with TCP Fast Open the child socket exists already */
	bool child = inc->kind == KIND_REPLY && inc->sender.have_sock &&
		     inc->sender.tcp_state == TCP_SYN_RECV;

	return sure_if((at_listener(inc) || child) && is_syn(inc), CERTAIN);
}

/* tcp_check_req() with tcp_abort_on_overflow: the child socket could not be made */
enum confidence match_overflow(const struct incident *inc)
{
	if (!at_listener(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "INVALID_SYN"))
		return CERTAIN;
	return sure_if(no_reason(inc) && inc->accept_queue > inc->accept_queue_max, LIKELY);
}

/* tcp_v4_do_rcv() in LISTEN: an ACK that belongs to no request and is no valid SYN cookie */
enum confidence match_cookie(const struct incident *inc)
{
	return sure_if(at_listener(inc), LIKELY);
}

enum confidence match_handshake(const struct incident *inc)
{
	return sure_if(inc->kind == KIND_REPLY && inc->sender.have_sock &&
		       (inc->sender.tcp_state == TCP_SYN_SENT || inc->sender.tcp_state == TCP_SYN_RECV),
		       CERTAIN);
}

/* ---- without a RST -------------------------------------------------------- */

static bool timed_out(const struct incident *inc)
{
	return inc->kind == KIND_TIMEOUT;
}

/* retransmits_timed_out() uses TCP_USER_TIMEOUT when it is set */
enum confidence match_user_timeout(const struct incident *inc)
{
	return sure_if(timed_out(inc) && inc->abort_err == ETIMEDOUT &&
		       inc->victim.user_timeout_ms != UNKNOWN, LIKELY);
}

/*
 * tcp_v4_err(): in SYN_SENT it ends the attempt at once; later the error is kept, and
 * tcp_write_err() prefers it to ETIMEDOUT. inet_sk_rebuild_header() leaves one too when it
 * finds no route.
 */
enum confidence match_icmp(const struct incident *inc)
{
	if (!timed_out(inc) || inc->abort_err == ETIMEDOUT)
		return CONFIDENCE_UNSET;
	return inc->victim.old_state == TCP_SYN_SENT &&
	       (inc->icmp_type != UNKNOWN || inc->victim.retransmits <= 0) ? CERTAIN : LIKELY;
}

/* tcp_write_err() without a kept error; with one it is for match_icmp() */
enum confidence match_retransmit(const struct incident *inc)
{
	return sure_if(timed_out(inc) && inc->abort_err == ETIMEDOUT, CERTAIN);
}

/* ---- received from elsewhere ------------------------------------------------ */

static bool received(const struct incident *inc)
{
	return inc->kind == KIND_RECEIVED;
}

/*
 * The sender is on this host, or may be, and its event is missing: what the receiver alone
 * shows is a guess.
 */
static enum confidence half(const struct incident *inc, enum confidence c)
{
	return inc->unseen || inc->lost & (LOST_SENDING | LOST_LATER) ? GUESS : c;
}

/* The number of routers passed, if the sender's first TTL was one of the usual values. */
static int64_t routers(int64_t ttl)
{
	return (ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl;
}

/*
 * A socket sends its RST with an ACK and counts the IP-ID on; Linux sends a RST without an ACK
 * with IP-ID 0, so that one is not compared.
 */
static bool other_ip_id(const struct incident *inc)
{
	uint16_t apart = (uint16_t)(inc->rst_ip_id - inc->flow_ip_id);

	return inc->rst_ack != UNKNOWN && inc->rst_ip_id != UNKNOWN && inc->flow_ip_id != UNKNOWN &&
	       apart > 4096 && apart < 65536 - 4096;
}

/*
 * A host sends its RSTs with the same TTL as its other segments (ip_queue_xmit(),
 * ip_send_unicast_reply()), and they take the same path. When a path changes, the number of
 * routers mostly changes by one; and a program may have set IP_TTL, which is lost when its
 * socket is gone. So a difference of 1 is none. The IP-ID alone is never evidence. A peer that
 * sends data beyond the number of its reset, or more resets beyond it, has not sent the first
 * reset.
 */
enum confidence match_injected(const struct incident *inc)
{
	int64_t apart;

	if (!received(inc) || inc->loopback || inc->translated || inc->lost & LOST_SENDING)
		return CONFIDENCE_UNSET;
	if (inc->went_on_us != UNKNOWN || inc->more_resets > 0)
		return LIKELY;
	if (inc->rst_ttl == UNKNOWN || inc->flow_ttl == UNKNOWN)
		return CONFIDENCE_UNSET;
	apart = routers(inc->rst_ttl) - routers(inc->flow_ttl);
	if (inc->rst_ttl - inc->flow_ttl <= 1 && inc->flow_ttl - inc->rst_ttl <= 1)
		return CONFIDENCE_UNSET;
	return apart >= -1 && apart <= 1 && !other_ip_id(inc) ? GUESS : LIKELY;
}

enum confidence match_keepalive_race(const struct incident *inc)
{
	uint8_t st = inc->victim.tcp_state;

	if (!received(inc) || inc->victim.heard_us == UNKNOWN || st == TCP_SYN_SENT ||
	    st == TCP_CLOSE_WAIT || !usual_timeout(inc->victim.heard_us))
		return CONFIDENCE_UNSET;
	return inc->victim.idle_us < 1000000 ? half(inc, LIKELY) : GUESS;
}

enum confidence match_refused(const struct incident *inc)
{
	return sure_if(received(inc) && inc->victim.tcp_state == TCP_SYN_SENT, half(inc, CERTAIN));
}

enum confidence match_peer_fin(const struct incident *inc)
{
	uint8_t st = inc->victim.tcp_state;

	return sure_if(received(inc) && (st == TCP_CLOSE_WAIT || st == TCP_LAST_ACK || st == TCP_CLOSING),
		       half(inc, LIKELY));
}

enum confidence match_peer_sending(const struct incident *inc)
{
	return sure_if(received(inc) && inc->victim.unsent != UNKNOWN && inc->victim.unsent > 0,
		       half(inc, LIKELY));
}

enum confidence match_peer(const struct incident *inc)
{
	return sure_if(received(inc), half(inc, CERTAIN));
}

enum confidence match_any(const struct incident *inc)
{
	(void)inc;
	return GUESS;
}
