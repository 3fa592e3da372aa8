/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which incident a rule fits. A kernel from 6.12 on gives its reason with a RST;
 * older ones give none, so each rule also knows the evidence that the reason
 * stands for. What a rule rests on is named beside it (functions of net/ipv4 in
 * the kernel) and, for people, in its row of rules.c.
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

/* NOT_SPECIFIED is what 6.10 and 6.11 say of every active reset. */
static bool no_reason(const struct incident *inc)
{
	return !inc->reason[0] || reason_is(inc, "NOT_SPECIFIED");
}

static bool active(const struct incident *inc)
{
	return inc->kind == KIND_ACTIVE;
}

/* A call of the sender aborted: the state was set to CLOSE before the RST. */
static bool by_call(const struct incident *inc)
{
	return active(inc) && inc->sender.tcp_state == TCP_CLOSE;
}

/* A timer, netlink or BPF aborted: the state is still the old one. */
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

/* The RST was not seen as it was sent, but how the socket closed that it must have come from. */
static bool unseen_abort(const struct incident *inc)
{
	return inc->kind == KIND_RECEIVED && inc->unseen && inc->recent && inc->abort;
}

static enum confidence sure_if(bool yes, enum confidence c)
{
	return yes ? c : CONFIDENCE_UNSET;
}

/* ---- sent by decision ------------------------------------------------------ */

enum confidence match_mptcp(const struct incident *inc)
{
	bool subflow = active(inc) && inc->sender.mptcp == 1;
	bool fast_close = by_other(inc) && subflow;
	/* subflow_check_data_avail(); mptcp_check_fastclose() in a worker, where a timer is none */
	bool broken = subflow && inc->sender.sk_err == EBADMSG;
	bool asked = fast_close && inc->by_kernel && inc->sender.probes == 0;

	if (!strncmp(inc->reason, "MPTCP_RST_", 10) ||
	    (fast_close && reason_is(inc, "TCP_ABORT_ON_CLOSE")))
		return CERTAIN;
	/*
	 * subflow_check_req(): before there is a request that another SYN could break into;
	 * subflow_syn_recv_sock(): the ACK proves nothing, or comes too late
	 */
	if (inc->kind == KIND_REPLY && inc->join && no_reason(inc))
		return LIKELY;
	return sure_if(no_reason(inc) && (broken || asked ||
					  (fast_close && inc->sender.owner == OWNER_CALLER)),
		       LIKELY);
}

/* tcp_abort(): sk_err is set first up to 6.10; later the reason is TCP_STATE in a live state */
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
	 * 6.1.103 and 6.6 have the later order without the reason; keepalive has sent
	 * probes, and of MPTCP see above
	 */
	return sure_if(no_reason(inc) && !(inc->sender.bits & SOCKF_DEAD) && inc->sender.probes == 0,
		       LIKELY);
}

/* __tcp_close() with TCP_LINGER2 < 0; tcp_keepalive_timer() for an orphan in FIN_WAIT2 */
enum confidence match_linger2(const struct incident *inc)
{
	bool orphan = inc->sender.bits & SOCKF_DEAD;

	/* tcp_rcv_state_process(): the ACK of the orphan's FIN, and no FIN_WAIT2 to go to */
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

/* tcp_keepalive_timer() on a socket that somebody holds */
enum confidence match_keepalive(const struct incident *inc)
{
	if (!by_other(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_KEEPALIVE_TIMEOUT"))
		return CERTAIN;
	return sure_if(no_reason(inc), LIKELY);
}

/* __tcp_close(): data in the receive queue, tested before linger */
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

/* inet_child_forget(): a connection that no accept() ever gave a file, and not orphaned either */
enum confidence match_listener_closed(const struct incident *inc)
{
	return sure_if(by_call(inc) && inc->sender.bits & SOCKF_ORPHAN &&
		       !(inc->sender.bits & SOCKF_DEAD), CERTAIN);
}

/* __tcp_close() -> tcp_disconnect(): SO_LINGER with time 0, and the close has shut both ways down */
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

/* ---- sent in reply --------------------------------------------------------- */

/* nf_send_reset(); where it has no hook: nf_hook_slow() drops what the rule has answered */
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
	/* up to 6.9 the tracepoint does not show what is sent for no socket */
	return sure_if(!inc->listens || (inc->listens == UNKNOWN && !inc->unseen), LIKELY);
}

/* The sending was not seen, but that the other end had closed, and that data came for it. */
static bool unseen_after_close(const struct incident *inc)
{
	uint8_t st = inc->victim.tcp_state;

	return inc->kind == KIND_RECEIVED && inc->unseen && inc->recent &&
	       inc->sender.closed_us != UNKNOWN && (st == TCP_CLOSE_WAIT || st == TCP_LAST_ACK) &&
	       inc->victim.unsent != UNKNOWN && inc->victim.unsent > 0;
}

/* It was no FIN that ended the connection, but a reset or an error, or it was never one. */
static bool never_closed(const struct incident *inc)
{
	enum rst_end how = inc->sender.end.how;

	return !inc->sender.have_sock && !inc->sender.timewait &&
	       (how == END_RST_SENT || how == END_RST_RECEIVED || how == END_CONNECTING || how == END_FAILED);
}

/*
 * A timewait sock that stands in for FIN_WAIT2; a socket that is closed but
 * still finishing (tcp_rcv_state_process); or a connection gone altogether.
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

/* An ACK at a listener: its connection is over, which is why the listener got it. */
static bool came_late(const struct incident *inc)
{
	return inc->kind == KIND_REPLY && inc->listener && !is_syn(inc) && !reason_is(inc, "INVALID_SYN") &&
	       inc->sender.end.how != END_UNKNOWN && inc->accept_queue <= inc->accept_queue_max;
}

enum confidence match_stray(const struct incident *inc)
{
	return reply_without_socket(inc) ? CERTAIN : sure_if(came_late(inc), LIKELY);
}

/* tcp_rcv_state_process(): RCV_SHUTDOWN, and new data arrives */
enum confidence match_after_shutdown(const struct incident *inc)
{
	return sure_if(inc->kind == KIND_REPLY && inc->sender.have_sock &&
		       inc->sender.tcp_state == TCP_CLOSE, CERTAIN);
}

static bool at_listener(const struct incident *inc)
{
	return inc->kind == KIND_REPLY && inc->listener;
}

/* tcp_check_req(): a SYN inside the window of a half-open connection */
enum confidence match_syn(const struct incident *inc)
{
	/* with TCP Fast Open there is a child already */
	bool child = inc->kind == KIND_REPLY && inc->sender.have_sock &&
		     inc->sender.tcp_state == TCP_SYN_RECV;

