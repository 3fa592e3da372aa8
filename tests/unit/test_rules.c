/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules: each cause with the reason that the kernel gives, and, where a
 * rule can do without, the same incident as an older kernel would tell it.
 */
#include "events.h"
#include "rules.h"
#include "test.h"

#define DEAD SOCKF_DEAD
#define ORPHAN SOCKF_ORPHAN
#define BOTH 3
/* For a member where 0 says something. */
#define IS(n) ((struct maybe){ true, n })

struct maybe {
	bool known;
	int64_t n;
};

/* The part of an incident that a rule looks at. */
struct shape {
	enum kind kind;
	const char *reason;		/* of a kernel that gives one */
	uint8_t state, old_state;	/* of the sending socket */
	uint32_t bits;
	uint8_t shutdown;
	struct maybe unread, unsent, closed_us, seg_len;
	bool linger0, no_sock, timewait, recent, listener, join;
	int linger2, sk_err;
	struct maybe probes;		/* unanswered, of keepalive */
	uint8_t seg;			/* flags of the segment answered; 0: none */
	int queue, queue_max;
	int sport;
	const char *syscall, *exit;
	bool mptcp, by_caller;
	uint8_t nf_hook;
	uint8_t victim;			/* its state */
	struct maybe victim_unsent, heard_us, idle_us, user_timeout_ms, age_us;
	int retransmits, retrans;	/* in a row, in all */
	int abort_err;			/* without a RST */
	bool sent_by_nobody, loopback;
	int rst_ttl, flow_ttl, family;	/* 0: not known */
};

struct expected {
	const char *cause;
	enum confidence sure;		/* with the reason */
	enum confidence inferred;	/* without one; CONFIDENCE_UNSET: needs it */
	const char *text;		/* NULL: the headline */
	struct shape shape;
};

static int64_t value(struct maybe m)
{
	return m.known ? m.n : UNKNOWN;
}

static void build(struct incident *inc, const struct shape *sh, const char *reason)
{
	struct endpoint *s = &inc->sender;

	incident_init(inc);
	inc->kind = sh->kind;
	snprintf(inc->reason, sizeof(inc->reason), "%s", reason ? reason : "");
	inc->sport = sh->sport;
	inc->recent = sh->recent;
	inc->listener = sh->listener;
	inc->join = sh->join;
	if (sh->seg)
		inc->seg_flags = sh->seg;
	inc->seg_len = value(sh->seg_len);
	if (sh->queue_max) {
		inc->accept_queue = sh->queue;
		inc->accept_queue_max = sh->queue_max;
	}
	inc->victim.tcp_state = sh->victim;
	inc->victim.unsent = value(sh->victim_unsent);
	inc->victim.seen = sh->victim;
	inc->victim.heard_us = value(sh->heard_us);
	inc->victim.idle_us = value(sh->idle_us);
	inc->victim.user_timeout_ms = value(sh->user_timeout_ms);
	inc->victim.age_us = value(sh->age_us);
	inc->victim.retrans = sh->retrans;
	inc->victim.retransmits = sh->retransmits;
	inc->sent_by_nobody = sh->sent_by_nobody;
	inc->loopback = sh->loopback;
	inc->family = sh->family;
	inc->rst_ttl = sh->rst_ttl ? sh->rst_ttl : UNKNOWN;
	inc->flow_ttl = sh->flow_ttl ? sh->flow_ttl : UNKNOWN;
	inc->nf_hook = sh->nf_hook;
	inc->abort_err = sh->abort_err;
	if (sh->kind == KIND_TIMEOUT) {
		inc->victim.old_state = sh->victim;
		inc->victim.tcp_state = CLOSE;
	}
	if (sh->kind == KIND_RECEIVED || sh->kind == KIND_TIMEOUT)
		return;
	s->mptcp = sh->mptcp ? 1 : UNKNOWN;
	s->owner = sh->by_caller ? OWNER_CALLER : OWNER_SOCKET;
	s->seen = true;
	s->have_sock = !sh->no_sock && !sh->timewait;
	s->timewait = sh->timewait;
	s->closed_us = value(sh->closed_us);
	snprintf(s->syscall, sizeof(s->syscall), "%s", sh->syscall ? sh->syscall : "");
	snprintf(s->exit, sizeof(s->exit), "%s", sh->exit ? sh->exit : "");
	s->old_state = sh->old_state;
	s->tcp_state = sh->timewait ? TIME_WAIT : sh->state;
	if (!s->have_sock)
		return;
	s->bits = sh->bits;
	s->shutdown = sh->shutdown;
	s->unread = value(sh->unread);
	s->unsent = value(sh->unsent);
	s->linger0 = sh->linger0;
	s->linger2 = sh->linger2;
	s->sk_err = sh->sk_err;
	s->probes = value(sh->probes);
}

