/* SPDX-License-Identifier: GPL-2.0 */
/* Segments of connections that are over, or never were. */
#include <errno.h>
#include <netinet/tcp.h>

#include "net.h"
#include "registry.h"
#include "wire.h"

/* arg: the segment's flags. */
static void stray_segment(struct scene *s)
{
	struct expect *e;
	struct wire w;
	struct peer p;

	wire_open(s, &w);
	p = peer_stranger(&w, CLOSED_PORT);
	peer_send(&p, (uint8_t)s->arg, s->arg & SEG_PSH ? 10 : 0);
	peer_await(&p, SEG_RST);
	e = scene_expect(s, "reply", "stray-segment");
	want_far_victim(e, &p);
	maybe_str(e, "reason", "NO_SOCKET");
	want_str(e, "sender_owner", "kernel");
	want_absent(e, "sender_pid");
	want_str(e, "outcome", "remote");
}

/* Data out of order (SEG_ACK) is answered like a SYN: no process waits for the rest of it. */
static void timewait_answers(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	peer_half_finish(&p, cli, fd);
	peer_send_at(&p, (uint8_t)s->arg, p.seq + 100, s->arg == SEG_ACK ? 10 : 0);
	wire_await(&w, p.lport, p.rport, SEG_RST);
	e = scene_expect(s, "reply", "data-after-close");
	want_far_victim(e, &p);
	want_sender(e, cli, "caller|socket");
	want_str(e, "sender_state", "TIME_WAIT");
	maybe_str(e, "sender_syscall", "close");
	maybe_int(e, "sender_fd", fd);
	maybe_str(e, "reason", "TCP_TIMEWAIT_SOCKET");
}

/* In true TIME_WAIT an old SYN, or data, only draws an ACK: nothing to report. */
static void timewait_silent(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	peer_finish(&p, cli, fd);
	net_wait_timewait(s, s->family, p.lport, p.rport);
	peer_send_at(&p, SEG_SYN, p.seq - 10, 0);
	peer_await(&p, SEG_ACK);
	scene_same(s, "RST in the answer", 0, p.last.flags & SEG_RST);
}

#define OLD_PORT 45100
#define NEW_SERVER 8081

/*
 * A client reuses the addresses and ports of a connection that is in TIME_WAIT at the server, whose
 * listener is gone. The timewait socket acknowledges the old connection, the client's socket in
 * SYN_SENT answers that with a RST, and the client's next SYN finds the port closed.
 */
static void timewait_reused(struct scene *s)
{
	struct conn c = { .lfd = -1 };
	struct addr near, far;
	struct expect *e;

	c.server = actor_new(s, "rt-server");
	c.client = actor_new(s, "rt-client");
	c.lfd = net_listen(c.server, s->family, NEW_SERVER, 16);
	c.cfd = net_bound(c.client, s->family, OLD_PORT);
	must(c.client, "connect", net_connect(c.client, c.cfd, s->family, NEW_SERVER));
	c.sfd = net_accept(c.server, c.lfd);
	net_close(c.server, c.sfd);
	net_wait_state(c.client, c.cfd, TCP_CLOSE_WAIT);
	net_wait_fin_acked(s, s->family, NEW_SERVER, OLD_PORT);
	net_close(c.client, c.cfd);
	net_wait_timewait(s, s->family, NEW_SERVER, OLD_PORT);
	net_wait_gone(s, s->family, OLD_PORT, NEW_SERVER);
	net_close(c.server, c.lfd);

	c.cfd = net_bound(c.client, s->family, OLD_PORT);
	scene_same(s, "connect", -ECONNREFUSED,
		   net_connect(c.client, c.cfd, s->family, NEW_SERVER));
	near = net_loopback(s->family, OLD_PORT);
	far = net_loopback(s->family, NEW_SERVER);

	e = scene_expect(s, "reply", "bad-handshake-ack");
	want_flow(e, &near, &far);
	want_sender(e, c.client, "caller|socket");
	want_str(e, "sender_state", "SYN_SENT");
	maybe_str(e, "reason", "TCP_INVALID_ACK_SEQUENCE");

	e = scene_expect(s, "reply", "closed-port");
	want_flow(e, &far, &near);
	want_victim(e, c.client, "caller|socket", "SYN_SENT");
	maybe_str(e, "reason", "NO_SOCKET");
	want_error(e, ECONNREFUSED, "connect", c.cfd, c.client, false);
}

const struct scenario stray_scenarios[] = {
	ROW("stray-ack", "an ACK to a port nobody knows", stray_segment, V4, .arg = SEG_ACK),
	ROW("stray-ack-v6", "the same over IPv6", stray_segment, V6, .arg = SEG_ACK),
	ROW("stray-data", "data to a port nobody knows", stray_segment, V4,
	    .arg = SEG_ACK | SEG_PSH),
	ROW("stray-syn-ack", "a SYN-ACK to a port nobody knows", stray_segment, V4,
	    .arg = SEG_SYN | SEG_ACK),
	ROW("stray-fin", "a FIN to a port nobody knows", stray_segment, V4,
	    .arg = SEG_FIN | SEG_ACK),
	ROW("timewait-syn", "a SYN for a closed connection whose peer has not closed",
	    timewait_answers, V4, .arg = SEG_SYN),
	ROW("timewait-syn-v6", "the same over IPv6", timewait_answers, V6, .arg = SEG_SYN),
	ROW("timewait-data", "data out of order for such a connection", timewait_answers, V4,
	    .arg = SEG_ACK),
	ROW("timewait-silent", "an old SYN in TIME_WAIT", timewait_silent, V4),
	ROW("timewait-reused", "a port pair reused while the server is in TIME_WAIT",
	    timewait_reused, V4),
	ROW("timewait-reused-v6", "the same over IPv6", timewait_reused, V6),
	ROW_END
};
