/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules. A kernel from 6.12 on gives its reason with a RST; older ones give
 * none, so each rule also knows the evidence that the reason stands for. What
 * a rule rests on is named beside it (functions of net/ipv4 in the kernel).
 */
#include "rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "format.h"

enum { ESTABLISHED = 1, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT,
       LAST_ACK, LISTEN, CLOSING };	/* include/net/tcp_states.h */

#define TH_SYN 0x02
#define TH_ACK 0x10
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
	return active(inc) && inc->sender.tcp_state == CLOSE;
}

/* A timer, netlink or BPF aborted: the state is still the old one. */
static bool by_other(const struct incident *inc)
{
	return active(inc) && inc->sender.tcp_state != CLOSE;
}

static bool reply_without_socket(const struct incident *inc)
{
	return inc->kind == KIND_REPLY && !inc->sender.have_sock && !inc->sender.timewait;
}

static bool is_syn(const struct incident *inc)
{
	return inc->seg_flags != UNKNOWN && inc->seg_flags & TH_SYN && !(inc->seg_flags & TH_ACK);
}

static enum confidence sure_if(bool yes, enum confidence c)
{
	return yes ? c : CONFIDENCE_UNSET;
}

/* ---- sent by decision ------------------------------------------------------ */

static enum confidence match_mptcp(const struct incident *inc)
{
	return sure_if(!strncmp(inc->reason, "MPTCP_RST_", 10), CERTAIN);
}

/* tcp_abort(): sk_err is set first up to 6.10; later the reason is TCP_STATE in a live state */
static enum confidence match_killed(const struct incident *inc)
{
	if (!by_other(inc))
		return CONFIDENCE_UNSET;
	if (inc->sender.sk_err == ECONNABORTED)
		return CERTAIN;
	return sure_if(reason_is(inc, "TCP_STATE") &&
		       !(inc->sender.tcp_state == FIN_WAIT2 && inc->sender.bits & SOCKF_DEAD), LIKELY);
}

/* __tcp_close() with TCP_LINGER2 < 0; tcp_keepalive_timer() for an orphan in FIN_WAIT2 */
static enum confidence match_linger2(const struct incident *inc)
{
	bool orphan = inc->sender.bits & SOCKF_DEAD;

