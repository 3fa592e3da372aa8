/* SPDX-License-Identifier: GPL-2.0 */
/* Resets that this host sends: each cause with the reason that a kernel gives, and without. */
#include "rule_cases.h"
#include "test.h"

#define FILTERED "a firewall rule rejected the segment with a reset: netfilter dropped it just before"

const struct rule_case cases_sent[] = {
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
	/* a FIN that was not read counts as unread for the kernel; without it no byte is left */
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
	/* connect(AF_UNSPEC) does not close, so SO_LINGER does not matter */
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
	/* by io_uring, or by a call whose name is not known */
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

	/* ---- timers, memory, and other processes */
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = ESTABLISHED } },
	{ "linger2-timeout", LIKELY, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = FIN_WAIT2, .bits = DEAD | ORPHAN } },
	{ "linger2-timeout", CERTAIN, LIKELY, NULL,
	  { CALLED, .reason = "TCP_ABORT_ON_LINGER", .old_state = FIN_WAIT2, .linger2 = -1,
	    .bits = DEAD | ORPHAN, .shutdown = BOTH, .unread = IS(0), .syscall = "close" } },
	/* the ACK of the FIN arrives, and TCP_LINGER2 forbids FIN_WAIT2 */
	{ "linger2-timeout", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .old_state = FIN_WAIT1,
	    .bits = DEAD | ORPHAN, .linger2 = -1, .seg = TH_ACK, .seg_len = IS(0) } },
	/* but data that arrives is the cause */
	{ "data-after-close", CERTAIN, CERTAIN, "data arrived for a connection closed before",
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .old_state = FIN_WAIT1,
	    .bits = DEAD | ORPHAN, .linger2 = -1, .seg = TH_ACK, .seg_len = IS(16) } },
	/* linger2-timeout needs both: TCP_LINGER2 forbids the wait, and no process holds the socket */
	{ "data-after-close", CERTAIN, CERTAIN, "a segment without data arrived for a connection closed before",
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
	/* FIN_WAIT2 alone does not lead to a RST unless TCP_LINGER2 says so */
	{ "out-of-memory", CERTAIN, LIKELY, NULL,
	  { CALLED, .reason = "TCP_ABORT_ON_MEMORY", .old_state = FIN_WAIT2,
	    .bits = DEAD | ORPHAN, .shutdown = BOTH, .unread = IS(0), .syscall = "close" } },
	/* the socket is shut down for writing, and its process still reads */
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = FIN_WAIT2, .shutdown = 2 } },
	/* older kernels set sk_err in tcp_abort(); newer ones give a reason instead */
	{ "socket-killed", CERTAIN, CERTAIN, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED, .sk_err = ECONNABORTED } },
	{ "socket-killed", LIKELY, CONFIDENCE_UNSET, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED } },
	{ "socket-killed", LIKELY, CONFIDENCE_UNSET, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = FIN_WAIT2 } },
	/* who did it, and by which call */
	{ "socket-killed", LIKELY, CONFIDENCE_UNSET, "the socket was destroyed by ss (SOCK_DESTROY)",
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED, .killer = "ss",
	    .killer_call = "sendmsg" } },
	{ "socket-killed", LIKELY, CONFIDENCE_UNSET, "the socket was destroyed by cat (BPF iterator)",
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED, .killer = "cat",
	    .killer_call = "read" } },
	{ "socket-killed", LIKELY, CONFIDENCE_UNSET, "the socket was destroyed by fifteen_letters",
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED, .killer = "fifteen_letters",
	    .killer_call = "" } },
	/* no probe was sent, so it was no keepalive */
	{ "socket-killed", LIKELY, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED, .probes = IS(0) } },
	/* a timer runs in any process's time, so the running one is not named */
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = ESTABLISHED, .probes = IS(9),
	    .killer = "passer-by", .killer_call = "read" } },
	{ "mptcp-reset", CERTAIN, CONFIDENCE_UNSET, NULL,
	  { ACTIVE, .reason = "MPTCP_RST_EMPTCP", .state = ESTABLISHED } },
	{ "mptcp-reset", CERTAIN, CONFIDENCE_UNSET, NULL,
	  { REPLY, .reason = "MPTCP_RST_EPROHIBIT", .listener = true, .state = LISTEN,
	    .seg = TH_ACK } },

	/*
	 * not a SYN inside a half-open connection, but a SYN that wants to join an MPTCP
	 * connection
	 */
	{ "mptcp-reset", CERTAIN, LIKELY, NULL,
	  { REPLY, .reason = "MPTCP_RST_EMPTCP", .listener = true, .join = true, .state = LISTEN,
	    .seg = TH_SYN } },
	{ "mptcp-reset", CERTAIN, LIKELY, NULL,
	  { REPLY, .reason = "MPTCP_RST_EPROHIBIT", .listener = true, .join = true, .state = LISTEN,
	    .seg = TH_ACK } },
	{ "bad-syn-cookie", LIKELY, CONFIDENCE_UNSET, NULL,
	  { REPLY, .reason = "TCP_FLAGS", .listener = true, .join = true, .state = LISTEN,
	    .seg = TH_ACK } },
	{ "syn-in-connection", CERTAIN, CONFIDENCE_UNSET, NULL,
	  { REPLY, .reason = "INVALID_SYN", .listener = true, .join = true, .state = LISTEN,
	    .seg = TH_SYN } },

	/* the close of an MPTCP socket resets live subflows */
	{ "mptcp-reset", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_ABORT_ON_CLOSE", .state = ESTABLISHED, .mptcp = true,
	    .by_caller = true, .syscall = "close" } },
	/* but not other connections */
	{ "unknown", GUESS, CONFIDENCE_UNSET, NULL,
	  { ACTIVE, .reason = "TCP_ABORT_ON_CLOSE", .state = ESTABLISHED, .by_caller = true,
	    .syscall = "close" } },
	/* the peer asked for a fast close, and a worker of the kernel answers */
	{ "mptcp-reset", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "MPTCP_RST_EUNSPEC", .state = ESTABLISHED, .mptcp = true,
	    .by_kernel = true, .probes = IS(0) } },
	{ "socket-killed", LIKELY, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_STATE", .state = ESTABLISHED, .mptcp = true,
	    .probes = IS(0) } },
	/* when a timer gave the connection up, the running process does not matter */
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = ESTABLISHED, .mptcp = true,
	    .by_kernel = true, .probes = IS(9) } },
	/* the data that came fits no mapping */
	{ "mptcp-reset", CERTAIN, LIKELY, NULL,
	  { CALLED, .reason = "MPTCP_RST_EMIDDLEBOX", .old_state = ESTABLISHED, .mptcp = true,
	    .sk_err = EBADMSG } },
	/* if no process closes it at that moment, its timer gave it up */
	{ "keepalive-timeout", CERTAIN, LIKELY, NULL,
	  { ACTIVE, .reason = "TCP_KEEPALIVE_TIMEOUT", .state = ESTABLISHED, .mptcp = true } },

	/* ---- no socket */
	{ "closed-port", CERTAIN, CERTAIN, "nobody listens on port 81",
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .seg = TH_SYN, .seg_len = IS(0),
	    .sport = 81 } },
	/* even if a connection with the same ports was closed here lately */
	{ "closed-port", CERTAIN, CERTAIN, "nobody listens on port 81",
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .recent = true, .seg = TH_SYN,
	    .seg_len = IS(0), .closed_us = IS(100), .sport = 81 } },
	/* on a kernel that allows only the tracepoint, which does not show replies without a socket */
	{ "closed-port", LIKELY, LIKELY, "nobody listens on port 81",
	  { RECEIVED, .victim = SYN_SENT, .loopback = true, .sport = 81 } },
	{ "closed-port", LIKELY, LIKELY, "nobody listens on port 81",
	  { RECEIVED, .victim = SYN_SENT, .loopback = true, .sport = 81, .listens = IS(0) } },
	{ "stray-segment", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .seg = TH_ACK | TH_PUSH,
	    .seg_len = IS(16) } },
	/* an answer to a SYN is no SYN */
	{ "stray-segment", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .seg = TH_SYN | TH_ACK,
	    .seg_len = IS(0) } },
	/* the connection ended by a reset, or its connect was given up: there was no FIN */
	{ "stray-segment", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .recent = true, .ended = END_RST_RECEIVED,
	    .seg = TH_ACK | TH_PUSH, .seg_len = IS(16) } },
	{ "stray-segment", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .recent = true, .ended = END_CONNECTING,
	    .seg = TH_SYN | TH_ACK, .seg_len = IS(0) } },
	/* a segment that comes too late for a connection goes to the listener */
	{ "stray-segment", LIKELY, LIKELY, NULL,
	  { REPLY, .reason = "TCP_FLAGS", .state = LISTEN, .listener = true, .ended = END_PEER_CLOSED,
	    .seg = TH_ACK, .seg_len = IS(0), .queue = 0, .queue_max = 128 } },
	/* a lone FIN, as port scanners send it, is no connection attempt either */
	{ "stray-segment", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .seg = TH_FIN, .seg_len = IS(0) } },
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
	/* no hook showed the REJECT rule, only that the answered segment was dropped */
	{ "firewall-reject", LIKELY, LIKELY, FILTERED,
	  { RECEIVED, .victim = SYN_SENT, .filtered = true, .loopback = true, .listens = IS(0) } },
	{ "firewall-reject", LIKELY, LIKELY, FILTERED,
	  { RECEIVED, .victim = ESTABLISHED, .victim_unsent = IS(16), .filtered = true,
	    .loopback = true } },

	/* ---- data after the close */
	{ "data-after-close", CERTAIN, CERTAIN, "16 bytes arrived 4.1 ms after the receiver closed",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_ACK,
	    .seg_len = IS(16), .closed_us = IS(4100), .syscall = "close" } },
	{ "data-after-close", CERTAIN, CERTAIN, "1 byte arrived 83 µs after the receiver exited",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_ACK,
	    .seg_len = IS(1), .closed_us = IS(83), .exit = "exit" } },
	{ "data-after-close", CERTAIN, CERTAIN, "65 bytes arrived 83 µs after the receiver was killed by SIGKILL",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_ACK,
	    .seg_len = IS(65), .closed_us = IS(83), .exit = "SIGKILL" } },
	{ "data-after-close", CERTAIN, CERTAIN,
	  "data arrived for a connection closed before",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_ACK,
	    .seg_len = IS(16) } },
	{ "data-after-close", CERTAIN, CERTAIN,
	  "a SYN arrived for a connection closed before",
	  { REPLY, .reason = "TCP_TIMEWAIT_SOCKET", .timewait = true, .seg = TH_SYN,
	    .seg_len = IS(0) } },
	{ "data-after-close", CERTAIN, CERTAIN, "16 bytes arrived 83 µs after the receiver closed",
	  { REPLY, .reason = "TCP_ABORT_ON_DATA", .state = CLOSE, .bits = DEAD | ORPHAN,
	    .old_state = FIN_WAIT2, .shutdown = BOTH, .seg = TH_ACK, .seg_len = IS(16),
	    .closed_us = IS(83), .syscall = "close" } },
	{ "data-after-close", LIKELY, LIKELY, "a FIN arrived 83 µs after the receiver closed",
	  { REPLY, .reason = "NO_SOCKET", .no_sock = true, .recent = true, .seg = TH_ACK | TH_FIN,
	    .seg_len = IS(0), .closed_us = IS(83), .syscall = "close" } },
	/* the connection is gone, but this host remembers it: the segment is not a stray one */
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
	/* with TCP Fast Open the child socket exists already */
	{ "syn-in-connection", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "INVALID_SYN", .state = SYN_RECV, .bits = ORPHAN, .seg = TH_SYN } },
	{ "bad-syn-cookie", LIKELY, LIKELY, NULL,
	  { REPLY, .reason = "TCP_FLAGS", .state = LISTEN, .listener = true, .seg = TH_ACK,
	    .queue = 0, .queue_max = 128 } },
	/*
	 * the queue takes one more than its maximum, so it is not full yet
	 * (sk_acceptq_is_full)
	 */
	{ "bad-syn-cookie", LIKELY, LIKELY, NULL,
	  { REPLY, .reason = "TCP_FLAGS", .state = LISTEN, .listener = true, .seg = TH_ACK,
	    .queue = 128, .queue_max = 128 } },
	{ "bad-handshake-ack", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "TCP_INVALID_ACK_SEQUENCE", .state = SYN_SENT, .seg = TH_ACK } },
	{ "bad-handshake-ack", CERTAIN, CERTAIN, NULL,
	  { REPLY, .reason = "TCP_OLD_ACK", .state = SYN_RECV, .bits = ORPHAN, .seg = TH_ACK } },

	/* ---- what no rule knows */
	{ "unknown", GUESS, GUESS, NULL, { .kind = KIND_NONE } },
	{ "unknown", GUESS, GUESS, NULL,
	  { REPLY, .reason = "TCP_TOO_OLD_ACK", .state = ESTABLISHED, .seg = TH_ACK } },
	{ "unknown", GUESS, GUESS, NULL,
	  { REPLY, .reason = "INVALID_SYN", .state = ESTABLISHED, .seg = TH_SYN } },
	{ "unknown", GUESS, CONFIDENCE_UNSET, NULL,
	  { CALLED, .reason = "SOMETHING_NEW", .old_state = ESTABLISHED, .shutdown = BOTH,
	    .unread = IS(1), .syscall = "close" } },
};

const size_t n_cases_sent = N(cases_sent);