#define ACTIVE .kind = KIND_ACTIVE
#define CALLED ACTIVE, .state = CLOSE	/* by a call, which sets the state first */
#define REPLY .kind = KIND_REPLY
#define RECEIVED .kind = KIND_RECEIVED
#define ABORTED .kind = KIND_TIMEOUT

static const struct expected table[] = {
	/* ---- close with data unread */
	{ "close-with-unread", CERTAIN, CERTAIN, "closed with 312 bytes unread",
	  { CALLED, .reason = "TCP_ABORT_ON_CLOSE", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .unread = IS(312), .syscall = "close" } },
	{ "close-with-unread", CERTAIN, CERTAIN, "closed with 1 byte unread",
	  { CALLED, .reason = "TCP_ABORT_ON_CLOSE", .old_state = CLOSE_WAIT, .shutdown = BOTH,
	    .unread = IS(1), .syscall = "close" } },
	{ "close-with-unread", CERTAIN, CERTAIN, "exited with 2 bytes unread",
	  { CALLED, .reason = "TCP_ABORT_ON_CLOSE", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .unread = IS(2), .syscall = "exit_group", .exit = "exit" } },
	{ "close-with-unread", CERTAIN, CERTAIN, "killed by SIGSEGV with 312 bytes unread",
	  { CALLED, .reason = "TCP_ABORT_ON_CLOSE", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .unread = IS(312), .exit = "SIGSEGV" } },
	/* a FIN is unread, too, and the kernel counts it: no byte is left of it */
	{ "close-with-unread", CERTAIN, CONFIDENCE_UNSET, "closed with data unread",
	  { CALLED, .reason = "TCP_ABORT_ON_CLOSE", .old_state = CLOSE_WAIT, .shutdown = BOTH,
	    .unread = IS(0), .syscall = "close" } },
	{ "close-with-unread", CERTAIN, CONFIDENCE_UNSET, "closed with data unread",
	  { CALLED, .reason = "TCP_ABORT_ON_CLOSE", .syscall = "close" } },
	/* unread data is tested before SO_LINGER */
	{ "close-with-unread", CERTAIN, CERTAIN, "closed with 10 bytes unread",
	  { CALLED, .reason = "TCP_ABORT_ON_CLOSE", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .unread = IS(10), .linger0 = true, .syscall = "close" } },

	/* ---- SO_LINGER */
	{ "linger-zero", CERTAIN, CERTAIN, "closed with SO_LINGER set to 0",
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .unread = IS(0), .unsent = IS(0), .linger0 = true, .syscall = "close" } },
	{ "linger-zero", CERTAIN, CERTAIN,
	  "closed with SO_LINGER set to 0, dropping 1 byte not yet acknowledged",
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .unread = IS(0), .unsent = IS(1), .linger0 = true, .syscall = "close" } },
	{ "linger-zero", CERTAIN, CERTAIN,
	  "killed by SIGKILL with SO_LINGER set to 0, dropping 4096 bytes not yet acknowledged",
	  { CALLED, .reason = "TCP_DISCONNECT_WITH_DATA", .old_state = LAST_ACK, .shutdown = BOTH,
	    .unread = IS(0), .unsent = IS(4096), .linger0 = true, .exit = "SIGKILL" } },

	/* ---- connect(AF_UNSPEC) */
	{ "disconnect", CERTAIN, CERTAIN, NULL,
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .unread = IS(0),
	    .syscall = "connect" } },
	/* whatever SO_LINGER says: this is no close */
	{ "disconnect", CERTAIN, CERTAIN, NULL,
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .unread = IS(5),
	    .linger0 = true, .syscall = "connect" } },
	{ "disconnect", CERTAIN, CERTAIN, NULL,
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .linger0 = true, .unread = IS(0), .syscall = "connect" } },
	/* nothing was shut down, so nothing was closed */
	{ "disconnect", GUESS, GUESS, NULL,
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .linger0 = true,
	    .unread = IS(0) } },
	/* by io_uring, or a call whose name is not known */
	{ "disconnect", GUESS, GUESS, NULL,
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .unread = IS(0) } },

	/* ---- the listener closes over its queue */
	{ "listener-closed", CERTAIN, CERTAIN, NULL,
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .bits = ORPHAN,
	    .unread = IS(0), .syscall = "close" } },
	/* children inherit the listener's SO_LINGER, and may hold data */
	{ "listener-closed", CERTAIN, CERTAIN, NULL,
	  { CALLED, .reason = "TCP_STATE", .old_state = ESTABLISHED, .bits = ORPHAN,
	    .linger0 = true, .unread = IS(100), .syscall = "close" } },
	{ "listener-closed", CERTAIN, CERTAIN, NULL,
	  { CALLED, .reason = "TCP_STATE", .old_state = CLOSE_WAIT, .bits = ORPHAN,
	    .shutdown = 1, .unread = IS(100), .exit = "SIGKILL" } },

	/* ---- timers, memory, and other hands */
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = ESTABLISHED } },
	{ "linger2-timeout", LIKELY, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = FIN_WAIT2, .bits = DEAD | ORPHAN } },
	{ "linger2-timeout", CERTAIN, LIKELY, NULL,
	  { CALLED, .reason = "TCP_ABORT_ON_LINGER", .old_state = FIN_WAIT2, .linger2 = -1,
	    .bits = DEAD | ORPHAN, .shutdown = BOTH, .unread = IS(0), .syscall = "close" } },
	/* the ACK of the FIN arrives, and there is to be no FIN_WAIT2 */
	{ "linger2-timeout", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .old_state = FIN_WAIT1,
	    .bits = DEAD | ORPHAN, .linger2 = -1, .seg = TH_ACK, .seg_len = IS(0) } },
	/* but data is data */
	{ "data-after-close", CERTAIN, CERTAIN, "data arrived for a connection closed before",
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .old_state = FIN_WAIT1,
	    .bits = DEAD | ORPHAN, .linger2 = -1, .seg = TH_ACK, .seg_len = IS(16) } },
	/* and TCP_LINGER2 has to forbid the wait, of a socket that nobody holds */
	{ "data-after-close", CERTAIN, CERTAIN, "a segment arrived for a connection closed before",
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .old_state = FIN_WAIT1,
	    .bits = DEAD | ORPHAN, .seg = TH_ACK, .seg_len = IS(0) } },
	{ "data-after-shutdown", CERTAIN, CERTAIN,
	  "a segment without data arrived after the receiver shut down reading",
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .old_state = FIN_WAIT1,
	    .linger2 = -1, .seg = TH_ACK, .seg_len = IS(0) } },
	{ "out-of-memory", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_ABORT_ON_MEMORY", .state = FIN_WAIT1, .bits = DEAD | ORPHAN } },
	{ "out-of-memory", CERTAIN, LIKELY, NULL,
	  { CALLED, .reason = "TCP_ABORT_ON_MEMORY", .old_state = ESTABLISHED,
	    .bits = DEAD | ORPHAN, .shutdown = BOTH, .unread = IS(0), .syscall = "close" } },
	/* FIN_WAIT2 is no reason as long as TCP_LINGER2 does not say so */
	{ "out-of-memory", CERTAIN, LIKELY, NULL,
	  { CALLED, .reason = "TCP_ABORT_ON_MEMORY", .old_state = FIN_WAIT2,
	    .bits = DEAD | ORPHAN, .shutdown = BOTH, .unread = IS(0), .syscall = "close" } },
	/* shut down for writing, and somebody still reads */
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = FIN_WAIT2, .shutdown = 2 } },
	/* tcp_abort() has set sk_err in old kernels; in new ones the reason stands for it */
	{ "socket-killed", CERTAIN, CERTAIN, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED, .sk_err = ECONNABORTED } },
	{ "socket-killed", LIKELY, CONFIDENCE_UNSET, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED } },
	{ "socket-killed", LIKELY, CONFIDENCE_UNSET, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = FIN_WAIT2 } },
	/* no probe was sent, so it was no keepalive */
	{ "socket-killed", LIKELY, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED, .probes = IS(0) } },
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = ESTABLISHED, .probes = IS(9) } },
	{ "mptcp-reset", CERTAIN, CONFIDENCE_UNSET, NULL,
	  { ACTIVE, .reason = "MPTCP_RST_EMPTCP", .state = ESTABLISHED } },
	{ "mptcp-reset", CERTAIN, CONFIDENCE_UNSET, NULL,
	  { REPLY, .reason = "MPTCP_RST_EPROHIBIT", .listener = true, .state = LISTEN,
	    .seg = TH_ACK } },

	/* no SYN inside a half-open connection, but one that wants to join another */
	{ "mptcp-reset", CERTAIN, LIKELY, NULL,
	  { REPLY, .reason = "MPTCP_RST_EMPTCP", .listener = true, .join = true, .state = LISTEN,
	    .seg = TH_SYN } },
	{ "syn-in-connection", CERTAIN, CONFIDENCE_UNSET, NULL,
	  { REPLY, .reason = "INVALID_SYN", .listener = true, .join = true, .state = LISTEN,
	    .seg = TH_SYN } },

	/* the close of an MPTCP socket resets live subflows */
	{ "mptcp-reset", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_ABORT_ON_CLOSE", .state = ESTABLISHED, .mptcp = true,
	    .by_caller = true, .syscall = "close" } },
	/* one that nobody closes just now was given up by its timer */
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = ESTABLISHED, .mptcp = true } },

	/* ---- nobody there */
	{ "closed-port", CERTAIN, CERTAIN, "nobody listens on port 81",
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .seg = TH_SYN, .seg_len = IS(0),
	    .sport = 81 } },
	/* though a connection from the same ports was closed here lately */
	{ "closed-port", CERTAIN, CERTAIN, "nobody listens on port 81",
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .recent = true, .seg = TH_SYN,
	    .seg_len = IS(0), .closed_us = IS(100), .sport = 81 } },
	/* where the tracepoint is all there is, and shows no reply without a socket */
	{ "closed-port", LIKELY, LIKELY, "nobody listens on port 81",
	  { RECEIVED, .victim = SYN_SENT, .loopback = true, .sport = 81 } },
	{ "stray-segment", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .seg = TH_ACK | TH_PSH,
	    .seg_len = IS(16) } },
	/* an answer to a SYN is no SYN */
	{ "stray-segment", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .seg = TH_SYN | TH_ACK,
	    .seg_len = IS(0) } },
	{ "firewall-reject", CERTAIN, CERTAIN, NULL,
	  { .kind = KIND_NETFILTER, .no_sock = true, .seg = TH_SYN } },
	{ "firewall-reject", CERTAIN, CERTAIN,
	  "a firewall rule in INPUT rejected the segment with a reset",
	  { .kind = KIND_NETFILTER, .no_sock = true, .seg = TH_SYN, .nf_hook = 1 } },
	{ "firewall-reject", CERTAIN, CERTAIN,
	  "a firewall rule in FORWARD rejected the segment with a reset",
	  { .kind = KIND_NETFILTER, .no_sock = true, .seg = TH_ACK, .nf_hook = 2 } },
	{ "firewall-reject", CERTAIN, CERTAIN,
	  "a firewall rule in OUTPUT rejected the segment with a reset",
	  { .kind = KIND_NETFILTER, .no_sock = true, .seg = TH_ACK, .nf_hook = 3 } },
	{ "firewall-reject", CERTAIN, CERTAIN, NULL,
	  { .kind = KIND_NETFILTER, .no_sock = true, .seg = TH_ACK, .nf_hook = 4 } },
	/* the rule was not seen at work, only that TCP had no part in it */
	{ "firewall-reject", LIKELY, LIKELY, NULL,
	  { RECEIVED, .victim = SYN_SENT, .sent_by_nobody = true } },
	{ "firewall-reject", LIKELY, LIKELY, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .victim_unsent = IS(16), .sent_by_nobody = true } },

	/* ---- data after the end */
	{ "data-after-close", CERTAIN, CERTAIN, "16 bytes arrived 4.1 ms after the receiver closed",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_ACK,
	    .seg_len = IS(16), .closed_us = IS(4100), .syscall = "close" } },
	{ "data-after-close", CERTAIN, CERTAIN, "1 byte arrived 83 µs after the receiver exited",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_ACK,
	    .seg_len = IS(1), .closed_us = IS(83), .exit = "exit" } },
	{ "data-after-close", CERTAIN, CERTAIN,
	  "data arrived for a connection closed before",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_ACK,
	    .seg_len = IS(16) } },
	{ "data-after-close", CERTAIN, CERTAIN,
	  "a segment arrived for a connection closed before",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_SYN,
	    .seg_len = IS(0) } },
	{ "data-after-close", CERTAIN, CERTAIN, "16 bytes arrived 83 µs after the receiver closed",
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .bits = DEAD | ORPHAN,
	    .old_state = FIN_WAIT2, .shutdown = BOTH, .seg = TH_ACK, .seg_len = IS(16),
	    .closed_us = IS(83), .syscall = "close" } },
	{ "data-after-close", LIKELY, LIKELY,
	  "a segment without data arrived 83 µs after the receiver closed",
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .recent = true, .seg = TH_ACK,
	    .seg_len = IS(0), .closed_us = IS(83), .syscall = "close" } },
	/* the connection is gone, but remembered here: not a stray one */
	{ "data-after-close", LIKELY, LIKELY, "16 bytes arrived 2.0 s after the receiver closed",
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .recent = true, .seg = TH_ACK,
	    .seg_len = IS(16), .closed_us = IS(2000000), .syscall = "close" } },
	{ "data-after-shutdown", CERTAIN, CERTAIN,
	  "16 bytes arrived 4.1 ms after the receiver shut the connection down",
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .old_state = FIN_WAIT2,
	    .shutdown = BOTH, .seg = TH_ACK, .seg_len = IS(16), .closed_us = IS(4100),
	    .syscall = "shutdown" } },
	{ "data-after-shutdown", CERTAIN, CERTAIN,
	  "1 byte arrived after the receiver shut down reading",
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .old_state = ESTABLISHED,
	    .shutdown = 1, .seg = TH_ACK, .seg_len = IS(1) } },

	/* ---- at a listener and in the handshake */
	{ "accept-queue-overflow", CERTAIN, LIKELY,
	  "the accept queue was full (129 of 128) and tcp_abort_on_overflow is on",
	  { REPLY, .reason = "INVALID_SYN", .state = LISTEN, .listener = true, .seg = TH_ACK,
	    .queue = 129, .queue_max = 128 } },
	{ "syn-in-connection", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "INVALID_SYN", .state = LISTEN, .listener = true, .seg = TH_SYN,
	    .queue = 129, .queue_max = 128 } },
	/* with TCP Fast Open the child is there already */
	{ "syn-in-connection", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "INVALID_SYN", .state = SYN_RECV, .bits = ORPHAN, .seg = TH_SYN } },
	{ "bad-syn-cookie", LIKELY, LIKELY, NULL,
	  { REPLY, .reason = "TCP_FLAGS", .state = LISTEN, .listener = true, .seg = TH_ACK,
	    .queue = 0, .queue_max = 128 } },
	/* room for one more than the maximum says: not yet full (sk_acceptq_is_full) */
	{ "bad-syn-cookie", LIKELY, LIKELY, NULL,
	  { REPLY, .reason = "TCP_FLAGS", .state = LISTEN, .listener = true, .seg = TH_ACK,
	    .queue = 128, .queue_max = 128 } },
	{ "bad-handshake-ack", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "TCP_INVALID_ACK_SEQUENCE", .state = SYN_SENT, .seg = TH_ACK } },
	{ "bad-handshake-ack", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "TCP_OLD_ACK", .state = SYN_RECV, .bits = ORPHAN, .seg = TH_ACK } },

	/* ---- without a RST */
	{ "user-timeout", LIKELY, LIKELY,
	  "no acknowledgement within TCP_USER_TIMEOUT (2.0 s); no reset was sent",
	  { ABORTED, .abort_err = ETIMEDOUT, .victim = ESTABLISHED, .user_timeout_ms = IS(2000),
	    .retransmits = 3 } },
	{ "retransmit-timeout", CERTAIN, CERTAIN,
	  "15 retransmissions in a row went unanswered; no reset was sent",
	  { ABORTED, .abort_err = ETIMEDOUT, .victim = ESTABLISHED, .retransmits = 15 } },
	{ "retransmit-timeout", CERTAIN, CERTAIN,
	  "1 retransmission in a row went unanswered; no reset was sent",
	  { ABORTED, .abort_err = ETIMEDOUT, .victim = SYN_SENT, .retransmits = 1 } },
	{ "retransmit-timeout", CERTAIN, CERTAIN,
	  "the peer did not answer any more; no reset was sent",
	  { ABORTED, .abort_err = ETIMEDOUT, .victim = FIN_WAIT1 } },
	{ "icmp-unreachable", CERTAIN, CERTAIN, "an ICMP error ended the attempt to connect",
	  { ABORTED, .abort_err = EHOSTUNREACH, .victim = SYN_SENT } },
	{ "icmp-unreachable", CERTAIN, CERTAIN, "an ICMP error ended the attempt to connect",
	  { ABORTED, .abort_err = ECONNREFUSED, .victim = SYN_SENT, .user_timeout_ms = IS(2000) } },
	{ "icmp-unreachable", LIKELY, LIKELY,
	  "an ICMP error came, and 15 retransmissions in a row went unanswered; no reset was sent",
	  { ABORTED, .abort_err = EHOSTUNREACH, .victim = ESTABLISHED, .retransmits = 15 } },
	{ "icmp-unreachable", LIKELY, LIKELY, "an ICMP error ended the connection; no reset was sent",
	  { ABORTED, .abort_err = EHOSTUNREACH, .victim = ESTABLISHED } },

	/* ---- received from elsewhere: no kernel gives a reason */
	{ "keepalive-race", LIKELY, LIKELY,
	  "the peer reset the connection 60.1 s after its last data, close to an idle timeout "
	  "of 60 s (default of AWS ALB), with 200 bytes on the way to it",
	  { RECEIVED, .victim = ESTABLISHED, .heard_us = IS(60100000), .idle_us = IS(900),
	    .victim_unsent = IS(200) } },
	{ "keepalive-race", GUESS, GUESS,
	  "the peer reset the connection 5.0 s after its last data, close to an idle timeout "
	  "of 5 s (default of Apache KeepAliveTimeout, Node.js keepAliveTimeout)",
	  { RECEIVED, .victim = ESTABLISHED, .heard_us = IS(4990000), .idle_us = IS(4990000) } },
	/* no round number of seconds */
	{ "peer-reset-during-send", LIKELY, LIKELY,
	  "the peer reset the connection while 200 bytes were on the way to it",
	  { RECEIVED, .victim = ESTABLISHED, .heard_us = IS(8000000), .idle_us = IS(900),
	    .victim_unsent = IS(200) } },
	/* whose default it is, nobody knows */
	{ "keepalive-race", LIKELY, LIKELY,
	  "the peer reset the connection 7199.9 s after its last data, close to an idle timeout "
	  "of 7200 s, with no data on the way to it",
	  { RECEIVED, .victim = ESTABLISHED, .heard_us = IS(7199940000), .idle_us = IS(900),
	    .victim_unsent = IS(0) } },
	/* the FIN came first: nothing was new about that end */
	{ "peer-reset-after-fin", LIKELY, LIKELY,
	  "the peer reset the connection after its FIN (CLOSE_WAIT here)",
	  { RECEIVED, .victim = CLOSE_WAIT, .heard_us = IS(60000000), .idle_us = IS(900) } },
	{ "peer-refused", CERTAIN, CERTAIN, "the peer answered the SYN to port 443 with a reset",
	  { RECEIVED, .victim = SYN_SENT, .heard_us = IS(60000000), .idle_us = IS(900),
	    .sport = 443 } },
	{ "peer-refused", CERTAIN, CERTAIN,
	  "the peer answered the SYN to port 443 with a reset after 270 µs",
	  { RECEIVED, .victim = SYN_SENT, .victim_unsent = IS(0), .sport = 443,
	    .age_us = IS(270) } },
	{ "peer-refused", CERTAIN, CERTAIN,
	  "the peer answered the SYN to port 443 with a reset after 3.0 s, the SYN sent 2 times more",
	  { RECEIVED, .victim = SYN_SENT, .sport = 443, .age_us = IS(3000000), .retrans = 2 } },
	{ "peer-reset-after-fin", LIKELY, LIKELY,
	  "the peer reset the connection after its FIN (CLOSE_WAIT here), "
	  "with 16 bytes on the way to it",
	  { RECEIVED, .victim = CLOSE_WAIT, .victim_unsent = IS(16) } },
	{ "peer-reset-after-fin", LIKELY, LIKELY,
	  "the peer reset the connection after its FIN (LAST_ACK here), "
	  "with no data on the way to it",
	  { RECEIVED, .victim = LAST_ACK, .victim_unsent = IS(0) } },
	{ "peer-reset-after-fin", LIKELY, LIKELY,
	  "the peer reset the connection after its FIN (CLOSING here)",
	  { RECEIVED, .victim = CLOSING } },
	{ "peer-reset-during-send", LIKELY, LIKELY,
	  "the peer reset the connection while 16 bytes were on the way to it",
	  { RECEIVED, .victim = ESTABLISHED, .victim_unsent = IS(16) } },
	{ "peer-reset-during-send", LIKELY, LIKELY,
	  "the peer reset the connection while 1 byte was on the way to it",
	  { RECEIVED, .victim = ESTABLISHED, .victim_unsent = IS(1) } },
	{ "peer-reset", CERTAIN, CERTAIN,
	  "the peer reset the connection, with no data on the way to it, idle for 8.0 s",
	  { RECEIVED, .victim = ESTABLISHED, .victim_unsent = IS(0), .heard_us = IS(8000000),
	    .idle_us = IS(8000000) } },
	{ "peer-reset", CERTAIN, CERTAIN,
	  "the peer reset the connection, with no data on the way to it",
	  { RECEIVED, .victim = ESTABLISHED, .victim_unsent = IS(0), .idle_us = IS(999999) } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL, { RECEIVED, .victim = ESTABLISHED } },

	/* ---- made in the peer's name */
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 255, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 255, .flow_ttl = 57, .family = 4 } },
	{ "injected", LIKELY, LIKELY,
	  "the reset came with hop limit 41, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 41, .flow_ttl = 57, .family = 6 } },
	/* whatever else would fit */
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 59, the connection's other segments with 57",
	  { RECEIVED, .victim = CLOSE_WAIT, .rst_ttl = 59, .flow_ttl = 57, .family = 4,
	    .heard_us = IS(60000000), .idle_us = IS(900), .victim_unsent = IS(16) } },
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 55, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 55, .flow_ttl = 57, .family = 4 } },
	/* another first TTL over the same way, give or take one: 255 - 7, 128 - 8, 128 - 9 */
	{ "injected", GUESS, GUESS,
	  "the reset came with TTL 248, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 248, .flow_ttl = 57, .family = 4 } },
	{ "injected", GUESS, GUESS,
	  "the reset came with TTL 120, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 120, .flow_ttl = 57, .family = 4 } },
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 119, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 119, .flow_ttl = 57, .family = 4 } },
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 66, the connection's other segments with 64",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 66, .flow_ttl = 64, .family = 4 } },
	/* alike, or off by the one router that a path may gain or lose */
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 57, .flow_ttl = 57 } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 58, .flow_ttl = 57 } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 64, .flow_ttl = 65 } },
	/* half of it is no evidence, nor is a way that does not leave the host */
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 255 } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .flow_ttl = 57 } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 255, .flow_ttl = 64, .loopback = true } },

	/* ---- what no rule knows */
	{ "unknown", GUESS, GUESS, NULL, { .kind = KIND_NONE } },
	{ "unknown", GUESS, CONFIDENCE_UNSET, NULL,
	  { CALLED, .reason = "SOMETHING_NEW", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .unread = IS(1), .syscall = "close" } },
};

