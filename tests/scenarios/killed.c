/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that somebody destroys while their owner holds them open. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "iterator.h"
#include "killed.h"
#include "net.h"
#include "netlink.h"
#include "registry.h"
#include "wire.h"

#ifndef SOCK_DESTROY
#define SOCK_DESTROY 21
#endif

/* Does what `ss -K` does, with the request at arg[0]. */
static long do_destroy(const long *arg)
{
	struct nl_msg m = { 0 };

	nl_begin(&m, SOCK_DESTROY, NLM_F_ACK, (const void *)arg[0],
		 sizeof(struct inet_diag_req_v2));
	return nl_talk(&m, NETLINK_SOCK_DIAG);
}

/* Writes an address; one without a number is that of no connection. */
static void put_addr(void *to, const struct addr *a)
{
	if (*a->ip)
		inet_pton(a->version == 6 ? AF_INET6 : AF_INET, a->ip, to);
}

static long destroy(struct scene *s, struct actor *a, const struct addr *own,
		    const struct addr *other)
{
	struct inet_diag_req_v2 *req = (struct inet_diag_req_v2 *)s->buf;

	*req = (struct inet_diag_req_v2){
		.sdiag_family = own->version == 6 ? AF_INET6 : AF_INET,
		.sdiag_protocol = IPPROTO_TCP,
		.id = { .idiag_sport = htons((uint16_t)own->port),
			.idiag_dport = htons((uint16_t)other->port),
			.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } },
	};
	put_addr(req->id.idiag_src, own);
	put_addr(req->id.idiag_dst, other);
	return actor_call(a, do_destroy, (long[]){ (long)req }, 1);
}

static void must_destroy(struct scene *s, struct actor *a, const struct addr *own,
			 const struct addr *other)
{
	long r = destroy(s, a, own, other);

	if (r == -EOPNOTSUPP || r == -ENOENT)
		scene_skip(s, "this kernel does not let sockets be destroyed: %s",
			   strerror((int)-r));
	must(a, "SOCK_DESTROY", r);
}

void socket_destroy(struct scene *s, struct actor *a, int port, int other)
{
	struct addr from = net_loopback(s->family, port), to = net_loopback(s->family, other);

	if (!other)
		*to.ip = '\0';
	must_destroy(s, a, &from, &to);
}

enum { BY_BPF = 1, IDLE = 2 };

static void iterator_destroy(struct scene *s, struct actor *a, int port, int other)
{
	long r = actor_call(a, do_iterate_and_destroy, (long[]){ port, other }, 2);

	if (r == -EINVAL)
		scene_skip(s, "this kernel has no bpf_sock_destroy()");
	must(a, "reading the iterator", r);
}

/* The owner waits in a call, unless .arg has IDLE. */
static void socket_killed(struct scene *s)
{
	struct conn c = conn_new(s);
	struct actor *killer = actor_new(s, "rt-killer");
	struct error_expect *err;
	struct expect *e;

	if (!(s->arg & IDLE)) {
		net_io_begin(c.client, IO_RECV, c.cfd, 16);
		actor_wait_blocked(c.client);
	}
	if (s->arg & BY_BPF)
		iterator_destroy(s, killer, c.caddr.port, SERVER_PORT);
	else
		socket_destroy(s, killer, c.caddr.port, SERVER_PORT);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	if (!(s->arg & IDLE))
		scene_same(s, "recv of the owner", -ECONNABORTED, actor_end(c.client));
	else
		net_io_fails(c.client, IO_SEND, c.cfd, ECONNABORTED);

	e = scene_expect(s, "active", "socket-killed");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "socket|snapshot");
	want_str(e, "sender_state", "ESTABLISHED");
	want_victim(e, c.server, "caller|socket|listener", "ESTABLISHED");
	want_int(e, "killer_pid", killer->pid);
	want_str(e, "killer_comm", killer->comm);
	want_str(e, "killer_syscall", s->arg & BY_BPF ? "read" : "sendto");
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	err = want_error(e, ECONNABORTED, s->arg & IDLE ? "sendto" : "recvfrom", c.cfd, c.client, false);
	maybe_failure_str(err, "side", "sender");
	net_recv_reset(c.server, c.sfd, e);
}

