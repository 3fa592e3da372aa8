/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MPTCP: the segments belong to a subflow, whose socket no process holds; calls fail on the MPTCP
 * socket, which a program has.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "killed.h"
#include "mptcp.h"
#include "registry.h"
#include "wire.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif
#define INFO_OPTION 1		/* MPTCP_INFO */
#define INFO_FLAGS_AT 8		/* in struct mptcp_info, after eight counters of one byte */
#define INFO_FALLBACK 1u	/* the connection became plain TCP */

int mptcp_socket(struct actor *a, enum family family)
{
	long fd = SYS(a, SYS_socket, family == V6 ? AF_INET6 : AF_INET, SOCK_STREAM,
		      IPPROTO_MPTCP);

	if (fd < 0)
		scene_skip(a->scene, "no MPTCP: %s", strerror((int)-fd));
	return (int)fd;
}

/* Aborts if the options were lost on the way, as then it is another scene. */
static void check_mptcp(struct actor *a, int fd)
{
	struct { uint8_t info[256]; socklen_t len; } *b = (void *)a->scene->buf;
	uint32_t flags;
	long r;

	b->len = sizeof(b->info);
	r = SYS(a, SYS_getsockopt, fd, SOL_MPTCP, INFO_OPTION, (long)b->info, (long)&b->len);
	if (r == -EOPNOTSUPP || r == -ENOPROTOOPT)
		return;		/* before 5.16 the kernel cannot be asked */
	must(a, "MPTCP_INFO", r);
	memcpy(&flags, b->info + INFO_FLAGS_AT, sizeof(flags));
	if (flags & INFO_FALLBACK)
		scene_abort(a->scene, "%s: fallen back to TCP", a->comm);
}

int mptcp_listen(struct actor *a, struct scene *s)
{
	struct sockaddr_storage *at = (struct sockaddr_storage *)s->buf;
	int fd = mptcp_socket(a, s->family);
	socklen_t len = net_target(s->family, SERVER_PORT, at);

	if (s->family == V4)
		((struct sockaddr_in *)at)->sin_addr.s_addr = INADDR_ANY;
	else
		((struct sockaddr_in6 *)at)->sin6_addr = in6addr_any;
	must(a, "bind", SYS(a, SYS_bind, fd, (long)at, len));
	must(a, "listen", SYS(a, SYS_listen, fd, 16));
	return fd;
}

/* A connection of an MPTCP client with a server that speaks MPTCP, or only TCP. */
static struct conn client_conn(struct scene *s, bool server_too)
{
	struct conn c = { .server = actor_new(s, "rt-server"),
			  .client = actor_new(s, "rt-client") };

	scene_sysctl(s, "net/mptcp/enabled", "1");
	c.lfd = server_too ? mptcp_listen(c.server, s) :
			     net_listen(c.server, s->family, SERVER_PORT, 16);
	c.cfd = mptcp_socket(c.client, s->family);
	must(c.client, "connect", net_connect(c.client, c.cfd, s->family, SERVER_PORT));
	c.caddr = net_name(c.client, c.cfd);
	c.saddr = net_loopback(s->family, SERVER_PORT);
	c.sfd = net_accept(c.server, c.lfd);
	return c;
}

static struct conn mptcp_conn(struct scene *s)
{
	struct conn c = client_conn(s, true);

	/* The first data establishes MPTCP on both sides for good. */
	net_send(c.client, c.cfd, 8);
	net_recv(c.server, c.sfd, 8);
	net_send(c.server, c.sfd, 8);
	net_recv(c.client, c.cfd, 8);
	check_mptcp(c.client, c.cfd);
	check_mptcp(c.server, c.sfd);
	return c;
}

/* The server has bytes to read when this returns. */
static struct conn unread_conn(struct scene *s)
{
	struct conn c = mptcp_conn(s);

	net_send(c.client, c.cfd, 40);
	net_poll(c.server, c.sfd, POLLIN);
	return c;
}

/* Both causes are right: the kernel sends a fast close because of the unread bytes. */
static struct expect *expect_fastclose(struct scene *s, const struct conn *c)
{
	struct expect *e = scene_expect(s, "active", "mptcp-reset|close-with-unread");

