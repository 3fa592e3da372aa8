/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people call it, after an answer has come: servers that end, abort or have
 * closed before the next request, clients that are done, and a client that is no more.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>

#include "exchange.h"
#include "registry.h"

#define ANSWER 200
#define PAUSE_MS 200		/* longer than what is under way of a request takes */
#define WAIT_MS 1000		/* longer than the shortest timeout in use */
#define IDLE_MS 800		/* from here on it may be told as an idle timeout, as on a busy machine */

/* A connection on which one request has had its answer. */
static struct conn answered(struct scene *s)
{
	struct conn c = conn_new(s);

	say(c.client, c.cfd, c.server, c.sfd, 80, 80);
	say(c.server, c.sfd, c.client, c.cfd, ANSWER, ANSWER);
	return c;
}

/* The server's process ends with the next request unread. */
static void server_ended(struct scene *s)
{
	struct conn c = answered(s);
	struct expect *e;

	say(c.client, c.cfd, c.server, c.sfd, 80, 0);
	actor_dies(c.server, do_exit_group, (long[]){ 0 }, 1);
	e = by_server(s, &c, "close-with-unread", "server-ended", "certain");
	want_str(e, "sender_exit", "exit");
	want_int(e, "sender_bytes_out", ANSWER);
	conn_client_notices(&c, e);
}

/* The client writes once more, to a server that is over. arg: its process has ended. */
static void written_later(struct scene *s)
{
	int64_t begin = now_ms(), closed;
	struct conn c = answered(s);
	struct expect *e;

	if (s->arg)
		actor_dies(c.server, do_exit_group, (long[]){ 0 }, 1);
	else
		net_close(c.server, c.sfd);
	closed = now_ms();
	net_wait_state(c.client, c.cfd, TCP_CLOSE_WAIT);
	net_wait_timewait(s, s->family, SERVER_PORT, c.caddr.port);
	net_wait_silent(c.client, c.cfd, (int)(closed - begin) + PAUSE_MS);
	net_send(c.client, c.cfd, 80);
	net_wait_state(c.client, c.cfd, TCP_CLOSE);
	e = s->arg ? expect_told(s, "reply", "data-after-close", "server-ended", "certain") :
		     expect_told(s, "reply", "data-after-close",
				 closed - begin < IDLE_MS ? "written-after-close" : NULL, "likely");
	want_flow(e, &c.saddr, &c.caddr);
	want_str(e, "sender_role", "server");
	want_str(e, "sender_ended", "closed");
	want_int(e, "sender_bytes_out", ANSWER);
	want_error(e, EPIPE, "sendto", c.cfd, c.client, false);
	net_io_fails(c.client, IO_SEND_NOSIGNAL, c.cfd, EPIPE);
}

/* One end aborts with nothing unread. arg: the client does. */
static void aborted(struct scene *s)
{
	int64_t begin = now_ms();
	struct conn c = answered(s);
	struct actor *a = s->arg ? c.client : c.server;
	int fd = s->arg ? c.cfd : c.sfd;
	struct expect *e;
	bool soon;

	net_linger0(a, fd);
	net_close(a, fd);
	soon = now_ms() - begin < IDLE_MS;
	if (!s->arg) {
		e = by_server(s, &c, "linger-zero", soon ? "cut-off" : NULL, "likely");
		conn_client_notices(&c, e);
		return;
	}
	e = by_client(s, &c, "linger-zero", soon ? "client-done" : NULL, "likely");
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	net_recv_reset(c.server, c.sfd, e);
}

/*
 * The server's data reaches a host that knows of no such connection, as it does past a NAT: the
 * client's socket was taken out of the kernel without a segment.
 */
static void untranslated(struct scene *s)
{
	struct conn c = conn_new(s);
	int on = 1;
	struct expect *e;

	net_setsockopt(c.client, c.cfd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));
	net_close(c.client, c.cfd);
	scene_start_tracer(s);
	net_send(c.server, c.sfd, ANSWER);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	e = expect_told(s, "reply", "stray-segment", "untranslated", "guess");
	want_flow(e, &c.caddr, &c.saddr);
	want_str(e, "victim_role", "server");
	net_recv_reset(c.server, c.sfd, e);
}

