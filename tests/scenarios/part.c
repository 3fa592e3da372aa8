/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that the reset meets amid their work: they return what they had done, and the error
 * is lost, or the next call gets it.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "crowd.h"
#include "net.h"
#include "probes.h"
#include "registry.h"

#define MUCH (4 << 20)		/* more than both ends' buffers take */
#define PIPE 65536		/* what a pipe takes */
#define MESSAGE 50
#define WITH_SIGPIPE 0x100	/* of a row's .arg: the peer's FIN comes first */

static long send_file(int fd)
{
	int file = (int)syscall(SYS_memfd_create, "part", 0);
	long r = -1;

	if (file >= 0 && !ftruncate(file, MUCH))
		r = syscall(SYS_sendfile, fd, file, 0, MUCH);
	r = r < 0 ? -errno : r;
	close(file);
	return r;
}

static long splice_out(int fd, const char *body)
{
	int p[2];
	long r = -1;

	if (pipe2(p, O_CLOEXEC))
		return -errno;
	if (write(p[1], body, PIPE) == PIPE)
		r = syscall(SYS_splice, p[0], 0, fd, 0, PIPE, 0);
	r = r < 0 ? -errno : r;
	close(p[0]);
	close(p[1]);
	return r;
}

/* arg: enum io, socket. Sends more than there is room for, in one call. */
static long do_send_much(const long *arg)
{
	static char body[MUCH];
	struct iovec iov = { .iov_base = body, .iov_len = sizeof(body) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fd = (int)arg[1];
	long r;

	switch ((enum io)arg[0]) {
	case IO_SENDFILE:
		return send_file(fd);
	case IO_SPLICE_OUT:
		return splice_out(fd, body);
	case IO_WRITEV:
		r = syscall(SYS_writev, fd, &iov, 1);
		break;
	default:
		r = syscall(SYS_sendmsg, fd, &msg, 0);
	}
	return r < 0 ? -errno : r;
}

/* arg: socket. Two messages are asked for, and one comes. */
static long do_recv_two(const long *arg)
{
	static char body[2][2 * MESSAGE];
	struct iovec iov[2] = { { body[0], sizeof(body[0]) }, { body[1], sizeof(body[1]) } };
	struct mmsghdr mm[2] = { { .msg_hdr = { .msg_iov = &iov[0], .msg_iovlen = 1 } },
				 { .msg_hdr = { .msg_iov = &iov[1], .msg_iovlen = 1 } } };
	long r = syscall(SYS_recvmmsg, (int)arg[0], mm, 2, 0, NULL);

	return r < 0 ? -errno : r;
}

static void shrink(struct conn *c, int room)
{
	net_setsockopt(c->client, c->cfd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	net_setsockopt(c->server, c->sfd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
}

/* The client's call waits for room as the server goes; it returns a part. */
static struct expect *meets_reset(struct scene *s, struct conn *c)
{
	bool sigpipe = s->arg & WITH_SIGPIPE;
	struct expect *e;
	long sent;

	if (sigpipe) {
		net_shutdown(c->server, c->sfd, SHUT_WR);
		net_wait_state(c->client, c->cfd, TCP_CLOSE_WAIT);
	}
	actor_begin(c->client, do_send_much, (long[]){ s->arg & ~WITH_SIGPIPE, c->cfd }, 2);
	net_wait_stalled(c->server, c->sfd);
	actor_wait_blocked(c->client);
	net_close(c->server, c->sfd);
	sent = actor_end(c->client);
	if (sent <= 0 || sent >= MUCH)
		scene_complain(s, "expected a part sent, got %ld", sent);
	e = scene_expect(s, "active", "close-with-unread");
	want_flow(e, &c->saddr, &c->caddr);
	want_sender(e, c->server, "caller");
	want_victim(e, c->client, "caller|socket", sigpipe ? "CLOSE_WAIT" : "ESTABLISHED");
	return e;
}

static void nothing_left(struct conn *c, struct expect *e)
{
	scene_same(c->client->scene, "recv", 0, net_io(c->client, IO_RECV, c->cfd, 16));
	net_io_fails(c->client, IO_SEND_NOSIGNAL, c->cfd, EPIPE);
	want_error(e, EPIPE, "sendto", c->cfd, c->client, false);
}

/* The error goes down with the part that was sent. */
static void lost_with_part(struct scene *s)
{
	enum io how = s->arg & ~WITH_SIGPIPE;
	bool sigpipe = s->arg & WITH_SIGPIPE;
	struct conn c = conn_new(s);
	struct error_expect *err;
	struct expect *e;

	shrink(&c, how == IO_SENDFILE ? PIPE : 1);
	if (sigpipe)
		actor_sigpipe(c.client, ACTOR_SIGPIPE_IGNORE);
	e = meets_reset(s, &c);
	err = want_error(e, sigpipe ? EPIPE : ECONNRESET, io_syscall(how), c.cfd, c.client, sigpipe);
	want_failure_str(err, "returned", how == IO_SENDFILE ? "part" : "error-or-part");
	nothing_left(&c, e);
}

/* Nobody calls again: no call has failed. */
static void part_only(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	shrink(&c, PIPE);
	e = meets_reset(s, &c);
	net_close(c.client, c.cfd);
	want_failure_str(want_error(e, ECONNRESET, "sendfile", c.cfd, c.client, false), "returned", "part");
	want_str(e, "outcome", "unnoticed");
	want_absent(e, "error_errno");
}

/* One piece: the call returns short, and leaves the error for the next. */
static void short_write(struct scene *s)
{
	struct conn c = conn_new(s);
	struct error_expect *err;
	struct expect *e;

	shrink(&c, 1);
	e = meets_reset(s, &c);
	net_io_fails(c.client, IO_SEND, c.cfd, ECONNRESET);
	err = want_error(e, ECONNRESET, "sendto", c.cfd, c.client, false);
	want_failure_absent(err, "returned");
}

/* recvmmsg() puts the error back that it met after the first message. */
static void put_back(struct scene *s)
{
	struct conn c = conn_new(s);
	struct error_expect *err;
	struct expect *e;

	actor_begin(c.client, do_recv_two, (long[]){ c.cfd }, 1);
	net_send(c.server, c.sfd, MESSAGE);
	net_wait_acked(c.server, c.sfd);
	actor_wait_blocked(c.client);
	net_linger0(c.server, c.sfd);
	net_close(c.server, c.sfd);
	scene_same(s, "recvmmsg", 1, actor_end(c.client));
	e = scene_expect(s, "active", "linger-zero");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller");
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	err = want_error(e, ECONNRESET, "recvmmsg", c.cfd, c.client, false);
	want_failure_str(err, "returned", "part");
	net_recv_reset(c.client, c.cfd, e);
}

const struct scenario part_scenarios[] = {
	ROW("sendfile-part", "sendfile has sent a part, and the error is lost", lost_with_part, V4,
	    .arg = IO_SENDFILE, .flags = SC_ALONE),
	ROW("sendfile-part-v6", "the same over IPv6", lost_with_part, V6, .arg = IO_SENDFILE,
	    .flags = SC_ALONE),
	ROW("sendfile-part-sigpipe", "the same after the peer's FIN: SIGPIPE is raised", lost_with_part, V4,
	    .arg = IO_SENDFILE | WITH_SIGPIPE, .flags = SC_ALONE),
	ROW("sendfile-part-only", "the same, and then it closes", part_only, V4, .arg = IO_SENDFILE,
	    .flags = SC_ALONE, .probe = PROBE_SEND),
	ROW("splice-part", "splice has sent a part, and the error is lost", lost_with_part, V4,
	    .arg = IO_SPLICE_OUT, .flags = SC_ALONE),
	ROW("writev-short", "writev returns short, the next call gets the error", short_write, V4,
	    .arg = IO_WRITEV, .flags = SC_ALONE),
	ROW("sendmsg-short", "sendmsg returns short, the next call gets the error", short_write, V4,
	    .arg = IO_SENDMSG, .flags = SC_ALONE),
	ROW("recvmmsg-part", "recvmmsg has received one, the next call gets the error", put_back, V4),
	ROW_END
};