	want_flow(e, &c->saddr, &c->caddr);
	want_sender(e, c->server, "caller|socket|listener");
	want_bool(e, "sender_mptcp", true);
	want_victim(e, c->client, "caller|socket", "ESTABLISHED");
	want_bool(e, "victim_mptcp", true);
	maybe_int(e, "victim_fd", c->cfd);
	return e;
}

/* The connection is dead when poll says so: not all kernels have TCP_INFO for MPTCP. */
static void client_fails(struct conn *c, struct expect *e)
{
	net_poll(c->client, c->cfd, 0);
	net_recv_reset(c->client, c->cfd, e);
}

static void close_with_unread(struct scene *s)
{
	struct conn c = unread_conn(s);
	struct expect *e;

	net_close(c.server, c.sfd);
	e = expect_fastclose(s, &c);
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", c.sfd);
	client_fails(&c, e);
}

static void killed_with_unread(struct scene *s)
{
	struct conn c = unread_conn(s);
	struct expect *e;

	actor_kill(c.server, SIGKILL);
	e = expect_fastclose(s, &c);
	want_str(e, "sender_exit", "SIGKILL");
	client_fails(&c, e);
}

/* The first call that fails is a write. With ECONNRESET it raises no SIGPIPE, with EPIPE it does. */
static void write_fails(struct scene *s)
{
	struct conn c = unread_conn(s);
	struct expect *e;

	net_close(c.server, c.sfd);
	e = expect_fastclose(s, &c);
	net_poll(c.client, c.cfd, 0);
	actor_sigpipe(c.client, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c.client, IO_SEND, c.cfd, ECONNRESET);
	net_io_fails(c.client, IO_SEND, c.cfd, EPIPE);
	scene_same(s, "SIGPIPE caught", 1, atomic_load(&c.client->sigpipes));
	want_error(e, ECONNRESET, "sendto", c.cfd, c.client, false);
	want_error(e, EPIPE, "sendto", c.cfd, c.client, true);
}

static void reader_waits(struct scene *s)
{
	struct conn c = unread_conn(s);
	struct expect *e;

	net_io_begin(c.client, IO_RECV, c.cfd, 16);
	actor_wait_blocked(c.client);
	net_close(c.server, c.sfd);
	net_recv_ends(c.client, ECONNRESET);
	e = expect_fastclose(s, &c);
	want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
}

static void unnoticed(struct scene *s)
{
	struct conn c = unread_conn(s);
	struct expect *e;

	net_close(c.server, c.sfd);
	e = expect_fastclose(s, &c);
	net_poll(c.client, c.cfd, 0);
	net_close(c.client, c.cfd);
	want_str(e, "outcome", "unnoticed");
}

/* SO_ERROR takes the error. If no hook shows that call, it is only known that the error was taken. */
static void so_error(struct scene *s)
{
	struct conn c = unread_conn(s);
	struct error_expect *err;
	struct expect *e;

	net_close(c.server, c.sfd);
	e = expect_fastclose(s, &c);
	net_poll(c.client, c.cfd, 0);
	scene_same(s, "SO_ERROR", ECONNRESET, net_so_error(c.client, c.cfd));
	net_close(c.client, c.cfd);
	err = want_error(e, ECONNRESET, "getsockopt", c.cfd, c.client, false);
	if (!scene_probed(s, "error taken"))
		failure_unseen(err);
}

/* The connection outlives its only subflow: no call notices the reset. */
static void subflow_killed(struct scene *s)
{
	struct conn c = mptcp_conn(s);
	struct actor *killer = actor_new(s, "rt-killer");
	struct expect *e;

	socket_destroy(s, killer, c.caddr.port, SERVER_PORT);
	net_wait_gone(s, s->family, SERVER_PORT, c.caddr.port);
	e = scene_expect(s, "active", "socket-killed");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "socket|snapshot");
	want_str(e, "sender_state", "ESTABLISHED");
	want_bool(e, "sender_mptcp", true);
	want_int(e, "killer_pid", killer->pid);
	want_victim(e, c.server, "caller|socket|listener", "ESTABLISHED");
	want_bool(e, "victim_mptcp", true);
	net_close(c.server, c.sfd);
	net_close(c.client, c.cfd);
	want_str(e, "outcome", "unnoticed");
}