	if (!active(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_ABORT_ON_LINGER"))
		return CERTAIN;
	if (by_other(inc) && inc->sender.tcp_state == FIN_WAIT2 && orphan &&
	    (no_reason(inc) || reason_is(inc, "TCP_STATE")))
		return LIKELY;
	return sure_if(by_call(inc) && no_reason(inc) && inc->sender.old_state == FIN_WAIT2 &&
		       orphan && inc->sender.linger2 < 0, LIKELY);
}

/* tcp_check_oom() in __tcp_close() and tcp_out_of_resources() */
static enum confidence match_memory(const struct incident *inc)
{
	if (!active(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_ABORT_ON_MEMORY"))
		return CERTAIN;
	return sure_if(no_reason(inc) && inc->sender.bits & SOCKF_DEAD, LIKELY);
}

/* tcp_keepalive_timer() on a socket that somebody holds */
static enum confidence match_keepalive(const struct incident *inc)
{
	if (!by_other(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_KEEPALIVE_TIMEOUT"))
		return CERTAIN;
	return sure_if(no_reason(inc), LIKELY);
}

/* __tcp_close(): data in the receive queue, tested before linger */
static enum confidence match_unread(const struct incident *inc)
{
	if (!by_call(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "TCP_ABORT_ON_CLOSE"))
		return CERTAIN;
	return sure_if(no_reason(inc) && inc->sender.shutdown == SHUTDOWN_BOTH &&
		       inc->sender.unread != UNKNOWN && inc->sender.unread > 0, CERTAIN);
}

/* inet_child_forget(): a connection that no accept() ever gave a file, and not orphaned either */
static enum confidence match_listener_closed(const struct incident *inc)
{
	return sure_if(by_call(inc) && inc->sender.bits & SOCKF_ORPHAN &&
		       !(inc->sender.bits & SOCKF_DEAD), CERTAIN);
}

/* __tcp_close() -> tcp_disconnect(): SO_LINGER with time 0, and the close has shut both ways down */
static enum confidence match_linger_zero(const struct incident *inc)
{
	return sure_if(by_call(inc) && inc->sender.linger0 == 1 &&
		       inc->sender.shutdown == SHUTDOWN_BOTH &&
		       strcmp(inc->sender.syscall, "connect"), CERTAIN);
}

/* tcp_disconnect() by connect(AF_UNSPEC) */
static enum confidence match_disconnect(const struct incident *inc)
{
	if (!by_call(inc))
		return CONFIDENCE_UNSET;
	if (!strcmp(inc->sender.syscall, "connect"))
		return CERTAIN;
	return sure_if(no_reason(inc) || reason_is(inc, "TCP_STATE") ||
		       reason_is(inc, "TCP_DISCONNECT_WITH_DATA"), GUESS);
}

/* ---- sent in reply --------------------------------------------------------- */

static enum confidence match_netfilter(const struct incident *inc)
{
	return sure_if(inc->kind == KIND_NETFILTER, CERTAIN);
}

/* tcp_v4_rcv(), no_tcp_socket, for a SYN */
static enum confidence match_closed_port(const struct incident *inc)
{
	return sure_if(reply_without_socket(inc) && is_syn(inc), CERTAIN);
}

/*
 * A timewait sock that stands in for FIN_WAIT2; a socket that is closed but
 * still finishing (tcp_rcv_state_process); or a connection gone altogether.
 */
static enum confidence match_after_close(const struct incident *inc)
{
	if (inc->kind != KIND_REPLY)
		return CONFIDENCE_UNSET;
	if (inc->sender.timewait)
		return CERTAIN;
	if (inc->sender.have_sock)
		return sure_if(inc->sender.tcp_state == CLOSE && inc->sender.bits & SOCKF_DEAD, CERTAIN);
	return sure_if(inc->recent, LIKELY);
}

static enum confidence match_stray(const struct incident *inc)
{
	return sure_if(reply_without_socket(inc), CERTAIN);
}

/* tcp_rcv_state_process(): RCV_SHUTDOWN, and new data arrives */
static enum confidence match_after_shutdown(const struct incident *inc)
{
	return sure_if(inc->kind == KIND_REPLY && inc->sender.have_sock &&
		       inc->sender.tcp_state == CLOSE, CERTAIN);
}

static bool at_listener(const struct incident *inc)
{
	return inc->kind == KIND_REPLY && inc->listener;
}

/* tcp_check_req(): a SYN inside the window of a half-open connection */
static enum confidence match_syn(const struct incident *inc)
{
	return sure_if(at_listener(inc) && is_syn(inc), CERTAIN);
}

/* tcp_check_req() with tcp_abort_on_overflow: the child could not be made */
static enum confidence match_overflow(const struct incident *inc)
{
	if (!at_listener(inc))
		return CONFIDENCE_UNSET;
	if (reason_is(inc, "INVALID_SYN"))
		return CERTAIN;
	return sure_if(no_reason(inc) && inc->accept_queue > inc->accept_queue_max, LIKELY);
}

/* tcp_v4_do_rcv() in LISTEN: an ACK that belongs to no request and is no cookie of ours */
static enum confidence match_cookie(const struct incident *inc)
{
	return sure_if(at_listener(inc), LIKELY);
}

static enum confidence match_handshake(const struct incident *inc)
{
	return sure_if(inc->kind == KIND_REPLY && inc->sender.have_sock &&
		       (inc->sender.tcp_state == SYN_SENT || inc->sender.tcp_state == SYN_RECV),
		       CERTAIN);
}

/* ---- received from elsewhere ------------------------------------------------ */

static bool received(const struct incident *inc)
{
	return inc->kind == KIND_RECEIVED;
}

static enum confidence match_refused(const struct incident *inc)
{
	return sure_if(received(inc) && inc->victim.tcp_state == SYN_SENT, CERTAIN);
}

static enum confidence match_peer_fin(const struct incident *inc)
{
	uint8_t st = inc->victim.tcp_state;

	return sure_if(received(inc) && (st == CLOSE_WAIT || st == LAST_ACK || st == CLOSING), LIKELY);
}

static enum confidence match_peer_sending(const struct incident *inc)
{
	return sure_if(received(inc) && inc->victim.unsent != UNKNOWN && inc->victim.unsent > 0,
		       LIKELY);
}

static enum confidence match_peer(const struct incident *inc)
{
	return sure_if(received(inc), CERTAIN);
}

static enum confidence match_any(const struct incident *inc)
{
	(void)inc;
	return GUESS;
}

/* ---- the sentences ---------------------------------------------------------- */

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* "closed", or how the process ended */
static void verb(const struct incident *inc, char *buf, size_t len)
{
	if (!inc->sender.exit[0])
		snprintf(buf, len, "closed");
	else if (!strcmp(inc->sender.exit, "exit"))
		snprintf(buf, len, "exited");
	else
		snprintf(buf, len, "killed by %s", inc->sender.exit);
}

static void text_unread(const struct incident *inc, char *buf, size_t len)
{
	char how[40];

	verb(inc, how, sizeof(how));
	if (inc->sender.unread > 0)
		snprintf(buf, len, "%s with %lld byte%s unread", how, (long long)inc->sender.unread,
			 plural(inc->sender.unread));
	else
		snprintf(buf, len, "%s with data unread", how);
}

static void text_linger_zero(const struct incident *inc, char *buf, size_t len)
{
	char how[40];
	int n;

	verb(inc, how, sizeof(how));
	n = snprintf(buf, len, "%s with SO_LINGER set to 0", how);
	if (inc->sender.unsent > 0)
		snprintf(buf + n, len - n, ", dropping %lld byte%s not yet acknowledged",
			 (long long)inc->sender.unsent, plural(inc->sender.unsent));
}

static void text_after_close(const struct incident *inc, char *buf, size_t len)
{
	char how[40], ago[32];

	verb(inc, how, sizeof(how));
	if (inc->sender.closed_us == UNKNOWN)
		snprintf(buf, len, "%s arrived for a connection closed before",
			 inc->seg_len > 0 ? "data" : "a segment");
	else
		snprintf(buf, len, "%lld byte%s arrived %s after the receiver %s",
			 (long long)inc->seg_len, plural(inc->seg_len),
			 fmt_duration(ago, sizeof(ago), inc->sender.closed_us),
			 inc->sender.exit[0] ? how : "closed");
}

static void text_after_shutdown(const struct incident *inc, char *buf, size_t len)
{
	char ago[32];

	if (inc->sender.closed_us == UNKNOWN)
		snprintf(buf, len, "%lld byte%s arrived after the receiver shut down reading",
			 (long long)inc->seg_len, plural(inc->seg_len));
	else
		snprintf(buf, len, "%lld byte%s arrived %s after the receiver shut the connection down",
			 (long long)inc->seg_len, plural(inc->seg_len),
			 fmt_duration(ago, sizeof(ago), inc->sender.closed_us));
}

static void text_closed_port(const struct incident *inc, char *buf, size_t len)
{
	snprintf(buf, len, "nobody listens on port %lld", (long long)inc->sport);
}

static void text_queue(const struct incident *inc, char *buf, size_t len)
{
	snprintf(buf, len, "the accept queue was full (%lld of %lld) and tcp_abort_on_overflow is on",
		 (long long)inc->accept_queue, (long long)inc->accept_queue_max);
}

static void text_sending(const struct incident *inc, char *buf, size_t len)
{
	snprintf(buf, len, "the peer reset the connection while %lld byte%s were on the way to it",
		 (long long)inc->victim.unsent, plural(inc->victim.unsent));
}

/* ---- the table --------------------------------------------------------------- */

#define PEER_ADVICE "run rsttrace on the peer: the same community_id and rst_seq name its side"

const struct rule rules[] = {
	{ "mptcp-reset", "an MPTCP subflow was reset",
	  "read the reason: the other subflows may still carry the connection",
	  match_mptcp, NULL },
	{ "socket-killed", "the socket was destroyed from outside (ss -K or BPF)",
	  "look for ss -K, a conntrack or load-balancer agent, or a BPF program that kills sockets",
	  match_killed, NULL },
	{ "linger2-timeout", "the closed connection's FIN_WAIT2 ran out or was switched off",
	  "let the peer close too, or raise net.ipv4.tcp_fin_timeout or TCP_LINGER2",
	  match_linger2, NULL },
	{ "close-with-unread", "closed with data unread",
	  "read the request to its end, or shutdown(SHUT_WR) and drain before close",
	  match_unread, text_unread },
	{ "listener-closed", "the listener closed before anybody accepted the connection",
	  "stop new connections first (drain), then accept what is queued, then close the listener",
	  match_listener_closed, NULL },
	{ "out-of-memory", "the orphan or TCP memory limit was hit",
	  "compare ss -s with net.ipv4.tcp_max_orphans and net.ipv4.tcp_mem",
	  match_memory, NULL },
	{ "keepalive-timeout", "keepalive probes went unanswered",
	  "the peer or the path is gone: look there, and at TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT",
	  match_keepalive, NULL },
	{ "linger-zero", "closed with SO_LINGER set to 0",
	  "remove SO_LINGER {1,0} unless the abort is meant: it throws away unsent data",
	  match_linger_zero, text_linger_zero },
	{ "disconnect", "the connection was dissolved by connect(AF_UNSPEC)",
	  "shutdown and close the socket instead of reconnecting it, if the peer should see an end",
	  match_disconnect, NULL },
	{ "firewall-reject", "a firewall rule rejected the segment with a reset",
	  "look for REJECT --reject-with tcp-reset: nft list ruleset, iptables-save",
	  match_netfilter, NULL },
	{ "closed-port", "nobody listens there",
	  "start the service, or correct the address or port; check what it binds to: ss -ltn",
	  match_closed_port, text_closed_port },
	{ "data-after-close", "data arrived after the receiver closed",
	  "the writer should read first and stop at end of file; the closer should drain before close",
	  match_after_close, text_after_close },
	{ "stray-segment", "a segment arrived for no known connection",
	  "look for a restart, a failover, or a NAT or conntrack entry that lost the connection",
	  match_stray, NULL },
	{ "data-after-shutdown", "data arrived after the receiver shut the connection down",
	  "shut down only writing (SHUT_WR) and read until end of file",
	  match_after_shutdown, text_after_shutdown },
	{ "syn-in-connection", "a SYN arrived inside a half-open connection",
	  "look for a client that reuses its port early, or duplicated packets on the path",
	  match_syn, NULL },
	{ "accept-queue-overflow", "the accept queue was full",
	  "accept faster, or raise the backlog of listen() and net.core.somaxconn",
	  match_overflow, text_queue },
	{ "bad-syn-cookie", "an ACK reached the listener that fits no connection and no SYN cookie",
	  "look for a restarted server, or for a SYN flood (nstat TcpExtSyncookiesFailed)",
	  match_cookie, NULL },
	{ "bad-handshake-ack", "an ACK of the handshake does not fit it",
	  "look for a reused port whose old connection lives on at the peer or in a NAT",
	  match_handshake, NULL },
	{ "peer-refused", "the peer refused the connection",
	  "check that the service listens there, and for a firewall that rejects; " PEER_ADVICE,
	  match_refused, NULL },
	{ "peer-reset-after-fin", "the peer closed, then reset",
	  "the peer got data after its close: stop writing at end of file; " PEER_ADVICE,
	  match_peer_fin, NULL },
	{ "peer-reset-during-send", "the peer reset the connection while data was on the way to it",
	  "the peer closed without reading all, or died; " PEER_ADVICE,
	  match_peer_sending, text_sending },
	{ "peer-reset", "the peer reset the connection", PEER_ADVICE, match_peer, NULL },
	{ "unknown", "cause not known", "rsttrace check shows which probes are missing here",
	  match_any, NULL },
};
const size_t n_rules = sizeof(rules) / sizeof(rules[0]);

const struct rule *rule_find(const char *cause)
{
	for (size_t i = 0; i < n_rules; i++)
		if (!strcmp(rules[i].cause, cause))
			return &rules[i];
	return NULL;
}

void diagnose(struct incident *inc)
{
	const struct rule *r = rules;
	enum confidence c;

	while (!(c = r->match(inc)))
		r++;
	inc->cause = r->cause;
	inc->confidence = c;
	snprintf(inc->advice, sizeof(inc->advice), "%s", r->advice);
	if (r->explain)
		r->explain(inc, inc->cause_text, sizeof(inc->cause_text));
	else
		snprintf(inc->cause_text, sizeof(inc->cause_text), "%s", r->headline);
}
