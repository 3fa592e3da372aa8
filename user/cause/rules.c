/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules: one row for each way to a cause, with all that is said about it. rules_match.c
 * decides whether a row fits, rules_text.c has the sentences with figures.
 */
#include "cause/rules.h"

#include "cause/rules_match.h"
#include "cause/rules_text.h"

#define UNSEEN "both ends are on this host, or may be, and the sending was not seen"
#define PEER_ADVICE "run rsttrace on the peer: the same rst_seq names its side, and the same community_id " \
	"unless a NAT stands in between"

const struct rule rules[] = {
	/* ---- sent by decision */
	{ .cause = "mptcp-reset", .match = match_mptcp,
	  .headline = "an MPTCP subflow was reset",
	  .advice = "read the reason: the other subflows may still carry the connection",
	  .wire = "One subflow of a Multipath TCP connection was reset: it was refused when it "
		  "wanted to join, or its options no longer made sense. The others carry on; "
		  "only a fast close ends them all.",
	  .calls = "Usually none, as long as the MPTCP socket has another subflow. ECONNRESET "
		   "(EPIPE in CLOSE_WAIT) comes with a fast close, or with the only subflow of "
		   "a connection that had fallen back to plain TCP.",
	  .source = "mptcp_subflow_reset(), subflow_check_req(), mptcp_check_fastclose(); RFC "
		    "8684, 3.5 and 3.6",
	  .why[CERTAIN] = "the kernel's reason is one of MPTCP_RST_*, or TCP_ABORT_ON_CLOSE on a "
			  "live subflow (fast close)",
	  .why[LIKELY] = "no reason, but the close of an MPTCP socket or the kernel by itself "
			 "reset a live subflow, or one with EBADMSG on it, or a listener "
			 "answered a SYN that asked to join an MPTCP connection" },
	{ .cause = "socket-killed", .match = match_killed, .explain = text_destroyed,
	  .by_other = true,
	  .headline = "the socket was destroyed from outside (ss -K or BPF)",
	  .advice = "look for ss -K, a conntrack or load-balancer agent, or a BPF program that "
		    "kills sockets",
	  .wire = "Somebody other than the owner destroyed the socket, by a SOCK_DESTROY "
		  "request of netlink or by bpf_sock_destroy(). The kernel sends a RST from "
		  "whatever state the connection is in and closes the socket under its "
		  "owner. It does so in a call of the killer: the process that made the "
		  "request, or that read the BPF iterator.",
	  .calls = "The owner's next read or write fails with ECONNABORTED, without SIGPIPE; "
		   "its peer's with ECONNRESET. After that reads return 0 and writes fail with "
		   "EPIPE.",
	  .source = "tcp_abort() in net/ipv4/tcp.c, called by net/ipv4/tcp_diag.c; RFC 9293, "
		    "3.10.5",
	  .why[CERTAIN] = "ECONNABORTED was pending on the socket when the RST was sent "
			  "(older kernels)",
	  .why[LIKELY] = "reason TCP_STATE, or none and no keepalive probes out, and no call of "
			 "the owner had closed the socket" },
	{ .cause = "linger2-timeout", .match = match_linger2,
	  .headline = "the closed connection's FIN_WAIT2 ran out or was switched off",
	  .advice = "let the peer close too, or raise net.ipv4.tcp_fin_timeout or TCP_LINGER2",
	  .wire = "The sender had closed and its FIN was acknowledged, but the peer's FIN did "
		  "not come. A wait in FIN_WAIT2 that no process is part of ends with a RST "
		  "when its time is up, or at once when TCP_LINGER2 is below 0. Most such "
		  "waits end silently, in a timewait sock.",
	  .calls = "Nothing fails at the closer, which has no descriptor left. The peer is in "
		   "CLOSE_WAIT: its reads return 0 as before, its next write fails with EPIPE "
		   "and raises SIGPIPE.",
	  .source = "__tcp_close() and tcp_keepalive_timer(); RFC 9293, 3.6.1; tcp(7), "
		    "TCP_LINGER2",
	  .why[CERTAIN] = "the kernel's reason is TCP_ABORT_ON_LINGER, or the ACK of an orphan's "
			  "FIN was answered with TCP_LINGER2 < 0",
	  .why[LIKELY] = "an orphan in FIN_WAIT2 was reset, or TCP_LINGER2 forbade to wait there" },
	{ .cause = "close-with-unread", .match = match_unread, .explain = text_unread,
	  .headline = "closed with data unread", .of_sender = true, .by_end = true,
	  .advice = "read what the other end sends to its end, or shutdown(SHUT_WR) and drain before "
		    "close",
	  .wire = "The process closed the socket, or died, with bytes in the receive queue "
		  "that it had never read. A FIN would claim that they were delivered, so "
		  "Linux sends a RST; what was still to be sent goes down with it.",
	  .calls = "close() succeeds. The peer still reads what had reached it, then gets "
		   "ECONNRESET, often instead of the end of an answer; a write of its own "
		   "fails the same way.",
	  .source = "__tcp_close() in net/ipv4/tcp.c; RFC 9293, 3.6.1; RFC 2525, 2.17; for "
		    "HTTP RFC 9112, 9.6",
	  .why[CERTAIN] = "the kernel's reason is TCP_ABORT_ON_CLOSE, or unread bytes were "
			  "counted",
	  .why[LIKELY] = "the sending was not seen, only that the socket closed with data "
			 "unread" },
	{ .cause = "listener-closed", .match = match_listener_closed,
	  .headline = "the listener closed before anybody accepted the connection", .by_end = true,
	  .advice = "stop new connections first (drain), then accept what is queued, then "
		    "close the listener",
	  .wire = "Clients had finished the handshake and waited in the accept queue when the "
		  "listener was closed: a restart, a crash, an exit. The kernel resets every "
		  "one of them, unless net.ipv4.tcp_migrate_req hands it to another listener "
		  "of the port.",
	  .calls = "None at the server: accept() never returned these connections. A client's "
		   "connect() had succeeded; its first read or write fails with ECONNRESET.",
	  .source = "inet_csk_listen_stop() and inet_child_forget() in "
		    "net/ipv4/inet_connection_sock.c; RFC 9293, 3.10.5",
	  .why[CERTAIN] = "a connection that never had a file was disconnected" },
	{ .cause = "out-of-memory", .match = match_memory,
	  .headline = "the orphan or TCP memory limit was hit",
	  .advice = "compare ss -s with net.ipv4.tcp_max_orphans and net.ipv4.tcp_mem",
	  .wire = "A connection that its process had closed still had to deliver data or its "
		  "FIN, but there were more such orphans than tcp_max_orphans allows, or TCP "
		  "was out of memory. The kernel drops the rest and sends a RST (counter "
		  "TCPAbortOnMemory).",
	  .calls = "None at the closer. The peer gets ECONNRESET where the rest of the data or "
		   "the end of file should have been, or EPIPE if the FIN had arrived.",
	  .source = "tcp_check_oom(), from __tcp_close() and tcp_out_of_resources(); no RFC "
		    "asks for it",
	  .why[CERTAIN] = "the kernel's reason is TCP_ABORT_ON_MEMORY",
	  .why[LIKELY] = "no reason, an orphan was reset and nothing else explains it" },
	{ .cause = "keepalive-timeout", .match = match_keepalive,
	  .headline = "keepalive probes went unanswered",
	  .advice = "the peer or the path is gone: look there, and at TCP_KEEPIDLE, "
		    "TCP_KEEPINTVL, TCP_KEEPCNT",
	  .wire = "The connection was idle with SO_KEEPALIVE on, and none of TCP_KEEPCNT "
		  "probes was answered (or none within TCP_USER_TIMEOUT). The kernel sends a "
		  "RST, which seldom arrives anywhere, and gives the connection up.",
	  .calls = "The owner's waiting or next call fails with ETIMEDOUT, or with what an "
		   "ICMP message had said, such as EHOSTUNREACH. A peer that lives after all "
		   "gets ECONNRESET.",
	  .source = "tcp_keepalive_timer() in net/ipv4/tcp_timer.c; RFC 9293, 3.8.4; RFC 1122, "
		    "4.2.3.6",
	  .why[CERTAIN] = "the kernel's reason is TCP_KEEPALIVE_TIMEOUT",
	  .why[LIKELY] = "no reason, but no call closed the socket and a process still "
			 "holds it; or the sending was not seen, only that the connection "
			 "was idle and was given up" },
	{ .cause = "linger-zero", .match = match_linger_zero, .explain = text_linger_zero,
	  .headline = "closed with SO_LINGER set to 0", .of_sender = true, .by_end = true,
	  .advice = "remove SO_LINGER {1,0} unless the abort is meant: it throws away unsent "
		    "data",
	  .wire = "The socket was closed with SO_LINGER on and its time 0: the kernel aborts. "
		  "A RST goes instead of the FIN, all that was not yet acknowledged is "
		  "dropped, and there is no TIME_WAIT. Unread data is tested first and has a "
		  "cause of its own.",
	  .calls = "close() succeeds at once. The peer gets ECONNRESET after it has read what "
		   "arrived; in CLOSE_WAIT its reads return 0 and a write fails with EPIPE.",
	  .source = "__tcp_close() and tcp_disconnect() (reason TCP_STATE); RFC 9293, 3.10.5; "
		    "socket(7), SO_LINGER",
	  .why[CERTAIN] = "SO_LINGER {1,0} was set on the socket when it was closed",
	  .why[LIKELY] = "the same, but the sending was not seen" },
	{ .cause = "disconnect", .match = match_disconnect,
	  .headline = "the connection was dissolved by connect(AF_UNSPEC)",
	  .advice = "shutdown and close the socket instead of reconnecting it, if the peer "
		    "should see an end",
	  .wire = "connect() with an address of family AF_UNSPEC dissolves a connection: a RST "
		  "to the peer, both queues emptied, and the socket may connect anew.",
	  .calls = "That connect() returns 0. ECONNRESET stays behind on the socket itself for "
		   "a read or write that comes before the next connect(). The peer gets "
		   "ECONNRESET too.",
	  .source = "tcp_disconnect(), from __inet_stream_connect() in net/ipv4/af_inet.c; "
		    "connect(2)",
	  .why[CERTAIN] = "the RST was sent from within connect()",
	  .why[GUESS] = "a call of the sender aborted the connection, and no other rule fits" },

	/* ---- sent in reply */
	{ .cause = "firewall-reject", .match = match_netfilter, .explain = text_netfilter,
	  .headline = "a firewall rule rejected the segment with a reset",
	  .advice = "look for REJECT --reject-with tcp-reset: nft list ruleset, iptables-save",
	  .wire = "A netfilter rule answered a segment with a RST in the name of its "
		  "destination, which never saw it; the segment may only have been passing "
		  "through this host. OutRsts does not count it.",
	  .calls = "A rejected SYN makes connect() fail with ECONNREFUSED, as a closed port "
		   "would. Later on, the rejected segment's sender gets ECONNRESET, and the "
		   "other end hears nothing.",
	  .source = "nf_send_reset() and nf_send_reset6() in nf_reject_ipv4.c and "
		    "nf_reject_ipv6.c; RFC 9293, 3.5.2",
	  .why[CERTAIN] = "the function that sends for netfilter was seen",
	  .why[LIKELY] = "the rule was not seen sending, but netfilter had just dropped the "
			 "segment that the RST answers" },
	{ .cause = "closed-port", .match = match_closed_port, .explain = text_closed_port,
	  .headline = "nobody listens there",
	  .advice = "start the service, or correct the address or port; check what it binds "
		    "to: ss -ltn",
	  .wire = "A SYN came for a port on which nothing listens: the service is down, or is "
		  "bound to another address, or lives in another network namespace. The kernel "
		  "answers with a RST that acknowledges the SYN.",
	  .calls = "connect() fails with ECONNREFUSED. A non-blocking one says EINPROGRESS "
		   "first; then poll() wakes and SO_ERROR, or a second connect(), gives "
		   "ECONNREFUSED.",
	  .source = "tcp_v4_rcv() (no_tcp_socket) and tcp_v4_send_reset(), and theirs of IPv6; "
		    "RFC 9293, 3.10.7.1",
	  .why[CERTAIN] = "the segment answered was a SYN, and there was no socket for it",
	  .why[LIKELY] = "a connect within this host was refused where no listener was "
			 "known; the sending of the RST was not seen, as no hook shows it "
			 "there or its event was lost" },
	{ .cause = "data-after-close", .match = match_after_close, .explain = text_after_close,
	  .headline = "data arrived after the receiver closed",
	  .advice = "the writer should read first and stop at end of file; the closer should "
		    "drain before close",
	  .wire = "The receiver had closed and sent its FIN; what is left of it is a timewait "
		  "sock, an orphan, or nothing. Nobody will ever read the data that now comes, "
		  "so the kernel answers with a RST.",
	  .calls = "The writer is in CLOSE_WAIT. The write that provokes the RST succeeds: it "
		   "only fills the send buffer. The RST leaves EPIPE, so the next write fails "
		   "with it and raises SIGPIPE, while recv() still returns 0 (SOCK_DONE) and "
		   "hides the reset.",
	  .source = "tcp_timewait_state_process(), tcp_rcv_state_process(); RFC 9293, 3.6.1; "
		    "RFC 1122, 4.2.2.13",
	  .why[CERTAIN] = "the segment met a timewait sock, or an orphan that it finished off",
	  .why[LIKELY] = "no socket is left, but one with these addresses and ports closed "
			 "before; or the sending was not seen, only that the other end had "
			 "closed and that data was on the way to it" },
	{ .cause = "stray-segment", .match = match_stray,
	  .headline = "a segment arrived for no known connection",
	  .advice = "look for a restart, a failover, or a NAT or conntrack entry that lost the "
		    "connection",
	  .wire = "A segment that is no SYN came for addresses and ports that belong to no "
		  "socket here: this host forgot the connection, or traffic meant for another "
		  "one reached it.",
	  .calls = "Nothing fails here. If the other end holds the connection, its next read "
		   "or write fails with ECONNRESET: typical of a pooled connection first used "
		   "after a failover.",
	  .source = "tcp_v4_rcv() and tcp_v6_rcv(), reason NO_SOCKET; RFC 9293, 3.5.1 and 3.5.2",
	  .why[CERTAIN] = "there is no socket for the segment, and none that had these "
			  "addresses and ports was seen closing in order",
	  .why[LIKELY] = "a listener answered an ACK for a connection that had ended" },
	{ .cause = "data-after-shutdown", .match = match_after_shutdown, .explain = text_after_shutdown,
	  .headline = "data arrived after the receiver shut the connection down",
	  .advice = "shut down only writing (SHUT_WR) and read until end of file",
	  .wire = "The receiver had shut down both directions but kept the descriptor. New "
		  "data makes the kernel reset that socket itself (tcp_reset() without a RST "
		  "received) and answer with a RST (counter TCPAbortOnData).",
	  .calls = "Both ends lose: ECONNRESET waits on the receiver's own socket. The writer, "
		   "in CLOSE_WAIT, gets EPIPE and SIGPIPE from its next write; its reads "
		   "return 0.",
	  .source = "tcp_rcv_state_process(), step 7 (RCV_SHUTDOWN); RFC 9293, 3.10.7.4; RFC "
		    "1122, 4.2.2.13",
	  .why[CERTAIN] = "the segment closed a socket that a process still held" },
	{ .cause = "syn-in-connection", .match = match_syn,
	  .headline = "a SYN arrived inside a half-open connection",
	  .advice = "look for a client that reuses its port early, or duplicated packets on "
		    "the path",
	  .wire = "While a handshake waited for its last ACK, a SYN with another sequence "
		  "number came for the same addresses and ports. The kernel drops the "
		  "handshake and answers with a RST (EmbryonicRsts). In a full connection such "
		  "a SYN draws a challenge ACK instead.",
	  .calls = "None at the server: accept() never returns the connection. The client that "
		   "sent the SYN gets ECONNREFUSED from connect().",
	  .source = "tcp_check_req() in net/ipv4/tcp_minisocks.c; RFC 9293, 3.10.7.4; RFC "
		    "5961, 4",
	  .why[CERTAIN] = "a listener's handshake answered a SYN" },
	{ .cause = "accept-queue-overflow", .match = match_overflow, .explain = text_queue,
	  .headline = "the accept queue was full",
	  .advice = "accept faster, or raise the backlog of listen() and net.core.somaxconn",
	  .wire = "The last ACK of a handshake came, but the listener's queue of connections "
		  "to accept was full. With net.ipv4.tcp_abort_on_overflow=1 the kernel "
		  "answers with a RST; with 0 it drops the ACK and says nothing. "
		  "ListenOverflows counts both.",
	  .calls = "None at the server. The client's connect() had succeeded with the SYN-ACK, "
		   "so its first read or write is what fails, with ECONNRESET.",
	  .source = "tcp_check_req() (listen_overflow), tcp_v4_syn_recv_sock(); listen(2); "
		    "ip-sysctl, tcp_abort_on_overflow",
	  .why[CERTAIN] = "the kernel's reason is INVALID_SYN though the segment was no SYN",
	  .why[LIKELY] = "no reason, but the queue was longer than its limit" },
	{ .cause = "bad-syn-cookie", .match = match_cookie,
	  .headline = "an ACK reached the listener that fits no connection and no SYN cookie",
	  .advice = "look for a restarted server, or for a SYN flood (nstat "
		    "TcpExtSyncookiesFailed)",
	  .wire = "An ACK came to a listener, but no handshake is waiting for it, or one waits "
		  "for another number, and it holds no valid SYN cookie (forged, or too old).",
	  .calls = "None at the listener. Whoever sent the ACK believes to be connected and "
		   "gets ECONNRESET from its first read or write.",
	  .source = "tcp_v4_cookie_check(), then tcp_rcv_state_process() in LISTEN (reason "
		    "TCP_FLAGS); RFC 9293, 3.10.7.2; RFC 4987, 3.6",
	  .why[LIKELY] = "a listener answered an ACK: a bad cookie and a stray ACK look alike" },
	{ .cause = "bad-handshake-ack", .match = match_handshake,
	  .headline = "an ACK of the handshake does not fit it",
	  .advice = "look for a reused port whose old connection lives on at the peer or in a "
		    "NAT",
	  .wire = "During the handshake came an ACK of something else: in SYN_SENT one for a "
		  "number never sent or with a foreign timestamp, in SYN_RECV an old one or "
		  "one ahead. The kernel answers it with a RST, but does not give the "
		  "handshake up.",
	  .calls = "connect() goes on and often succeeds with its next SYN, for the RST has "
		   "cleared an old connection away at the other end; there a call on the old "
		   "one gets ECONNRESET.",
	  .source = "tcp_rcv_synsent_state_process(), tcp_ack(); RFC 9293, 3.5.1 and 3.10.7.3",
	  .why[CERTAIN] = "a socket in SYN_SENT or SYN_RECV answered the segment" },

	/* ---- without a RST */
	{ .cause = "user-timeout", .match = match_user_timeout, .explain = text_user_timeout,
	  .headline = "TCP_USER_TIMEOUT ran out",
	  .advice = "raise TCP_USER_TIMEOUT if the path may be down for longer, otherwise look "
		    "for what took it down",
	  .wire = "The application had set TCP_USER_TIMEOUT, and for that long data stayed "
		  "without an acknowledgement, or the peer's window stayed closed. The "
		  "connection is given up without a RST; only an idle one, given up by "
		  "keepalive, sends one.",
	  .calls = "A blocked writer or reader, or whoever calls next, gets ETIMEDOUT, long "
		   "before the system's own limit would end the connection. Nothing reaches "
		   "the peer.",
	  .source = "retransmits_timed_out() and tcp_probe_timer() in net/ipv4/tcp_timer.c; "
		    "RFC 5482; tcp(7), TCP_USER_TIMEOUT",
	  .why[LIKELY] = "ETIMEDOUT was left on a socket with TCP_USER_TIMEOUT set" },
	{ .cause = "icmp-unreachable", .match = match_icmp, .explain = text_icmp,
	  .headline = "unreachable: ICMP error or lost route",
	  .advice = "see whether there is a route (ip route get), follow the path (traceroute -T), "
		    "and read which router sent the ICMP message (tcpdump icmp or icmp6)",
	  .wire = "A router, a firewall or the host answered the SYN with an ICMP error: no "
		  "route, no such host, prohibited. The error ends the attempt at once, "
		  "unless it comes while connect() holds the socket, as an error from this "
		  "very host does: then it is only noted, and the answer to the next SYN, a "
		  "second later, ends the attempt. On an established connection the error "
		  "is only remembered (sk_err_soft) while TCP goes on trying. A "
		  "retransmission that finds no route on this host any more, because its "
		  "interface or tunnel is gone, leaves the same error. No RST is sent in "
		  "any of these cases.",
	  .calls = "connect() fails with EHOSTUNREACH or ENETUNREACH, or, by the ICMP code, "
		   "with ECONNREFUSED, EACCES, EPROTO and others; SO_ERROR also gives an "
		   "error that is only noted. On an established connection the error comes "
		   "at the end of retransmission in place of ETIMEDOUT, or at once with "
		   "IP_RECVERR.",
	  .source = "tcp_v4_err(), icmp_err_convert[], tcp_v6_err(), icmpv6_err_convert(); RFC "
		    "9293, 3.9.2.2; RFC 5461",
	  .why[CERTAIN] = "the socket has kept the message that answered its SYN, or an error other "
			  "than ETIMEDOUT ended it in SYN_SENT with no SYN sent again",
	  .why[LIKELY] = "such an error ended a connection, or an attempt, after "
			 "retransmissions in vain" },
	{ .cause = "retransmit-timeout", .match = match_retransmit, .explain = text_retransmit,
	  .headline = "retransmissions were exhausted",
	  .advice = "look for loss or a dead peer (ss -ti, nstat TcpExtTCPAbortOnTimeout); "
		    "tcp_retries2 sets the limit",
	  .wire = "The same data, FIN or SYN was sent again and again, and never acknowledged, "
		  "until net.ipv4.tcp_retries2 (tcp_syn_retries for a SYN) was used up: with "
		  "the defaults a quarter of an hour for data. The kernel gives up silently: "
		  "no RST is sent.",
	  .calls = "The owner's waiting or next call fails with ETIMEDOUT, or with the error "
		   "of an ICMP message seen meanwhile (EHOSTUNREACH, ENETUNREACH). The peer, "
		   "if alive, is told nothing and keeps its half of the connection.",
	  .source = "tcp_write_timeout() and tcp_write_err() in net/ipv4/tcp_timer.c; RFC "
		    "9293, 3.8.3",
	  .why[CERTAIN] = "ETIMEDOUT was left on the socket, and no RST was sent" },

	/* ---- received from elsewhere */
	{ .cause = "injected", .match = match_injected, .explain = text_injected,
	  .headline = "the reset does not look like the peer's packets",
	  .advice = "ask what stands on the path (firewall, balancer, IPS) and whether its rules "
		    "or timeouts mean this; capture on both hosts: a RST that never left the "
		    "peer comes from there",
	  .wire = "The RST carries another TTL (hop limit) than the flow's other segments, so it "
		  "passed more or fewer routers: a firewall, an intrusion prevention system, a "
		  "balancer or a censor made it in the peer's name, often for both ends, and "
		  "often rightfully. Also possible: a path that has changed, another host that "
		  "took over the address, a SYN proxy that shook hands for the peer. The RST's TTL is "
		  "seen at tcp_reset() alone, from Linux 5.15 on: no tracepoint shows it.",
	  .calls = "A forged RST with the right sequence number works like a real one: "
		   "ECONNRESET for the next call. One merely within the window draws a "
		   "challenge ACK, and no call fails.",
	  .source = "tcp_validate_incoming(), tcp_reset(); tcp_finish_connect(), "
		    "tcp_v4_syn_recv_sock(); RFC 5961, 3; RFC 3360",
	  .why[LIKELY] = "within 2 s the peer's data, or more RSTs, came with numbers "
			 "beyond that of the RST; or its TTL differs by 2 or more from that "
			 "of the handshake, and from that of the newest segment not yet "
			 "read, if there is one; what would be a guess is likely if a "
			 "RST+ACK has an IP-ID far from theirs",
	  .why[GUESS] = "the TTL differs as first TTLs of senders do (64, 128, 255): a "
			"device next to the peer sent the RST, or the peer sends its resets "
			"with another first TTL" },
	{ .cause = "peer-refused", .match = match_refused, .explain = text_refused,
	  .headline = "the peer refused the connection",
	  .advice = "check that the service listens there, and for a firewall that rejects; " PEER_ADVICE,
	  .wire = "The answer to the SYN was a RST: nothing listens at that address and port, "
		  "or a device on the way rejects for it. A SYN that is merely dropped would "
		  "time out instead.",
	  .calls = "In SYN_SENT a RST means ECONNREFUSED, for a blocking connect() or for "
		   "SO_ERROR of a non-blocking one; once SO_ERROR has taken it, connect() says "
		   "ECONNABORTED.",
	  .source = "tcp_reset(), from tcp_rcv_synsent_state_process(); RFC 9293, 3.5.3 and "
		    "3.10.7.3",
	  .why[CERTAIN] = "the RST arrived in SYN_SENT",
	  .why[GUESS] = UNSEEN },
	{ .cause = "keepalive-race", .match = match_keepalive_race, .explain = text_keepalive_race,
	  .headline = "the peer's idle timeout met a new request",
	  .advice = "make the client's idle timeout (pool, keep-alive) shorter than the server's "
		    "and every balancer's between, or raise those (nginx keepalive_timeout, Apache "
		    "KeepAliveTimeout, Node keepAliveTimeout); retry what is safe to repeat",
	  .wire = "The connection had been idle for about as long as the peer, or a "
		  "balancer or NAT before it, keeps idle connections. That end closed just "
		  "when a request was on its way, and the request met a closed socket: a "
		  "RST. The length of the silence shows which timeout it was. Where a "
		  "balancer or NAT forgets idle flows, TCP keepalives (SO_KEEPALIVE, "
		  "TCP_KEEPIDLE below its timeout) keep them.",
	  .calls = "The write of the request succeeds, the read for the answer fails with "
		   "ECONNRESET, or returns 0 when the FIN had come first. The request was most "
		   "probably not processed.",
	  .source = "the race is the application protocol's: RFC 9112, 9.3.1 and 9.5; the RST "
		    "is tcp_v4_send_reset()'s at the peer",
	  .why[LIKELY] = "data sent within the last second met a RST after silence as long as a usual timeout",
	  .why[GUESS] = "a RST arrived after such a silence, with nothing just sent; or " UNSEEN },
	{ .cause = "peer-reset-after-fin", .match = match_peer_fin, .explain = text_peer_fin,
	  .headline = "the peer closed, then reset",
	  .advice = "the peer got data after its close: stop writing at end of file; " PEER_ADVICE,
	  .wire = "The peer's FIN had arrived, then its RST: it had closed, and was sent "
		  "data that nobody there will read. A peer that shut down writing and then "
		  "died looks the same.",
	  .calls = "A RST in CLOSE_WAIT leaves EPIPE, not ECONNRESET: the next write fails "
		   "with it and raises SIGPIPE. Reads return 0 and leave it pending, so a pure "
		   "reader never knows. In LAST_ACK and CLOSING the program has mostly closed "
		   "and sees nothing.",
	  .source = "tcp_reset(), by state, and tcp_recvmsg() (SOCK_DONE); RFC 9293, 3.5.3 and "
		    "3.6.1",
	  .why[LIKELY] = "the RST arrived in CLOSE_WAIT, LAST_ACK or CLOSING",
	  .why[GUESS] = UNSEEN },
	{ .cause = "peer-reset-during-send", .match = match_peer_sending, .explain = text_sending,
	  .headline = "the peer reset the connection while data was on the way to it",
	  .advice = "the peer closed without reading all, or died; " PEER_ADVICE,
	  .wire = "A RST arrived while bytes sent from here were not yet acknowledged. They "
		  "may have been read, or may be the data that made the peer's kernel "
		  "reset: that cannot be seen from here.",
	  .calls = "A write that waits for room, or the next call, fails with ECONNRESET and "
		   "without SIGPIPE; writes after it fail with EPIPE. What write() had "
		   "accepted is lost.",
	  .source = "tcp_reset() and tcp_write_queue_purge(), sk_stream_error(); RFC 9293, "
		    "3.5.3 and 3.10.7.4",
	  .why[LIKELY] = "bytes sent were not acknowledged when the RST arrived",
	  .why[GUESS] = UNSEEN },
	{ .cause = "peer-reset", .match = match_peer, .explain = text_peer,
	  .headline = "the peer reset the connection", .advice = PEER_ADVICE,
	  .wire = "A RST arrived on a connection that, as far as could be read, had nothing "
		  "under way. Why the RST was sent is known only at its sender.",
	  .calls = "The first call after it, of any kind, fails with ECONNRESET and takes the "
		   "error with it; then reads return 0, and writes fail with EPIPE and raise "
		   "SIGPIPE.",
	  .source = "tcp_validate_incoming() and tcp_reset() in net/ipv4/tcp_input.c; RFC "
		    "9293, 3.5.3; RFC 5961, 3",
	  .why[CERTAIN] = "the RST came from outside, and there is no evidence for more",
	  .why[GUESS] = UNSEEN },
	{ .cause = "unknown", .match = match_any, .explain = text_unknown,
	  .headline = "cause not known",
	  .advice = "rsttrace check shows which probes are missing here",
	  .wire = "A RST was seen, but what was recorded of it fits no rule: a probe is "
		  "missing on this kernel, or the kernel has a way to reset that rsttrace has "
		  "not learnt.",
	  .calls = "Those listed in the record, with the errors they really got.",
	  .source = "none: no rule of rsttrace matched",
	  .why[GUESS] = "nothing else matched" },
};
const size_t n_rules = sizeof(rules) / sizeof(rules[0]);
