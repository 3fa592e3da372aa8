/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that somebody takes down while their owner holds them open. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "killed.h"
#include "net.h"
#include "netlink.h"
#include "registry.h"
#include "wire.h"

#ifndef SOCK_DESTROY
#define SOCK_DESTROY 21
#endif

/* What `ss -K` does. arg: family, the socket's own port, the other one. */
static long do_destroy(const long *arg)
{
	struct inet_diag_req_v2 req = {
		.sdiag_family = arg[0] == V6 ? AF_INET6 : AF_INET,
		.sdiag_protocol = IPPROTO_TCP,
		.id = { .idiag_sport = htons((uint16_t)arg[1]),
			.idiag_dport = htons((uint16_t)arg[2]),
			.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } },
	};
	struct nl_msg m = { 0 };

	if (arg[0] == V6) {
		inet_pton(AF_INET6, "::1", req.id.idiag_src);
		inet_pton(AF_INET6, arg[2] ? "::1" : "::", req.id.idiag_dst);
	} else {
		req.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
		req.id.idiag_dst[0] = arg[2] ? htonl(INADDR_LOOPBACK) : 0;
	}
	nl_begin(&m, SOCK_DESTROY, NLM_F_ACK, &req, sizeof(req));
	return nl_talk(&m, NETLINK_SOCK_DIAG);
}

void socket_destroy(struct scene *s, struct actor *a, int port, int other)
{
	long r = actor_call(a, do_destroy, (long[]){ s->family, port, other }, 3);

	if (r == -EOPNOTSUPP || r == -ENOENT)
		scene_skip(s, "this kernel does not let sockets be destroyed: %s",
			   strerror((int)-r));
	must(a, "SOCK_DESTROY", r);
}

/* The owner waits in a call if .arg. */
static void socket_killed(struct scene *s)
{
	struct conn c = conn_new(s);
	struct actor *killer = actor_new(s, "rt-killer");
	struct error_expect *err;
	struct expect *e;

	if (s->arg) {
		net_io_begin(c.client, IO_RECV, c.cfd, 16);
		actor_wait_blocked(c.client);
	}
	socket_destroy(s, killer, c.caddr.port, SERVER_PORT);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	if (s->arg)
		scene_same(s, "recv of the owner", -ECONNABORTED, actor_end(c.client));
	else
		net_io_fails(c.client, IO_SEND, c.cfd, ECONNABORTED);

	e = scene_expect(s, "active", "socket-killed");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "socket|snapshot");
	want_str(e, "sender_state", "ESTABLISHED");
	want_victim(e, c.server, "caller|socket|listener", "ESTABLISHED");
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	err = want_error(e, ECONNABORTED, s->arg ? "recvfrom" : "sendto", c.cfd, c.client, false);
	maybe_failure_str(err, "side", "sender");
	net_io_fails(c.server, IO_RECV, c.sfd, ECONNRESET);
	want_error(e, ECONNRESET, "recvfrom", c.sfd, c.server, false);
}

/* connect(AF_UNSPEC) dissolves the connection. */
static long disconnect(struct actor *a, int fd)
{
	struct sockaddr *to = (struct sockaddr *)a->scene->buf;

	memset(to, 0, sizeof(*to));
	to->sa_family = AF_UNSPEC;
	return SYS(a, SYS_connect, fd, (long)to, sizeof(*to));
}

static void disconnected(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	if (s->arg) {
		net_shutdown(c.server, c.sfd, SHUT_WR);
		net_wait_state(c.client, c.cfd, TCP_CLOSE_WAIT);
		net_wait_state(c.server, c.sfd, TCP_FIN_WAIT2);
	}
	scene_same(s, "connect(AF_UNSPEC)", 0, disconnect(c.client, c.cfd));
	net_wait_state(c.server, c.sfd, TCP_CLOSE);

	e = scene_expect(s, "active", "disconnect");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "caller");
	want_str(e, "sender_syscall", "connect");
	want_int(e, "sender_fd", c.cfd);
	want_str(e, "sender_state", s->arg ? "CLOSE_WAIT" : "ESTABLISHED");
	want_victim(e, c.server, "caller|socket|listener", s->arg ? "FIN_WAIT2" : "ESTABLISHED");
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	net_io_fails(c.server, IO_RECV, c.sfd, ECONNRESET);
	want_error(e, ECONNRESET, "recvfrom", c.sfd, c.server, false);
}

/* Both have shut down, but some data has never left: the peer took none. */
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
	peer_send(&p, SEG_FIN | SEG_ACK, 0);
	net_wait_state(cli, fd, TCP_CLOSE_WAIT);
	net_shutdown(cli, fd, SHUT_WR);
	net_wait_state(cli, fd, TCP_LAST_ACK);
	scene_same(s, "connect(AF_UNSPEC)", 0, disconnect(cli, fd));
	peer_await(&p, SEG_RST);

	e = scene_expect(s, "active", "disconnect");
	want_far_victim(e, &p);
	want_sender(e, cli, "caller");
	want_str(e, "sender_syscall", "connect");
	want_int(e, "sender_fd", fd);
	want_str(e, "sender_state", "LAST_ACK");
	want_str(e, "outcome", "remote");
	maybe_str(e, "reason", "TCP_DISCONNECT_WITH_DATA|NOT_SPECIFIED");
}

const struct scenario killed_scenarios[] = {
	ROW("socket-killed", "SOCK_DESTROY while the owner waits in recv", socket_killed, V4,
	    .arg = 1),
	ROW("socket-killed-v6", "the same over IPv6", socket_killed, V6, .arg = 1),
	ROW("socket-killed-idle", "SOCK_DESTROY, then the owner sends", socket_killed, V4),
	ROW("disconnect", "connect(AF_UNSPEC)", disconnected, V4),
	ROW("disconnect-v6", "the same over IPv6", disconnected, V6),
	ROW("disconnect-close-wait", "connect(AF_UNSPEC) after the peer's FIN", disconnected, V4,
	    .arg = 1),
	ROW("disconnect-unsent", "connect(AF_UNSPEC) in LAST_ACK with data unsent",
	    disconnected_unsent, V4),
	ROW_END
};
