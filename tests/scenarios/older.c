/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets older than the tracer. */
#include <errno.h>
#include <netinet/tcp.h>

#include "net.h"
#include "registry.h"

static void old_socket_close(struct scene *s)
{
	struct conn c = conn_unread(s, 25);
	struct expect *e;

	scene_start_tracer(s);

	net_close(c.server, c.sfd);
	e = scene_expect(s, "active", "close-with-unread");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", c.sfd);
	want_int(e, "sender_unread", 25);
	want_victim(e, c.client, "caller|snapshot", "ESTABLISHED");
	conn_client_notices(&c, e);
}

static void old_socket_idle(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	scene_start_tracer(s);
	e = conn_reset(s, &c);
	want_victim(e, c.client, "snapshot", "ESTABLISHED");
	want_str(e, "outcome", "pending");
}

/* The listener is old, the connection is new. */
static void old_listener(struct scene *s)
{
	struct conn c = { .lfd = -1 };
	struct expect *e;

	c.server = actor_new(s, "rt-server");
	c.client = actor_new(s, "rt-client");
	c.lfd = net_listen(c.server, s->family, SERVER_PORT, 16);
	scene_start_tracer(s);
	conn_open(s, &c);
	e = conn_reset_by_client(s, &c);
	want_victim(e, c.server, "socket|snapshot|listener", "ESTABLISHED");
	want_str(e, "outcome", "pending");
}

/* The socket was closed before the tracer started: nobody knows by whom, so nobody may be named. */
static void old_timewait(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	conn_to_timewait(s, &c, false);
	scene_start_tracer(s);
	/*
	 * The socket lives for 60 s, and in a slow guest the tracer may start later: then the scene
	 * was not played.
	 */
	net_wait_timewait(s, s->family, c.caddr.port, SERVER_PORT);

	net_send(c.server, c.sfd, 16);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	actor_sigpipe(c.server, ACTOR_SIGPIPE_IGNORE);
	net_io_fails(c.server, IO_SEND, c.sfd, EPIPE);
	e = scene_expect(s, "reply", "data-after-close");
	want_flow(e, &c.caddr, &c.saddr);
	want_str(e, "sender_owner", "none");
	want_absent(e, "sender_pid");
	want_absent(e, "sender_comm");
	want_absent(e, "sender_syscall");
	want_str(e, "sender_state", "TIME_WAIT");
	want_victim(e, c.server, "caller|snapshot", "CLOSE_WAIT");
	want_error(e, EPIPE, "sendto", c.sfd, c.server, true);
}

const struct scenario older_scenarios[] = {
	ROW("old-socket-close", "a connection older than the tracer is closed",
	    old_socket_close, V4, .flags = SC_LATE_TRACER),
	ROW("old-socket-idle", "the victim's socket is older, no call fails",
	    old_socket_idle, V4, .flags = SC_LATE_TRACER),
	ROW("old-listener", "only the listener is older",
	    old_listener, V4, .flags = SC_LATE_TRACER),
	ROW("old-timewait", "the sender had closed before the tracer came",
	    old_timewait, V4, .flags = SC_LATE_TRACER),
	ROW_END
};