#define N_EXPECTED (N(table))

/* A row of this cause, of which there may be several, says why it is so sure. */
static bool says_why(const char *cause, enum confidence sure)
{
	for (size_t r = 0; r < n_rules; r++)
		if (!strcmp(rules[r].cause, cause) && rules[r].why[sure])
			return true;
	return false;
}

static void compare(size_t i, const char *reason, enum confidence sure)
{
	const struct expected *e = &table[i];
	struct incident inc;

	build(&inc, &e->shape, reason);
	diagnose(&inc);
	if (strcmp(inc.cause, e->cause) || inc.confidence != sure)
		fail_msg("row %zu, reason %s: %s %d, not %s %d", i, reason ? reason : "-", inc.cause,
			 inc.confidence, e->cause, sure);
	assert_string_equal(inc.cause_text, e->text ? e->text : rule_find(e->cause)->headline);
	assert_string_equal(inc.advice, rule_find(e->cause)->advice);
	if (!says_why(e->cause, sure))
		fail_msg("row %zu: %s does not say why", i, e->cause);
}

static void with_reason(void **state)
{
	size_t i;

	for (i = 0; i < N_EXPECTED; i++)
		compare(i, table[i].shape.reason, table[i].sure);
}

/* Kernels to 6.9 say nothing, 6.10 and 6.11 say NOT_SPECIFIED of what they decide. */
static void without_reason(void **state)
{
	size_t i;

	for (i = 0; i < N_EXPECTED; i++) {
		if (!table[i].inferred)
			continue;
		compare(i, NULL, table[i].inferred);
		compare(i, "NOT_SPECIFIED", table[i].inferred);
	}
}