/*
 * SOCK_DESTROY of a request or a timewait socket: no RST is sent, and on some kernels there is
 * nothing to destroy.
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
	destroy(s, killer, &c.caddr, &c.saddr);
}

/* Destroys a connection that nobody has accepted, nor could yet. */
static struct peer kill_request(struct wire *w, struct actor *srv, int *lfd)
{
	struct actor *killer = actor_new(srv->scene, "rt-killer");
	struct addr near, far;
	struct peer p;

	wire_open(srv->scene, w);
	*lfd = net_listen(srv, w->family, SERVER_PORT, 16);
	p = peer_knock(w, SERVER_PORT, FAR_CLIENT);
	near = wire_near(w, SERVER_PORT);
	far = wire_far(w, FAR_CLIENT);
	must_destroy(w->s, killer, &near, &far);
	return p;
}

/*
 * The half-open connection ends without a segment: if it still existed, the same SYN would get the
 * same answer.
 */
static void request_killed(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct wire w;
	uint32_t first;
	struct peer p;
	int lfd;

	p = kill_request(&w, srv, &lfd);
	first = p.last.seq;
	p.seq--;
	peer_send(&p, SEG_SYN, 0);
	peer_await(&p, 0);
	scene_same(s, "flags of the answer", SEG_SYN | SEG_ACK, p.last.flags);
	if (p.last.seq == first)
		scene_complain(s, "the half-open connection was not destroyed");
	peer_send(&p, SEG_ACK, 0);
	peer_finish(&p, srv, net_accept(srv, lfd));
}

/* The far host does not know, and completes a handshake that the listener no longer has. */
static void request_killed_ack(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct wire w;
	struct expect *e;
	struct peer p;
	int lfd;

	p = kill_request(&w, srv, &lfd);
	peer_send(&p, SEG_ACK, 0);
	peer_await(&p, SEG_RST);
	e = scene_expect(s, "reply", "bad-syn-cookie");
	want_far_victim(e, &p);
	want_sender(e, srv, "caller|socket");
	want_str(e, "sender_state", "LISTEN");
	want_str(e, "outcome", "remote");
	maybe_str(e, "reason", "TCP_FLAGS");
}

/* The connections in the listener's queue end with it, and the destroyer did that. */
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
	ROW("socket-killed", "SOCK_DESTROY while the owner waits in recv", socket_killed, V4),
	ROW("socket-killed-v6", "the same over IPv6", socket_killed, V6),
	ROW("socket-killed-idle", "SOCK_DESTROY, then the owner sends", socket_killed, V4,
	    .arg = IDLE),
	ROW("socket-killed-bpf", "bpf_sock_destroy() while the owner waits in recv", socket_killed,
	    V4, .arg = BY_BPF),
	ROW("socket-killed-bpf-v6", "the same over IPv6", socket_killed, V6, .arg = BY_BPF),
	ROW("socket-killed-bpf-idle", "bpf_sock_destroy(), then the owner sends", socket_killed,
	    V4, .arg = BY_BPF | IDLE),
	ROW("socket-killed-timewait", "SOCK_DESTROY of a timewait socket: no RST",
	    timewait_killed, V4),
	ROW("request-killed", "SOCK_DESTROY of a half-open connection: no RST", request_killed,
	    V4),
	ROW("request-killed-v6", "the same over IPv6", request_killed, V6),
	ROW("request-killed-ack", "the same, then the far host completes the handshake",
	    request_killed_ack, V4),
	ROW("listener-destroyed", "SOCK_DESTROY of a listener with a connection unaccepted",
	    listener_destroyed, V4),
	ROW_END
};
