/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that their owner dissolves, by connect(AF_UNSPEC) or by a close that aborts. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "net.h"
#include "registry.h"
#include "wire.h"

#define UNREAD 40

/* What happened before connect(AF_UNSPEC). None of it changes the cause. */
enum before { NOTHING, PEER_CLOSED, OWN_SHUTDOWN, BYTES_UNREAD, LINGER_ZERO };

static const char *prepare(struct conn *c, enum before what)
{
	switch (what) {
	case PEER_CLOSED:
		net_shutdown(c->server, c->sfd, SHUT_WR);
		net_wait_state(c->client, c->cfd, TCP_CLOSE_WAIT);
		net_wait_state(c->server, c->sfd, TCP_FIN_WAIT2);
		return "CLOSE_WAIT";
	case OWN_SHUTDOWN:
		conn_shutdown(c, SHUT_WR);
		return "FIN_WAIT2";
	case BYTES_UNREAD:
		net_send(c->server, c->sfd, UNREAD);
		net_wait_unread(c->client, c->cfd, UNREAD);
		return "ESTABLISHED";
	case LINGER_ZERO:
		net_linger0(c->client, c->cfd);
		return "ESTABLISHED";
	default:
		return "ESTABLISHED";
	}
}

/* The state of the other end. */
static const char *opposite(enum before what)
{
	return what == PEER_CLOSED ? "FIN_WAIT2" : what == OWN_SHUTDOWN ? "CLOSE_WAIT" :
									  "ESTABLISHED";
}

static void disconnected(struct scene *s)
{
	struct conn c = conn_new(s);
	const char *state = prepare(&c, (enum before)s->arg);
	struct expect *e;

	net_disconnect(c.client, c.cfd);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	e = scene_expect(s, "active", "disconnect");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "caller");
	want_str(e, "sender_syscall", "connect");
	want_int(e, "sender_fd", c.cfd);
	want_str(e, "sender_state", state);
	want_victim(e, c.server, "caller|socket|listener", opposite((enum before)s->arg));
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	if (s->arg == OWN_SHUTDOWN) {
		net_close(c.server, c.sfd);
		want_str(e, "outcome", "unnoticed");
		return;
	}
	net_recv_reset(c.server, c.sfd, e);
}

/* The connection is dissolved with an error pending, which the next call on the socket gets. */
static void own_error(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	net_disconnect(c.client, c.cfd);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	net_io_fails(c.client, s->arg, c.cfd, ECONNRESET);
	e = scene_expect(s, "active", "disconnect");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "caller");
	want_own_error(e, ECONNRESET, io_syscall(s->arg), c.cfd, c.client);
	net_recv_reset(c.server, c.sfd, e);
}

/*
 * Both ends have shut down one after the other, while some data was never sent, as the peer has no
 * room for it.
 */
enum { FAR_FIRST = 1, BY_CLOSE = 2 };

static void disconnected_unsent(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	w.window = 0;
	fd = peer_accept(&w, cli, &p);
	net_send(cli, fd, 16);
	if (!(s->arg & FAR_FIRST))
		net_shutdown(cli, fd, SHUT_WR);
	peer_send(&p, SEG_FIN | SEG_ACK, 0);
	net_wait_state(cli, fd, s->arg & FAR_FIRST ? TCP_CLOSE_WAIT : TCP_CLOSING);
	if (s->arg & FAR_FIRST)
		net_shutdown(cli, fd, SHUT_WR);
	if (s->arg & BY_CLOSE) {
		net_linger0(cli, fd);
		net_close(cli, fd);
	} else {
		net_disconnect(cli, fd);
	}
	peer_await(&p, SEG_RST);

	e = scene_expect(s, "active", s->arg & BY_CLOSE ? "linger-zero" : "disconnect");
	want_far_victim(e, &p);
	want_sender(e, cli, "caller");
	want_str(e, "sender_syscall", s->arg & BY_CLOSE ? "close" : "connect");
	want_int(e, "sender_fd", fd);
	want_str(e, "sender_state", s->arg & FAR_FIRST ? "LAST_ACK" : "CLOSING");
	want_str(e, "outcome", "remote");
	maybe_str(e, "reason", "TCP_DISCONNECT_WITH_DATA|NOT_SPECIFIED");
}

static struct peer call(struct wire *w, struct actor *a, int fd)
{
	struct peer p;

