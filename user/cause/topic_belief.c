/* SPDX-License-Identifier: GPL-2.0 */
/* What is often said of resets, and what is true of it. */
#include "cause/topic.h"

#define BELIEF(n) .kind = TOPIC_BELIEF, .name = n

const struct topic belief_topics[] = {
	{ BELIEF("when-reset"), .also = "when-rst|rst|reset",
	  .headline = "when a RST is sent, and when none is",
	  .wire = "Said: a RST answers a closed port, a crash, a segment that nobody knows, "
		  "and exhausted retransmission. Only the first and the third always hold. A "
		  "closed port answers a SYN with a RST. A crash: the kernel closes the dead "
		  "process's sockets as close() would, with a FIN, and with a RST only where "
		  "data was unread, SO_LINGER was 0, or connections waited for accept(); when "
		  "the whole machine dies nothing is sent, and the RST comes after its "
		  "restart. A segment of a connection that nobody knows gets a RST. Exhausted "
		  "retransmission sends none: the kernel gives up in silence. Only keepalive "
		  "sends one at its end.",
	  .calls = "In the same order: ECONNREFUSED from connect(); 0 or ECONNRESET from a "
		   "read; ECONNRESET; and ETIMEDOUT on the side that gave up, nothing at all "
		   "on the other.",
	  .advice = "do not wait for a RST to learn that a peer is gone: use keepalive, "
		    "TCP_USER_TIMEOUT or a deadline of your own",
	  .source = "tcp_v4_send_reset(), __tcp_close(), tcp_write_err(); RFC 9293, 3.5.2 and "
		    "3.8.3",
	  .see = "closed-port, close-with-unread, stray-segment, retransmit-timeout" },
	{ BELIEF("ignored-reset"),
	  .also = "challenge-ack|challenge|rfc 5961|rfc5961|ignored|out-of-window|TCP_RESET|"
		  "TCP_INVALID_SEQUENCE|TCP_OLD_SEQUENCE|TCP_INVALID_END_SEQUENCE|"
		  "TCPChallengeACK|TCPSYNChallenge|TCPACKSkippedChallenge|EmbryonicRsts|"
		  "AttemptFails|tcp_rfc1337",
	  .headline = "a RST that arrives need not end anything",
	  .wire = "Said: whoever gets a RST through to a connection kills it. Only a RST "
		  "whose number is exactly the next expected does (or the edge of what SACK "
		  "told). A RST with another number in the window is answered with a "
		  "challenge ACK (TCPChallengeACK; drop reason TCP_RESET), unless the "
		  "socket sent one just before (TCPACKSkippedChallenge); a peer that meant "
		  "the RST sends another, now with the right number. A SYN is challenged "
		  "likewise (TCPSYNChallenge). To end a connect() in progress, a RST must "
		  "acknowledge the SYN. Out of the window a RST is dropped in silence "
		  "(TCP_INVALID_SEQUENCE). During a handshake it takes back a connection "
		  "that nobody could accept yet (EmbryonicRsts, AttemptFails). A listener "
		  "drops it, as does a port without a socket (NO_SOCKET). In TIME_WAIT it "
		  "may end the wait, unless tcp_rfc1337 is set.",
	  .calls = "None fails: there is no incident. The end line and the summary count these "
		   "resets as ignored, --events shows each with its fate.",
	  .advice = "a few for no socket or in TIME_WAIT are the tail of ordinary closes; look "
		    "for a forger or a middlebox where challenged ones or those out of the "
		    "window grow in number",
	  .source = "tcp_validate_incoming(), tcp_check_req(), tcp_timewait_state_process(); "
		    "RFC 5961, 3.2; RFC 9293, 3.10.7; RFC 1337",
	  .see = "injected, NO_SOCKET, when-reset" },
	{ BELIEF("second-write"), .also = "first-write|writes",
	  .headline = "which write after the peer's close gets which error",
	  .wire = "Said: the first write after the peer's close gives \"connection reset\", "
		  "the second \"broken pipe\". That depends on the state and on who calls "
		  "first. After the peer's FIN this socket is in CLOSE_WAIT, and a FIN forbids "
		  "nothing: the peer may only have stopped sending. The first write goes out. "
		  "If the peer is closed, its kernel answers with a RST.",
	  .calls = "In CLOSE_WAIT the first write succeeds, and its RST leaves EPIPE, so the "
		   "second write gives EPIPE and SIGPIPE, and ECONNRESET is never seen. "
		   "Without a FIN first (a RST in ESTABLISHED) the error is ECONNRESET and "
		   "goes to whoever calls first: if a write, ECONNRESET without SIGPIPE, then "
		   "EPIPE with it; if a read took it, the first write already gives EPIPE and "
		   "SIGPIPE.",
	  .advice = "handle both errors of a write alike, and read before writing: end of file "
		    "is the earlier sign",
	  .source = "tcp_reset() (error by state), sk_stream_error(); RFC 9293, 3.6.1 and "
		    "3.10.7.4",
	  .see = "EPIPE, ECONNRESET, data-after-close" },
	{ BELIEF("read-sigpipe"), .also = "sigpipe-on-read|reads-sigpipe",
	  .headline = "reads never raise SIGPIPE",
	  .wire = "Said: reading from a broken connection raises SIGPIPE. It does not. The "
		  "signal belongs to the call that tries to send, not to the packet that "
		  "arrived. A RST alone signals nobody.",
	  .calls = "Reads fail with ECONNRESET once, or return 0. A process that seems to die "
		   "in a read died in a write: of a reply, of a log line into a closed pipe, "
		   "or of a TLS library that answers within a read (an alert, a key update).",
	  .advice = "look at error_syscall and error_sigpipe in the record: they name the call "
		    "that raised it",
	  .source = "send_sig(SIGPIPE) in sk_stream_error(), which only sending functions "
		    "call; signal(7)",
	  .see = "SIGPIPE, EPIPE" },
	{ BELIEF("zero-read"), .also = "eof|recv-0|read-0|end of file",
	  .headline = "recv() returning 0 need not mean that the peer closed in good order",
	  .wire = "Said: recv() returns 0 when the peer has closed. It does, but not only "
		  "then. A FIN gives 0, and so does a RST that comes after it: the connection "
		  "was then reset, perhaps with bytes of this side thrown away, and the read "
		  "looks the same.",
	  .calls = "In CLOSE_WAIT the FIN has set SOCK_DONE, which a read tests before sk_err: "
		   "it returns 0 and leaves EPIPE for the next write or SO_ERROR. After a call "
		   "has taken ECONNRESET, reads return 0 as well, and so does read() with "
		   "length 0 in any state. rsttrace shows a swallowed reset as outcome eof.",
	  .advice = "when it matters that the peer got everything, have it answer; SO_ERROR "
		    "after a 0 tells a swallowed reset",
	  .source = "tcp_recvmsg_locked() in net/ipv4/tcp.c, tcp_reset(); RFC 9293, 3.10.3",
	  .see = "peer-reset-after-fin, EPIPE, ECONNRESET" },
	{ .name = NULL },
};