/* Without its reason an incident that needs one is at least not claimed by force. */
static void reason_missing(void **state)
{
	struct incident inc;
	size_t i;

	for (i = 0; i < N_EXPECTED; i++) {
		if (table[i].inferred)
			continue;
		build(&inc, &table[i].shape, NULL);
		diagnose(&inc);
		if (!strcmp(inc.cause, table[i].cause))
			fail_msg("row %zu: %s can be inferred, the table says it cannot", i, inc.cause);
	}
}

/* Each way that a row says it can be sure is in the table above. */
static void every_row_has_its_cases(void **state)
{
	size_t r, i;
	int sure;

	for (r = 0; r < n_rules; r++) {
		for (sure = GUESS; sure <= CERTAIN; sure++) {
			if (!rules[r].why[sure])
				continue;
			for (i = 0; i < N_EXPECTED; i++)
				if (!strcmp(rules[r].cause, table[i].cause) &&
				    ((int)table[i].sure == sure || (int)table[i].inferred == sure))
					break;
			if (i == N_EXPECTED)
				fail_msg("no case for %s: %s", rules[r].cause, rules[r].why[sure]);
		}
		assert_true(rules[r].why[GUESS] || rules[r].why[LIKELY] || rules[r].why[CERTAIN]);
		assert_null(rules[r].why[CONFIDENCE_UNSET]);
	}
}

