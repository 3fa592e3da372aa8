/* SPDX-License-Identifier: GPL-2.0 */
/* Resets from another host, for which the kernel gives no reason, and ends without a RST. */
#include "rule_cases.h"
#include "test.h"

#define NOT_SEEN "; the sending, on this host, was not seen"
#define CLOSE_SEEN "; the sending was not seen, only that the other end's socket closed"

const struct rule_case cases_received[] = {
	/* ---- from this host, but the event of the sending is missing */
	{ "closed-port", LIKELY, LIKELY, "nobody listens on port 81" NOT_SEEN,
	  { UNSEEN, .victim = SYN_SENT, .sport = 81, .listens = IS(0) } },
	{ "peer-refused", GUESS, GUESS,
	  "the peer answered the SYN to port 81 with a reset, though somebody listens there" NOT_SEEN,
	  { UNSEEN, .victim = SYN_SENT, .sport = 81, .listens = IS(1) } },
	/* recorded before the tracer looked for a listener */
	{ "peer-refused", GUESS, GUESS, "the peer answered the SYN to port 81 with a reset" NOT_SEEN,
	  { UNSEEN, .victim = SYN_SENT, .sport = 81 } },
	{ "close-with-unread", LIKELY, LIKELY, "closed with data unread" CLOSE_SEEN,
	  { UNSEEN, .victim = ESTABLISHED, .recent = true, .abort = PEER_UNREAD } },
	{ "close-with-unread", LIKELY, LIKELY, "closed with data unread" CLOSE_SEEN,
	  { UNSEEN, .victim = ESTABLISHED, .recent = true, .abort = PEER_UNREAD | PEER_LINGER0 } },
	{ "linger-zero", LIKELY, LIKELY, "closed with SO_LINGER set to 0" CLOSE_SEEN,
	  { UNSEEN, .victim = ESTABLISHED, .recent = true, .abort = PEER_LINGER0 } },
	/* nothing more is known of that socket, or another one has had its addresses and ports since */
	{ "peer-reset", GUESS, GUESS, "the peer reset the connection" CLOSE_SEEN,
	  { UNSEEN, .victim = ESTABLISHED, .recent = true, .closed_us = IS(3) } },
	{ "peer-reset", GUESS, GUESS, "the peer reset the connection" NOT_SEEN,
	  { UNSEEN, .victim = ESTABLISHED, .abort = PEER_UNREAD } },
	{ "peer-reset-during-send", GUESS, GUESS,
	  "the peer reset the connection while 16 bytes were on the way to it" NOT_SEEN,
	  { UNSEEN, .victim = ESTABLISHED, .victim_unsent = IS(16) } },
	{ "data-after-close", LIKELY, LIKELY,
	  "data arrived 4.1 ms after the receiver closed" CLOSE_SEEN,
	  { UNSEEN, .victim = CLOSE_WAIT, .victim_unsent = IS(16), .recent = true,
	    .closed_us = IS(4100), .syscall = "close" } },
	/* no data was sent after the FIN, or the reset is not of the kind that data causes */
	{ "peer-reset-after-fin", GUESS, GUESS,
	  "the peer reset the connection after its FIN (CLOSE_WAIT here), with no data on the way "
	  "to it" CLOSE_SEEN,
	  { UNSEEN, .victim = CLOSE_WAIT, .victim_unsent = IS(0), .recent = true,
	    .closed_us = IS(4100), .syscall = "close" } },
	/* it was shut down, so a process may still hold that socket */
	{ "peer-reset-after-fin", GUESS, GUESS,
	  "the peer reset the connection after its FIN (CLOSE_WAIT here), with 16 bytes on the way "
	  "to it" CLOSE_SEEN,
	  { UNSEEN, .victim = CLOSE_WAIT, .victim_unsent = IS(16), .recent = true } },
	{ "keepalive-race", GUESS, GUESS,
	  "the peer reset the connection 60.1 s after its last data, close to an idle timeout "
	  "of 60 s (default of AWS ALB), with 200 bytes on the way to it" NOT_SEEN,
	  { UNSEEN, .victim = ESTABLISHED, .heard_us = IS(60100000), .idle_us = IS(900),
	    .victim_unsent = IS(200) } },

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
	/* the message itself is known, so retransmissions leave no doubt */
	{ "icmp-unreachable", CERTAIN, CERTAIN,
	  "an ICMP message (host prohibited) from 10.0.0.1 ended the attempt to connect",
	  { ABORTED, .abort_err = EHOSTUNREACH, .victim = SYN_SENT, .retransmits = 1, .icmp_type = 3,
	    .icmp_code = 10 } },
	{ "icmp-unreachable", CERTAIN, CERTAIN,
	  "an ICMP message (type 12, code 1) from 10.0.0.1 ended the attempt to connect",
	  { ABORTED, .abort_err = EPROTO, .victim = SYN_SENT, .icmp_type = 12, .icmp_code = 1 } },
	{ "icmp-unreachable", LIKELY, LIKELY,
	  "an ICMP error came, or the route here was lost, and 15 retransmissions in a row went "
	  "unanswered; no reset was sent",
	  { ABORTED, .abort_err = EHOSTUNREACH, .victim = ESTABLISHED, .retransmits = 15 } },
	{ "icmp-unreachable", LIKELY, LIKELY,
	  "an ICMP error, or the loss of the route here, ended the attempt to connect",
	  { ABORTED, .abort_err = ENETUNREACH, .victim = SYN_SENT, .retransmits = 6 } },
	{ "icmp-unreachable", LIKELY, LIKELY,
	  "an ICMP error, or the loss of the route here, ended the connection; no reset was sent",
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
	/* a connection counts as idle after one second in which neither side sent anything */
	{ "keepalive-race", GUESS, GUESS,
	  "the peer reset the connection 5.0 s after its last data, close to an idle timeout "
	  "of 5 s (default of Apache KeepAliveTimeout, Node.js keepAliveTimeout)",
	  { RECEIVED, .victim = ESTABLISHED, .heard_us = IS(5000000), .idle_us = IS(1000000) } },
	{ "keepalive-race", LIKELY, LIKELY,
	  "the peer reset the connection 5.0 s after its last data, close to an idle timeout "
	  "of 5 s (default of Apache KeepAliveTimeout, Node.js keepAliveTimeout)",
	  { RECEIVED, .victim = ESTABLISHED, .heard_us = IS(5000000), .idle_us = IS(999999) } },
	/* no round number of seconds */
	{ "peer-reset-during-send", LIKELY, LIKELY,
	  "the peer reset the connection while 200 bytes were on the way to it",
	  { RECEIVED, .victim = ESTABLISHED, .heard_us = IS(8000000), .idle_us = IS(900),
	    .victim_unsent = IS(200) } },
	/* it is not known which program has this timeout as its default */
	{ "keepalive-race", LIKELY, LIKELY,
	  "the peer reset the connection 7199.9 s after its last data, close to an idle timeout "
	  "of 7200 s, with no data on the way to it",
	  { RECEIVED, .victim = ESTABLISHED, .heard_us = IS(7199940000), .idle_us = IS(900),
	    .victim_unsent = IS(0) } },
	/* the FIN came first, so the RST told nothing new about that end */
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

	/* ---- sent by another in the peer's name */
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 255, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 255, .flow_ttl = 57, .family = 4 } },
	{ "injected", LIKELY, LIKELY,
	  "the reset came with hop limit 41, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 41, .flow_ttl = 57, .family = 6 } },
	/* even if another rule fits as well */
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 59, the connection's other segments with 57",
	  { RECEIVED, .victim = CLOSE_WAIT, .rst_ttl = 59, .flow_ttl = 57, .family = 4,
	    .heard_us = IS(60000000), .idle_us = IS(900), .victim_unsent = IS(16) } },
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 55, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 55, .flow_ttl = 57, .family = 4 } },
	/* another first TTL over the same path, within one router: 255 - 7, 128 - 8, 128 - 9 */
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
	/* the first TTLs themselves, for no router; and one above the lowest of them */
	{ "injected", GUESS, GUESS,
	  "the reset came with TTL 64, the connection's other segments with 255",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 64, .flow_ttl = 255, .family = 4 } },
	{ "injected", GUESS, GUESS,
	  "the reset came with TTL 128, the connection's other segments with 64",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 128, .flow_ttl = 64, .family = 4 } },
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 65, the connection's other segments with 128",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 65, .flow_ttl = 128, .family = 4 } },
	{ "injected", LIKELY, LIKELY,
	  "the reset came with TTL 129, the connection's other segments with 64",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 129, .flow_ttl = 64, .family = 4 } },
	/* 255 - 8 and 64 - 7, 255 - 7 and 64 - 8 */
	{ "injected", GUESS, GUESS,
	  "the reset came with TTL 247, the connection's other segments with 57",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 247, .flow_ttl = 57, .family = 4 } },
	{ "injected", GUESS, GUESS,
	  "the reset came with TTL 248, the connection's other segments with 56",
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 248, .flow_ttl = 56, .family = 4 } },
	/* equal, or different by the one router that a path may gain or lose */
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 57, .flow_ttl = 57 } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 58, .flow_ttl = 57 } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 64, .flow_ttl = 65 } },
	/* only one of the two TTLs is no evidence, nor are TTLs within this host */
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 255 } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .flow_ttl = 57 } },
	{ "peer-reset", CERTAIN, CERTAIN, NULL,
	  { RECEIVED, .victim = ESTABLISHED, .rst_ttl = 255, .flow_ttl = 64, .loopback = true } },
};

const size_t n_cases_received = N(cases_received);
