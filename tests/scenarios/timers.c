/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that a timer ends, with and without a RST. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"
#include "net.h"
#include "registry.h"
#include "wire.h"

#define USER_TIMEOUT_MS 300

static void set_int(struct actor *a, int fd, int level, int name, int value)
{
	net_setsockopt(a, fd, level, name, &value, sizeof(value));
}

/* The only probe is not answered: a RST. arg: TCP_USER_TIMEOUT, or 0. */
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
	net_recv_ends(cli, ETIMEDOUT);

	e = scene_expect(s, "active", "keepalive-timeout");
	want_far_victim(e, &p);
	want_sender(e, cli, "socket|snapshot");
	want_str(e, "sender_state", "ESTABLISHED");
	want_str(e, "cause_text", "keepalive probes went unanswered");
	want_absent(e, "sender_syscall");
	want_absent(e, "killer_pid");
	maybe_str(e, "reason", "TCP_KEEPALIVE_TIMEOUT|NOT_SPECIFIED");
	want_own_error(e, ETIMEDOUT, "recvfrom", fd, cli);
	net_close(cli, fd);
}

/*
 * lo is down while the client gives up: its RST is sent, but arrives nowhere. When lo is up again,
 * the server's data draws another RST with the same number, which arrives.
 */
static void keepalive_lost(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	set_int(c.client, c.cfd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	set_int(c.client, c.cfd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	set_int(c.client, c.cfd, IPPROTO_TCP, TCP_KEEPCNT, 1);
	link_clear(s, "lo", IFF_UP);
	set_int(c.client, c.cfd, SOL_SOCKET, SO_KEEPALIVE, 1);
	net_io_begin(c.client, IO_RECV, c.cfd, 16);
	net_recv_ends(c.client, ETIMEDOUT);
	link_set(s, "lo", IFF_UP);

	e = scene_expect(s, "active", "keepalive-timeout");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "caller|socket");
	want_absent(e, "victim_pid");
	want_absent(e, "victim_owner");
	want_own_error(e, ETIMEDOUT, "recvfrom", c.cfd, c.client);

	net_send(c.server, c.sfd, 16);
	net_io_fails(c.server, IO_RECV, c.sfd, ECONNRESET);
	e = scene_expect(s, "reply", "data-after-close|stray-segment");
	want_flow(e, &c.caddr, &c.saddr);
	want_victim(e, c.server, "caller|socket", "ESTABLISHED");
	want_error(e, ECONNRESET, "recvfrom", c.sfd, c.server, false);
	net_close(c.client, c.cfd);
}

/* Nothing is acknowledged, and TCP_USER_TIMEOUT ends before tcp_retries2 does. */
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
	net_recv_ends(cli, ETIMEDOUT);
	e = expect_abort(&p, "user-timeout", cli, "ESTABLISHED");
	want_int(e, "victim_unsent", 16);
	want_error(e, ETIMEDOUT, "recvfrom", fd, cli, false);
	net_close(cli, fd);
}

/*
 * A connection that is given up: retransmissions, or probes of a closed window (.arg), are not
 * answered.
 */
static int give_up(struct scene *s, struct wire *w, struct actor *cli, struct peer *p)
{
	int fd;

	scene_sysctl(s, "net/ipv4/tcp_retries2", "1");
	wire_open(s, w);
	if (s->arg)
		w->window = 0;
	fd = peer_accept(w, cli, p);
	net_send(cli, fd, 16);
	net_wait_state(cli, fd, TCP_CLOSE);
	return fd;
}

static void retransmit_timeout(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	fd = give_up(s, &w, cli, &p);
	/* no write raises SIGPIPE while the error is pending */
	net_io_fails(cli, IO_SEND, fd, ETIMEDOUT);
	e = expect_abort(&p, "retransmit-timeout", cli, "ESTABLISHED");
	want_error(e, ETIMEDOUT, "sendto", fd, cli, false);
	net_close(cli, fd);
}

