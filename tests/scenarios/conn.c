/* SPDX-License-Identifier: GPL-2.0 */
/* Connections between two actors. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "net.h"

void conn_queue(struct scene *s, struct conn *c)
{
	if (c->lfd < 0)
		c->lfd = net_listen(c->server, s->family, SERVER_PORT, 16);
	c->cfd = net_socket(c->client, s->family);
	must(c->client, "connect", net_connect(c->client, c->cfd, s->family, SERVER_PORT));
	c->caddr = net_name(c->client, c->cfd);
	c->saddr = net_loopback(s->family, SERVER_PORT);
	c->sfd = -1;
}

void conn_open(struct scene *s, struct conn *c)
{
	conn_queue(s, c);
	c->sfd = net_accept(c->server, c->lfd);
}

struct conn conn_new(struct scene *s)
{
	struct conn c = { .lfd = -1 };

	c.server = actor_new(s, "rt-server");
	c.client = actor_new(s, "rt-client");
	conn_open(s, &c);
	return c;
}

struct conn conn_unread(struct scene *s, int n)
{
	struct conn c = conn_new(s);

	net_send(c.client, c.cfd, n);
	net_wait_unread(c.server, c.sfd, n);
	return c;
}

void conn_shutdown(struct conn *c, int how)
{
	net_shutdown(c->client, c->cfd, how);
	net_wait_state(c->server, c->sfd, TCP_CLOSE_WAIT);
	net_wait_state(c->client, c->cfd, TCP_FIN_WAIT2);
}

/* One end aborts the connection. Returns when the other end's socket is dead. */
static struct expect *abort_by(struct scene *s, struct actor *a, int fd, struct actor *b, int bfd,
			       const struct addr *from, const struct addr *to)
{
	struct expect *e;

	net_linger0(a, fd);
	net_close(a, fd);
	net_wait_state(b, bfd, TCP_CLOSE);

	e = scene_expect(s, "active", "linger-zero");
	want_flow(e, from, to);
	want_sender(e, a, "caller");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", fd);
	want_bool(e, "sender_linger0", true);
	maybe_int(e, "victim_fd", bfd);
	return e;
}

struct expect *conn_reset(struct scene *s, struct conn *c)
{
	return abort_by(s, c->server, c->sfd, c->client, c->cfd, &c->saddr, &c->caddr);
}

struct expect *conn_reset_by_client(struct scene *s, struct conn *c)
{
	return abort_by(s, c->client, c->cfd, c->server, c->sfd, &c->caddr, &c->saddr);
}

struct expect *conn_reset_waiting(struct scene *s, struct conn *c)
{
	struct expect *e;

	actor_wait_blocked(c->client);
	net_linger0(c->server, c->sfd);
	net_close(c->server, c->sfd);
	net_recv_ends(c->client, ECONNRESET);

	e = scene_expect(s, "active", "linger-zero");
	want_flow(e, &c->saddr, &c->caddr);
	want_sender(e, c->server, "caller");
	want_victim(e, c->client, "caller|socket", "ESTABLISHED");
	return e;
}

struct expect *expect_refused(struct scene *s, const struct actor *client)
{
	struct addr from = net_loopback(s->family, CLOSED_PORT);
	struct addr to = net_loopback(s->family, CLIENT_PORT);
	struct expect *e = scene_expect(s, "reply", "closed-port");

	want_flow(e, &from, &to);
	want_str(e, "sender_owner", "kernel");
	want_victim(e, client, "caller|socket", "SYN_SENT");
	return e;
}

void conn_client_notices(struct conn *c, struct expect *e)
{
	net_wait_state(c->client, c->cfd, TCP_CLOSE);
	net_recv_reset(c->client, c->cfd, e);
}

void want_flow(struct expect *e, const struct addr *from, const struct addr *to)
{
	want_str(e, "family", from->version == 6 ? "ipv6" : "ipv4");
	want_str(e, "saddr", from->ip);
	want_int(e, "sport", from->port);
	want_str(e, "daddr", to->ip);
	want_int(e, "dport", to->port);
}