/*
 * The client connects and says nothing, until the server no longer waits. arg: 0: the server closes
 * without a word; 1: it says why; 2: its process ends.
 */
static void unasked(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	net_wait_silent(c.server, c.sfd, WAIT_MS);
	if (s->arg == 1)
		say(c.server, c.sfd, c.client, c.cfd, 51, 51);
	if (s->arg == 2)
		actor_dies(c.server, do_exit_group, (long[]){ 0 }, 1);
	else
		net_close(c.server, c.sfd);
	net_wait_state(c.client, c.cfd, TCP_CLOSE_WAIT);
	net_wait_timewait(s, s->family, SERVER_PORT, c.caddr.port);
	net_send(c.client, c.cfd, 80);
	net_wait_state(c.client, c.cfd, TCP_CLOSE);
	e = expect_told(s, "reply", "data-after-close", "request-timeout", s->arg ? "guess" : "likely");
	want_flow(e, &c.saddr, &c.caddr);
	want_str(e, "sender_role", "server");
	want_int(e, "sender_bytes_in", 0);
	want_int(e, "sender_bytes_out", s->arg == 1 ? 51 : 0);
	want_min(e, "sender_ended_heard_us", WAIT_MS * 990);
	want_error(e, EPIPE, "sendto", c.cfd, c.client, false);
	net_io_fails(c.client, IO_SEND_NOSIGNAL, c.cfd, EPIPE);
}

/* The client takes a part of the server's greeting and leaves. On a busy machine that takes longer. */
static void greeted(struct scene *s)
{
	int64_t begin = now_ms();
	struct conn c = conn_new(s);
	struct expect *e;

	say(c.server, c.sfd, c.client, c.cfd, 41, 10);
	net_close(c.client, c.cfd);
	e = by_client(s, &c, "close-with-unread", now_ms() - begin < IDLE_MS ? "probe" : NULL, "likely");
	want_int(e, "sender_bytes_out", 0);
	want_int(e, "sender_bytes_read", 10);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	net_recv_reset(c.server, c.sfd, e);
}

/* The client has closed, having said nothing, when the greeting comes. */
static void greeted_late(struct scene *s)
{
	int64_t begin = now_ms(), closed;
	struct conn c = conn_new(s);
	struct expect *e;

	conn_to_timewait(s, &c, false);
	closed = now_ms();
	net_send(c.server, c.sfd, 41);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	e = expect_told(s, "reply", "data-after-close", closed - begin < IDLE_MS ? "probe" : NULL, "likely");
	want_flow(e, &c.caddr, &c.saddr);
	want_int(e, "sender_bytes_out", 0);
	want_str(e, "victim_role", "server");
	want_error(e, EPIPE, "sendto", c.sfd, c.server, false);
	net_io_fails(c.server, IO_SEND_NOSIGNAL, c.sfd, EPIPE);
}

const struct scenario situations_end_scenarios[] = {
	ROW("server-ended", "the server's process ends with a request unread", server_ended, V4),
	ROW("server-ended-before", "it ends, then the client writes", written_later, V4, .arg = 1),
	ROW("written-after-close", "the server has closed; the client writes after a pause",
	    written_later, V4),
	ROW("cut-off", "the server aborts after its answer, nothing unread", aborted, V4),
	ROW("client-done", "the client aborts after the answer, nothing unread", aborted, V4, .arg = 1),
	ROW("request-timeout", "the server waits in vain and closes; the client writes", unasked, V4),
	ROW("request-timeout-said", "the same, the server says so first", unasked, V4, .arg = 1),
	ROW("request-timeout-ended", "the same, the server's process ends", unasked, V4, .arg = 2),
	ROW("probe-greeted", "the client closes with a part of a greeting unread", greeted, V4),
	ROW("probe-greeted-late", "the client closes, then the greeting comes", greeted_late, V4),
	ROW("untranslated", "data for a client that the kernel does not know", untranslated, V4,
	    .flags = SC_LATE_TRACER),
	ROW_END
};