/* The server speaks only TCP, so the subflow is the connection. arg: the client makes no call. */
static void fallback(struct scene *s)
{
	struct conn c = client_conn(s, false);
	struct expect *e;

	net_linger0(c.server, c.sfd);
	net_close(c.server, c.sfd);
	net_poll(c.client, c.cfd, 0);
	e = scene_expect(s, "active", "linger-zero");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller");
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	want_bool(e, "victim_mptcp", true);
	if (s->arg) {
		net_close(c.client, c.cfd);
		want_str(e, "outcome", "unnoticed");
		return;
	}
	net_recv_reset(c.client, c.cfd, e);
}

/* The far host wants to add a subflow to a connection that does not exist. */
static void join_denied(struct scene *s)
{
	/* MP_JOIN: address 0, a token of no connection, a nonce */
	static const uint8_t join[] = { 30, 12, 0x10, 0, 'n', 'o', 'n', 'e', 1, 1, 1, 1 };
	struct actor *srv = actor_new(s, "rt-server");
	struct expect *e;
	struct wire w;
	struct peer p;

	scene_sysctl(s, "net/mptcp/enabled", "1");
	wire_open(s, &w);
	mptcp_listen(srv, s);
	p = peer_stranger(&w, SERVER_PORT);
	peer_send_with(&p, SEG_SYN, 0, join, sizeof(join));
	peer_await(&p, SEG_RST);
	e = scene_expect(s, "reply", "mptcp-reset");
	want_far_victim(e, &p);
	want_sender(e, srv, "caller|socket");
	want_str(e, "sender_state", "LISTEN");
	maybe_str(e, "reason", "MPTCP_RST_EMPTCP");
	want_str(e, "outcome", "remote");
}

static void refused(struct scene *s)
{
	struct actor *client = actor_new(s, "rt-client");
	struct expect *e;
	int fd;

	net_one_client_port(s);
	scene_sysctl(s, "net/mptcp/enabled", "1");
	fd = mptcp_socket(client, s->family);
	scene_same(s, "connect", -ECONNREFUSED, net_connect(client, fd, s->family, CLOSED_PORT));
	e = expect_refused(s, client);
	want_bool(e, "victim_mptcp", true);
	want_error(e, ECONNREFUSED, "connect", fd, client, false);
}

/* The connection ends in order, so there is nothing to report. */
static void healthy(struct scene *s)
{
	struct conn c = mptcp_conn(s);

	net_close(c.server, c.sfd);
	scene_same(s, "recv", 0, net_io(c.client, IO_RECV, c.cfd, 16));
	net_close(c.client, c.cfd);
}

const struct scenario mptcp_scenarios[] = {
	ROW("mptcp-close-unread", "MPTCP: close with bytes unread is a fast close",
	    close_with_unread, V4),
	ROW("mptcp-close-unread-v6", "the same over IPv6", close_with_unread, V6),
	ROW("mptcp-killed", "MPTCP: killed with bytes unread", killed_with_unread, V4),
	ROW("mptcp-write", "MPTCP: writes fail after a fast close", write_fails, V4),
	ROW("mptcp-reader", "MPTCP: the fast close wakes a sleeping recv", reader_waits, V4),
	ROW("mptcp-unnoticed", "MPTCP: the victim closes without a look", unnoticed, V4),
	ROW("mptcp-so-error", "MPTCP: SO_ERROR takes what a fast close left", so_error, V4),
	ROW("mptcp-subflow-killed", "MPTCP: the only subflow is taken down", subflow_killed, V4),
	ROW("mptcp-fallback", "MPTCP: reset by a server that speaks TCP only", fallback, V4),
	ROW("mptcp-fallback-unnoticed", "the same, and the victim closes without a look",
	    fallback, V4, .arg = 1),
	ROW("mptcp-join-denied", "MPTCP: a subflow for a connection that does not exist",
	    join_denied, V4),
	ROW("mptcp-closed-port", "MPTCP: connect to a port nobody listens on", refused, V4),
	ROW("mptcp-healthy", "MPTCP: an orderly end, nothing to report", healthy, V4),
	ROW_END
};
