/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP Fast Open: a server that takes data with the SYN, without cookies. The connection is a full
 * socket in SYN_RECV; it may be accepted, used and closed before the handshake ends.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net.h"
#include "registry.h"
#include "wire.h"

#define DATA 10

/* Exchanges the SYN with its data and the SYN-ACK. Returns the listener. */
static int fast_open(struct scene *s, struct wire *w, struct actor *srv, struct peer *p)
{
	static const uint8_t option[] = { 1, 1, 34, 2 };	/* Fast Open without a cookie */
	int lfd;

	wire_open(s, w);
	scene_sysctl(s, "net/ipv4/tcp_fastopen", "1538");
	lfd = net_listen(srv, s->family, SERVER_PORT, 16);
	*p = peer_stranger(w, SERVER_PORT);
	peer_send_with(p, SEG_SYN, DATA, option, sizeof(option));
	peer_await(p, SEG_SYN | SEG_ACK);
	if (p->last.ack != p->seq)
		scene_abort(s, "the data of the SYN was not taken");
	return lfd;
}

/* Goes on with the right ACK. */
static void complete(struct peer *p, struct actor *srv, int fd)
{
	peer_send(p, SEG_ACK, 0);
	net_wait_state(srv, fd, TCP_ESTABLISHED);
	net_recv(srv, fd, DATA);
	peer_finish(p, srv, fd);
}

static struct expect *expect_syn_recv(const struct peer *p, const char *kind, const char *cause,
				      const struct actor *srv)
{
	struct expect *e = scene_expect(p->w->s, kind, cause);

	want_far_victim(e, p);
	want_sender(e, srv, "caller|socket|listener");
	want_str(e, "sender_state", "SYN_RECV");
	return e;
}

/* arg: the distance of the ACK from the right one. */
static void bad_ack(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct segment ack;
	struct wire w;
	struct peer p;
	int fd;

	fd = net_accept(srv, fast_open(s, &w, srv, &p));
	ack = peer_segment(&p, SEG_ACK);
	ack.ack += (uint32_t)s->arg;
	wire_send(&w, &ack);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	maybe_str(expect_syn_recv(&p, "reply", "bad-handshake-ack", srv), "reason",
		  s->arg > 0 ? "TCP_ACK_UNSENT_DATA|TCP_OLD_ACK" : "TCP_OLD_ACK|TCP_TOO_OLD_ACK");
	complete(&p, srv, fd);
}

static void second_syn(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct wire w;
	struct peer p;
	int fd;

	fd = net_accept(srv, fast_open(s, &w, srv, &p));
	peer_send_at(&p, SEG_SYN, p.seq + 10, 0);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	maybe_str(expect_syn_recv(&p, "reply", "syn-in-connection", srv), "reason", "INVALID_SYN");
	complete(&p, srv, fd);
}

enum end { UNREAD, LINGER, DISCONNECT, LISTENER };

static const struct {
	const char *cause, *syscall, *reason;
} ends[] = {
	[UNREAD] = { "close-with-unread", "close", "TCP_ABORT_ON_CLOSE|NOT_SPECIFIED" },
	[LINGER] = { "linger-zero", "close", "TCP_STATE|NOT_SPECIFIED" },
	[DISCONNECT] = { "disconnect", "connect", "TCP_STATE|NOT_SPECIFIED" },
	[LISTENER] = { "listener-closed", "close", "TCP_STATE|NOT_SPECIFIED" },
};

/* The server ends the connection before the handshake ends. arg: how. */
static void ended(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	fd = fast_open(s, &w, srv, &p);
	if (s->arg != LISTENER)
		fd = net_accept(srv, fd);
	if (s->arg == LINGER || s->arg == DISCONNECT)
		net_recv(srv, fd, DATA);
	if (s->arg == LINGER)
		net_linger0(srv, fd);
	if (s->arg == DISCONNECT)
		net_disconnect(srv, fd);
	else
		net_close(srv, fd);
	peer_await(&p, SEG_RST);
	e = expect_syn_recv(&p, "active", ends[s->arg].cause, srv);
	want_str(e, "sender_owner", "caller");
	want_str(e, "sender_syscall", ends[s->arg].syscall);
	want_int(e, "sender_fd", fd);
	want_str(e, "outcome", "remote");
	maybe_str(e, "reason", ends[s->arg].reason);
}

