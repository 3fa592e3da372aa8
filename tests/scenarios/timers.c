/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that a timer ends, with and without a RST. */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "registry.h"
#include "wire.h"

#define USER_TIMEOUT_MS 300

static void set_int(struct actor *a, int fd, int level, int name, int value)
{
	net_setsockopt(a, fd, level, name, &value, sizeof(value));
}

/* A read that waits while the far host says nothing more. */
static void read_fails(struct actor *a, int err)
{
	scene_same(a->scene, "recv", -err, actor_end(a));
}

/* The one probe stays unanswered: a RST. arg: TCP_USER_TIMEOUT, or 0. */
static void keepalive(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	set_int(cli, fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	set_int(cli, fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	set_int(cli, fd, IPPROTO_TCP, TCP_KEEPCNT, s->arg ? 9 : 1);
	if (s->arg)
		set_int(cli, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)s->arg);
	set_int(cli, fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	net_io_begin(cli, IO_RECV, fd, 16);
	peer_await(&p, SEG_RST);
	read_fails(cli, ETIMEDOUT);

	e = scene_expect(s, "active", "keepalive-timeout");
	want_far_victim(e, &p);
	want_sender(e, cli, "socket|snapshot");
	want_str(e, "sender_state", "ESTABLISHED");
	want_absent(e, "sender_syscall");
	maybe_str(e, "reason", "TCP_KEEPALIVE_TIMEOUT|NOT_SPECIFIED");
	want_own_error(e, ETIMEDOUT, "recvfrom", fd, cli);
	net_close(cli, fd);
}

/* Nothing is acknowledged, and time is up before tcp_retries2 is. */
static void user_timeout(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	set_int(cli, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
	net_send(cli, fd, 16);
	net_io_begin(cli, IO_RECV, fd, 16);
	read_fails(cli, ETIMEDOUT);
	e = expect_abort(&p, "user-timeout", cli, "ESTABLISHED");
	want_int(e, "victim_unsent", 16);
	want_error(e, ETIMEDOUT, "recvfrom", fd, cli, false);
	net_close(cli, fd);
}

/* Retransmissions, or probes of a closed window (.arg), stay unanswered. */
static void retransmit_timeout(struct scene *s, bool window)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	scene_sysctl(s, "net/ipv4/tcp_retries2", "1");
	wire_open(s, &w);
	w.window = window ? w.window : 0;
	fd = peer_accept(&w, cli, &p);
	net_send(cli, fd, 16);
	net_wait_state(cli, fd, TCP_CLOSE);
	/* No write raises SIGPIPE while the error is pending. */
	net_io_fails(cli, IO_SEND, fd, ETIMEDOUT);
	e = expect_abort(&p, "retransmit-timeout", cli, "ESTABLISHED");
	want_error(e, ETIMEDOUT, "sendto", fd, cli, false);
	net_close(cli, fd);
}

static void retransmissions(struct scene *s)
{
	retransmit_timeout(s, true);
}

static void window_probes(struct scene *s)
{
	retransmit_timeout(s, false);
}

/* The FIN is never acknowledged, and there is no process left to tell. */
static void orphan_retransmissions(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	scene_sysctl(s, "net/ipv4/tcp_orphan_retries", "1");
	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	net_close(cli, fd);
	peer_await(&p, SEG_FIN);
	peer_await(&p, SEG_FIN);
	net_wait_gone(s, V4, p.lport, p.rport);
	e = expect_abort(&p, "retransmit-timeout", cli, "FIN_WAIT1");
	want_str(e, "outcome", "unnoticed");
}

static void sysctl_if_there(struct scene *s, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	if (!access(path, F_OK))
		scene_sysctl(s, name, value);
}

/* arg: TCP_USER_TIMEOUT, or 0. */
static void syn_timeout(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	int fd = net_socket(cli, s->family);
	struct expect *e;
	struct wire w;
	struct peer p;

	scene_sysctl(s, "net/ipv4/tcp_syn_retries", s->arg ? "6" : "1");
	sysctl_if_there(s, "net/ipv4/tcp_syn_linear_timeouts", "0");
	wire_open(s, &w);
	if (s->arg)
		set_int(cli, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)s->arg);
	p = peer_called(&w, cli, fd);
	scene_same(s, "connect", -ETIMEDOUT, actor_end(cli));
	e = expect_abort(&p, s->arg ? "user-timeout" : "retransmit-timeout", cli, "SYN_SENT");
	want_error(e, ETIMEDOUT, "connect", fd, cli, false);
}

/* The messages tried: what the kernel makes of their codes. */
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

/* During the handshake the first message ends it. */
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
	/* While the call holds the socket, the message would only be noted. */
	actor_wait_blocked(cli);
	wire_unreachable(&w, &p.last, icmp->type, icmp->code);
	scene_same(s, "connect", -icmp->err, actor_end(cli));
	e = expect_abort(&p, "icmp-unreachable", cli, "SYN_SENT");
	want_error(e, icmp->err, "connect", fd, cli, false);
}

