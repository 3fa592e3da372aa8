/* SPDX-License-Identifier: GPL-2.0 */
#include "exchange.h"

#include <netinet/tcp.h>
#include <sys/syscall.h>

void say(struct actor *a, int fd, struct actor *b, int bfd, int n, int read)
{
	net_send(a, fd, n);
	net_wait_unread(b, bfd, n);
	net_wait_acked(a, fd);
	if (read)
		net_recv(b, bfd, read);
}

struct silence {
	struct actor *a;
	int fd, ms;
};

static bool is_silent(void *ctx)
{
	const struct silence *w = ctx;
	struct { struct tcp_info ti; socklen_t len; } *b = (void *)w->a->scene->buf;

	b->len = sizeof(b->ti);
	must(w->a, "TCP_INFO", SYS(w->a, SYS_getsockopt, w->fd, IPPROTO_TCP, TCP_INFO, (long)&b->ti,
				   (long)&b->len));
	return b->ti.tcpi_last_data_sent >= (unsigned int)w->ms &&
	       b->ti.tcpi_last_data_recv >= (unsigned int)w->ms;
}

void net_wait_silent(struct actor *a, int fd, int ms)
{
	scene_until(a->scene, "a silence", is_silent, &(struct silence){ a, fd, ms });
}

struct expect *expect_told(struct scene *s, const char *kind, const char *cause,
			   const char *situation, const char *sure)
{
	struct expect *e = scene_expect(s, kind, cause);

	if (!situation)
		return e;
	want_str(e, "situation", situation);
	want_str(e, "situation_confidence", sure);
	return e;
}

struct expect *by_server(struct scene *s, const struct conn *c, const char *cause,
			 const char *situation, const char *sure)
{
	struct expect *e = expect_told(s, "active", cause, situation, sure);

	want_flow(e, &c->saddr, &c->caddr);
	want_sender(e, c->server, "caller");
	want_str(e, "sender_role", "server");
	want_str(e, "victim_role", "client");
	want_absent(e, "sender_role_guess");
	return e;
}

struct expect *by_client(struct scene *s, const struct conn *c, const char *cause,
			 const char *situation, const char *sure)
{
	struct expect *e = expect_told(s, "active", cause, situation, sure);

	want_flow(e, &c->caddr, &c->saddr);
	want_sender(e, c->client, "caller");
	want_str(e, "sender_role", "client");
	want_str(e, "victim_role", "server");
	want_absent(e, "sender_role_guess");
	return e;
}