/*
 * The server has read everything and closes, or shuts down (arg), before the handshake ends. From
 * 6.9 on the FIN of a shutdown waits for the end of the handshake: then the director sends the ACK,
 * and must not be named as the one that shut down.
 */
static void finished(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	fd = net_accept(srv, fast_open(s, &w, srv, &p));
	net_recv(srv, fd, DATA);
	if (s->arg)
		net_shutdown(srv, fd, (int)s->arg);
	else
		net_close(srv, fd);
	peer_send(&p, SEG_ACK, 0);
	peer_await(&p, SEG_FIN);
	peer_send(&p, SEG_ACK | SEG_PSH, DATA);
	peer_await(&p, SEG_RST);
	e = scene_expect(s, "reply", s->arg ? "data-after-shutdown" : "data-after-close");
	want_far_victim(e, &p);
	want_sender(e, srv, "caller|socket|listener");
	maybe_str(e, "sender_syscall", s->arg ? "shutdown" : "close");
	maybe_int(e, "sender_fd", fd);
	want_str(e, "outcome", "remote");
	maybe_str(e, "reason", "TCP_ABORT_ON_DATA|TCP_TIMEWAIT_SOCKET|NOT_SPECIFIED");
}

/* The RST hits a socket, not a request: so the server's call fails. */
static void reset(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	fd = net_accept(srv, fast_open(s, &w, srv, &p));
	peer_send(&p, SEG_RST, 0);
	net_wait_state(srv, fd, TCP_CLOSE);
	net_recv(srv, fd, DATA);
	net_io_fails(srv, IO_RECV, fd, ECONNRESET);
	e = scene_expect(s, "received", "peer-reset");
	want_far_sender(e, &p);
	want_victim(e, srv, "caller|socket|listener", "SYN_RECV");
	want_int(e, "rst_seq", p.seq);
	want_error(e, ECONNRESET, "recvfrom", fd, srv, false);
}

const struct scenario fastopen_scenarios[] = {
	ROW("fast-open-bad-ack", "an unacceptable ACK for a TFO connection in SYN_RECV",
	    bad_ack, V4, .arg = 1000),
	ROW("fast-open-bad-ack-v6", "the same over IPv6", bad_ack, V6, .arg = 1000),
	ROW("fast-open-old-ack", "an ACK of what was before it", bad_ack, V4, .arg = -1),
	ROW("fast-open-too-old-ack", "an ACK of what was long before it", bad_ack, V4,
	    .arg = -1000000),
	ROW("fast-open-syn", "a SYN for a TFO connection in SYN_RECV", second_syn, V4),
	ROW("fast-open-unread", "closed in SYN_RECV with the SYN's data unread", ended, V4,
	    .arg = UNREAD),
	ROW("fast-open-linger", "closed in SYN_RECV with SO_LINGER {1,0}", ended, V4,
	    .arg = LINGER),
	ROW("fast-open-linger-v6", "the same over IPv6", ended, V6, .arg = LINGER),
	ROW("fast-open-disconnect", "connect(AF_UNSPEC) in SYN_RECV", ended, V4,
	    .arg = DISCONNECT),
	ROW("fast-open-disconnect-v6", "the same over IPv6", ended, V6, .arg = DISCONNECT),
	ROW("fast-open-unaccepted", "the listener closed with a TFO connection in SYN_RECV",
	    ended, V4, .arg = LISTENER),
	ROW("fast-open-data-after-close", "closed in SYN_RECV, data comes after the FIN",
	    finished, V4),
	ROW("fast-open-data-after-close-v6", "the same over IPv6", finished, V6),
	ROW("fast-open-data-after-shutdown", "shut down in SYN_RECV, data comes after the FIN",
	    finished, V4, .arg = SHUT_RDWR),
	ROW("fast-open-reset", "a RST in SYN_RECV", reset, V4),
	ROW("fast-open-reset-v6", "the same over IPv6", reset, V6),
	ROW_END
};
