/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people call it: clients and servers of this host that leave, give up, refuse, answer early
 * or close an idle connection, each with the exchange that shows it.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "exchange.h"
#include "registry.h"

#define REQUEST 6357		/* a server with a buffer of 4 KiB reads 4100 of them */
#define READ 4100
#define TLS_PORT 8443
#define FLIGHT 1321		/* the server's side of a TLS handshake */
#define TICKETS 510
#define ALERT 24
#define IDLE_MS 1000
#define PROBE_MS 1000		/* the longest that a probe takes, as in the situation */

static struct conn conn_to(struct scene *s, int port)
{
	struct conn c = { .lfd = -1 };

	c.server = actor_new(s, "rt-server");
	c.client = actor_new(s, "rt-client");
	c.lfd = net_listen(c.server, s->family, port, 16);
	c.cfd = net_socket(c.client, s->family);
	must(c.client, "connect", net_connect(c.client, c.cfd, s->family, port));
	c.caddr = net_name(c.client, c.cfd);
	c.saddr = net_loopback(s->family, port);
	c.sfd = net_accept(c.server, c.lfd);
	return c;
}

/* One of several listeners on the port. */
static int net_listen_shared(struct actor *a, enum family family, int port)
{
	struct sockaddr_storage *at = (struct sockaddr_storage *)a->scene->buf;
	int fd = net_socket(a, family), one = 1;

	net_setsockopt(a, fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	memset(at, 0, sizeof(*at));
	at->ss_family = family == V6 ? AF_INET6 : AF_INET;
	((struct sockaddr_in *)at)->sin_port = htons((uint16_t)port);
	must(a, "bind", SYS(a, SYS_bind, fd, (long)at, sizeof(*at)));
	must(a, "listen", SYS(a, SYS_listen, fd, 16));
	return fd;
}

/* arg: the signal that ends the server; 0: it closes. */
static void gave_up(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, REQUEST, READ);
	if (s->arg)
		actor_kill(c.server, (int)s->arg);
	else
		net_close(c.server, c.sfd);
	e = by_server(s, &c, "close-with-unread", "gave-up", "likely");
	want_int(e, "sender_bytes_read", READ);
	want_int(e, "sender_bytes_in", REQUEST);
	want_int(e, "sender_bytes_out", 0);
	want_str(e, "stage", "post-data|later");
	if (s->arg)
		want_str(e, "sender_exit", "SIGKILL");
	conn_client_notices(&c, e);
}

static void refused_on_purpose(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, 14, 0);
	say(c.server, c.sfd, c.client, c.cfd, 36, 0);
	net_close(c.server, c.sfd);
	e = by_server(s, &c, "close-with-unread", "refused-on-purpose", "likely");
	want_int(e, "sender_bytes_read", 0);
	want_int(e, "sender_bytes_out", 36);
	net_wait_state(c.client, c.cfd, TCP_CLOSE);
	net_recv(c.client, c.cfd, 36);
	net_recv_reset(c.client, c.cfd, e);
}

/* arg: the server shut down writing before, and waited. */
static void early_answer(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, REQUEST, READ);
	say(c.server, c.sfd, c.client, c.cfd, 180, 0);
	if (s->arg) {
		net_shutdown(c.server, c.sfd, SHUT_WR);
		net_wait_state(c.server, c.sfd, TCP_FIN_WAIT2);
		net_wait_state(c.client, c.cfd, TCP_CLOSE_WAIT);
	}
	net_close(c.server, c.sfd);
	e = by_server(s, &c, "close-with-unread", "early-answer", "likely");
	want_int(e, "sender_bytes_out", 180);
	want_str(e, "victim_state", s->arg ? "CLOSE_WAIT" : "ESTABLISHED");
	net_wait_state(c.client, c.cfd, TCP_CLOSE);
	net_recv(c.client, c.cfd, 180);
	if (s->arg)
		want_error(e, EPIPE, "sendto", c.cfd, c.client, false);
	if (s->arg)
		net_io_fails(c.client, IO_SEND_NOSIGNAL, c.cfd, EPIPE);
	else
		net_recv_reset(c.client, c.cfd, e);
}

/* arg: the client's process ends without reading the answer. */
static void client_left(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, 80, 80);
	say(c.server, c.sfd, c.client, c.cfd, 4000, 1000);
	if (s->arg)
		actor_dies(c.client, do_exit_group, (long[]){ 0 }, 1);
	else
		net_close(c.client, c.cfd);
	e = s->arg ? by_client(s, &c, "close-with-unread", "client-exited", "certain") :
		     by_client(s, &c, "close-with-unread", "client-left", "likely");
	want_int(e, "sender_bytes_read", 1000);
	want_str(e, "stage", "later");
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	net_recv_reset(c.server, c.sfd, e);
}