/* Later on it is only noted, and told when the retransmissions are used up. */
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
	read_fails(cli, icmp->err);
	e = expect_abort(&p, "icmp-unreachable", cli, "ESTABLISHED");
	want_error(e, icmp->err, "recvfrom", fd, cli, false);
	net_close(cli, fd);
}

/* What a router says by itself. */
static struct expect *expect_unrouted(struct wire *w, struct actor *cli, const char *state)
{
	struct addr near = wire_near(w, CLIENT_PORT), far = wire_far(w, FAR_PORT);
	struct expect *e = scene_expect(w->s, "timeout", "icmp-unreachable");

	want_flow(e, &far, &near);
	want_victim(e, cli, "caller|socket", state);
	want_absent(e, "rst_seq");
	return e;
}

static void router_connect(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	int err = icmp_cases[s->arg].err, fd;
	struct wire w;

	wire_open_router(s, &w);
	wire_lose_route(&w);
	net_one_client_port(s);
	fd = net_socket(cli, s->family);
	scene_same(s, "connect", -err, wire_connect(&w, cli, fd));
	want_error(expect_unrouted(&w, cli, "SYN_SENT"), err, "connect", fd, cli, false);
}

/* Closed under repair it is gone without a word. */
static void vanish(struct actor *a, int fd)
{
	set_int(a, fd, IPPROTO_TCP, TCP_REPAIR, 1);
	net_close(a, fd);
}

/* Returns the client's end; the server's has vanished. */
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
	/* The first waits for carriers and neighbours: that must not be round-trip time. */
	vanish(cli, half_connection(&w, cli, srv, lfd));
	net_one_client_port(s);
	fd = half_connection(&w, cli, srv, lfd);
	wire_lose_route(&w);
	net_send(cli, fd, 16);
	net_io_begin(cli, IO_RECV, fd, 16);
	read_fails(cli, err);
	e = expect_unrouted(&w, cli, "ESTABLISHED");
	want_error(e, err, "recvfrom", fd, cli, false);
}

/* With IP_RECVERR a call fails, but the connection lives: nothing to report. */
static void icmp_recverr(struct scene *s)
{
	const struct icmp_case *icmp = &icmp_cases[s->arg];
	struct actor *cli = actor_new(s, "rt-client");
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	set_int(cli, fd, IPPROTO_IP, IP_RECVERR, 1);
	net_send(cli, fd, 16);
	peer_await(&p, SEG_PSH);
	net_io_begin(cli, IO_RECV, fd, 16);
	actor_wait_blocked(cli);
	wire_unreachable(&w, &p.last, icmp->type, icmp->code);
	read_fails(cli, icmp->err);
	peer_send(&p, SEG_ACK | SEG_PSH, 8);
	net_recv(cli, fd, 8);
	net_wait_acked(cli, fd);
	peer_finish(&p, cli, fd);
}

static struct expect *expect_fin_wait2(struct scene *s, const struct conn *c)
{
	struct expect *e = scene_expect(s, "active", "linger2-timeout");

	want_flow(e, &c->caddr, &c->saddr);
	want_sender(e, c->client, "caller|socket");
	want_str(e, "sender_state", "FIN_WAIT2");
	want_victim(e, c->server, "caller|socket|listener", "CLOSE_WAIT");
	return e;
}

static void server_writes(struct conn *c, struct expect *e)
{
	net_wait_state(c->server, c->sfd, TCP_CLOSE);
	actor_sigpipe(c->server, ACTOR_SIGPIPE_IGNORE);
	net_io_fails(c->server, IO_SEND, c->sfd, EPIPE);
	want_error(e, EPIPE, "sendto", c->sfd, c->server, true);
}

