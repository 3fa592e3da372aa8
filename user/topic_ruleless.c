/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Causes that the record may name but that no rule finds yet. A rule that learns
 * to find one takes its row along to rules.c.
 */
#include "topic.h"

const struct rule ruleless_causes[] = {
	{ .cause = "retransmit-timeout",
	  .headline = "retransmissions were exhausted",
	  .advice = "look for loss or a dead peer (ss -ti, nstat TcpExtTCPAbortOnTimeout); tcp_retries2 sets the limit",
	  .wire = "The same data, FIN or SYN was sent again and again, and never acknowledged, until "
		  "net.ipv4.tcp_retries2 (tcp_syn_retries for a SYN) was used up: with the defaults a "
		  "quarter of an hour for data. The kernel gives up silently: no RST is sent.",
	  .calls = "The owner's waiting or next call fails with ETIMEDOUT, or with the error of an ICMP "
		   "message seen meanwhile (EHOSTUNREACH, ENETUNREACH). The peer, if alive, is told "
		   "nothing and keeps its half of the connection.",
	  .source = "tcp_write_timeout() and tcp_write_err() in net/ipv4/tcp_timer.c; RFC 9293, 3.8.3" },
	{ .cause = "user-timeout",
	  .headline = "TCP_USER_TIMEOUT ran out",
	  .advice = "raise TCP_USER_TIMEOUT if the path may be down for longer, otherwise look for what took it down",
	  .wire = "The application had set TCP_USER_TIMEOUT, and for that long data stayed without an "
		  "acknowledgement, or the peer's window stayed closed. The connection is given up "
		  "without a RST; only an idle one, given up by keepalive, sends one.",
	  .calls = "A blocked writer or reader, or whoever calls next, gets ETIMEDOUT, long before the "
		   "system's own limit would end the connection. Nothing reaches the peer.",
	  .source = "retransmits_timed_out() and tcp_probe_timer() in net/ipv4/tcp_timer.c; RFC 5482; "
		    "tcp(7), TCP_USER_TIMEOUT" },
	{ .cause = "icmp-unreachable",
	  .headline = "an ICMP error ended the attempt to connect",
	  .advice = "follow the path (traceroute -T, ip route get), and read which router sent the ICMP message (tcpdump icmp or icmp6)",
	  .wire = "A router, a firewall or the host answered the SYN with an ICMP error: no route, no "
		  "such host, prohibited. It ends the attempt at once. On a connection that stands it is "
		  "only remembered (sk_err_soft) while TCP goes on trying. No RST is sent in either case.",
	  .calls = "connect() fails with EHOSTUNREACH or ENETUNREACH, or, by the ICMP code, with "
		   "ECONNREFUSED, EACCES, EPROTO and others. On a connection that stands the error comes "
		   "at the end of retransmission in place of ETIMEDOUT, or at once with IP_RECVERR.",
	  .source = "tcp_v4_err(), icmp_err_convert[], tcp_v6_err(), icmpv6_err_convert(); RFC 9293, "
		    "3.9.2.2; RFC 5461" },
	{ .cause = "keepalive-race",
	  .headline = "the peer's idle timeout met a new request",
	  .advice = "let the client's pool drop idle connections some seconds before the server's keep-alive timeout does, and retry what is safe to repeat",
	  .wire = "The connection had been idle for about as long as the peer, or a balancer or NAT "
		  "before it, keeps idle connections. It closed just as a request was on its way, and "
		  "the request met a closed socket: a RST.",
	  .calls = "The write of the request succeeds, the read for the answer fails with ECONNRESET, or "
		   "returns 0 when the FIN had come first. The request was most probably not processed.",
	  .source = "the race is the application protocol's: RFC 9112, 9.3.1 and 9.5; the RST is "
		    "tcp_v4_send_reset()'s at the peer" },
	{ .cause = "injected",
	  .headline = "the reset does not look like the peer's packets",
	  .advice = "capture on both hosts: a RST that arrives here but never left the peer comes from a device in between",
	  .wire = "The RST carries a TTL or IP-ID unlike those of the flow's other segments: a firewall, "
		  "an intrusion prevention system, a balancer or a censor made it in the peer's name. "
		  "Often both ends get one.",
	  .calls = "A forged RST with the right sequence number works like a real one: ECONNRESET for "
		   "the next call. One merely within the window draws a challenge ACK, and no call fails.",
	  .source = "tcp_validate_incoming(), tcp_reset(); RFC 5961, 3; RFC 3360" },
	{ .cause = NULL },
};