/* The codes that scripts depend on; docs and filters take no others. */
static const char *const codes[] = {
	"closed-port", "stray-segment", "close-with-unread", "linger-zero", "disconnect",
	"data-after-close", "data-after-shutdown", "listener-closed", "accept-queue-overflow",
	"bad-syn-cookie", "syn-in-connection", "bad-handshake-ack", "keepalive-timeout",
	"linger2-timeout", "out-of-memory", "socket-killed", "firewall-reject", "mptcp-reset",
	"unknown", "retransmit-timeout", "user-timeout", "icmp-unreachable", "peer-refused",
	"peer-reset", "peer-reset-after-fin", "keepalive-race", "peer-reset-during-send",
	"injected",
};

static bool is_code(const char *cause)
{
	for (size_t i = 0; i < N(codes); i++)
		if (!strcmp(cause, codes[i]))
			return true;
	return false;
}

/* Words for people: one sentence, no full stop, not shouted, fits the record. */
static void is_sentence(const char *text)
{
	size_t n = strlen(text);

	assert_in_range(n, 10, sizeof(((struct incident *)0)->advice) - 1);
	assert_true(text[n - 1] != '.' && text[n - 1] != ' ' && text[0] != ' ');
	assert_null(strstr(text, ". "));
	assert_null(strchr(text, '\n'));
}

