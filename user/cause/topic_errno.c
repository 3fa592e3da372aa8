/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The errors that a TCP socket call gives because a connection ended or never
 * came about. `also` holds what libraries other than glibc say; glibc's own
 * message is found by the number.
 */
#include <errno.h>
#include <signal.h>

#include "cause/topic.h"

#define ERRNO(e) .kind = TOPIC_ERRNO, .name = #e, .number = e

const struct topic errno_topics[] = {
	{ ERRNO(ECONNRESET), .also = "Connection reset|ConnectionResetError",
	  .headline = "the connection was reset, and this call is the first to hear of it",
	  .wire = "A RST with exactly the expected sequence number arrived (tcp_reset()), "
		  "or this host's kernel aborted the connection on data that came after a "
		  "shutdown. The send queue is purged, the state is CLOSE; what had been "
		  "received before can still be read.",
	  .calls = "The error lies in sk_err, and exactly one call takes it out: read, write, "
		   "recv with MSG_PEEK or getsockopt(SO_ERROR), whichever is first. A read "
		   "returns queued data before it. A write that finds it gets ECONNRESET and "
		   "no SIGPIPE. After that reads return 0 and writes fail with EPIPE. "
		   "connect() gets it only from a reset after the handshake.",
	  .advice = "treat it like an unfinished answer: the peer's last bytes may be missing, "
		    "so retry only what is safe to repeat",
	  .source = "tcp_reset(), sock_error(), tcp_recvmsg_locked(); RFC 9293, 3.5.3 and "
		    "3.10.7.4",
	  .see = "close-with-unread, peer-reset, linger-zero, stray-segment" },
	{ ERRNO(EPIPE), .also = "BrokenPipeError",
	  .headline = "a write on a connection that can no longer carry data",
	  .wire = "The connection was reset in CLOSE_WAIT (the peer's FIN, then its RST: "
		  "sk_err is EPIPE itself), or it was reset and the error already given out, "
		  "or this side had shut down writing. Nothing is sent any more.",
	  .calls = "Only calls that send fail with it, and the thread gets SIGPIPE unless "
		   "MSG_NOSIGNAL is set. Reads return 0: in CLOSE_WAIT the end of file "
		   "(SOCK_DONE) is tested before sk_err. The one exception is kTLS, whose read "
		   "tests sk_err first. SO_ERROR shows EPIPE once.",
	  .advice = "read before writing and stop at end of file; use MSG_NOSIGNAL or ignore "
		    "SIGPIPE and handle the error",
	  .source = "sk_stream_error() in net/core/stream.c, tcp_sendmsg_locked(), "
		    "tcp_reset(); POSIX, send()",
	  .see = "SIGPIPE, data-after-close, peer-reset-after-fin, second-write" },
	{ ERRNO(ECONNREFUSED), .also = "ConnectionRefusedError",
	  .headline = "the SYN was answered with a reset",
	  .wire = "The RST acknowledged the SYN, so it is meant for this attempt: no listener "
		  "at that address and port, or a firewall that rejects with a reset. An ICMP "
		  "port unreachable gives the same error.",
	  .calls = "connect() fails with it. A non-blocking connect() has said EINPROGRESS; "
		   "poll() then reports POLLERR and POLLHUP, and SO_ERROR or a second "
		   "connect() gives the error, once. A read or write before that takes it "
		   "instead.",
	  .advice = "check with ss -ltn on the server that the service listens on that "
		    "address, and look for reject rules",
	  .source = "tcp_rcv_synsent_state_process() and tcp_reset() in SYN_SENT; RFC 9293, "
		    "3.10.7.3",
	  .see = "closed-port, peer-refused, firewall-reject" },
	{ ERRNO(ETIMEDOUT), .also = "Operation timed out|TimeoutError",
	  .headline = "nothing came back in time",
	  .wire = "A SYN or data was retransmitted to the limit (tcp_syn_retries, "
		  "tcp_retries2, or TCP_USER_TIMEOUT), or keepalive probes went unanswered. "
		  "Retransmission ends without a RST; keepalive sends one.",
	  .calls = "It goes to connect(), or to the read or write that waits or comes next: "
		   "to the call that takes sk_err first. If an ICMP error had been seen "
		   "(sk_err_soft), that one is given instead. In CLOSE_WAIT reads return 0 "
		   "and only a write shows it. A timeout set by SO_RCVTIMEO is EAGAIN, not "
		   "this.",
	  .advice = "look for loss, a dropped route or a dead peer; set TCP_USER_TIMEOUT to "
		    "hear of it sooner",
	  .source = "tcp_write_err() in net/ipv4/tcp_timer.c; RFC 9293, 3.8.3 and 3.8.4",
	  .see = "retransmit-timeout, user-timeout, keepalive-timeout" },
	{ ERRNO(ECONNABORTED), .also = "Connection aborted|ConnectionAbortedError",
	  .headline = "this host itself gave the connection up",
	  .wire = "The socket was destroyed from outside (ss -K or BPF): the kernel sent a RST "
		  "and left this error. Or an attempt to connect failed, and its real error "
		  "had been taken by another call.",
	  .calls = "After ss -K the owner's next read or write fails with it. So does "
		   "connect() when sk_err is already empty: SO_ERROR took ECONNREFUSED, and "
		   "the second connect() gets this. On Linux accept() does not give it for "
		   "a connection reset in the queue: it returns that connection, and the "
		   "first read on it fails.",
	  .advice = "after a non-blocking connect() ask SO_ERROR once and believe it; "
		    "otherwise find who kills sockets",
	  .source = "tcp_abort(), __inet_stream_connect() (label sock_error); POSIX, accept()",
	  .see = "socket-killed, ECONNREFUSED" },
	{ ERRNO(EHOSTUNREACH), .also = "Host is unreachable",
	  .headline = "the last hop found no such host, or a router gave the packet up",
	  .wire = "ICMP host unreachable, administratively filtered, or time exceeded; or "
		  "this host got no answer to ARP or neighbour discovery. No RST is "
		  "involved.",
	  .calls = "connect() fails with it at once. On an established connection it waits "
		   "in sk_err_soft, and is given when retransmission is exhausted, in place "
		   "of ETIMEDOUT; with IP_RECVERR it is given at once.",
	  .advice = "check that the host is up and on that network (ip neigh, ip route get), "
		    "and the firewall that may send the ICMP message",
	  .source = "tcp_v4_err(), icmp_err_convert[], tcp_write_err(); RFC 9293, 3.9.2.2",
	  .see = "icmp-unreachable, ETIMEDOUT" },
	{ ERRNO(ENETUNREACH), .also = "Network unreachable",
	  .headline = "no route to that network, here or at a router",
	  .wire = "This host's routing table has no way there and nothing was sent, or a "
		  "router answered with ICMP network unreachable.",
	  .calls = "connect() fails with it, before a SYN is sent if this host's table is "
		   "the reason. Later it only shows at the end of retransmission, like "
		   "EHOSTUNREACH.",
	  .advice = "ip route get ADDRESS says what this host would do; for IPv6 check that "
		    "there is a global address at all",
	  .source = "ip_route_connect() in tcp_v4_connect(), tcp_v4_err(), icmp_err_convert[]; "
		    "RFC 1122, 4.2.3.9",
	  .see = "icmp-unreachable" },
	{ ERRNO(ENOTCONN), .also = "Socket not connected|Socket is not connected",
	  .headline = "the socket has no connection, or none any more",
	  .wire = "Nothing happens on the wire. The socket was never connected, its attempt to "
		  "connect failed and the error was taken, or connect(AF_UNSPEC) dissolved it.",
	  .calls = "recv() gives it for a closed socket that has none of SOCK_DONE, sk_err "
		   "and RCV_SHUTDOWN: this is its last test. After a plain reset reads "
		   "return 0 instead. shutdown() and getpeername() give it for a connection "
		   "that a reset has ended: often the first sign that a program sees.",
	  .advice = "look at the call before it on the same descriptor: that one took the real "
		    "error",
	  .source = "tcp_recvmsg_locked(), inet_shutdown() and inet_getname() in "
		    "net/ipv4/af_inet.c",
	  .see = "disconnect, ECONNRESET" },
	{ ERRNO(EBADMSG),
	  .headline = "a record of kTLS or a mapping of MPTCP was not valid",
	  .wire = "The bytes arrived, but did not decrypt (kTLS), or did not fit the MPTCP "
		  "mapping. kTLS aborts the socket without a RST; MPTCP resets the subflow.",
	  .calls = "recv() on a kTLS socket, and sends after it: tls_err_abort() puts the "
		   "error into sk_err. An MPTCP program normally reads on over another subflow.",
	  .advice = "suspect a middlebox that changes payload, or keys that do not match after "
		    "a rekey",
	  .source = "tls_err_abort() in net/tls/tls_sw.c, subflow_check_data_avail() in "
		    "net/mptcp/subflow.c; RFC 8446, 5.2",
	  .see = "mptcp-reset, MPTCP_RST_EMIDDLEBOX" },
	{ ERRNO(EACCES),
	  .headline = "a rule forbids the connection",
	  .wire = "IPv6 only, as far as the network goes: ICMPv6 destination unreachable with "
		  "a code for administratively prohibited, source policy failed or reject "
		  "route. Locally a prohibit route or a security module gives it with nothing "
		  "sent.",
	  .calls = "connect() fails with it. IPv4's codes for the same give EHOSTUNREACH.",
	  .advice = "look for a reject rule with icmpv6 admin-prohibited, a prohibit route, or "
		    "the audit log of the security module",
	  .source = "tab_unreach[] in net/ipv6/icmp.c, tcp_v6_err(); RFC 4443, 3.1",
	  .see = "icmp-unreachable, EHOSTUNREACH" },
	{ ERRNO(EPROTO),
	  .headline = "an ICMP message found fault with a packet",
	  .wire = "ICMP parameter problem, or an ICMPv6 unreachable code that Linux does not "
		  "know, came for a segment of this connection.",
	  .calls = "connect() fails with it. Later it is remembered only, and takes the place "
		   "of ETIMEDOUT if retransmission ends the connection.",
	  .advice = "capture the ICMP message (tcpdump icmp or icmp6): it quotes the header it "
		    "objects to",
	  .source = "tcp_v4_err() (ICMP_PARAMETERPROB), icmpv6_err_convert(); RFC 792; RFC "
		    "4443, 3.4",
	  .see = "icmp-unreachable" },
	{ ERRNO(EHOSTDOWN),
	  .headline = "a router says that the host is unknown",
	  .wire = "ICMP destination unreachable, code 7 (destination host unknown). Rare: most "
		  "routers send code 1, which is EHOSTUNREACH.",
	  .calls = "connect() fails with it; on an established connection it is kept for "
		   "the end of retransmission.",
	  .advice = "check the address, and whether the host behind that router is switched on",
	  .source = "icmp_err_convert[] (ICMP_HOST_UNKNOWN) in net/ipv4/icmp.c; RFC 1122, "
		    "3.2.2.1",
	  .see = "EHOSTUNREACH, icmp-unreachable" },
	{ ERRNO(ENONET), .also = "Machine is not on network",
	  .headline = "a router says that the source host is isolated",
	  .wire = "ICMP destination unreachable, code 8, obsolete and seldom seen.",
	  .calls = "connect() fails with it; otherwise it is remembered like the other ICMP "
		   "errors.",
	  .advice = "find the device that sends so old a code: tcpdump 'icmp[0] == 3 and "
		    "icmp[1] == 8'",
	  .source = "icmp_err_convert[] (ICMP_HOST_ISOLATED) in net/ipv4/icmp.c; RFC 1812, "
		    "5.2.7.1",
	  .see = "icmp-unreachable" },
	{ ERRNO(ENOPROTOOPT),
	  .headline = "the host says that it does not speak TCP",
	  .wire = "ICMP destination unreachable, code 2 (protocol unreachable). From a host "
		  "with a TCP stack it is a sign of a filter that chose an odd code.",
	  .calls = "connect() fails with it. From setsockopt() the same number means an "
		   "unknown option, which has nothing to do with the connection.",
	  .advice = "look for a reject rule with proto-unreachable on the way",
	  .source = "icmp_err_convert[] (ICMP_PROT_UNREACH) in net/ipv4/icmp.c; RFC 1122, "
		    "4.2.3.9",
	  .see = "icmp-unreachable, firewall-reject" },
	{ ERRNO(EOPNOTSUPP),
	  .headline = "a source route failed",
	  .wire = "ICMP destination unreachable, code 5: the packet had an IP option that "
		  "names the way, and a router could not follow it.",
	  .calls = "connect() fails with it. Far more often the number means an operation that "
		   "the socket does not have, such as MSG_FASTOPEN where net.ipv4.tcp_fastopen "
		   "does not allow it.",
	  .advice = "do not set IP source route options: nearly every network drops them",
	  .source = "icmp_err_convert[] (ICMP_SR_FAILED), tcp_v4_err(); RFC 792",
	  .see = "icmp-unreachable" },
	{ .kind = TOPIC_SIGNAL, .name = "SIGPIPE", .number = SIGPIPE,
	  .also = "141|exit status 141|signal 13",
	  .headline = "the signal that comes with EPIPE",
	  .wire = "Nothing on the wire: the signal is raised inside the sending call, after "
		  "the connection has ended. Its default action ends the process, silently, "
		  "and a shell reports 141.",
	  .calls = "write, send, sendmsg, writev, sendfile and splice into a socket raise it "
		   "when their result is EPIPE and MSG_NOSIGNAL is not set. A write that still "
		   "finds ECONNRESET raises none. Reads never do. io_uring sends with "
		   "MSG_NOSIGNAL.",
	  .advice = "pass MSG_NOSIGNAL to send(), or ignore SIGPIPE in the whole process and "
		    "look at EPIPE",
	  .source = "sk_stream_error() in net/core/stream.c; signal(7); POSIX, write()",
	  .see = "EPIPE, second-write, read-sigpipe" },
	{ .name = NULL },
};