/* The client had closed in order; the answer came after that. */
static void client_left_before(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, 80, 80);
	conn_to_timewait(s, &c, false);
	net_send(c.server, c.sfd, 16);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	e = expect_told(s, "reply", "data-after-close", "client-left", "likely");
	want_flow(e, &c.caddr, &c.saddr);
	want_str(e, "sender_ended", "closed");
	want_str(e, "sender_role", "client");
	want_str(e, "victim_role", "server");
	want_error(e, EPIPE, "sendto", c.sfd, c.server, false);
	net_io_fails(c.server, IO_SEND_NOSIGNAL, c.sfd, EPIPE);
}

/* On a busy machine it may take longer than a probe does. */
static void probe(struct scene *s)
{
	int64_t begin = now_ms();
	struct conn c = conn_new(s);
	struct expect *e;

	net_linger0(c.client, c.cfd);
	net_close(c.client, c.cfd);
	e = by_client(s, &c, "linger-zero", now_ms() - begin < PROBE_MS ? "probe" : NULL, "likely");
	want_str(e, "stage", "post-ack");
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	net_recv_reset(c.server, c.sfd, e);
}

static void tickets(struct scene *s)
{
	struct conn c = conn_to(s, TLS_PORT);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, 517, 517);
	say(c.server, c.sfd, c.client, c.cfd, FLIGHT, FLIGHT);
	say(c.client, c.cfd, c.server, c.sfd, 116, 0);
	say(c.server, c.sfd, c.client, c.cfd, TICKETS, 0);
	net_close(c.client, c.cfd);
	e = by_client(s, &c, "close-with-unread", "tls-tickets-unread", "likely");
	want_int(e, "sender_unread", TICKETS);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	net_recv(c.server, c.sfd, 116);
	net_recv_reset(c.server, c.sfd, e);
}

/* The server has said goodbye, and the client has what it asked for. */
static void close_notify(struct scene *s)
{
	struct conn c = conn_to(s, TLS_PORT);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, 517, 517);
	say(c.server, c.sfd, c.client, c.cfd, FLIGHT, FLIGHT);
	say(c.server, c.sfd, c.client, c.cfd, ALERT, 0);
	net_close(c.server, c.sfd);
	net_wait_state(c.client, c.cfd, TCP_CLOSE_WAIT);
	net_wait_fin_acked(s, s->family, TLS_PORT, c.caddr.port);
	net_close(c.client, c.cfd);
	e = by_client(s, &c, "close-with-unread", "close-notify-crossed", "likely");
	want_int(e, "sender_unread", ALERT);
	want_str(e, "sender_state", "CLOSE_WAIT");
}

/* The TLS client read nothing of what the server sent. */
static void tls_aborted(struct scene *s)
{
	struct conn c = conn_to(s, TLS_PORT);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, 517, 517);
	say(c.server, c.sfd, c.client, c.cfd, FLIGHT, 0);
	net_close(c.client, c.cfd);
	e = by_client(s, &c, "close-with-unread", "handshake-aborted", "likely");
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	net_recv_reset(c.server, c.sfd, e);
}

/* A request and its answer; then both are silent for a second. */
static void one_request(struct conn *c)
{
	say(c->client, c->cfd, c->server, c->sfd, 80, 80);
	say(c->server, c->sfd, c->client, c->cfd, 200, 200);
	net_wait_silent(c->server, c->sfd, IDLE_MS);
	net_wait_silent(c->client, c->cfd, IDLE_MS);
}

/* The server's idle timeout ends the connection, and then the client's next request comes. */
static void idle(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	one_request(&c);
	net_close(c.server, c.sfd);
	net_wait_state(c.client, c.cfd, TCP_CLOSE_WAIT);
	net_wait_timewait(s, s->family, SERVER_PORT, c.caddr.port);
	net_send(c.client, c.cfd, 80);
	net_wait_state(c.client, c.cfd, TCP_CLOSE);
	/* within a second after the close it is a race */
	e = expect_told(s, "reply", "data-after-close", "keepalive-race|idle-timeout", "likely");
	want_flow(e, &c.saddr, &c.caddr);
	want_str(e, "sender_role", "server");
	want_min(e, "sender_ended_heard_us", IDLE_MS * 990);
	want_min(e, "sender_ended_said_us", IDLE_MS * 990);
	want_int(e, "sender_ended_unsent", 0);
	want_int(e, "sender_bytes_in", 80);
	want_int(e, "sender_bytes_out", 200);
	want_error(e, EPIPE, "sendto", c.cfd, c.client, false);
	net_io_fails(c.client, IO_SEND_NOSIGNAL, c.cfd, EPIPE);
}

