/* SPDX-License-Identifier: GPL-2.0 */
/* Listeners that close with connections in their queue. */
#include <signal.h>

#include "net.h"
#include "registry.h"

#define MAX_CHILDREN 3

/* Connects n clients, lets the listener close, and lets each client see the reset. */
static void queue_children(struct scene *s, struct conn *c, int n)
{
	struct actor *server = actor_new(s, "rt-server"), *client = actor_new(s, "rt-client");
	int lfd = -1, i;

	for (i = 0; i < n; i++) {
		c[i] = (struct conn){ .server = server, .client = client, .lfd = lfd };
		conn_queue(s, &c[i]);
		lfd = c[i].lfd;
	}
	net_wait_queued(server, lfd, n);
}

static struct expect *expect_forgotten(struct scene *s, const struct conn *c)
{
	struct expect *e = scene_expect(s, "active", "listener-closed");

	want_flow(e, &c->saddr, &c->caddr);
	want_sender(e, c->server, "caller|listener");
	want_str(e, "sender_state", "ESTABLISHED");
	want_victim(e, c->client, "caller|socket", "ESTABLISHED");
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	return e;
}

static void listener_closed(struct scene *s)
{
	struct conn c[MAX_CHILDREN];
	struct expect *e;
	int i, n = (int)s->arg;

	queue_children(s, c, n);
	net_close(c[0].server, c[0].lfd);
	for (i = 0; i < n; i++) {
		e = expect_forgotten(s, &c[i]);
		want_str(e, "sender_syscall", "close");
		want_int(e, "sender_fd", c[0].lfd);
		want_absent(e, "sender_exit");
		want_int(e, "sender_unread", 0);
		conn_client_notices(&c[i], e);
	}
}

/* Unread bytes of the child do not change the cause. */
static void listener_closed_unread(struct scene *s)
{
	struct expect *e;
	struct conn c;

	queue_children(s, &c, 1);
	net_send(c.client, c.cfd, 40);
	net_wait_acked(c.client, c.cfd);
	net_close(c.server, c.lfd);
	e = expect_forgotten(s, &c);
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_unread", 40);
	conn_client_notices(&c, e);
}

static void listener_killed(struct scene *s)
{
	struct expect *e;
	struct conn c;

	queue_children(s, &c, 1);
	actor_kill(c.server, SIGKILL);
	e = expect_forgotten(s, &c);
	want_str(e, "sender_exit", "SIGKILL");
	conn_client_notices(&c, e);
}

const struct scenario listener_scenarios[] = {
	ROW("listener-closed", "a listener closed with one connection unaccepted",
	    listener_closed, V4, .arg = 1),
	ROW("listener-closed-3", "the same with three", listener_closed, V4, .arg = 3),
	ROW("listener-closed-v6", "the same over IPv6", listener_closed, V6, .arg = 1),
	ROW("listener-closed-mapped", "the same, IPv6 listener, IPv4 client",
	    listener_closed, MAPPED, .arg = 1),
	ROW("listener-closed-unread", "the unaccepted connection holds data",
	    listener_closed_unread, V4),
	ROW("listener-killed", "the listening process is killed", listener_killed, V4),
	ROW_END
};