/* The far host closes after this end has given the connection up without closing it. */
static void fin_after_timeout(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd;

	fd = give_up(s, &w, cli, &p);
	net_io_fails(cli, IO_RECV, fd, ETIMEDOUT);
	e = expect_abort(&p, "retransmit-timeout", cli, "ESTABLISHED");
	want_error(e, ETIMEDOUT, "recvfrom", fd, cli, false);
	peer_send(&p, SEG_FIN | SEG_ACK, 0);
	peer_await(&p, SEG_RST);
	e = scene_expect(s, "reply", "stray-segment");
	want_far_victim(e, &p);
	want_absent(e, "sender_closed_us");
	want_str(e, "sender_ended", "failed");
	want_str(e, "situation", "after-error");
	want_present(e, "follows");
	net_close(cli, fd);
}

/* The FIN is never acknowledged, and no process is left to see that. */
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

/* TCP_LINGER2 < 0: there is no FIN_WAIT2 without a process. */
static void linger2_close(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	set_int(c.client, c.cfd, IPPROTO_TCP, TCP_LINGER2, -1);
	conn_shutdown(&c, SHUT_WR);
	net_close(c.client, c.cfd);
	e = expect_fin_wait2(s, &c);
	want_str(e, "sender_owner", "caller");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", c.cfd);
	maybe_str(e, "reason", "TCP_ABORT_ON_LINGER|NOT_SPECIFIED");
	server_writes(&c, e);
}

/* The same, but the FIN is acknowledged only after close() has returned. */
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
 * A wait of up to a minute goes on in a timewait socket, which ends in silence. A longer wait goes
 * on after that minute, and ends with a reset if the limit has been lowered meanwhile: here one
 * second of it is left.
 */
static void fin_wait2_expiry(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	conn_shutdown(&c, SHUT_WR);
	scene_sysctl(s, "net/ipv4/tcp_fin_timeout", "61");
	net_close(c.client, c.cfd);
	scene_sysctl(s, "net/ipv4/tcp_fin_timeout", "60");
	e = expect_fin_wait2(s, &c);
	/* the first close changed the state, the second only released the socket */
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
	ROW("keepalive-lost", "its RST is lost, and another of the same number arrives", keepalive_lost, V4),
	ROW("user-timeout", "data unacknowledged for TCP_USER_TIMEOUT: no RST", user_timeout, V4),
	ROW("user-timeout-v6", "the same over IPv6", user_timeout, V6),
	ROW("fin-after-timeout", "the peer's FIN comes after retransmissions in vain", fin_after_timeout, V4),
	ROW("retransmit-timeout", "data unacknowledged to the end of tcp_retries2: no RST",
	    retransmit_timeout, V4),
	ROW("retransmit-timeout-v6", "the same over IPv6", retransmit_timeout, V6),
	ROW("retransmit-timeout-probes", "probes of a closed window stay unanswered: no RST",
	    retransmit_timeout, V4, .arg = 1),
	ROW("retransmit-timeout-orphan", "a closed connection's FIN is never acknowledged: no RST",
	    orphan_retransmissions, V4),
	ROW("syn-timeout", "a SYN stays unanswered: no RST", syn_timeout, V4),
	ROW("syn-timeout-v6", "the same over IPv6", syn_timeout, V6),
	ROW("syn-timeout-user", "a SYN stays unanswered for TCP_USER_TIMEOUT", syn_timeout, V4,
	    .arg = USER_TIMEOUT_MS),
	ROW("linger2-close", "closed in FIN_WAIT2 with TCP_LINGER2 < 0", linger2_close, V4),
	ROW("linger2-close-v6", "the same over IPv6", linger2_close, V6),
	ROW("linger2-ack", "closed with TCP_LINGER2 < 0, the FIN acknowledged later",
	    linger2_ack, V4),
	ROW("linger2-ack-v6", "the same over IPv6", linger2_ack, V6),
	ROW("fin-wait2-expiry", "the FIN_WAIT2 of a closed connection runs out",
	    fin_wait2_expiry, V4),
	ROW_END
};
