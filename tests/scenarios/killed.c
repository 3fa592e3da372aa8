/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that somebody takes down while their owner holds them open. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "killed.h"
#include "net.h"
#include "netlink.h"
#include "registry.h"

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
	net_recv_reset(c.server, c.sfd, e);
}

/*
 * SOCK_DESTROY of what is no full socket: there is nobody to send a RST for, and
 * to some kernels nothing to destroy.
 */
static void timewait_killed(struct scene *s)
{
	struct conn c = conn_new(s);
	struct actor *killer = actor_new(s, "rt-killer");

	net_close(c.client, c.cfd);
	net_wait_state(c.server, c.sfd, TCP_CLOSE_WAIT);
	net_wait_fin_acked(s, s->family, c.caddr.port, SERVER_PORT);
	net_close(c.server, c.sfd);
	net_wait_timewait(s, s->family, c.caddr.port, SERVER_PORT);
	actor_call(killer, do_destroy, (long[]){ s->family, c.caddr.port, SERVER_PORT }, 3);
}

/* The connections that wait in its queue go with it: that is the destroyer's doing. */
static void listener_destroyed(struct scene *s)
{
	struct conn c = { .server = actor_new(s, "rt-server"),
			  .client = actor_new(s, "rt-client"), .lfd = -1 };
	struct actor *killer = actor_new(s, "rt-killer");
	struct expect *e;

	conn_queue(s, &c);
	net_wait_queued(c.server, c.lfd, 1);
	socket_destroy(s, killer, SERVER_PORT, 0);
	e = scene_expect(s, "active", "listener-closed");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, killer, "caller");
	want_str(e, "sender_syscall", "sendto");
	want_str(e, "sender_state", "ESTABLISHED");
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	conn_client_notices(&c, e);
}

const struct scenario killed_scenarios[] = {
	ROW("socket-killed", "SOCK_DESTROY while the owner waits in recv", socket_killed, V4,
	    .arg = 1),
	ROW("socket-killed-v6", "the same over IPv6", socket_killed, V6, .arg = 1),
	ROW("socket-killed-idle", "SOCK_DESTROY, then the owner sends", socket_killed, V4),
	ROW("socket-killed-timewait", "SOCK_DESTROY of a timewait socket: no RST",
	    timewait_killed, V4),
	ROW("listener-destroyed", "SOCK_DESTROY of a listener with a connection unaccepted",
	    listener_destroyed, V4),
	ROW_END
};