	must(a, "fcntl", SYS(a, SYS_fcntl, fd, F_SETFL, O_NONBLOCK));
	p = peer_called(w, a, fd);
	scene_same(w->s, "connect", -EINPROGRESS, actor_end(a));
	return p;
}

/* There is no connection to reset yet: the next segment that the far host gets is another SYN. */
static void given_up(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	int fd = net_socket(cli, s->family);
	struct segment next;
	struct wire w;
	struct peer p;

	wire_open(s, &w);
	p = call(&w, cli, fd);
	if (s->arg & BY_CLOSE) {
		net_linger0(cli, fd);
		net_close(cli, fd);
	} else {
		net_disconnect(cli, fd);
	}
	net_wait_gone(s, s->family, p.lport, FAR_PORT);
	fd = net_socket(cli, s->family);
	must(cli, "fcntl", SYS(cli, SYS_fcntl, fd, F_SETFL, O_NONBLOCK));
	scene_same(s, "another connect", -EINPROGRESS, wire_connect(&w, cli, fd));
	next = wire_await(&w, 0, FAR_PORT, 0);
	scene_same(s, "flags of what comes next", SEG_SYN, next.flags & ~0xc0);
}

/*
 * A socket closed in repair mode (TCP_REPAIR) sends nothing to its peer, whatever other
 * options it has.
 */
static void repair_closed(struct scene *s)
{
	struct conn c = conn_new(s);
	int one = 1;

	net_linger0(c.client, c.cfd);
	net_setsockopt(c.client, c.cfd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one));
	net_close(c.client, c.cfd);
	net_wait_state(c.server, c.sfd, TCP_ESTABLISHED);
	net_setsockopt(c.server, c.sfd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one));
	net_close(c.server, c.sfd);
	net_wait_gone(s, s->family, SERVER_PORT, c.caddr.port);
}

const struct scenario disconnect_scenarios[] = {
	ROW("disconnect", "connect(AF_UNSPEC)", disconnected, V4),
	ROW("disconnect-v6", "the same over IPv6", disconnected, V6),
	ROW("disconnect-close-wait", "connect(AF_UNSPEC) after the peer's FIN", disconnected, V4,
	    .arg = PEER_CLOSED),
	ROW("disconnect-fin-wait", "connect(AF_UNSPEC) after a FIN of its own", disconnected, V4,
	    .arg = OWN_SHUTDOWN),
	ROW("disconnect-unread", "connect(AF_UNSPEC) with bytes unread", disconnected, V4,
	    .arg = BYTES_UNREAD),
	ROW("disconnect-linger", "connect(AF_UNSPEC) with SO_LINGER {1,0} set", disconnected, V4,
	    .arg = LINGER_ZERO),
	ROW("disconnect-own-error", "connect(AF_UNSPEC), then a recv on the socket", own_error, V4,
	    .arg = IO_RECV),
	ROW("disconnect-own-error-write", "the same, then a write", own_error, V6, .arg = IO_WRITE),
	ROW("disconnect-unsent", "connect(AF_UNSPEC) in LAST_ACK with data unsent",
	    disconnected_unsent, V4, .arg = FAR_FIRST),
	ROW("disconnect-closing", "connect(AF_UNSPEC) in CLOSING with data unsent",
	    disconnected_unsent, V4),
	ROW("linger-zero-unsent", "close with SO_LINGER {1,0} in LAST_ACK with data unsent",
	    disconnected_unsent, V4, .arg = FAR_FIRST | BY_CLOSE),
	ROW("linger-zero-unsent-v6", "the same over IPv6",
	    disconnected_unsent, V6, .arg = FAR_FIRST | BY_CLOSE),
	ROW("disconnect-syn-sent", "connect(AF_UNSPEC) in SYN_SENT: no RST", given_up, V4),
	ROW("disconnect-syn-sent-v6", "the same over IPv6", given_up, V6),
	ROW("linger-zero-syn-sent", "close with SO_LINGER {1,0} in SYN_SENT: no RST", given_up, V4,
	    .arg = BY_CLOSE),
	ROW("linger-zero-syn-sent-v6", "the same over IPv6", given_up, V6, .arg = BY_CLOSE),
	ROW("repair-close", "close under TCP_REPAIR: no RST", repair_closed, V4),
	ROW_END
};
