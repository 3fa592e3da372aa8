/* SPDX-License-Identifier: GPL-2.0 */
#include "situation_cases.h"
#include "test.h"

#include <errno.h>

#define CLIENT ROLE_CLIENT
#define SERVER ROLE_SERVER
#define CLOSED .kind = KIND_ACTIVE, .sport = 80, .dport = 40000, .local = true
#define CLOSED_TLS .kind = KIND_ACTIVE, .sport = 40000, .dport = 8443, .local = true
#define REPLIED .kind = KIND_REPLY, .sport = 80, .dport = 40000, .local = true, .how = END_CLOSED
#define HEARD .kind = KIND_RECEIVED, .sport = 80, .dport = 40000
#define DATA .seg = TH_ACK | TH_PUSH

const struct story stories[] = {
	/* ---- no connection any more */
	{ "connect-abandoned", CERTAIN,
	  "connect() was given up after 2.0 s; the SYN-ACK came 35.0 ms after that", "stray-segment",
	  KIND_REPLY, .s = { CLIENT, SYN_SENT, .age = S(2) + MS(35) }, .no_sock = true,
	  .how = END_CONNECTING, .ago = MS(35), .seg = TH_SYN | TH_ACK },
	{ "after-reset", CERTAIN, "a reset sent by this end had ended the connection 3.0 ms before",
	  "stray-segment", KIND_REPLY, .s = { SERVER, .unknown = true }, .no_sock = true,
	  .how = END_RST_SENT, .ago = MS(3), DATA, .seg_len = 10 },
	/* data that was on its way is no sign: it does not go beyond the number of the RST */
	{ "after-reset", CERTAIN, "a reset that came to this end had ended the connection 3.0 ms before",
	  "stray-segment", KIND_REPLY, .s = { SERVER, .unknown = true }, .no_sock = true,
	  .how = END_RST_RECEIVED, .ago = MS(3), .end_rst_seq = 110, .seg_seq = 100, DATA,
	  .seg_len = 10 },
	{ "after-reset", CERTAIN,
	  "a reset that came to this end had ended the connection 3.0 ms before, and the peer goes on as if "
	  "it had sent none", "stray-segment", KIND_REPLY, .s = { SERVER, .unknown = true },
	  .no_sock = true, .how = END_RST_RECEIVED, .ago = MS(3), .end_rst_seq = 109, .seg_seq = 100,
	  DATA, .seg_len = 10 },
	{ "after-reset", CERTAIN,
	  "a reset that came to this end had ended the connection 3.0 ms before, and the peer goes on beyond "
	  "its number, though this host saw it sent", "stray-segment", KIND_REPLY,
	  .s = { SERVER, .unknown = true }, .no_sock = true, .how = END_RST_RECEIVED, .ago = MS(3),
	  .end_rst_seq = 109, .seg_seq = 100, DATA, .seg_len = 10, .earlier_sent = true },
	{ "after-reset", CERTAIN,
	  "a reset that came to this end had ended the connection 3.0 ms before, and the peer goes on, so it "
	  "may not be the one that sent it", "stray-segment", KIND_REPLY, .s = { SERVER, .unknown = true }, .no_sock = true,
	  .how = END_RST_RECEIVED, .ago = MS(3), .end_rst_seq = 109, .seg_seq = 100, DATA,
	  .seg_len = 10, .earlier_lost = true },
	/* nothing is the matter with a reset that was sent here if the peer does not go on */
	{ "after-reset", CERTAIN, "a reset that came to this end had ended the connection 3.0 ms before",
	  "stray-segment", KIND_REPLY, .s = { SERVER, .unknown = true }, .no_sock = true,
	  .how = END_RST_RECEIVED, .ago = MS(3), .end_rst_seq = 110, .seg_seq = 100, DATA,
	  .seg_len = 10, .earlier_sent = true },
	/* if a listener of the port answers, it is no bad cookie either */
	{ "after-reset", CERTAIN, "a reset that came to this end had ended the connection 3.0 ms before",
	  "stray-segment", KIND_REPLY, .s = { SERVER, LISTEN, .unknown = true }, .listener = true,
	  .how = END_RST_RECEIVED, .ago = MS(3), .seg = TH_ACK },
	{ "after-error", CERTAIN, "an error had ended the connection at this end 3.0 ms before",
	  "stray-segment", KIND_REPLY, .s = { CLIENT, .unknown = true }, .no_sock = true,
	  .how = END_FAILED, .ago = MS(3), .seg = TH_FIN | TH_ACK },
	{ "late-ack", LIKELY, "an ACK came once more for a connection that had ended in peace 40.0 ms before",
	  "stray-segment", KIND_REPLY, .s = { SERVER, LISTEN, .unknown = true }, .listener = true,
	  .how = END_PEER_CLOSED, .ago = MS(40), .seg = TH_ACK },
	{ NULL, CONFIDENCE_UNSET, NULL, "bad-syn-cookie", KIND_REPLY,
	  .s = { SERVER, LISTEN, .unknown = true }, .listener = true, .seg = TH_ACK },
	{ "rejected", LIKELY,
	  "the SYN to port 80 was answered by ICMP: port unreachable, as REJECT rules do",
	  "icmp-unreachable", KIND_TIMEOUT, .v = { CLIENT, SYN_SENT }, .sport = 80,
	  .abort_err = ECONNREFUSED },
	{ "rejected", LIKELY,
	  "the SYN to port 80 was answered by ICMP: administratively prohibited, as REJECT rules do",
	  "icmp-unreachable", KIND_TIMEOUT, .v = { CLIENT, SYN_SENT }, .sport = 80, .family = 6,
	  .abort_err = EACCES },
	{ "rejected", LIKELY,
	  "the SYN to port 80 was answered by ICMP: host prohibited, as REJECT rules do",
	  "icmp-unreachable", KIND_TIMEOUT, .v = { CLIENT, SYN_SENT }, .sport = 80,
	  .abort_err = EHOSTUNREACH, .icmp_code = 10 },
	{ NULL, CONFIDENCE_UNSET, NULL, "icmp-unreachable", KIND_TIMEOUT, .v = { CLIENT, SYN_SENT },
	  .sport = 80, .abort_err = EHOSTUNREACH },
	{ NULL, CONFIDENCE_UNSET, NULL, "icmp-unreachable", KIND_TIMEOUT, .v = { CLIENT, SYN_SENT },
	  .sport = 80, .abort_err = EHOSTUNREACH, .icmp_code = 1 },
	{ "listener-restarted", CERTAIN,
	  "one of several listeners of port 80 closed with this connection in its queue",
	  "listener-closed", CLOSED, .s = { SERVER, ESTABLISHED }, .v = { CLIENT, ESTABLISHED },
	  .still_listens = true },
	{ "listener-restarted", GUESS,
	  "a listener of port 80 closed with this connection in its queue", "listener-closed",
	  CLOSED, .s = { SERVER, ESTABLISHED }, .v = { CLIENT, ESTABLISHED } },

	{ "untranslated", GUESS, NULL, "stray-segment", KIND_REPLY, .s = { CLIENT, .unknown = true },
	  .no_sock = true, DATA, .v = { SERVER, ESTABLISHED } },

	/* ---- hardly a connection */
	{ "handshake-aborted", LIKELY, "a SYN-ACK came for a connect that no socket here made",
	  "stray-segment", KIND_REPLY, .s = { .unknown = true }, .no_sock = true,
	  .seg = TH_SYN | TH_ACK },
	{ "handshake-aborted", LIKELY,
	  "the client closed with the server's side of the TLS handshake, 1,400 bytes, unread",
	  "close-with-unread", CLOSED_TLS, .s = { CLIENT, ESTABLISHED, 1400, 517, 1400 },
	  .v = { SERVER, ESTABLISHED, 517, 1400 } },
	{ "probe", LIKELY, "the client connected, asked nothing and was gone after 2.0 ms", "linger-zero",
	  CLOSED, .s = { CLIENT, ESTABLISHED, .age = MS(2) }, .v = { SERVER, ESTABLISHED },
	  .linger0 = true },
	/* with a server that greets first */
	{ "probe", LIKELY, "the client connected, asked nothing and was gone after 2.0 ms",
	  "close-with-unread", CLOSED, .s = { CLIENT, ESTABLISHED, 40, .unread = 40, .age = MS(2) },
	  .v = { SERVER, ESTABLISHED, .out = 40 } },
	{ "probe", LIKELY, "the client connected, asked nothing and was gone after 54.0 ms", "close-with-unread",
	  CLOSED, .s = { CLIENT, ESTABLISHED, 41, .unread = 31, .age = MS(54) }, .v = { SERVER, ESTABLISHED } },
	/* it had closed in order, and the greeting was under way */
	{ "probe", LIKELY, "the client connected, asked nothing and was gone after 2.0 ms", "data-after-close",
	  REPLIED, .s = { CLIENT, .age = MS(1302) }, .timewait = true, .ago = MS(1300), DATA, .seg_len = 41 },
	{ "client-left", LIKELY, "the client left with 41 bytes on the way to it", "data-after-close", REPLIED,
	  .s = { CLIENT, .age = S(5) }, .timewait = true, .ago = MS(10), .v = { SERVER, CLOSE_WAIT, .unsent = 41 },
	  .end_heard = S(4), .end_said = S(4), DATA, .seg_len = 41 },
	{ "probe", LIKELY, "the client connected, asked nothing and was gone after 80.0 ms", "peer-reset",
	  HEARD, .s = { .unknown = true }, .v = { SERVER, ESTABLISHED, .age = MS(80) } },

	/* ---- TLS */
	{ "close-notify-crossed", LIKELY, "what was left unread is a TLS close_notify by its size (24 bytes)",
	  "close-with-unread", CLOSED_TLS, .s = { CLIENT, CLOSE_WAIT, 2000, 800, 24 },
	  .v = { SERVER, FIN_WAIT2, 800, 2000 } },
	{ "close-notify-crossed", GUESS, "what was left unread is a TLS close_notify by its size (31 bytes)",
	  "close-with-unread", CLOSED, .s = { SERVER, CLOSE_WAIT, 2000, 800, 31 },
	  .v = { CLIENT, FIN_WAIT2, 800, 2000 } },
	{ "close-notify-crossed", LIKELY,
	  "what came after the close is a TLS close_notify by its first bytes (24 bytes)",
	  "data-after-close", REPLIED, .s = { CLIENT, .in = 2000, .out = 800 }, .timewait = true,
	  .v = { SERVER, CLOSE_WAIT }, DATA, .seg_len = 24, .head = HEAD(23, 3, 3, 0, 19) },
	{ "close-notify-crossed", LIKELY,
	  "what came after the close is a TLS close_notify by its size (24 bytes)", "data-after-close",
	  KIND_REPLY, .sport = 40000, .dport = 443, .local = true, .how = END_CLOSED,
	  .s = { CLIENT, .in = 2000, .out = 800 }, .timewait = true, .v = { SERVER, CLOSE_WAIT }, DATA,
	  .seg_len = 24 },
	{ "tls-tickets-unread", LIKELY,
	  "it was 510 bytes that the client never read, 5.0 ms after it connected: TLS session tickets by "
	  "size and order", "close-with-unread", CLOSED_TLS,
	  .s = { CLIENT, ESTABLISHED, 2010, 900, 510, .age = MS(5) }, .v = { SERVER, ESTABLISHED } },
	{ "tls-tickets-unread", LIKELY,
	  "255 bytes that the client never read, 5.0 ms after it connected: TLS session tickets by size and "
	  "order", "data-after-close", REPLIED,
	  .s = { CLIENT, .in = 1500, .out = 900, .age = MS(5) }, .timewait = true, DATA, .seg_len = 255,
	  .head = HEAD(23, 3, 3, 0, 250) },

	{ "tls-tickets-unread", LIKELY,
	  "258 bytes that the client never read, 3.0 ms after it connected: TLS session tickets by size and "
	  "order", "data-after-close", KIND_REPLY, .sport = 40000, .dport = 8443, .local = true,
	  .how = END_CLOSED, .s = { CLIENT, .in = 1164, .out = 610, .age = MS(3) }, .timewait = true,
	  DATA, .seg_len = 258 },

	/* ---- the client's process ended */
	{ "client-exited", CERTAIN, "the client's process exited with 65,536 bytes unread",
	  "close-with-unread", CLOSED, .s = { CLIENT, ESTABLISHED, 90000, 80, 65536, .exit = "exit" },
	  .v = { SERVER, ESTABLISHED } },
	{ "client-exited", CERTAIN, "the client's process was ended by SIGKILL and 200 bytes came after that",
	  "data-after-close", REPLIED, .s = { CLIENT, .out = 80, .exit = "SIGKILL" }, .timewait = true,
	  DATA, .seg_len = 200 },

	/* ---- much data was under way */
	{ "slow-reader", LIKELY, "when the sender closed, the reader was 1,048,576 bytes behind",
	  "data-after-close", REPLIED, .s = { SERVER, .in = 30, .out = 2000000 }, .timewait = true,
	  .end_unsent = 1048576, DATA, .seg_len = 6 },
	{ "slow-reader", LIKELY, "when the sender closed, the reader was 500,000 bytes behind",
	  "linger-zero", CLOSED, .s = { SERVER, ESTABLISHED, 30, 900000, .unsent = 500000 },
	  .v = { CLIENT, ESTABLISHED, 400000, 30, 200000 }, .linger0 = true },
	/* the reader's buffer is small, and the sender had waited for room in it */
	{ "slow-reader", LIKELY, "when the sender closed, the reader was 110,000 bytes behind",
	  "linger-zero", CLOSED, .s = { SERVER, ESTABLISHED, 30, 30000, .unsent = 110000, .said = S(1),
	  .heard = S(1) }, .v = { CLIENT, ESTABLISHED, 30000, 30, 29000 }, .linger0 = true },
	{ "thrown-away", CERTAIN,
	  "the reset threw away 5,000 bytes that had been written and not acknowledged", "linger-zero",
	  CLOSED, .s = { SERVER, ESTABLISHED, 30, 5000, .unsent = 5000 }, .v = { CLIENT, ESTABLISHED },
	  .linger0 = true },

	/* ---- silences */
	{ "request-timeout", LIKELY, "the server heard nothing from the client in 2.0 s, wrote 41 bytes and closed; data "
	  "came 1.2 s later", "data-after-close", REPLIED, .s = { SERVER, .out = 41 }, .timewait = true,
	  .ago = MS(1200), .end_heard = S(2), .end_said = S(2), DATA, .seg_len = 11 },
	{ "request-timeout", LIKELY, "the server heard nothing from the client in 60.0 s and closed", "linger-zero",
	  CLOSED, .s = { SERVER, ESTABLISHED, .age = S(60), .said = S(60), .heard = S(60), .comm = "nginx" },
	  .v = { CLIENT, ESTABLISHED }, .linger0 = true },
	/* what it wrote just before it closed may be what nobody had to ask for */
	{ "request-timeout", GUESS, "the server heard nothing from the client in 2.2 s, wrote 51 bytes and closed; data "
	  "came 815 ms later", "data-after-close", REPLIED, .s = { SERVER, .out = 51 }, .timewait = true,
	  .ago = MS(815), .end_heard = MS(2188), DATA, .seg_len = 27 },
	{ "request-timeout", GUESS, "the server heard nothing from the client in 2.0 s, wrote 41 bytes and exited; data "
	  "came 1.2 s later", "data-after-close", REPLIED,
	  .s = { SERVER, .out = 41, .exit = "exit", .comm = "sshd" }, .timewait = true, .ago = MS(1200),
	  .end_heard = MS(2044), .end_said = MS(2004), DATA, .seg_len = 11 },
	/* one that had talked all the time has not waited for a request */
	{ "early-answer", LIKELY, "the server had answered (5,000 bytes) and closed; more data of the client's came",
	  "data-after-close", REPLIED, .s = { SERVER, .out = 5000 }, .timewait = true, .ago = MS(1),
	  .end_heard = S(9), DATA, .seg_len = 11 },
	{ "keepalive-race", LIKELY, "the server closed after 5.0 s of silence; data came 400 µs later: nginx, "
	  "keepalive_timeout", "data-after-close", REPLIED,
	  .s = { SERVER, .in = 80, .out = 200, .comm = "nginx" }, .timewait = true, .ago = 400,
	  .end_heard = S(5), .end_said = S(5), DATA, .seg_len = 80 },
	{ "keepalive-race", LIKELY, "the server closed after 5.0 s of silence; data came 400 µs later: as long "
	  "as the default of Apache, HAProxy, Node.js, uvicorn, Varnish", "data-after-close", REPLIED,
	  .s = { SERVER, .in = 80, .out = 200 }, .timewait = true, .ago = 400, .end_heard = S(5),
	  .end_said = S(5), DATA, .seg_len = 80 },
	{ "keepalive-race", LIKELY, "data met a connection whose peer had been silent for 60.0 s: as long as the "
	  "default of nginx, Varnish, Squid, AWS ALB or CLB", "keepalive-race", HEARD,
	  .s = { .unknown = true }, .v = { CLIENT, ESTABLISHED, 200, 160, .unsent = 80, .heard = S(60) } },
	{ "keepalive-race", GUESS, "data met a connection whose peer had been silent for 60.0 s: as long as the "
	  "default of nginx, Varnish, Squid, AWS ALB or CLB", "keepalive-race", HEARD,
	  .s = { .unknown = true }, .v = { CLIENT, ESTABLISHED, 200, 80, .heard = S(60), .said = S(60) } },
	{ "idle-timeout", LIKELY, "the server closed after 30.0 s of silence; data came 1 min later: Node.js, "
	  "server.keepAliveTimeout", "data-after-close", REPLIED,
	  .s = { SERVER, .in = 80, .out = 200, .comm = "node" }, .timewait = true, .ago = S(60),
	  .end_heard = S(30), .end_said = S(30), DATA, .seg_len = 80 },
	{ "idle-timeout", LIKELY, "the server closed after 10.0 s of silence", "linger-zero", CLOSED,
	  .s = { SERVER, ESTABLISHED, 80, 200, .heard = S(10), .said = S(10) },
	  .v = { CLIENT, ESTABLISHED }, .linger0 = true },
	{ "idle-timeout", LIKELY,
	  "the client gave up a connection that it had not used for 30.0 s, a goodbye of 60 bytes unread",
	  "close-with-unread", CLOSED, .s = { CLIENT, CLOSE_WAIT, 260, 80, 60, .said = S(30), .heard = S(2) },
	  .v = { SERVER, FIN_WAIT2 } },
	{ "idle-timeout", LIKELY, "data met a connection whose peer had been silent for 350.0 s: as long as the "
	  "default of AWS NLB, or NAT gateway", "peer-reset-after-fin", HEARD, .s = { .unknown = true },
	  .v = { CLIENT, CLOSE_WAIT, 200, 160, .unsent = 80, .heard = S(350) } },
	{ "idle-timeout", GUESS, "data met a connection whose peer had been silent for 7.0 s",
	  "peer-reset-after-fin", HEARD, .s = { .unknown = true },
	  .v = { CLIENT, CLOSE_WAIT, 200, 160, .unsent = 80, .heard = S(7) } },
	{ "idle-timeout", LIKELY, "the client closed after 13.4 s of silence: HAProxy, pool-purge-delay, or timeout server",
	  "linger-zero", CLOSED, .s = { CLIENT, ESTABLISHED, 3000, 30, .heard = MS(13400), .said = MS(13450),
	  .comm = "haproxy" }, .v = { SERVER, ESTABLISHED }, .linger0 = true },
	/* neither a client that waits for an answer nor a server that was asked has been idle */
	{ "client-left", LIKELY, "the client left 2.0 s after its last word, and 300 bytes came after that",
	  "data-after-close", REPLIED, .s = { CLIENT, .in = 100, .out = 160 }, .timewait = true, .ago = MS(500),
	  .end_heard = S(9), .end_said = S(2), DATA, .seg_len = 300 },
	{ "early-answer", LIKELY,
	  "the server had answered (200 bytes) and closed; more data of the client's came", "data-after-close",
	  REPLIED, .s = { SERVER, .in = 80, .out = 200 }, .timewait = true, .ago = MS(5), .end_heard = S(2),
	  .end_said = S(9), DATA, .seg_len = 80 },

	{ "gave-up", LIKELY, "the server had 57 bytes, answered nothing for 1.0 s and closed", "linger-zero", CLOSED,
	  .s = { SERVER, ESTABLISHED, 57, .heard = S(1), .said = S(1), .age = S(1) }, .v = { CLIENT, ESTABLISHED },
	  .linger0 = true },

	/* ---- the server left */
	{ "refused-on-purpose", LIKELY, "the server read nothing, wrote 55 bytes and closed",
	  "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 80, 55, 80 }, .v = { CLIENT, ESTABLISHED } },
	{ "refused-on-purpose", LIKELY, "the server read nothing, wrote 36 bytes and closed",
	  "data-after-close", REPLIED, .s = { SERVER, .out = 36 }, .timewait = true, .ago = MS(1), DATA,
	  .seg_len = 14 },
	{ "gave-up", LIKELY,
	  "the server read 4,100 of 6,357 bytes (4 KiB and 4 bytes), answered nothing and closed",
	  "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 6357, .unread = 2257 },
	  .v = { CLIENT, ESTABLISHED } },
	{ "gave-up", LIKELY, "the server read 8,192 of 9,000 bytes (8 KiB), answered nothing and exited",
	  "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 9000, .unread = 808, .exit = "exit" },
	  .v = { CLIENT, ESTABLISHED } },
	{ "gave-up", LIKELY, "the server read 10 of 80 bytes, answered nothing and was ended by SIGSEGV",
	  "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 80, .unread = 70, .exit = "SIGSEGV" },
	  .v = { CLIENT, ESTABLISHED } },
	{ "gave-up", LIKELY, "the server read nothing, answered nothing and closed", "data-after-close", REPLIED,
	  .s = { SERVER }, .timewait = true, .ago = MS(1), DATA, .seg_len = 78 },
	{ "gave-up", LIKELY, "the server had 80 bytes, answered nothing and closed", "linger-zero", CLOSED,
	  .s = { SERVER, ESTABLISHED, 80 }, .v = { CLIENT, ESTABLISHED }, .linger0 = true },
	{ "gave-up", LIKELY, "the server answered nothing to 80 bytes, and reset", "peer-reset", HEARD,
	  .s = { .unknown = true }, .v = { CLIENT, ESTABLISHED, .out = 80 } },
	/* of some programs it is known which limit or timeout it may be */
	{ "gave-up", LIKELY, "the server read 4,100 of 6,000 bytes (4 KiB and 4 bytes), answered nothing and closed",
	  "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 6000, .unread = 1900, .comm = "uwsgi" },
	  .v = { CLIENT, ESTABLISHED } },
	{ "gave-up", LIKELY, "the server read 512 of 520 bytes, answered nothing and was ended by SIGTERM",
	  "close-with-unread", CLOSED,
	  .s = { SERVER, ESTABLISHED, 520, .unread = 8, .comm = "php-fpm8.2", .exit = "SIGTERM" },
	  .v = { CLIENT, ESTABLISHED } },
	{ "early-answer", LIKELY, "the server answered (190 bytes) and closed with 126,972 of 127,115 bytes unread",
	  "close-with-unread", CLOSED,
	  .s = { SERVER, ESTABLISHED, 127115, 190, 126972, .comm = "mariadbd" }, .v = { CLIENT, ESTABLISHED } },
	{ "client-left", LIKELY, "the client left 1.2 s after its last word, and 64 bytes came after that",
	  "data-after-close", REPLIED, .s = { CLIENT, .out = 528, .comm = "nginx" }, .timewait = true,
	  .ago = MS(1300), .end_heard = MS(1200), .end_said = MS(1200), DATA, .seg_len = 64 },
	/* the server took away a connection that had just come */
	{ "refused-on-purpose", LIKELY, "the server read nothing, wrote nothing and reset the connection after "
	  "173 µs", "linger-zero", CLOSED, .s = { SERVER, ESTABLISHED, .age = 173 },
	  .v = { CLIENT, ESTABLISHED }, .linger0 = true },
	{ "refused-on-purpose", LIKELY, "the server read nothing, wrote nothing and reset the connection after "
	  "149 µs", "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 78, .unread = 78, .age = 149 },
	  .v = { CLIENT, ESTABLISHED }, .linger0 = true },
	/* it had the request, or a part, and waited with it */
	{ "gave-up", LIKELY, "the server read 8,192 of 124,080 bytes (8 KiB), answered nothing for 2.0 s and closed",
	  "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 124080, .unread = 115888, .heard = S(2),
	  .said = S(2), .comm = "gunicorn: worke" }, .v = { CLIENT, ESTABLISHED } },
	{ "gave-up", LIKELY, "the server had 16 bytes, answered nothing for 1.0 s and closed", "data-after-close",
	  REPLIED, .s = { SERVER, .in = 16, .comm = "nginx" }, .timewait = true, .ago = MS(1000),
	  .end_heard = S(1), .end_said = S(1), DATA, .seg_len = 11 },
	{ "written-after-close", LIKELY, "the server had answered (51 bytes) and closed, having heard nothing for "
	  "2.2 s; 7 bytes of the client's came 783 ms later", "data-after-close", REPLIED,
	  .s = { SERVER, .in = 20, .out = 51 }, .timewait = true, .ago = MS(783), .end_heard = MS(2216), DATA,
	  .seg_len = 7 },
	{ "early-answer", LIKELY, "the server answered (47 bytes) and closed with 4,584 of 8,684 bytes unread",
	  "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 8684, 47, 4584, .comm = "uwsgi" },
	  .v = { CLIENT, ESTABLISHED } },
	/*
	 * a server with a process for each connection; one that was killed has not turned anybody
	 * away
	 */
	{ "server-ended", CERTAIN, "the server had answered (604 bytes) and exited", "data-after-close", REPLIED,
	  .s = { SERVER, .in = 78, .out = 604, .exit = "exit" }, .timewait = true, .ago = MS(213),
	  .end_heard = MS(10), .end_said = MS(10), DATA, .seg_len = 14 },
	{ "server-ended", CERTAIN, "the server had answered (605 bytes) and exited, having heard nothing for "
	  "1.5 s", "data-after-close", REPLIED, .s = { SERVER, .in = 89, .out = 605, .exit = "exit" }, .timewait = true,
	  .ago = MS(787), .end_heard = MS(1500), .end_said = 0, DATA, .seg_len = 14 },
	{ "server-ended", CERTAIN, "the server had answered (40 bytes) and was ended by SIGKILL",
	  "close-with-unread", CLOSED, .s = { SERVER, ESTABLISHED, 80, 40, 80, .exit = "SIGKILL" },
	  .v = { CLIENT, ESTABLISHED } },
	/* what was under way comes within a round trip after the close; this was written later */
	{ "written-after-close", LIKELY, "the server had answered (149 bytes) and closed; 28 bytes of the client's "
	  "came 402 ms later", "data-after-close", REPLIED, .s = { SERVER, .in = 28, .out = 149 },
	  .timewait = true, .ago = MS(402), .end_heard = MS(246), .end_said = MS(246), DATA, .seg_len = 28 },
	{ "early-answer", LIKELY, "the server had answered (149 bytes) and closed; more data of the client's came",
	  "data-after-close", REPLIED, .s = { SERVER, .in = 28, .out = 149 }, .timewait = true, .ago = MS(99),
	  .end_heard = MS(246), .end_said = MS(246), DATA, .seg_len = 28 },
	{ "cut-off", LIKELY, "the server aborted after it had written 5,055 bytes", "linger-zero", CLOSED,
	  .s = { SERVER, ESTABLISHED, 78, 5055, .heard = MS(301) }, .v = { CLIENT, ESTABLISHED },
	  .linger0 = true },
	{ "early-answer", LIKELY, "the server answered (180 bytes) and closed with 90,000 of 100,000 bytes unread",
	  "close-with-unread", CLOSED, .s = { SERVER, FIN_WAIT2, 100000, 180, 90000 },
	  .v = { CLIENT, CLOSE_WAIT } },
	{ "early-answer", GUESS, "the server had answered (180 bytes came) while the request was still being sent",
	  "peer-reset-during-send", HEARD, .s = { .unknown = true },
	  .v = { CLIENT, ESTABLISHED, 180, 90000, .unsent = 20000 } },

	/* ---- the client left */
	{ "client-left", LIKELY, "the client left 2.0 s after its last word, with 4,000 bytes unread",
	  "close-with-unread", CLOSED, .s = { CLIENT, ESTABLISHED, 5000, 80, 4000, .said = S(2) },
	  .v = { SERVER, ESTABLISHED } },
	{ "client-left", LIKELY, "the client left 30.0 s after its last word, without an answer", "linger-zero",
	  CLOSED, .s = { CLIENT, ESTABLISHED, .out = 80, .said = S(30), .heard = S(31) },
	  .v = { SERVER, ESTABLISHED, 80 }, .linger0 = true },
	{ "client-left", LIKELY, "the client, on another host, reset the connection with the answer on the way to "
	  "it", "peer-reset-during-send", HEARD, .s = { .unknown = true },
	  .v = { SERVER, ESTABLISHED, 80, 9000, .unsent = 4000 } },
	/* the client had all that it asked for */
	{ "client-done", LIKELY, "the client had read all that came, 200 bytes, and aborted", "linger-zero", CLOSED,
	  .s = { CLIENT, ESTABLISHED, 200, 80 }, .v = { SERVER, ESTABLISHED }, .linger0 = true },
	/* the cause says everything, so there is no situation */
	{ NULL, CONFIDENCE_UNSET, NULL, "closed-port", KIND_REPLY, .s = { .unknown = true }, .no_sock = true,
	  .v = { CLIENT, SYN_SENT }, .seg = TH_SYN },
};
const size_t n_stories = N(stories);

