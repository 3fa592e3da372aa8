/* SPDX-License-Identifier: GPL-2.0 */
/* Whose socket it is, when more than one process had it. */
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net.h"
#include "registry.h"

/* A parent listens, its child accepts and serves. */
static struct conn prefork_conn(struct scene *s, struct actor *parent, struct actor *worker,
				struct actor *client, int lfd)
{
	struct conn c = { .server = parent, .client = client, .lfd = lfd };

	conn_queue(s, &c);
	c.server = worker;
	c.sfd = net_accept(worker, lfd);
	net_send(client, c.cfd, 10);
	net_recv(worker, c.sfd, 10);
	net_send(worker, c.sfd, 20);
	net_recv(client, c.cfd, 20);
	return c;
}

static void prefork(struct scene *s)
{
	struct actor *parent = actor_new(s, "rt-parent"), *client = actor_new(s, "rt-client");
	int lfd = net_listen(parent, s->family, SERVER_PORT, 16);
	struct actor *worker = actor_fork(parent, "rt-worker");
	struct expect *e;
	struct conn c;

	c = prefork_conn(s, parent, worker, client, lfd);
	e = conn_reset_by_client(s, &c);
	want_victim(e, worker, "caller|socket", "ESTABLISHED");
	net_recv_reset(worker, c.sfd, e);

	c = prefork_conn(s, parent, worker, client, lfd);
	e = conn_reset(s, &c);
	want_victim(e, client, "caller|socket", "ESTABLISHED");
	net_recv_reset(client, c.cfd, e);
}

/* The worker makes no call that fails. */
static void prefork_idle(struct scene *s)
{
	struct actor *parent = actor_new(s, "rt-parent"), *client = actor_new(s, "rt-client");
	int lfd = net_listen(parent, s->family, SERVER_PORT, 16);
	struct actor *worker = actor_fork(parent, "rt-worker");
	struct conn c = prefork_conn(s, parent, worker, client, lfd);
	struct expect *e = conn_reset_by_client(s, &c);

	want_victim(e, worker, "socket|snapshot", "ESTABLISHED");
	want_str(e, "outcome", "pending");
}

/* One process per connection: the parent accepts, the child gets the socket. */
static void fork_per_connection(struct scene *s)
{
	struct actor *worker;
	struct conn c = conn_new(s);
	struct expect *e;
	int sfd = c.sfd;

	worker = actor_fork(c.server, "rt-worker");
	net_close(c.server, c.sfd);
	c.server = worker;
	net_send(worker, sfd, 20);
	net_recv(c.client, c.cfd, 20);
	e = conn_reset_by_client(s, &c);
	if (s->arg) {
		want_victim(e, worker, "socket|snapshot", "ESTABLISHED");
		want_str(e, "outcome", "pending");
		return;
	}
	want_victim(e, worker, "caller|socket", "ESTABLISHED");
	net_recv_reset(worker, sfd, e);
}

union rights {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static long do_send_fd(const long *arg)
{
	union rights r = { 0 };
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = r.buf,
			    .msg_controllen = sizeof(r.buf) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	int fd = (int)arg[1];

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	return sendmsg((int)arg[0], &m, 0) == 1 ? 0 : -errno;
}

static long do_recv_fd(const long *arg)
{
	union rights r = { 0 };
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = r.buf,
			    .msg_controllen = sizeof(r.buf) };
	struct cmsghdr *h;
	int fd;

	if (recvmsg((int)arg[0], &m, 0) != 1)
		return -errno;
	h = CMSG_FIRSTHDR(&m);
	if (!h || h->cmsg_type != SCM_RIGHTS)
		return -EPROTO;
	memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	return fd;
}

/* One process accepts and hands the socket over a UNIX socket to another. */
static void fd_passing(struct scene *s)
{
	struct actor *front = actor_new(s, "rt-front"), *client = actor_new(s, "rt-client"), *back;
	struct conn c = { .server = front, .client = client, .lfd = -1 };
	int *pair = (int *)s->buf, ours, theirs;
	struct expect *e;

	must(front, "socketpair", SYS(front, SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (long)pair));
	ours = pair[0];
	theirs = pair[1];
	back = actor_fork(front, "rt-back");
	conn_open(s, &c);
	must(front, "SCM_RIGHTS", actor_call(front, do_send_fd, (long[]){ ours, c.sfd }, 2));
	net_close(front, c.sfd);
	c.server = back;
	c.sfd = (int)must(back, "SCM_RIGHTS", actor_call(back, do_recv_fd, (long[]){ theirs }, 1));
	net_send(back, c.sfd, 20);
	net_recv(client, c.cfd, 20);

	e = conn_reset_by_client(s, &c);
	if (s->arg) {
		want_victim(e, back, "socket|snapshot", "ESTABLISHED");
		want_str(e, "outcome", "pending");
		return;
	}
	want_victim(e, back, "caller|socket", "ESTABLISHED");
	net_recv_reset(back, c.sfd, e);
}

struct thread_io {
	const long *arg;
	long ret;
	pid_t tid;
};

static void *thread_io(void *ctx)
{
	struct thread_io *t = ctx;

	t->tid = (pid_t)syscall(SYS_gettid);
	t->ret = do_io(t->arg);
	return NULL;
}

/* As do_io(), in another thread, whose id is written to *arg[4]. */
static long do_thread_io(const long *arg)
{
	struct thread_io t = { .arg = arg };
	pthread_t id;
	int err = pthread_create(&id, NULL, thread_io, &t);

	if (err)
		return -err;
	pthread_join(id, NULL);
	*(long *)arg[4] = t.tid;
	return t.ret;
}

static void thread(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e = conn_reset(s, &c);
	struct error_expect *err;
	long *tid = (long *)s->buf, r;

	r = actor_call(c.client, do_thread_io,
		       (long[]){ IO_RECV, c.cfd, (long)(tid + 1), 16, (long)tid }, 5);
	scene_same(s, "recv", -ECONNRESET, r);
	if (*tid == c.client->pid)
		scene_complain(s, "the thread has the process's id");
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	err = want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
	want_failure_int(err, "tid", *tid);
}

const struct scenario owner_scenarios[] = {
	ROW("prefork", "parent listens, child accepts and serves", prefork, V4),
	ROW("prefork-idle", "the same, no call fails", prefork_idle, V4),
	ROW("fork-per-connection", "parent accepts, child serves", fork_per_connection, V4),
	ROW("fork-per-connection-idle", "the same, no call fails",
	    fork_per_connection, V4, .arg = 1),
	ROW("fd-passing", "accepted by one process, used by another", fd_passing, V4),
	ROW("fd-passing-idle", "the same, no call fails", fd_passing, V4, .arg = 1),
	ROW("thread", "another thread than the main one fails", thread, V4),
	ROW_END
};