static void half_close(struct conn *c)
{
	net_shutdown(c->client, c->cfd, SHUT_WR);
	net_wait_state(c->client, c->cfd, TCP_FIN_WAIT2);
	net_wait_state(c->server, c->sfd, TCP_CLOSE_WAIT);
}

/* TCP_LINGER2 < 0: no FIN_WAIT2 without a process. */
static void linger2_close(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	set_int(c.client, c.cfd, IPPROTO_TCP, TCP_LINGER2, -1);
	half_close(&c);
	net_close(c.client, c.cfd);
	e = expect_fin_wait2(s, &c);
	want_str(e, "sender_owner", "caller");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", c.cfd);
	maybe_str(e, "reason", "TCP_ABORT_ON_LINGER|NOT_SPECIFIED");
	server_writes(&c, e);
}

/* The same, but the FIN is acknowledged when the process has gone on. */
static void linger2_ack(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	set_int(cli, fd, IPPROTO_TCP, TCP_LINGER2, -1);
	net_close(cli, fd);
	peer_await(&p, SEG_FIN);
	peer_send(&p, SEG_ACK, 0);
	peer_await(&p, SEG_RST);

	e = scene_expect(s, "reply", "linger2-timeout");
	want_far_victim(e, &p);
	want_sender(e, cli, "caller|socket");
	want_str(e, "sender_state", "FIN_WAIT1|FIN_WAIT2");
	maybe_str(e, "sender_syscall", "close");
	maybe_int(e, "sender_fd", fd);
	maybe_str(e, "reason", "TCP_ABORT_ON_DATA");
}

/*
 * A wait of up to a minute goes on in a timewait socket, which ends in silence.
 * What is left of a longer one after that minute resets, if by then the limit
 * has been lowered: here a second is left.
 */
static void fin_wait2_expiry(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	half_close(&c);
	scene_sysctl(s, "net/ipv4/tcp_fin_timeout", "61");
	net_close(c.client, c.cfd);
	scene_sysctl(s, "net/ipv4/tcp_fin_timeout", "60");
	e = expect_fin_wait2(s, &c);
	/* The first changed the state, the second only let go of it. */
	maybe_str(e, "sender_syscall", "close|shutdown");
	maybe_int(e, "sender_fd", c.cfd);
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	server_writes(&c, e);
}

const struct scenario timers_scenarios[] = {
	ROW("keepalive", "a keepalive probe stays unanswered", keepalive, V4),
	ROW("keepalive-v6", "the same over IPv6", keepalive, V6),
	ROW("keepalive-user-timeout", "TCP_USER_TIMEOUT cuts the probes short", keepalive, V4,
	    .arg = 1500),
	ROW("user-timeout", "data unacknowledged for TCP_USER_TIMEOUT: no RST", user_timeout, V4),
	ROW("user-timeout-v6", "the same over IPv6", user_timeout, V6),
	ROW("retransmit-timeout", "data unacknowledged to the end of tcp_retries2: no RST",
	    retransmissions, V4),
	ROW("retransmit-timeout-v6", "the same over IPv6", retransmissions, V6),
	ROW("retransmit-timeout-probes", "probes of a closed window stay unanswered: no RST",
	    window_probes, V4),
	ROW("retransmit-timeout-orphan", "a closed connection's FIN is never acknowledged: no RST",
	    orphan_retransmissions, V4),
	ROW("syn-timeout", "a SYN stays unanswered: no RST", syn_timeout, V4),
	ROW("syn-timeout-v6", "the same over IPv6", syn_timeout, V6),
	ROW("syn-timeout-user", "a SYN stays unanswered for TCP_USER_TIMEOUT", syn_timeout, V4,
	    .arg = USER_TIMEOUT_MS),
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
	ROW("linger2-close", "closed in FIN_WAIT2 with TCP_LINGER2 < 0", linger2_close, V4),
	ROW("linger2-close-v6", "the same over IPv6", linger2_close, V6),
	ROW("linger2-ack", "closed with TCP_LINGER2 < 0, the FIN acknowledged later",
	    linger2_ack, V4),
	ROW("linger2-ack-v6", "the same over IPv6", linger2_ack, V6),
	ROW("fin-wait2-expiry", "the FIN_WAIT2 of a closed connection runs out",
	    fin_wait2_expiry, V4),
	ROW_END
};
