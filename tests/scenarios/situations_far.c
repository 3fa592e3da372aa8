/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people call it, with a far host that the scenario plays: segments for a connection that is
 * over, and data that is not taken.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "registry.h"
#include "wire.h"

#define HEAP 80000
#define PIECE 8000
#define WINDOW 60000

static struct expect *expect_stray(struct scene *s, const struct peer *p, const char *situation,
				   const char *sure)
{
	struct expect *e = scene_expect(s, "reply", "stray-segment");

	want_far_victim(e, p);
	want_str(e, "situation", situation);
	want_str(e, "situation_confidence", sure);
	return e;
}

/* The program waits no longer; then the answer comes. */
static void connect_abandoned(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = (int)must(cli, "socket", SYS(cli, SYS_socket, wire_af(&w), SOCK_STREAM | SOCK_NONBLOCK, 0));
	p = peer_called(&w, cli, fd);
	scene_same(s, "connect", -EINPROGRESS, actor_end(cli));
	net_close(cli, fd);
	peer_send(&p, SEG_SYN | SEG_ACK, 0);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	e = expect_stray(s, &p, "connect-abandoned", "certain");
	want_sender(e, cli, "socket");
	want_str(e, "sender_role", "client");
	want_str(e, "sender_ended", "connecting");
	want_str(e, "sender_syscall", "close");
	want_str(e, "stage", "post-syn");
}

/* The far host closes first; its last ACK comes twice, and the second goes to the listener. */
static void late_ack(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct expect *e;
	struct wire w;
	struct peer p;
	int lfd, fd;

	wire_open(s, &w);
	lfd = net_listen(srv, s->family, SERVER_PORT, 16);
	fd = peer_connect(&w, srv, lfd, SERVER_PORT, &p);
	peer_send(&p, SEG_FIN | SEG_ACK, 0);
	net_wait_state(srv, fd, TCP_CLOSE_WAIT);
	net_close(srv, fd);
	peer_await(&p, SEG_FIN);
	peer_send(&p, SEG_ACK, 0);
	net_wait_gone(s, s->family, SERVER_PORT, p.rport);
	peer_send(&p, SEG_ACK, 0);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	e = expect_stray(s, &p, "late-ack", "likely");
	want_str(e, "sender_ended", "peer-closed");
	want_str(e, "sender_state", "LISTEN");
}

/* This end has reset the connection while more data of the far host was on its way. */
static void after_own_reset(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	net_linger0(cli, fd);
	net_close(cli, fd);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	e = scene_expect(s, "active", "linger-zero");
	want_far_victim(e, &p);
	want_sender(e, cli, "caller");
	want_absent(e, "follows");
	scene_checkpoint(s);
	peer_send(&p, SEG_ACK | SEG_PSH, 10);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	e = expect_stray(s, &p, "after-reset", "certain");
	want_str(e, "sender_ended", "reset-sent");
	want_present(e, "follows");
}

/* An abort with more unsent data than is under way between two calls. */
static void thrown_away(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	net_send(cli, fd, 5000);
	net_linger0(cli, fd);
	net_close(cli, fd);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	e = scene_expect(s, "active", "linger-zero");
	want_far_victim(e, &p);
	want_str(e, "situation", "thrown-away");
	want_str(e, "situation_confidence", "certain");
	want_int(e, "sender_unsent", 5000);
}

/* The far host reads nothing. The server closes with much of its answer unsent, and then data comes. */
static void slow_reader(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	int lfd, fd, room = 4 * HEAP;
	struct expect *e;
	struct wire w;
	struct peer p;

	wire_open(s, &w);
	w.window = WINDOW;
	lfd = net_listen(srv, s->family, SERVER_PORT, 16);
	fd = peer_connect(&w, srv, lfd, SERVER_PORT, &p);
	net_setsockopt(srv, fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	for (int i = 0; i < HEAP / PIECE; i++)
		net_send(srv, fd, PIECE);
	net_close(srv, fd);
	peer_send(&p, SEG_ACK | SEG_PSH, 6);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	e = scene_expect(s, "reply", "data-after-close");
	want_far_victim(e, &p);
	want_str(e, "situation", "slow-reader");
	want_str(e, "situation_confidence", "likely");
	want_str(e, "sender_role", "server");
	want_int(e, "sender_ended_unsent", HEAP);
}

const struct scenario situations_far_scenarios[] = {
	ROW("connect-abandoned", "a SYN-ACK for a connect that was given up", connect_abandoned, V4),
	ROW("connect-abandoned-v6", "the same over IPv6", connect_abandoned, V6),
	ROW("ack-twice", "the last ACK of a connection that ended in peace, again", late_ack, V4),
	ROW("ack-twice-v6", "the same over IPv6", late_ack, V6),
	ROW("after-own-reset", "data for a connection that this end has reset", after_own_reset, V4),
	ROW("thrown-away", "an abort over data not acknowledged", thrown_away, V4),
	ROW("slow-reader", "a close over much that the reader has not taken", slow_reader, V4),
	ROW_END
};
