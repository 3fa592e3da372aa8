/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The situations: one row each, with all that is said about it. situations_match.c decides
 * whether a row fits, situations_text.c has the sentences with figures.
 */
#include "cause/situations.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cause/rules.h"
#include "cause/rules_text.h"
#include "cause/situations_match.h"
#include "cause/situations_text.h"
#include "incident/exchange.h"

const struct situation situations[] = {
	/* ---- no connection any more */
	{ .name = "connect-abandoned", .match = situation_abandoned, .explain = say_abandoned,
	  .headline = "the connect was given up before its answer came",
	  .advice = "the answer was slower than the program would wait: raise its connect timeout, or look "
		    "for what holds the SYN-ACK up (loss, distance, a full backlog)",
	  .wire = "A socket was closed while its SYN had no answer. Nothing is sent for that; the SYN-ACK "
		  "that comes later meets no socket, and draws the RST.",
	  .calls = "close() succeeds. The other end's half-open connection goes; accept() there never "
		   "returns it.",
	  .why[CERTAIN] = "the segment was a SYN-ACK, and the socket with these addresses and ports had been "
			  "closed in SYN_SENT",
	  .source = "tcp_close() in SYN_SENT, tcp_v4_rcv() (no_tcp_socket); RFC 9293, 3.10.4",
	  .see = "stray-segment" },
	{ .name = "after-reset", .match = situation_after_reset, .explain = say_after_reset,
	  .advise = advise_after_reset,
	  .headline = "a segment came for a connection that a reset had ended",
	  .advice = "read the record of that reset, which this one follows: nothing more is to be done here",
	  .wire = "One end had been reset, and more segments of the other came, which had been under way or "
		  "were sent in ignorance of it. No socket is left for them. Data beyond the number of the "
		  "RST that had come is another matter: its sender had not sent that RST, which was forged or "
		  "meant for other addresses or numbers (NAT).",
	  .calls = "At the end that was reset the calls have failed before. The other end's fail now.",
	  .why[CERTAIN] = "a reset, sent or received, was the end of the socket with these addresses and "
			  "ports",
	  .source = "tcp_v4_rcv(), tcp_rcv_state_process() in LISTEN; RFC 9293, 3.5.2",
	  .see = "stray-segment, injected" },
	{ .name = "after-error", .match = situation_after_error, .explain = say_after_error,
	  .headline = "a segment came for a connection that this end had given up",
	  .advice = "read the record of that error, which this one follows: the peer lives, so look for what "
		    "kept its answers away (loss, a firewall, a host that stood still)",
	  .wire = "Retransmissions in vain or an ICMP error had ended the connection here, without a RST: "
		  "the other end knew nothing of it. What it sends now meets no socket, and draws the RST.",
	  .calls = "Here the calls have failed before, with ETIMEDOUT or what ICMP said. The other end's "
		   "fail now.",
	  .why[CERTAIN] = "an error was the end of the socket with these addresses and ports",
	  .source = "tcp_write_err(), tcp_v4_rcv() (no_tcp_socket)",
	  .see = "stray-segment, retransmit-timeout" },
	{ .name = "late-ack", .match = situation_late_ack, .explain = say_late_ack,
	  .headline = "an ACK came late, for a connection that had ended in peace",
	  .advice = "nothing: the connection is over at both ends, and this ACK was a duplicate or late",
	  .wire = "The connection had ended, and its socket was gone, when one more of its ACKs came. The "
		  "port's listener gets what no connection takes, and answers an ACK with a RST.",
	  .calls = "No call fails: the RST meets a timewait sock, or nothing.",
	  .why[LIKELY] = "a listener answered an ACK without data; a connection with these addresses and ports "
			 "had ended in peace shortly before",
	  .source = "tcp_rcv_state_process() in LAST_ACK, then in LISTEN (reason TCP_FLAGS)",
	  .see = "stray-segment, bad-syn-cookie" },
	{ .name = "rejected", .match = situation_rejected, .explain = say_rejected,
	  .headline = "a rule refused the connection by ICMP",
	  .advice = "look for a REJECT rule on the way, or a service without endpoints (Kubernetes: the pods' "
		    "readiness, the service's selector): a closed port would answer with a reset, not with ICMP",
	  .wire = "The SYN was answered by an ICMP message that says port unreachable, or prohibited. Hosts do "
		  "not say that of TCP ports; REJECT rules do, and so does kube-proxy for a service without "
		  "endpoints.",
	  .calls = "connect() fails with ECONNREFUSED, as with a closed port; where the message says "
		   "prohibited, with EHOSTUNREACH or ENETUNREACH over IPv4 and EACCES over IPv6.",
	  .why[LIKELY] = "such an ICMP message, or the errno of one, ended the socket in SYN_SENT",
	  .source = "tcp_v4_err(), icmp_err_convert[]; nf_send_unreach() in nf_reject_ipv4.c",
	  .see = "icmp-unreachable, ECONNREFUSED" },
	{ .name = "listener-restarted", .match = situation_restarted, .explain = say_restarted,
	  .advise = advise_restarted,
	  .headline = "the service restarted or handed its port over",
	  .advice = "drain before a restart: stop new connections first, accept what is queued, then close; or "
		    "keep the listening socket open across restarts (socket activation)",
	  .wire = "A listener was closed with connections in its accept queue. Another listener of the same "
		  "port (SO_REUSEPORT) does not inherit them unless net.ipv4.tcp_migrate_req is 1.",
	  .calls = "The clients' connect() had succeeded; their first read or write fails with ECONNRESET.",
	  .why[CERTAIN] = "another listener of the port was open as this one closed",
	  .why[GUESS] = "none was known: the service stopped, or will be started again",
	  .source = "inet_csk_listen_stop(), reuseport_migrate_sock(); ip-sysctl, tcp_migrate_req",
	  .see = "listener-closed" },
	{ .name = "untranslated", .match = situation_untranslated,
	  .headline = "a server's segment reached its client untranslated, past a NAT",
	  .advice = "on the host that translates addresses, drop what conntrack calls INVALID (or set "
		    "nf_conntrack_tcp_be_liberal=1): such a reply keeps the server's own "
		    "address; or find out who forgot the connection",
	  .wire = "The server's segment came from its own address, to which the client never connected: what "
		  "translates between the two, a service address most often, took it for INVALID and let it "
		  "pass as it was. The client's kernel knows no such connection and resets it at the server.",
	  .calls = "The server's next call fails with ECONNRESET; so does the client's, once its own data meets "
		   "the server's closed socket.",
	  .why[GUESS] = "a segment of a connection that the server has accepted met no socket at the client, and "
			"none that was there lately; a client that was restarted looks the same",
	  .source = "nf_conntrack_in() and its state INVALID; tcp_v4_rcv() at the client",
	  .see = "stray-segment" },

	/* ---- hardly a connection */
	{ .name = "handshake-aborted", .match = situation_aborted, .explain = say_aborted,
	  .headline = "the connecting side broke the handshake off",
	  .advice = "nothing at the server; at the client look for a scanner or a program with raw sockets, a "
		    "short timeout, or a certificate it does not accept",
	  .wire = "A SYN-ACK was answered with a reset because no socket had asked for it: a scanner that "
		  "sends SYNs of its own (nmap -sS), or a forged source. Or the client of a TLS connection "
		  "left before it had read anything.",
	  .calls = "accept() does not return a connection reset during its handshake. In a TLS handshake the "
		   "server's next read or write fails with ECONNRESET.",
	  .why[LIKELY] = "a SYN-ACK came and no socket was known to have connected; or a client that had read "
			 "nothing closed a connection to a port of TLS",
	  .source = "tcp_v4_send_reset() without a socket; RFC 9293, 3.5.2; RFC 8446, 2",
	  .see = "stray-segment, close-with-unread" },
	{ .name = "probe", .match = situation_probe, .explain = say_probe,
	  .headline = "a health check or a port scan",
	  .advice = "nothing, if the prober is known: load balancers' health checks and port scans end that way; to "
		    "keep them quiet, have the check send a request and close in order",
	  .wire = "The connecting side had connected, sent nothing and gone at once: by SO_LINGER 0, or in order "
		  "while a greeting of the server's was under way or unread.",
	  .calls = "The server's first read fails with ECONNRESET or returns 0, or accept() returns a dead "
		   "connection.",
	  .why[LIKELY] = "no byte of the client's before it closed, in less than a second, and 4 KiB of the server's "
			 "greeting at most",
	  .source = "bytes_received and bytes_sent of struct tcp_sock, both 0; tcp_disconnect()",
	  .see = "linger-zero" },

	/* ---- TLS */
	{ .name = "close-notify-crossed", .match = situation_close_notify, .explain = say_close_notify,
	  .headline = "a TLS close_notify crossed the other end's close",
	  .advice = "nothing: both ends were done, and nobody lost anything; a reader that goes on to the end "
		    "of file before it closes would avoid it",
	  .wire = "One end ended with a close_notify alert and a FIN; the other had what it wanted, and closed "
		  "with the alert unread, or had closed when it came.",
	  .calls = "None: the end that is reset has closed too, or is about to.",
	  .why[LIKELY] = "what came after the close begins as an alert of TLS; or, on a port of TLS, what came "
			 "after the close or was left unread is as long as such an alert",
	  .why[GUESS] = "what was left unread is as long as an alert of TLS, and the other end was closing",
	  .source = "RFC 8446, 6.1, and RFC 5246, 7.2.1; RFC 9112, 9.8",
	  .see = "close-with-unread, data-after-close" },
	{ .name = "tls-tickets-unread", .match = situation_tickets, .explain = say_tickets,
	  .headline = "TLS session tickets that the client never read",
	  .advice = "have the client read to the end of file after shutdown(SHUT_WR), or the server send no "
		    "tickets (OpenSSL: SSL_CTX_set_num_tickets(ctx, 0)); the data the client sent may be lost",
	  .wire = "With TLS 1.3 the server sends session tickets once the handshake is over. A client that only "
		  "writes never reads them, and its close is a reset for that; or it has closed when they come.",
	  .calls = "The server's write of the tickets fails with EPIPE, or its read with ECONNRESET, although "
		   "the client's data may lie there.",
	  .why[LIKELY] = "soon after the connect, as many bytes as tickets have were unread when the client "
			 "closed, on a port of TLS; or they came after its close, as a record of TLS or on such a "
			 "port",
	  .source = "RFC 8446, 4.6.1; __tcp_close()",
	  .see = "close-with-unread, data-after-close" },

	/* ---- the client went, because its process did */
	{ .name = "client-exited", .match = situation_exited, .explain = say_exited,
	  .advise = advise_killed,
	  .headline = "the client's process ended",
	  .advice = "nothing at the server: the client was done, or stopped (load generators such as wrk and ab "
		    "end that way); an answer on its way was lost",
	  .wire = "The connecting process ended with answers unread or under way.",
	  .calls = "The server's read or write fails with ECONNRESET or EPIPE.",
	  .why[CERTAIN] = "the connecting process was ending when its socket closed",
	  .source = "do_exit(), which closes all sockets: __tcp_close()",
	  .see = "close-with-unread, data-after-close" },

	/* ---- how much was under way */
	{ .name = "slow-reader", .match = situation_slow, .explain = say_slow,
	  .headline = "the reader was too slow for the sender",
	  .advice = "read faster, or raise the sender's limit on what it keeps for one reader (Redis: "
		    "client-output-buffer-limit; see its log), or how long it waits (nginx: send_timeout)",
	  .wire = "When the sender closed the connection, the other end had not yet taken much of what it had "
		  "written.",
	  .calls = "The reader still reads what had reached it. Then comes the end of file or ECONNRESET, and a "
		   "write fails with EPIPE.",
	  .why[LIKELY] = "64 KiB or more were not acknowledged when the sender closed; and if it aborted, the "
			 "victim had left 32 KiB or more unread, or 4 KiB and the sender could send nothing for "
			 "0.9 s",
	  .source = "write_seq and snd_una of struct tcp_sock as the sender closed",
	  .see = "data-after-close, linger-zero" },
	{ .name = "thrown-away", .match = situation_thrown, .explain = say_thrown,
	  .headline = "unsent data was thrown away",
	  .advice = "do not abort before the data is acknowledged: shutdown(SHUT_WR), then read to the end of "
		    "file, then close; no SO_LINGER {1,0}",
	  .wire = "The end that reset the connection had written data that was not yet acknowledged. An abort "
		  "drops it, although write() had succeeded.",
	  .calls = "Its writes had succeeded. The other end gets ECONNRESET where the rest of the data should "
		   "have been.",
	  .why[CERTAIN] = "4 KiB or more were not acknowledged when the sender aborted",
	  .source = "tcp_disconnect() and tcp_write_queue_purge(); RFC 9293, 3.10.5",
	  .see = "linger-zero, out-of-memory" },

	/* ---- silences */
	{ .name = "request-timeout", .match = situation_unasked, .explain = say_unasked,
	  .advise = advise_unasked,
	  .headline = "the server waited for a request that did not come",
	  .advice = "look for the server's timeout for a first request or a login (header or read timeout, "
		    "LoginGraceTime, connect_timeout); have the client connect when it has something to ask, or "
		    "speak sooner",
	  .wire = "The client had connected and sent nothing, for as long as a spare connection of a pool or a "
		  "scanner keeps silent. The server closed, with or without a word; then the client wrote.",
	  .calls = "The client's first write succeeds; its read returns 0, or the server's last words, and "
		   "its next write fails with EPIPE.",
	  .why[LIKELY] = "not a byte had come from the client in 0.9 s or more when the server closed, nor had "
			 "the server said anything in that time",
	  .why[GUESS] = "the same, but the server wrote up to 4 KiB just then, or its process exited",
	  .source = "bytes_received, lrcvtime and lsndtime of the socket that closed; RFC 9110, 15.5.9 (408)",
	  .see = "data-after-close, idle-timeout" },
	{ .name = "keepalive-race", .match = situation_race, .explain = say_race,
	  .advise = advise_idle,
	  .headline = "an idle timeout met a new request",
	  .advice = "make the client's idle timeout (pool, keep-alive) shorter than the server's, or raise the "
		    "server's; retry what is safe to repeat",
	  .wire = "One end closed an idle connection just as the other wrote on it: the two crossed.",
	  .calls = "The write succeeds; the read for the answer fails with ECONNRESET, or returns 0 when the FIN "
		   "had come first. The request was not processed.",
	  .why[LIKELY] = "nobody owed an answer, both had been silent for 0.9 s or more, and data came within a "
			 "second of the close; or the cause is keepalive-race, and as likely",
	  .why[GUESS] = "the cause is keepalive-race, and a guess",
	  .source = "RFC 9112, 9.3.1; lsndtime and lrcvtime of the socket that closed first",
	  .see = "data-after-close" },
	{ .name = "idle-timeout", .match = situation_idle, .explain = say_idle,
	  .advise = advise_idle,
	  .headline = "an idle connection had been closed",
	  .advice = "make the client's idle timeout (pool, keep-alive) shorter than the server's, or raise the "
		    "server's; test a pooled connection before its use, and retry what is safe to repeat",
	  .wire = "One end had closed or aborted a connection that had been idle; the other kept it in its pool, "
		  "and wrote on it later.",
	  .calls = "After a FIN the first write succeeds and the next fails with EPIPE, while reads return 0; "
		   "after an abort the first call fails with ECONNRESET.",
	  .why[LIKELY] = "nobody owed an answer and both had been silent for 0.9 s or more when one closed, or "
			 "the peer for as long as a usual timeout",
	  .why[GUESS] = "the peer had been silent for 0.9 s or more when its FIN and a write crossed",
	  .source = "RFC 9112, 9.5; lsndtime and lrcvtime of the socket that closed",
	  .see = "keepalive-race, data-after-close" },

	/* ---- the server went */
	{ .name = "refused-on-purpose", .match = situation_refused, .explain = say_refused,
	  .advise = advise_refused,
	  .headline = "the server turned the connection away",
	  .advice = "at the client, read what the server sent, even when a write fails; at the server, look into "
		    "its log for a limit of connections or clients (MySQL max_connections, Redis maxclients, "
		    "sshd MaxStartups)",
	  .wire = "The server wrote a little, an error most often, without reading what the client sent, and "
		  "closed.",
	  .calls = "The client can read the message if it does so before anything else; a write of its own "
		   "fails with ECONNRESET or EPIPE.",
	  .why[LIKELY] = "the server had read nothing and written at most 4 KiB when it closed, or aborted a "
			 "connection less than a second old by SO_LINGER 0, nothing read and nothing said",
	  .source = "bytes_received, copied_seq and bytes_sent of struct tcp_sock at the close",
	  .see = "close-with-unread, data-after-close" },
	{ .name = "gave-up", .match = situation_gave_up, .explain = say_gave_up,
	  .advise = advise_gave_up,
	  .headline = "the server gave the request up without an answer",
	  .advice = "look into the server's log at this time: a limit on the request's size (raise it), a "
		    "timeout, a backend that failed, or a crash",
	  .wire = "The server had accepted the connection, taken some of the request or none, answered nothing "
		  "and closed.",
	  .calls = "The client's read for the answer fails with ECONNRESET, or returns 0 and its next write "
		   "fails.",
	  .why[LIKELY] = "the server closed, or reset from elsewhere, with not a byte sent on the connection",
	  .source = "__tcp_close(); copied_seq says what was read, bytes_sent that nothing was said",
	  .see = "close-with-unread, data-after-close" },
	{ .name = "server-ended", .match = situation_server_ended, .explain = say_server_ended,
	  .advise = advise_killed,
	  .headline = "the server's process ended",
	  .advice = "look into the server's log at this time: stopped or restarted, or its session was ended "
		    "(PostgreSQL: pg_terminate_backend, idle_session_timeout); test a kept connection before "
		    "use, and retry what is safe",
	  .wire = "The server had answered before on this connection, and its process ended. Some servers "
		  "have a process for each connection, which ends with it.",
	  .calls = "The client's next write succeeds, its read fails with ECONNRESET or returns 0.",
	  .why[CERTAIN] = "the process that had accepted and answered was ending when its socket closed",
	  .source = "do_exit() and exit_files(); lrcvtime of the socket that this closed",
	  .see = "close-with-unread, data-after-close" },
	{ .name = "written-after-close", .match = situation_written_later, .explain = say_written_later,
	  .headline = "the client wrote on a connection that the server had closed",
	  .advice = "look for the end of file at the client before it writes on a kept connection, and retry what "
		    "is safe; the server's log says why it closed: a reload, a limit, a timeout, an administrator",
	  .wire = "The server had answered and closed. The client, which had paused, kept the connection and "
		  "wrote on it; its kernel had the FIN by then.",
	  .calls = "The write succeeds, the next read returns 0 or fails with ECONNRESET, the next write with "
		   "EPIPE. What was written was not processed.",
	  .why[LIKELY] = "data came 100 ms and two round trips or more after the close: what was under way then "
			 "comes sooner",
	  .source = "tcp_rcv_state_process() and tcp_timewait_state_process(): data after the close",
	  .see = "data-after-close, keepalive-race" },
	{ .name = "early-answer", .match = situation_early, .explain = say_early,
	  .advise = advise_early,
	  .headline = "the server answered before it had read the whole request",
	  .advice = "at the client, when a write fails, still read the answer that has come, or send Expect: "
		    "100-continue; at the server, read the rest of the request, up to a limit, before close",
	  .wire = "The server had answered, an error such as 413 most often, and closed with the rest of the "
		  "request unread or still under way.",
	  .calls = "The client's write fails with ECONNRESET or EPIPE. The answer can be read as long as no "
		   "reset has come before it.",
	  .why[LIKELY] = "the server had read, written and closed while more of the client's data was there or "
			 "came",
	  .why[GUESS] = "the same with TLS, where a handshake looks like an answer, or seen from the client "
			"alone",
	  .source = "RFC 9110, 10.1.1 and 15.5.14; RFC 9112, 9.6",
	  .see = "close-with-unread, data-after-close" },
	{ .name = "cut-off", .match = situation_cut_off, .explain = say_cut_off,
	  .headline = "the server aborted after it had answered",
	  .advice = "at the client, check whether the answer was whole (Content-Length, last chunk); if not, look "
		    "into the server's log at this time: an error amid the answer, or a timeout",
	  .wire = "The server had read all that had come, sent an answer or a part of it, and took the "
		  "connection away by SO_LINGER 0, which programs do when something failed amid an answer, "
		  "or to spare themselves TIME_WAIT.",
	  .calls = "The client can still read what had come; then its read fails with ECONNRESET.",
	  .why[LIKELY] = "the server had written something and aborted, and nothing was left unread; whether it "
			 "was all is not known",
	  .source = "__tcp_close() with SO_LINGER 0: tcp_disconnect()",
	  .see = "linger-zero" },

	/* ---- the client went */
	{ .name = "client-left", .match = situation_left, .explain = say_left,
	  .advise = advise_left,
	  .headline = "the client left before it had the answer",
	  .advice = "look at the client for a timeout or a cancelled request of this length, and at the server "
		    "for why the answer took so long; the reset is the client's doing",
	  .wire = "The connecting side closed with the answer unread, under way or still to come.",
	  .calls = "The server's next call fails: ECONNRESET after an abort, EPIPE after a close.",
	  .why[LIKELY] = "the connecting side closed, or reset from elsewhere, with an answer outstanding",
	  .source = "lsndtime of struct tcp_sock: since when the client had said nothing",
	  .see = "close-with-unread, data-after-close" },
	{ .name = "client-done", .match = situation_client_done, .explain = say_client_done,
	  .headline = "the client had read all that came, and aborted",
	  .advice = "nothing, if the client spares itself TIME_WAIT in this way (HAProxy to its servers, health "
		    "checks, pools): it lost nothing that had come; else have it close without SO_LINGER 0",
	  .wire = "The connecting side had read what came, sent nothing since, and took the connection away by "
		  "SO_LINGER 0.",
	  .calls = "The server's next read fails with ECONNRESET where it had expected the end of file.",
	  .why[LIKELY] = "the client had heard last, with nothing unread and nothing unsent",
	  .source = "__tcp_close() with SO_LINGER 0; copied_seq, lrcvtime and lsndtime of the closing socket",
	  .see = "linger-zero" },
};
const size_t n_situations = sizeof(situations) / sizeof(situations[0]);