static void set_side(struct endpoint *ep, const struct side *sd)
{
	ep->role = sd->role;
	ep->old_state = sd->state;
	snprintf(ep->exit, sizeof(ep->exit), "%s", sd->exit ? sd->exit : "");
	snprintf(ep->comm, sizeof(ep->comm), "%s", sd->comm ? sd->comm : "");
	if (sd->unknown)
		return;
	ep->bytes_in = sd->in;
	ep->bytes_out = sd->out;
	ep->unread = sd->unread;
	ep->unsent = sd->unsent;
	ep->age_us = sd->age;
	ep->heard_us = sd->heard;
	ep->said_us = sd->said;
	ep->idle_us = sd->heard < sd->said ? sd->heard : sd->said;
}

static void set_sender(struct incident *inc, const struct story *st)
{
	struct endpoint *s = &inc->sender;
	bool reply = st->kind == KIND_REPLY;

	set_side(s, &st->s);
	s->seen = st->kind != KIND_RECEIVED && st->kind != KIND_TIMEOUT;
	s->timewait = st->timewait;
	s->have_sock = s->seen && !st->no_sock && !st->timewait;
	s->tcp_state = reply ? st->s.state : CLOSE;
	s->linger0 = st->linger0;
	s->shutdown = reply ? 0 : BOTH;
	if (!strcmp(st->cause, "listener-closed"))
		s->bits = ORPHAN;
	s->end.how = st->how;
	if (st->how == END_UNKNOWN)
		return;
	s->end.ago_us = s->closed_us = st->ago;
	if (st->how == END_CLOSED) {
		s->unread = UNKNOWN;
		s->end.unsent = st->end_unsent;
		s->end.heard_us = st->end_heard;
		s->end.said_us = st->end_said;
	}
	if (st->end_rst_seq)
		s->end.rst_seq = st->end_rst_seq;
}

void story_incident(struct incident *inc, const struct story *st)
{
	incident_init(inc);
	inc->kind = st->kind;
	inc->loopback = st->local;
	inc->sport = st->sport;
	inc->dport = st->dport;
	inc->family = st->family ? st->family : 4;
	inc->abort_err = st->abort_err;
	if (st->icmp_code) {
		inc->icmp_type = 3;
		inc->icmp_code = st->icmp_code;
	}
	inc->listener = st->listener;
	inc->still_listens = st->still_listens;
	inc->recent = st->how != END_UNKNOWN && !st->listener;
	if (st->seg) {
		inc->seg_flags = st->seg;
		inc->seg_len = st->seg_len;
		inc->seg_seq = st->seg_seq;
	}
	memcpy(inc->seg_head, st->head, sizeof(inc->seg_head));
	inc->earlier_sent = st->earlier_sent;
	inc->lost = st->earlier_lost ? LOST_EARLIER : 0;
	set_sender(inc, st);
	set_side(&inc->victim, &st->v);
	inc->victim.seen = st->v.state;
	inc->victim.tcp_state = st->kind == KIND_TIMEOUT ? CLOSE : st->v.state;
}
