/* SPDX-License-Identifier: GPL-2.0 */
/* Rarer ways in which a reset's error comes out, and calls that leave it pending. */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "crowd.h"
#include "net.h"
#include "probes.h"
#include "registry.h"

/* What poll() returns for a dead socket: 0x1d. */
#define DEAD_EVENTS (POLLIN | POLLOUT | POLLERR | POLLHUP)

static struct expect *reset_client(struct scene *s, struct conn *c)
{
	struct expect *e;

	*c = conn_new(s);
	e = conn_reset(s, c);
	want_victim(e, c->client, "caller|socket", "ESTABLISHED");
	return e;
}

/* Once the error is taken, reads return 0, and writes fail with EPIPE and SIGPIPE. */
static void nothing_left(struct conn *c, struct expect *e)
{
	struct scene *s = c->client->scene;

	scene_same(s, "recv after the error", 0, net_io(c->client, IO_RECV, c->cfd, 16));
	actor_sigpipe(c->client, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c->client, IO_SEND, c->cfd, EPIPE);
	scene_same(s, "SIGPIPE caught", 1, atomic_load(&c->client->sigpipes));
	want_error(e, EPIPE, "sendto", c->cfd, c->client, true);
}

/* Peeking takes the error as reading does. */
static void peek(struct scene *s)
{
	struct conn c;
	struct expect *e = reset_client(s, &c);

	net_io_fails(c.client, IO_PEEK, c.cfd, ECONNRESET);
	want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
	nothing_left(&c, e);
}

/* read() of no bytes does not get as far as the connection. */
static void read_nothing(struct scene *s)
{
	struct conn c;
	struct expect *e = reset_client(s, &c);

	scene_same(s, "read of 0 bytes", 0, net_io(c.client, IO_READ, c.cfd, 0));
	net_recv_reset(c.client, c.cfd, e);
}

/* recv() of no bytes returned 0, but that is no end of file. */
static void read_nothing_only(struct scene *s)
{
	struct conn c;
	struct expect *e = reset_client(s, &c);

	scene_same(s, "read of 0 bytes", 0, net_io(c.client, IO_READ, c.cfd, 0));
	want_str(e, "outcome", "pending");
}

static void recv_nothing(struct scene *s)
{
	struct conn c;
	struct expect *e = reset_client(s, &c);

	scene_same(s, "recv of 0 bytes", -ECONNRESET, net_io(c.client, IO_RECV, c.cfd, 0));
	want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
	nothing_left(&c, e);
}

/* sendfile() and splice() to the socket return the pending error as other writes do. */
static void twice(struct scene *s)
{
	struct conn c;
	struct expect *e = reset_client(s, &c);

	actor_sigpipe(c.client, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c.client, s->arg, c.cfd, ECONNRESET);
	scene_same(s, "SIGPIPE caught after the first call", 0,
		   atomic_load(&c.client->sigpipes));
	net_io_fails(c.client, s->arg, c.cfd, EPIPE);
	scene_same(s, "SIGPIPE caught", 1, atomic_load(&c.client->sigpipes));
	want_error(e, ECONNRESET, io_syscall(s->arg), c.cfd, c.client, false);
	want_error(e, EPIPE, io_syscall(s->arg), c.cfd, c.client, true);
}

/* splice() from the socket, which no hook shows on some kernels. */
static void splice_in(struct scene *s)
{
	struct conn c;
	struct expect *e = reset_client(s, &c);
	struct error_expect *err;

	net_io_fails(c.client, IO_SPLICE_IN, c.cfd, ECONNRESET);
	scene_same(s, "second splice", 0, net_io(c.client, IO_SPLICE_IN, c.cfd, 16));
	net_close(c.client, c.cfd);
	err = want_error(e, ECONNRESET, "splice", c.cfd, c.client, false);
	if (!scene_probed(s, PROBE_SPLICE_IN))
		failure_unseen(err);
}

/*
 * recvmmsg() looks for an error first, so it returns the error before bytes that arrived
 * earlier.
 */
