/* SPDX-License-Identifier: GPL-2.0 */
/* What follows from a reset at the victim: which calls fail, in which order, or none. */
#include <errno.h>
#include <netinet/tcp.h>

#include "net.h"
#include "registry.h"

/* A write gets the pending error without SIGPIPE; only the next write gets EPIPE. */
static void write_first(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e = conn_reset(s, &c);
	struct error_expect *err;

	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	actor_sigpipe(c.client, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c.client, IO_WRITE, c.cfd, ECONNRESET);
	scene_same(s, "SIGPIPE caught after the first write", 0,
		   atomic_load(&c.client->sigpipes));
	actor_sigpipe(c.client, ACTOR_SIGPIPE_IGNORE);
	net_io_fails(c.client, IO_WRITE, c.cfd, EPIPE);
	want_error(e, ECONNRESET, "write", c.cfd, c.client, false);
	err = want_error(e, EPIPE, "write", c.cfd, c.client, true);
	maybe_failure_str(err, "sigpipe_action", "ignored");
}

static void read_first(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e = conn_reset(s, &c);

	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	net_io_fails(c.client, IO_READ, c.cfd, ECONNRESET);
	actor_sigpipe(c.client, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c.client, IO_WRITE, c.cfd, EPIPE);
	scene_same(s, "SIGPIPE caught", 1, atomic_load(&c.client->sigpipes));
	want_error(e, ECONNRESET, "read", c.cfd, c.client, false);
	want_error(e, EPIPE, "write", c.cfd, c.client, true);
}

/* The call sleeps while the reset comes in. */
static void blocked_reader(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	net_io_begin(c.client, IO_RECV, c.cfd, 16);
	e = conn_reset_waiting(s, &c);
	want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
}

/* Bytes that came before the reset are still read; the error comes after them. */
static void data_then_reset(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	net_send(c.server, c.sfd, 50);
	net_wait_unread(c.client, c.cfd, 50);
	e = conn_reset(s, &c);
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	maybe_int(e, "victim_unread", 50);
	net_recv(c.client, c.cfd, 50);
	net_io_fails(c.client, IO_RECV, c.cfd, ECONNRESET);
	scene_same(s, "recv after the error", 0, net_io(c.client, IO_RECV, c.cfd, 16));
	want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
}

static void unnoticed(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e = conn_reset(s, &c);

	net_close(c.client, c.cfd);
	want_victim(e, c.client, "caller|socket|snapshot", "ESTABLISHED");
	want_str(e, "outcome", "unnoticed");
}

static void pending(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e = conn_reset(s, &c);

	want_victim(e, c.client, "socket|snapshot", "ESTABLISHED");
	want_str(e, "outcome", "pending");
}

/* The error is read long after the record was printed. */
static void late_error(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e = conn_reset(s, &c);
	struct error_expect *err;

	want_victim(e, c.client, "caller|socket|snapshot", "ESTABLISHED");
	want_str(e, "outcome", "pending");
	want_int(e, "rev", 0);
	scene_checkpoint(s);

	err = net_recv_reset(c.client, c.cfd, e);
	want_failure_min(err, "delay_us", s->settle_ms * 1000L);
	want_min(e, "rev", 1);
}

const struct scenario outcome_scenarios[] = {
	ROW("write-first", "write: ECONNRESET, then EPIPE and SIGPIPE", write_first, V4),
	ROW("read-first", "read: ECONNRESET; then write: EPIPE and SIGPIPE", read_first, V4),
	ROW("blocked-reader", "the reset wakes a sleeping recv", blocked_reader, V4),
	ROW("data-then-reset", "unread data is delivered before the error", data_then_reset, V4),
	ROW("unnoticed", "the victim closes without a look", unnoticed, V4),
	ROW("pending", "the victim does nothing", pending, V4),
	ROW("late-error", "the victim looks after the settle time", late_error, V4),
	ROW_END
};