#define PASSED_ON "look first at the incident that this one follows: the process met it on another connection, " \
	"and passed it on with this reset"

const struct situation *situation_find(const char *name)
{
	for (size_t i = 0; name && i < n_situations; i++)
		if (!strcmp(situations[i].name, name))
			return &situations[i];
	return NULL;
}

#define TRANSLATED "read the record that this one follows: it is the same reset before an address was translated, " \
	"and names its sender"

/*
 * The advice is that of the situation; for an incident that came from another one, it is to
 * look at that.
 */
static void set_advice(struct incident *inc, const struct situation *s)
{
	const char *advice = inc->passed_on ? PASSED_ON : inc->translated ? TRANSLATED : s ? s->advice : NULL;

	if (!advice)
		return;
	snprintf(inc->advice, sizeof(inc->advice), "%s", advice);
	if (advice == (s ? s->advice : NULL) && s->advise)
		s->advise(inc, inc->advice, sizeof(inc->advice));
	/* a process that was killed did not choose to close */
	if (rule_find(inc->cause)->by_end)
		text_killed(inc, inc->advice, sizeof(inc->advice));
}

void situate(struct incident *inc)
{
	const struct situation *s = NULL;
	enum confidence c = CONFIDENCE_UNSET;
	size_t i;

	inc->situation = NULL;
	inc->situation_text[0] = '\0';
	inc->situation_confidence = CONFIDENCE_UNSET;
	for (i = 0; i < n_situations && !c; i++)
		c = situations[i].match(inc);
	if (c && c != MAY_FIT)
		s = &situations[i - 1];
	set_advice(inc, s);
	if (!s)
		return;
	inc->situation = s->name;
	inc->situation_confidence = c;
	text_copy(inc->situation_text, sizeof(inc->situation_text), s->headline);
	if (s->explain)
		s->explain(inc, inc->situation_text, sizeof(inc->situation_text));
}