static void recvmmsg_queued(struct scene *s)
{
	struct conn c = conn_new(s);
	struct error_expect *err;
	struct expect *e;

	net_send(c.server, c.sfd, 50);
	net_wait_unread(c.client, c.cfd, 50);
	e = conn_reset(s, &c);
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	net_io_fails(c.client, IO_RECVMMSG, c.cfd, ECONNRESET);
	net_recv(c.client, c.cfd, 50);
	net_close(c.client, c.cfd);
	err = want_error(e, ECONNRESET, "recvmmsg", c.cfd, c.client, false);
	if (!scene_probed(s, PROBE_TAKEN))
		failure_unseen(err);
}

/* Sets the smallest possible buffers, so that a writer soon has to wait. */
static void small_buffers(struct conn *c)
{
	int least = 1;

	net_setsockopt(c->client, c->cfd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	net_setsockopt(c->server, c->sfd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
}

/*
 * The reset comes while sendmmsg() is between two messages. The call returns how many it had sent,
 * and the error is gone: the caller sees success.
 */
static void sendmmsg_swallowed(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;
	long sent;

	small_buffers(&c);
	net_linger0(c.server, c.sfd);
	actor_begin(c.client, do_sendmmsg, (long[]){ c.cfd }, 1);
	net_wait_stalled(c.server, c.sfd);
	actor_wait_blocked(c.client);
	net_close(c.server, c.sfd);
	sent = actor_end(c.client);
	if (sent <= 0 || sent >= SENDMMSG_MAX)
		scene_complain(s, "sendmmsg: expected some of %d messages sent, got %ld",
			       SENDMMSG_MAX, sent);

	e = scene_expect(s, "active", "close-with-unread");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller");
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	want_failure_str(want_error(e, ECONNRESET, "sendmmsg", c.cfd, c.client, false), "returned",
			 "error-or-part");
	nothing_left(&c, e);
}

/* The call that fails is made by another thread than the first. */
static void in_thread(struct scene *s)
{
	struct conn c = conn_new(s);
	struct error_expect *err;
	bool writer = s->arg;
	struct expect *e;
	struct crowd cr;

	if (writer)
		small_buffers(&c);
	net_linger0(c.server, c.sfd);
	crowd_begin(&cr, c.client, writer ? do_write_until_error : do_read_until_error, c.cfd);
	if (writer)
		net_wait_stalled(c.server, c.sfd);
	crowd_wait_blocked(&cr);
	net_close(c.server, c.sfd);
	scene_same(s, "the thread's call", -ECONNRESET, actor_end(c.client));

	e = scene_expect(s, "active", writer ? "close-with-unread" : "linger-zero");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller");
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	err = want_error(e, ECONNRESET, writer ? "sendto" : "recvfrom", c.cfd, c.client, false);
	want_failure_int(err, "tid", crowd_tid(&cr));
}

/* getsockopt(SO_ERROR) takes the error, so no other call gets it. */
static void so_error(struct scene *s)
{
	struct conn c;
	struct expect *e = reset_client(s, &c);
	struct error_expect *err;

	scene_same(s, "SO_ERROR", ECONNRESET, net_so_error(c.client, c.cfd));
	scene_same(s, "second SO_ERROR", 0, net_so_error(c.client, c.cfd));
	err = want_error(e, ECONNRESET, "getsockopt", c.cfd, c.client, false);
	if (!scene_probed(s, PROBE_TAKEN))
		failure_unseen(err);
	if (s->arg)
		nothing_left(&c, e);
	net_close(c.client, c.cfd);
}

/* Asking whether there is an error does not take it. */
static void ask_poll(struct scene *s, struct conn *c)
{
	int ev = net_poll_now(c->client, c->cfd, POLLIN | POLLOUT | POLLRDHUP);

	scene_same(s, "poll", DEAD_EVENTS | POLLRDHUP, ev);
}

static void ask_epoll(struct scene *s, struct conn *c)
{
	struct epoll_event *ev = (struct epoll_event *)s->buf;
	int ep = (int)must(c->client, "epoll_create1", SYS(c->client, SYS_epoll_create1, 0));

	*ev = (struct epoll_event){ .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP };
	must(c->client, "epoll_ctl",
	     SYS(c->client, SYS_epoll_ctl, ep, EPOLL_CTL_ADD, c->cfd, (long)ev));
	ev->events = 0;
	scene_same(s, "epoll_pwait", 1,
		   SYS(c->client, SYS_epoll_pwait, ep, (long)ev, 1, 0, 0, 8));
	scene_same(s, "epoll's events", DEAD_EVENTS | POLLRDHUP, ev->events);
	net_close(c->client, ep);
}

static void poll_takes_nothing(struct scene *s)
{
	struct conn c;
	struct expect *e = reset_client(s, &c);

	want_victim(e, c.client, "caller|socket|snapshot", "ESTABLISHED");
	if (s->arg)
		ask_epoll(s, &c);
	else
		ask_poll(s, &c);
	want_str(e, "outcome", "pending");
	want_int(e, "rev", 0);
	scene_checkpoint(s);

	net_recv_reset(c.client, c.cfd, e);
	want_min(e, "rev", 1);
}

/* A connection that was reset while it waited for accept() can still be accepted. */
static void accept_reset_child(struct scene *s)
{
	struct conn c = { .lfd = -1 };
	struct expect *e;

	c.server = actor_new(s, "rt-server");
	c.client = actor_new(s, "rt-client");
	conn_queue(s, &c);
	net_wait_queued(c.server, c.lfd, 1);
	net_linger0(c.client, c.cfd);
	net_close(c.client, c.cfd);
	e = scene_expect(s, "active", "linger-zero");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "caller");
	if (s->arg) {
		/* the record is shown before the connection is accepted */
		want_victim(e, c.server, "listener", "ESTABLISHED");
		want_str(e, "outcome", "pending");
		scene_checkpoint(s);
	}
	c.sfd = net_accept(c.server, c.lfd);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	net_io_fails(c.server, IO_RECV, c.sfd, ECONNRESET);

	want_victim(e, c.server, "caller|socket", "ESTABLISHED");
	want_int(e, "victim_fd", c.sfd);
	want_error(e, ECONNRESET, "recvfrom", c.sfd, c.server, false);
}

const struct scenario surface_scenarios[] = {
	ROW("peek-takes", "MSG_PEEK consumes the error", peek, V4),
	ROW("read-0", "read() of no bytes leaves the error", read_nothing, V4),
	ROW("read-0-only", "read() of no bytes is no end of file", read_nothing_only, V4),
	ROW("recv-0", "recv() of no bytes takes the error", recv_nothing, V4),
	ROW("recv-0-v6", "the same over IPv6", recv_nothing, V6),
	ROW("sendfile-twice", "sendfile: ECONNRESET, then EPIPE and SIGPIPE",
	    twice, V4, .arg = IO_SENDFILE),
	ROW("splice-out-twice", "splice to the socket: the same",
	    twice, V4, .arg = IO_SPLICE_OUT),
	ROW("splice-in-taken", "splice from the socket takes the error", splice_in, V4),
	ROW("recvmmsg-queued", "recvmmsg gets the error before the data",
	    recvmmsg_queued, V4),
	ROW("sendmmsg-swallowed", "sendmmsg has sent some, and swallows the error",
	    sendmmsg_swallowed, V4, .flags = SC_ALONE),
	ROW("thread-reader", "a thread sleeps in recv", in_thread, V4, .arg = false),
	ROW("thread-writer", "a thread sleeps in send", in_thread, V4, .arg = true,
	    .flags = SC_ALONE),
	ROW("so-error", "SO_ERROR consumes the error", so_error, V4, .arg = false),
	ROW("so-error-v6", "the same over IPv6", so_error, V6, .arg = false),
	ROW("so-error-write", "the same, and a write after it", so_error, V4, .arg = true,
	    .probe = PROBE_TAKEN),
	ROW("poll-pending", "poll shows the error and leaves it",
	    poll_takes_nothing, V4, .arg = false),
	ROW("epoll-pending", "epoll shows the error and leaves it",
	    poll_takes_nothing, V4, .arg = true),
	ROW("accept-reset-child", "accept of a connection already reset",
	    accept_reset_child, V4, .arg = false),
	ROW("accept-reset-child-late", "the same, long after the reset",
	    accept_reset_child, V4, .arg = true),
	ROW_END
};