static void rows(void **state)
{
	size_t r, other;

	assert_true(n_rules > 0);
	for (r = 0; r < n_rules; r++) {
		if (!is_code(rules[r].cause))
			fail_msg("%s is no code", rules[r].cause);
		/* a cause that can be known in two ways has two rows, and one meaning */
		for (other = 0; other < r; other++) {
			if (strcmp(rules[other].cause, rules[r].cause))
				continue;
			assert_string_equal(rules[other].headline, rules[r].headline);
			assert_string_equal(rules[other].advice, rules[r].advice);
			assert_string_equal(rules[other].wire, rules[r].wire);
		}
		assert_string_equal(rule_find(rules[r].cause)->cause, rules[r].cause);
		is_sentence(rules[r].headline);
		is_sentence(rules[r].advice);
		assert_true(rules[r].wire && rules[r].calls && rules[r].source);
		assert_true(rules[r].match != NULL);
	}
	assert_string_equal(rules[n_rules - 1].cause, "unknown");
	assert_null(rule_find("closed"));
	assert_null(rule_find(""));
}

/* Nothing known at all, and nonsense, are diagnosed too. */
static void anything(void **state)
{
	struct incident inc;
	int kind;

	incident_init(&inc);
	diagnose(&inc);
	assert_string_equal(inc.cause, "unknown");
	for (kind = KIND_NONE; kind <= KIND_TIMEOUT + 1; kind++) {
		incident_init(&inc);
		inc.kind = kind;
		memset(&inc.sender, 0xff, offsetof(struct endpoint, exit));
		memset(inc.sender.exit, 'x', sizeof(inc.sender.exit) - 1);
		memset(inc.sender.syscall, 'y', sizeof(inc.sender.syscall) - 1);
		inc.sender.exit[sizeof(inc.sender.exit) - 1] = '\0';
		inc.sender.syscall[sizeof(inc.sender.syscall) - 1] = '\0';
		inc.sender.tcp_state = CLOSE;
		inc.sender.have_sock = true;
		inc.sender.unread = INT64_MAX;
		inc.sender.closed_us = INT64_MAX;
		inc.seg_len = INT64_MAX;
		diagnose(&inc);
		assert_non_null(inc.cause);
		assert_true(inc.confidence >= GUESS && inc.confidence <= CERTAIN);
		assert_true(inc.cause_text[0]);
	}
}

/* A record is diagnosed again with each revision: the words are replaced, not added to. */
static void again(void **state)
{
	struct incident inc;

	build(&inc, &(struct shape){ RECEIVED, .victim = ESTABLISHED, .victim_unsent = IS(16) }, NULL);
	diagnose(&inc);
	inc.kind = KIND_NETFILTER;
	diagnose(&inc);
	assert_string_equal(inc.cause, "firewall-reject");
	assert_string_equal(inc.cause_text, rule_find("firewall-reject")->headline);
	assert_int_equal(inc.confidence, CERTAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_reason),
		cmocka_unit_test(without_reason),
		cmocka_unit_test(reason_missing),
		cmocka_unit_test(every_row_has_its_cases),
		cmocka_unit_test(rows),
		cmocka_unit_test(anything),
		cmocka_unit_test(again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
