/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reasons that kernels from 6.10 on give with a RST (enum sk_rst_reason in
 * include/net/rstreason.h), by name: the numbers move between versions.
 */
#include "cause/topic.h"

#define REASON(n) .kind = TOPIC_REASON, .name = #n

const struct topic reason_topics[] = {
	{ REASON(NOT_SPECIFIED),
	  .headline = "the kernel gives no reason",
	  .wire = "The RST went out from a place in the kernel that passes none on. 6.10 and "
		  "6.11 say it of every RST that the stack decided to send by itself.",
	  .calls = "Whatever the real cause brings with it; the reason says nothing of that.",
	  .advice = "go by the cause, which rsttrace infers from state, queues and calls, and "
		    "by its confidence",
	  .source = "SK_RST_REASON_NOT_SPECIFIED; sk_rst_convert_drop_reason() for drops "
		    "without a counterpart",
	  .see = "unknown" },
	{ REASON(NO_SOCKET),
	  .headline = "no socket for the segment",
	  .wire = "The lookup by addresses and ports found neither a connection nor a "
		  "listener. A SYN is then a closed port, anything else a stray segment or "
		  "data for a connection that closed a moment ago.",
	  .calls = "At the other end: ECONNREFUSED from connect() if it was a SYN, otherwise "
		   "ECONNRESET, or EPIPE if that end is in CLOSE_WAIT.",
	  .advice = "see which segment was answered: a SYN asks for a listener, data asks who "
		    "closed before",
	  .source = "tcp_v4_rcv() and tcp_v6_rcv(), label no_tcp_socket; RFC 9293, 3.10.7.1",
	  .see = "closed-port, stray-segment, data-after-close" },
	{ REASON(TCP_INVALID_ACK_SEQUENCE),
	  .headline = "in SYN_SENT, an ACK of something never sent",
	  .wire = "This end sent a SYN and got an ACK whose number is not the SYN's: as a rule "
		  "the challenge ACK of an old connection with the same ports that lives on at "
		  "the peer.",
	  .calls = "connect() is not failed by it and repeats the SYN, which the cleared peer "
		   "now accepts.",
	  .advice = "find out why a port is used again while the peer still holds its old "
		    "connection",
	  .source = "tcp_rcv_synsent_state_process(); RFC 9293, 3.10.7.3, first check",
	  .see = "bad-handshake-ack" },
	{ REASON(TCP_RFC7323_PAWS),
	  .headline = "in SYN_SENT, a timestamp echo that was never sent",
	  .wire = "The answer to the SYN echoes a TCP timestamp from before or after anything "
		  "this attempt sent: an answer to an older SYN, or a middlebox that rewrites "
		  "timestamps (counter PAWSActive).",
	  .calls = "connect() goes on and may end in ETIMEDOUT if every answer has that fault.",
	  .advice = "look for a NAT or balancer that mixes connections or rewrites the "
		    "timestamp option",
	  .source = "tcp_rcv_synsent_state_process(), PAWS test; RFC 7323, 3.2 and 5",
	  .see = "bad-handshake-ack" },
	{ REASON(TCP_TOO_OLD_ACK),
	  .headline = "in SYN_RECV, an ACK from far in the past",
	  .wire = "The handshake waits for its last ACK and gets one that is older than a "
		  "whole window, left over from an earlier connection on the same ports.",
	  .calls = "None here. The client's call on the connection fails with ECONNRESET if "
		   "the RST fits its window.",
	  .advice = "look for segments that were delayed or replayed, and for quick reuse of "
		    "client ports",
	  .source = "tcp_ack() (RFC 5961, 5.2), from tcp_rcv_state_process() in SYN_RECV",
	  .see = "bad-handshake-ack" },
	{ REASON(TCP_ACK_UNSENT_DATA),
	  .headline = "in SYN_RECV, an ACK of data not sent yet",
	  .wire = "The last ACK of the handshake acknowledges more than this end has sent: "
		  "forged, or meant for another connection with these ports.",
	  .calls = "No call on this side. The sender of that ACK gets ECONNRESET.",
	  .advice = "compare a capture of both ends: a device may translate sequence numbers "
		    "wrongly",
	  .source = "tcp_ack(), test against snd_nxt; RFC 9293, 3.10.7.4, fifth check",
	  .see = "bad-handshake-ack" },
	{ REASON(TCP_OLD_ACK),
	  .headline = "in SYN_RECV, an ACK that is old but within the window",
	  .wire = "The handshake needs its SYN-ACK acknowledged, and the ACK that came stops "
		  "before it: a duplicate from an earlier life of the ports.",
	  .calls = "accept() does not return this connection yet; its client may see ECONNRESET.",
	  .advice = "rare on its own; if it repeats, look for duplicated packets on the path",
	  .source = "tcp_rcv_state_process(), step 5 in SYN_RECV; RFC 9293, 3.10.7.4",
	  .see = "bad-handshake-ack" },
	{ REASON(TCP_FLAGS),
	  .headline = "an ACK reached a listener",
	  .wire = "A listener takes SYNs. The ACK that came belongs to no handshake that "
		  "waits, or has the wrong number for it, and its SYN cookie, if cookies are "
		  "in force, is not valid.",
	  .calls = "The listener's process is not told. The other end, if it believes to be "
		   "connected, gets ECONNRESET.",
	  .advice = "think of a server that restarted under its clients, then of a flood of ACKs",
	  .source = "tcp_rcv_state_process() in LISTEN, after tcp_v4_cookie_check(); RFC 9293, "
		    "3.10.7.2",
	  .see = "bad-syn-cookie" },
	{ REASON(TCP_ABORT_ON_DATA),
	  .headline = "data for a socket that will not read any more",
	  .wire = "New data met a socket shut down for reading, or an orphan still sending its "
		  "FIN. The kernel resets its own socket, too: tcp_reset() runs with no RST "
		  "received (counter TCPAbortOnData).",
	  .calls = "The writer's next write gives EPIPE and SIGPIPE. If a process still holds "
		   "the socket that was shut down, its next call gets ECONNRESET.",
	  .advice = "read to end of file before closing, or shut down only SHUT_WR",
	  .source = "tcp_rcv_state_process(), FIN_WAIT1 and step 7; RFC 1122, 4.2.2.13",
	  .see = "data-after-shutdown, data-after-close" },
	{ REASON(TCP_TIMEWAIT_SOCKET),
	  .headline = "data or a SYN for a timewait sock that stands for FIN_WAIT2",
	  .wire = "The process had closed, the FIN was acknowledged, and a small timewait sock "
		  "waits for the peer's FIN. What came was no FIN but data (or a SYN), which "
		  "has no reader.",
	  .calls = "The peer is in CLOSE_WAIT: the write that did it succeeded, the next gives "
		   "EPIPE and SIGPIPE, reads return 0.",
	  .advice = "let the writer stop at end of file, and let the closer drain what is "
		    "still to come",
	  .source = "tcp_timewait_state_process() (TCP_TW_RST); RFC 9293, 3.6.1",
	  .see = "data-after-close" },
	{ REASON(INVALID_SYN),
	  .headline = "a handshake was dropped: a SYN inside it, or no room to accept it",
	  .wire = "Two things share the reason. A SYN with another number came for a half-open "
		  "connection; or the last ACK came and the accept queue was full with "
		  "net.ipv4.tcp_abort_on_overflow=1.",
	  .calls = "accept() never returns the connection. The client gets ECONNREFUSED in "
		   "SYN_SENT, ECONNRESET when it was connected already.",
	  .advice = "read the cause beside it: rsttrace tells the two apart by the segment's "
		    "SYN flag",
	  .source = "tcp_check_req(), label embryonic_reset; RFC 9293, 3.10.7.4, fourth check",
	  .see = "syn-in-connection, accept-queue-overflow" },
	{ REASON(TCP_ABORT_ON_CLOSE),
	  .headline = "closed while data was unread",
	  .wire = "close(), or the end of the process, found bytes in the receive queue, so a "
		  "RST went where a FIN would have (counter TCPAbortOnClose). An MPTCP fast "
		  "close gives this reason as well.",
	  .calls = "close() succeeds; the peer's next call gets ECONNRESET once it has read "
		   "what reached it.",
	  .advice = "drain before close: shutdown(SHUT_WR), read until 0, then close",
	  .source = "__tcp_close(); mptcp_do_fastclose(); RFC 2525, 2.17",
	  .see = "close-with-unread" },
	{ REASON(TCP_ABORT_ON_LINGER),
	  .headline = "closed in FIN_WAIT2 with TCP_LINGER2 below 0",
	  .wire = "The application forbade the wait for the peer's FIN, so close() resets what "
		  "is left of the connection (counter TCPAbortOnLinger). SO_LINGER with time 0 "
		  "is not this: its reason is TCP_STATE.",
	  .calls = "close() succeeds; the peer, in CLOSE_WAIT, gets EPIPE and SIGPIPE from its "
		   "next write.",
	  .advice = "leave TCP_LINGER2 alone unless many orphans wait for peers that never close",
	  .source = "__tcp_close(), test of linger2 at its end; tcp(7), TCP_LINGER2",
	  .see = "linger2-timeout, linger-zero" },
	{ REASON(TCP_ABORT_ON_MEMORY),
	  .headline = "too many orphans, or no memory for TCP",
	  .wire = "The limit was hit as a socket was closed, or as an orphan's timer ran, and "
		  "the kernel gave that connection up with a RST.",
	  .calls = "No process holds the socket any more; the peer gets ECONNRESET, or EPIPE "
		   "after a FIN.",
	  .advice = "nstat TcpExtTCPAbortOnMemory shows how often; raise tcp_max_orphans or "
		    "find who closes so many at once",
	  .source = "tcp_check_oom() in net/ipv4/tcp.c, tcp_out_of_resources() in "
		    "net/ipv4/tcp_timer.c",
	  .see = "out-of-memory" },
	{ REASON(TCP_STATE),
	  .headline = "an abort out of the state the connection was in",
	  .wire = "One reason for several acts: SO_LINGER with time 0, connect(AF_UNSPEC), a "
		  "listener closed over its queue, ss -K, and an orphan's FIN_WAIT2 that ran "
		  "out.",
	  .calls = "The peer gets ECONNRESET, or EPIPE in CLOSE_WAIT. After ss -K the owner "
		   "gets ECONNABORTED, after connect(AF_UNSPEC) it finds ECONNRESET.",
	  .advice = "read the cause beside it, which tells them apart by call, options and state",
	  .source = "tcp_disconnect(), tcp_abort(), tcp_keepalive_timer(); RFC 9293, 3.10.5",
	  .see = "linger-zero, disconnect, listener-closed, socket-killed, linger2-timeout" },
	{ REASON(TCP_KEEPALIVE_TIMEOUT),
	  .headline = "keepalive gave the peer up",
	  .wire = "Probe after probe stayed without an answer, for TCP_KEEPCNT probes or for "
		  "TCP_USER_TIMEOUT. This is the one timeout that sends a RST.",
	  .calls = "The owner's read that was waiting, or its next call, gets ETIMEDOUT.",
	  .advice = "ask what became of the peer: host down, NAT entry expired, cable out",
	  .source = "tcp_keepalive_timer(), then tcp_write_err(); RFC 1122, 4.2.3.6",
	  .see = "keepalive-timeout, ETIMEDOUT" },
	{ REASON(TCP_DISCONNECT_WITH_DATA),
	  .headline = "dissolved in CLOSING or LAST_ACK with data unsent",
	  .wire = "The socket had been shut down and its FIN was queued behind data when it "
		  "was disconnected: SO_LINGER 0 at close, or connect(AF_UNSPEC).",
	  .calls = "The peer, which had sent its own FIN, gets ECONNRESET where the rest of "
		   "the data should have come.",
	  .advice = "wait for the data to go out (SO_LINGER with a time, or a read until 0) "
		    "before the abort",
	  .source = "tcp_disconnect(), the branch for CLOSING and LAST_ACK; RFC 9293, 3.10.5",
	  .see = "linger-zero, disconnect" },
	{ REASON(MPTCP_RST_EUNSPEC),
	  .headline = "an MPTCP subflow was reset without saying why",
	  .wire = "The default of the MP_TCPRST option, code 0: the subflow is no longer "
		  "available.",
	  .calls = "None while another subflow of the connection is left.",
	  .advice = "ip mptcp monitor shows subflows come and go; look at what closed this one",
	  .source = "mptcp_subflow_reset(); RFC 8684, 3.6, code 0x00",
	  .see = "mptcp-reset" },
	{ REASON(MPTCP_RST_EMPTCP),
	  .headline = "the MPTCP options of a subflow made no sense",
	  .wire = "Code 1: the answer to MP_JOIN had no or wrong options, the token was "
		  "unknown, or the data mapping broke the protocol.",
	  .calls = "The MPTCP socket goes on over its other subflows; a connection whose first "
		   "subflow this is gets ECONNRESET.",
	  .advice = "nstat MPTcpExt* tells which check failed (MPJoinNoTokenFound, "
		    "MPJoinSynAckHMacFailure, ...)",
	  .source = "subflow_check_req(), subflow_finish_connect() in net/mptcp/subflow.c; RFC "
		    "8684, 3.6, code 0x01",
	  .see = "mptcp-reset" },
	{ REASON(MPTCP_RST_ERESOURCE),
	  .headline = "the host had no resources for the subflow",
	  .wire = "Code 2 of MP_TCPRST. Linux does not choose it, and only repeats it when the "
		  "peer gave it first.",
	  .calls = "No call fails while the connection has another subflow to go over.",
	  .advice = "look at the load and the limits of the host that sent it",
	  .source = "sk_rst_convert_mptcp_reason(); RFC 8684, 3.6, code 0x02",
	  .see = "mptcp-reset" },
	{ REASON(MPTCP_RST_EPROHIBIT),
	  .headline = "the path manager does not allow the subflow",
	  .wire = "Code 3: MP_JOIN came for a port that was not announced, with a wrong HMAC, "
		  "beyond the limit of subflows, or on an endpoint kept for announcements.",
	  .calls = "A join that is refused fails no call: it was the kernel's own attempt.",
	  .advice = "compare ip mptcp limits and ip mptcp endpoint on both hosts",
	  .source = "subflow_syn_recv_sock(), subflow_reset_req_endp(); RFC 8684, 3.6, code 0x03",
	  .see = "mptcp-reset" },
	{ REASON(MPTCP_RST_EWQ2BIG),
	  .headline = "too much was acknowledged elsewhere to send it here again",
	  .wire = "Code 4: a subflow was stuck with data that other subflows had delivered "
		  "meanwhile; a reset is cheaper than sending it all again. Linux itself does "
		  "not choose this code.",
	  .calls = "Unseen by the program, whose data went another way.",
	  .advice = "look at the path of that subflow: it was out of order for a while",
	  .source = "sk_rst_convert_mptcp_reason(); RFC 8684, 3.6, code 0x04",
	  .see = "mptcp-reset" },
	{ REASON(MPTCP_RST_EBADPERF),
	  .headline = "the subflow was too slow beside the others",
	  .wire = "Code 5: the implementation that sent it judged this path not worth keeping.",
	  .calls = "Unseen by the program; throughput may even rise.",
	  .advice = "compare rtt and loss of the subflows (ss -tiM) and drop the endpoint if "
		    "it stays bad",
	  .source = "sk_rst_convert_mptcp_reason(); RFC 8684, 3.6, code 0x05",
	  .see = "mptcp-reset" },
	{ REASON(MPTCP_RST_EMIDDLEBOX),
	  .headline = "something on the path changes MPTCP's data or options",
	  .wire = "Code 6: a checksum did not match or data came without its mapping, and the "
		  "connection could not fall back to plain TCP any more.",
	  .calls = "The subflow's own socket gets EBADMSG, which the MPTCP socket keeps to "
		   "itself while it has others.",
	  .advice = "find the proxy or accelerator on that path; net.mptcp.checksum_enabled=1 "
		    "on both hosts shows it early",
	  .source = "subflow_check_data_avail() in net/mptcp/subflow.c; RFC 8684, 3.7, code 0x06",
	  .see = "mptcp-reset, EBADMSG" },
	{ REASON(ERROR),
	  .headline = "a reason that the kernel could not translate",
	  .wire = "MPTCP asked for a reset with a code outside the list of RFC 8684. It should "
		  "not happen.",
	  .calls = "Like any reset of a subflow: none, or ECONNRESET for the last one.",
	  .advice = "report it to the kernel's MPTCP developers with the version and a capture",
	  .source = "sk_rst_convert_mptcp_reason(), its default branch",
	  .see = "mptcp-reset, unknown" },
	{ .name = NULL },
};