/* The same by SO_LINGER 0: the connection in the client's pool is dead at once. */
static void idle_abort(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	one_request(&c);
	net_linger0(c.server, c.sfd);
	net_close(c.server, c.sfd);
	e = by_server(s, &c, "linger-zero", "idle-timeout", "likely");
	want_min(e, "sender_heard_us", IDLE_MS * 990);
	want_min(e, "sender_said_us", IDLE_MS * 990);
	conn_client_notices(&c, e);
}

/* One of two processes closes its listener, with a connection in its queue. */
static void restarted(struct scene *s)
{
	struct conn c = { .server = actor_new(s, "rt-server"), .client = actor_new(s, "rt-client") };
	struct actor *other = actor_new(s, "rt-other");
	struct expect *e;

	c.lfd = net_listen_shared(c.server, s->family, SERVER_PORT);
	conn_queue(s, &c);
	net_wait_queued(c.server, c.lfd, 1);
	net_listen_shared(other, s->family, SERVER_PORT);
	net_close(c.server, c.lfd);
	e = expect_told(s, "active", "listener-closed", "listener-restarted", "certain");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller|listener");
	conn_client_notices(&c, e);
}

/* A proxy that cannot reach its backend closes what it accepted. */
static void passed_on(struct scene *s)
{
	struct addr backend = net_loopback(s->family, CLOSED_PORT);
	struct conn c = conn_new(s);
	struct expect *e;
	int fd;

	say(c.client, c.cfd, c.server, c.sfd, 78, 0);
	fd = net_socket(c.server, s->family);
	scene_same(s, "connect", -ECONNREFUSED, net_connect(c.server, fd, s->family, CLOSED_PORT));
	e = scene_expect(s, "reply", "closed-port");
	want_str(e, "saddr", backend.ip);
	want_int(e, "sport", backend.port);
	want_victim(e, c.server, "caller|socket", "SYN_SENT");
	want_str(e, "victim_role", "client");
	want_str(e, "stage", "post-syn");
	want_absent(e, "follows");
	want_error(e, ECONNREFUSED, "connect", fd, c.server, false);
	net_close(c.server, c.sfd);
	e = by_server(s, &c, "close-with-unread", "gave-up", "likely");
	want_present(e, "follows");
	want_int(e, "sender_bytes_read", 0);
	conn_client_notices(&c, e);
}

const struct scenario situations_scenarios[] = {
	ROW("gave-up", "the server reads a part, answers nothing and closes", gave_up, V4),
	ROW("gave-up-killed", "the same, killed", gave_up, V4, .arg = SIGKILL),
	ROW("refused-on-purpose", "the server says why, reads nothing and closes",
	    refused_on_purpose, V4),
	ROW("early-answer", "the server answers and closes with the rest unread", early_answer, V4),
	ROW("early-answer-drained", "the same after shutdown(SHUT_WR) and a wait",
	    early_answer, V4, .arg = 1),
	ROW("client-left", "the client closes with the answer unread", client_left, V4),
	ROW("client-left-v6", "the same over IPv6", client_left, V6),
	ROW("client-exited", "the same, its process ends", client_left, V4, .arg = 1),
	ROW("client-left-before", "the client closes, then the answer comes", client_left_before, V4),
	ROW("probe", "a health check that asks nothing", probe, V4),
	ROW("tickets-unread", "the client closes with as much as tickets unread", tickets, V4),
	ROW("close-notify", "... with as much as an alert unread, the server gone", close_notify, V4),
	ROW("handshake-aborted", "... with all of the server's handshake unread", tls_aborted, V4),
	ROW("idle-timeout", "the server closes an idle connection, the client writes", idle, V4),
	ROW("idle-timeout-v6", "the same over IPv6", idle, V6),
	ROW("idle-timeout-abort", "the server aborts an idle connection", idle_abort, V4),
	ROW("listener-restarted", "one of two listeners of a port goes", restarted, V4),
	ROW("proxy-passes-on", "a proxy closes what it cannot pass on", passed_on, V4),
	ROW_END
};
