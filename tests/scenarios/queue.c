/* SPDX-License-Identifier: GPL-2.0 */
/* A listener whose accept queue is full when a handshake ends. */
#include "net.h"
#include "registry.h"
#include "wire.h"

#define BACKLOG 2

/*
 * Fills the queue. The last two SYNs come while there is still room, as later ones would be
 * dropped. They are only two, as more open handshakes would switch SYN cookies on, with which an
 * overflow is always silent. A queue holds one more than its limit.
 */
static int overflow(struct scene *s, struct wire *w, struct actor *srv, struct peer *p)
{
	int i, lfd;

	wire_open(s, w);
	lfd = net_listen(srv, s->family, SERVER_PORT, BACKLOG);
	for (i = 0; i < BACKLOG; i++) {
		p[i] = peer_knock(w, SERVER_PORT, FAR_CLIENT + i);
		peer_send(&p[i], SEG_ACK, 0);
		net_wait_queued(srv, lfd, i + 1);
	}
	p[i] = peer_knock(w, SERVER_PORT, FAR_CLIENT + i);
	p[i + 1] = peer_knock(w, SERVER_PORT, FAR_CLIENT + i + 1);
	peer_send(&p[i], SEG_ACK, 0);
	net_wait_queued(srv, lfd, BACKLOG + 1);
	peer_send(&p[i + 1], SEG_ACK, 0);
	return lfd;
}

/* Ends the connections in the queue in order. */
static void drain(struct actor *srv, int lfd, struct peer *p, int n)
{
	int i;

	for (i = 0; i < n; i++)
		peer_finish(&p[i], srv, net_accept(srv, lfd));
}

static void overflow_reset(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct peer p[BACKLOG + 2];
	struct expect *e;
	struct wire w;
	int lfd;

	scene_sysctl(s, "net/ipv4/tcp_abort_on_overflow", "1");
	lfd = overflow(s, &w, srv, p);
	peer_await(&p[BACKLOG + 1], SEG_RST);
	e = scene_expect(s, "reply", "accept-queue-overflow");
	want_far_victim(e, &p[BACKLOG + 1]);
	want_sender(e, srv, "caller|socket|snapshot");
	want_str(e, "sender_state", "LISTEN");
	want_int(e, "accept_queue", BACKLOG + 1);
	want_int(e, "accept_queue_max", BACKLOG);
	want_str(e, "outcome", "remote");
	maybe_str(e, "reason", "INVALID_SYN");
	drain(srv, lfd, p, BACKLOG + 1);
}

/* With this setting the kernel drops the ACK and sends nothing. */
static void overflow_silent(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct peer p[BACKLOG + 2];
	struct wire w;
	int lfd;

	scene_sysctl(s, "net/ipv4/tcp_abort_on_overflow", "0");
	lfd = overflow(s, &w, srv, p);
	/* there is room again: the repeated ACK now makes the connection */
	drain(srv, lfd, p, BACKLOG + 1);
	peer_send(&p[BACKLOG + 1], SEG_ACK, 0);
	drain(srv, lfd, &p[BACKLOG + 1], 1);
}

const struct scenario queue_scenarios[] = {
	ROW("accept-queue-overflow", "the accept queue is full, tcp_abort_on_overflow=1",
	    overflow_reset, V4),
	ROW("accept-queue-overflow-v6", "the same over IPv6", overflow_reset, V6),
	ROW("accept-queue-silent", "the accept queue is full, tcp_abort_on_overflow=0",
	    overflow_silent, V4),
	ROW_END
};