	return sure_if((at_listener(inc) || child) && is_syn(inc), CERTAIN);
}

/* tcp_check_req() with tcp_abort_on_overflow: the child could not be made */
enum confidence match_overflow(const struct incident *inc)
{
	if (!at_listener(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "INVALID_SYN"))
		return CERTAIN;
	return sure_if(no_reason(inc) && inc->accept_queue > inc->accept_queue_max, LIKELY);
}

/* tcp_v4_do_rcv() in LISTEN: an ACK that belongs to no request and is no cookie of ours */
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

/* retransmits_timed_out() goes by TCP_USER_TIMEOUT where one is set */
enum confidence match_user_timeout(const struct incident *inc)
{
	return sure_if(timed_out(inc) && inc->abort_err == ETIMEDOUT &&
		       inc->victim.user_timeout_ms != UNKNOWN, LIKELY);
}

/*
 * tcp_v4_err(): at once in SYN_SENT; later it is kept until tcp_write_err() prefers it, as is
 * what inet_sk_rebuild_header() leaves where no route is found
 */
enum confidence match_icmp(const struct incident *inc)
{
	if (!timed_out(inc) || inc->abort_err == ETIMEDOUT)
		return CONFIDENCE_UNSET;
	return inc->victim.old_state == TCP_SYN_SENT &&
	       (inc->icmp_type != UNKNOWN || inc->victim.retransmits <= 0) ? CERTAIN : LIKELY;
}

/* tcp_write_err() with nothing better to say; another error is match_icmp()'s */
enum confidence match_retransmit(const struct incident *inc)
{
	return sure_if(timed_out(inc) && inc->abort_err == ETIMEDOUT, CERTAIN);
}

/* ---- received from elsewhere ------------------------------------------------ */

static bool received(const struct incident *inc)
{
	return inc->kind == KIND_RECEIVED;
}

/* What one end shows is half of it, where the other is here, or may be, and should have shown the rest. */
static enum confidence half(const struct incident *inc, enum confidence c)
{
	return inc->unseen || inc->lost & (LOST_SENDING | LOST_LATER) ? GUESS : c;
}

/* Routers passed, if the sender began with one of the values that systems begin with. */
static int64_t routers(int64_t ttl)
{
	return (ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl;
}

/* Of a RST with an ACK, as a socket sends it, which counts on; one without has 0 from Linux itself. */
static bool other_ip_id(const struct incident *inc)
{
	uint16_t apart = (uint16_t)(inc->rst_ip_id - inc->flow_ip_id);

	return inc->rst_ack != UNKNOWN && inc->rst_ip_id != UNKNOWN && inc->flow_ip_id != UNKNOWN &&
	       apart > 4096 && apart < 65536 - 4096;
}

/*
 * A host sends its RSTs with the TTL of its other segments (ip_queue_xmit(),
 * ip_send_unicast_reply()), and they take the same way. A path that changes
 * moves by a router most often; a program may have set IP_TTL, which the RST of
 * a socket that is gone does not know. The IP-ID alone accuses nobody. A peer
 * that goes on beyond the number of its reset, or resets again beyond it, has
 * not sent the first.
 */
enum confidence match_injected(const struct incident *inc)
{
	int64_t apart;

	if (!received(inc) || inc->loopback || inc->lost & LOST_SENDING)
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
