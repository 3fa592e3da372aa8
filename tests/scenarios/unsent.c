/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Resets that the kernel decides on and counts, but that are never sent: there is no route any
 * more, or a firewall rule drops them. The far host learns nothing.
 */
#include <netinet/in.h>
#include <string.h>

#include "firewall.h"
#include "net.h"
#include "registry.h"
#include "wire.h"

#define UNREAD 40

enum { NO_ROUTE = 1, DROPPED = 2, LINGER = 4 };

static void cut_off(struct wire *w)
{
	int r;

	if (w->s->arg & NO_ROUTE) {
		wire_lose_route(w);
		return;
	}
	r = firewall_drop(w->family == V6, FAR_PORT);
	if (r)
		scene_abort(w->s, "adding a rule: %s", strerror(-r));
}

/* arg: what keeps the RST from being sent, and what it would answer. */
static void unsent(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	peer_send(&p, SEG_ACK | SEG_PSH, UNREAD);
	net_wait_unread(cli, fd, UNREAD);
	peer_await(&p, SEG_ACK);
	if (s->arg & LINGER) {
		net_recv(cli, fd, UNREAD);
		net_linger0(cli, fd);
	}
	cut_off(&w);
	net_close(cli, fd);
	scene_same(s, "TCPAbortFailed", 1, net_counter(s, "TCPAbortFailed"));

	e = scene_expect(s, "active", s->arg & LINGER ? "linger-zero" : "close-with-unread");
	want_far_victim(e, &p);
	want_sender(e, cli, "caller");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", fd);
	want_str(e, "sender_state", "ESTABLISHED");
	want_str(e, "outcome", "remote");
}

const struct scenario unsent_scenarios[] = {
	ROW("unsent-unread", "close with bytes unread, and no route for the RST", unsent, V4,
	    .arg = NO_ROUTE),
	ROW("unsent-unread-v6", "the same over IPv6", unsent, V6, .arg = NO_ROUTE),
	ROW("unsent-linger", "close with SO_LINGER {1,0}, and no route for the RST", unsent, V4,
	    .arg = NO_ROUTE | LINGER),
	ROW("unsent-dropped", "close with bytes unread, and a firewall drops the RST", unsent, V4,
	    .arg = DROPPED),
	ROW("unsent-dropped-v6", "the same over IPv6", unsent, V6, .arg = DROPPED),
	ROW_END
};
