/* SPDX-License-Identifier: GPL-2.0 */
/* Hosts that cannot be reached: an ICMP message says so, or there is no route any more. */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

#include "net.h"
#include "registry.h"
#include "wire.h"

/* The messages tried, and the errno that the kernel makes of each. */
static const struct icmp_case {
	int type, code, err;
} icmp_cases[] = {
	{ ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, EHOSTUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_NET_UNREACH, ENETUNREACH },
	{ ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, ECONNREFUSED },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR, EHOSTUNREACH },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE, ENETUNREACH },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT, ECONNREFUSED },
};

enum { HOST4, NET4, PORT4, HOST6, NET6, PORT6 };

/* During the handshake the first message ends the attempt. */
static void icmp_connect(struct scene *s)
{
	const struct icmp_case *icmp = &icmp_cases[s->arg];
	struct actor *cli = actor_new(s, "rt-client");
	int fd = net_socket(cli, s->family);
	struct expect *e;
	struct wire w;
	struct peer p;

	wire_open(s, &w);
	p = peer_called(&w, cli, fd);
	/* while the call holds the socket, the kernel would only note the message */
	actor_wait_blocked(cli);
	wire_unreachable(&w, &p.last, icmp->type, icmp->code);
	scene_same(s, "connect", -icmp->err, actor_end(cli));
	e = expect_abort(&p, "icmp-unreachable", cli, "SYN_SENT");
	want_error(e, icmp->err, "connect", fd, cli, false);
}

/*
 * In an established connection a message is only noted; the call gets its error when retransmission
 * ends.
 */
static void icmp_established(struct scene *s)
{
	const struct icmp_case *icmp = &icmp_cases[s->arg];
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	scene_sysctl(s, "net/ipv4/tcp_retries2", "1");
	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	net_send(cli, fd, 16);
	peer_await(&p, SEG_PSH);
	wire_unreachable(&w, &p.last, icmp->type, icmp->code);
	net_io_begin(cli, IO_RECV, fd, 16);
	net_recv_ends(cli, icmp->err);
	e = expect_abort(&p, "icmp-unreachable", cli, "ESTABLISHED");
	want_error(e, icmp->err, "recvfrom", fd, cli, false);
	net_close(cli, fd);
}

/* Expects what a router without a route causes. */
static struct expect *expect_unrouted(struct wire *w, struct actor *cli, const char *state)
{
	struct addr near = wire_near(w, CLIENT_PORT), far = wire_far(w, FAR_PORT);
	struct expect *e = scene_expect(w->s, "timeout", "icmp-unreachable");

	want_flow(e, &far, &near);
	want_victim(e, cli, "caller|socket", state);
	want_absent(e, "rst_seq");
	return e;
}

static void router_loses_route(const struct wire *w)
{
	int home = wire_enter(w);

	wire_lose_route(w);
	wire_leave(w, home);
}

static void router_connect(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	int err = icmp_cases[s->arg].err, fd;
	struct wire w;

	wire_open_router(s, &w);
	router_loses_route(&w);
	net_one_client_port(s);
	fd = net_socket(cli, s->family);
	scene_same(s, "connect", -err, wire_connect(&w, cli, fd));
	want_error(expect_unrouted(&w, cli, "SYN_SENT"), err, "connect", fd, cli, false);
}

/* Closes a socket in repair mode: it ends without a segment. */
static void vanish(struct actor *a, int fd)
{
	int one = 1;

	net_setsockopt(a, fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one));
	net_close(a, fd);
}

/* Returns the client's end; the server's end has vanished. */
static int half_connection(struct wire *w, struct actor *cli, struct actor *srv, int lfd)
{
	int fd = net_socket(cli, w->family);

	must(cli, "connect", wire_connect(w, cli, fd));
	vanish(srv, net_accept(srv, lfd));
	return fd;
}

static void router_established(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client"), *srv;
	int err = icmp_cases[s->arg].err, lfd, fd;
	struct expect *e;
	struct wire w;

	scene_sysctl(s, "net/ipv4/tcp_retries2", "1");
	wire_open_router(s, &w);
	srv = wire_far_actor(&w, "rt-server");
	lfd = net_listen(srv, s->family, FAR_PORT, 16);
	/*
	 * The first segments wait for carriers and neighbours, which must not count as round-trip
	 * time: so the first connection is not the one that is tested.
	 */
	vanish(cli, half_connection(&w, cli, srv, lfd));
	net_one_client_port(s);
	fd = half_connection(&w, cli, srv, lfd);
	router_loses_route(&w);
	net_send(cli, fd, 16);
	net_io_begin(cli, IO_RECV, fd, 16);
	net_recv_ends(cli, err);
	e = expect_unrouted(&w, cli, "ESTABLISHED");
	want_error(e, err, "recvfrom", fd, cli, false);
}

