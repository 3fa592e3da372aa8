/* SPDX-License-Identifier: GPL-2.0 */
/* A connection that was refused in the background: which call gets the error. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "net.h"
#include "probes.h"
#include "registry.h"

struct attempt {
	struct actor *client;
	int fd;
};

/* An attempt that was refused, and no call has got the error. */
static struct expect *refused(struct scene *s, struct attempt *t)
{
	struct expect *e;

	t->client = actor_new(s, "rt-client");
	net_one_client_port(s);
	t->fd = net_socket(t->client, s->family);
	scene_same(s, "fcntl", 0, SYS(t->client, SYS_fcntl, t->fd, F_SETFL, O_NONBLOCK));
	scene_same(s, "first connect", -EINPROGRESS,
		   net_connect(t->client, t->fd, s->family, CLOSED_PORT));
	net_wait_state(t->client, t->fd, TCP_CLOSE);
	/* 0x1d, as for any dead socket: it includes the error */
	scene_same(s, "poll", POLLIN | POLLOUT | POLLERR | POLLHUP,
		   net_poll_now(t->client, t->fd, POLLIN | POLLOUT));

	e = expect_refused(s, t->client);
	want_absent(e, "sender_pid");
	return e;
}

/* The usual way: poll, then SO_ERROR, which takes the error. */
static void by_so_error(struct scene *s)
{
	struct attempt t;
	struct expect *e = refused(s, &t);
	struct error_expect *err;

	scene_same(s, "SO_ERROR", ECONNREFUSED, net_so_error(t.client, t.fd));
	err = want_error(e, ECONNREFUSED, "getsockopt", t.fd, t.client, false);
	if (!scene_probed(s, PROBE_TAKEN))
		failure_unseen(err);
	if (s->arg) {
		/* no error is left for this call */
		scene_same(s, "second connect", -ECONNABORTED,
			   net_connect(t.client, t.fd, s->family, CLOSED_PORT));
		/* without a hook for SO_ERROR, the errno of this call cannot be known */
		if (scene_probed(s, PROBE_TAKEN))
			want_error(e, ECONNABORTED, "connect", t.fd, t.client, false);
	}
	net_close(t.client, t.fd);
}

/* If no hook shows SO_ERROR, that call may have taken the error. */
static void seen_connect(struct scene *s, struct error_expect *err)
{
	if (!scene_probed(s, PROBE_TAKEN))
		failure_unseen(err);
}

static void by_connect(struct scene *s)
{
	struct attempt t;
	struct expect *e = refused(s, &t);

	scene_same(s, "second connect", -ECONNREFUSED,
		   net_connect(t.client, t.fd, s->family, CLOSED_PORT));
	seen_connect(s, want_error(e, ECONNREFUSED, "connect", t.fd, t.client, false));
	net_close(t.client, t.fd);
}

/* Programs that go on without a look: send() or recv() gets the error. */
static void by_io(struct scene *s)
{
	struct attempt t;
	struct expect *e = refused(s, &t);

	net_io_fails(t.client, s->arg, t.fd, ECONNREFUSED);
	want_error(e, ECONNREFUSED, io_syscall(s->arg), t.fd, t.client, false);
	net_close(t.client, t.fd);
}

static void by_nobody(struct scene *s)
{
	struct attempt t;
	struct expect *e = refused(s, &t);

	net_close(t.client, t.fd);
	want_str(e, "outcome", "unnoticed");
}

static void not_yet(struct scene *s)
{
	struct attempt t;
	struct expect *e = refused(s, &t);

	want_str(e, "outcome", "pending");
	/* nothing was ever sent or received */
	want_absent(e, "victim_idle_us");
}

const struct scenario nonblock_scenarios[] = {
	ROW("nonblock-so-error", "refused in the background: poll, then SO_ERROR",
	    by_so_error, V4, .arg = false),
	ROW("nonblock-so-error-v6", "the same over IPv6", by_so_error, V6, .arg = false),
	ROW("nonblock-so-error-connect", "the same, and then a second connect: ECONNABORTED",
	    by_so_error, V4, .arg = true),
	ROW("nonblock-connect", "refused in the background: poll, then a second connect",
	    by_connect, V4),
	ROW("nonblock-connect-v6", "the same over IPv6", by_connect, V6),
	ROW("nonblock-send", "refused in the background: a send is told",
	    by_io, V4, .arg = IO_SEND),
	ROW("nonblock-recv", "refused in the background: a recv is told",
	    by_io, V4, .arg = IO_RECV),
	ROW("nonblock-unnoticed", "refused in the background: closed without a look",
	    by_nobody, V4),
	ROW("nonblock-pending", "refused in the background: poll takes nothing", not_yet, V4),
	ROW_END
};