/* With IP_RECVERR a call fails, but the connection lives on, so there is nothing to report. */
static void icmp_recverr(struct scene *s)
{
	const struct icmp_case *icmp = &icmp_cases[s->arg];
	struct actor *cli = actor_new(s, "rt-client");
	struct wire w;
	struct peer p;
	int fd, one = 1;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	net_setsockopt(cli, fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	net_send(cli, fd, 16);
	peer_await(&p, SEG_PSH);
	net_io_begin(cli, IO_RECV, fd, 16);
	actor_wait_blocked(cli);
	wire_unreachable(&w, &p.last, icmp->type, icmp->code);
	net_recv_ends(cli, icmp->err);
	peer_send(&p, SEG_ACK | SEG_PSH, 8);
	net_recv(cli, fd, 8);
	net_wait_acked(cli, fd);
	peer_finish(&p, cli, fd);
}

/* The far host is a container that ends: its namespace goes, and the wire with it. */
static void namespace_gone(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client"), *srv;
	struct expect *e;
	struct wire w;
	int lfd, fd, sfd, err;

	scene_sysctl(s, "net/ipv4/tcp_retries2", "1");
	srv = wire_open_actor(s, &w, "rt-server");
	lfd = net_listen(srv, s->family, FAR_PORT, 16);
	/* not the first connection, as in icmp_established() */
	vanish(cli, half_connection(&w, cli, srv, lfd));
	net_one_client_port(s);
	fd = net_socket(cli, s->family);
	must(cli, "connect", wire_connect(&w, cli, fd));
	sfd = net_accept(srv, lfd);
	net_send(cli, fd, 8);
	net_recv(srv, sfd, 8);
	/*
	 * a socket that waits in FIN_WAIT2 becomes a timewait one; an orphan would keep the
	 * namespace
	 */
	net_shutdown(srv, sfd, SHUT_WR);
	net_wait_state(srv, sfd, TCP_FIN_WAIT2);
	actor_kill(srv, SIGKILL);
	net_wait_state(cli, fd, TCP_CLOSE_WAIT);
	wire_wait_gone(&w);
	net_send(cli, fd, 16);
	net_wait_state(cli, fd, TCP_CLOSE);
	/* the kernel may have noted that there is no route, but need not have */
	err = -(int)net_io(cli, IO_SEND, fd, 16);
	if (err != ETIMEDOUT)
		scene_same(s, "errno of sendto", ENETUNREACH, err);
	e = expect_unrouted(&w, cli, "CLOSE_WAIT");
	want_str(e, "cause", err == ETIMEDOUT ? "retransmit-timeout" : "icmp-unreachable");
	want_str(e, "confidence", err == ETIMEDOUT ? "certain" : "likely");
	want_error(e, err, "sendto", fd, cli, false);
}

const struct scenario unreachable_scenarios[] = {
	ROW("icmp-connect-host", "ICMP host unreachable answers a SYN", icmp_connect, V4,
	    .arg = HOST4),
	ROW("icmp-connect-net", "ICMP network unreachable answers a SYN", icmp_connect, V4,
	    .arg = NET4),
	ROW("icmp-connect-port", "ICMP port unreachable answers a SYN", icmp_connect, V4,
	    .arg = PORT4),
	ROW("icmp-connect-host-v6", "ICMPv6 address unreachable answers a SYN", icmp_connect, V6,
	    .arg = HOST6),
	ROW("icmp-connect-net-v6", "ICMPv6 no route answers a SYN", icmp_connect, V6,
	    .arg = NET6),
	ROW("icmp-connect-port-v6", "ICMPv6 port unreachable answers a SYN", icmp_connect, V6,
	    .arg = PORT6),
	ROW("icmp-established", "ICMP host unreachable, then no answer: no RST",
	    icmp_established, V4, .arg = HOST4),
	ROW("icmp-established-v6", "the same over IPv6", icmp_established, V6, .arg = HOST6),
	ROW("icmp-router-connect", "a router without a route answers a SYN", router_connect, V4,
	    .arg = HOST4),
	ROW("icmp-router-connect-v6", "the same over IPv6", router_connect, V6, .arg = NET6),
	ROW("icmp-router-established", "a router loses the route of a connection: no RST",
	    router_established, V4, .arg = HOST4),
	ROW("icmp-router-established-v6", "the same over IPv6", router_established, V6,
	    .arg = NET6),
	ROW("icmp-recverr", "IP_RECVERR: a call fails but the connection lives",
	    icmp_recverr, V4, .arg = HOST4),
	ROW("namespace-gone", "the far host's namespace goes, and the wire: no RST",
	    namespace_gone, V4),
	ROW("namespace-gone-v6", "the same over IPv6", namespace_gone, V6),
	ROW_END
};
