/* SPDX-License-Identifier: GPL-2.0 */
/* io_uring: the kernel makes the call that fails, in a context of its choice. */
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net.h"
#include "registry.h"

/* How the request is run. */
enum via {
	VIA_ENTER,	/* at once, by the process in io_uring_enter() */
	VIA_WORKER,	/* IOSQE_ASYNC: by a worker thread */
	VIA_SQPOLL,	/* by the thread that polls the submission queue */
};

/* A ring for one request at a time. */
struct ring {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqe;
};

static void ring_unmap(struct ring *r)
{
	if (r->sqe != MAP_FAILED)
		munmap(r->sqe, r->p.sq_entries * sizeof(*r->sqe));
	if (r->sq != MAP_FAILED)
		munmap(r->sq, r->p.sq_off.array + r->p.sq_entries * sizeof(__u32));
	if (r->cq != MAP_FAILED)
		munmap(r->cq, r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe));
	close(r->fd);
}

static void *ring_map(const struct ring *r, size_t len, long long offset)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd, offset);
}

static int ring_open(struct ring *r, unsigned int flags)
{
	memset(r, 0, sizeof(*r));
	r->p.flags = flags;
	r->p.sq_thread_idle = 1000;
	r->fd = (int)syscall(SYS_io_uring_setup, 1, &r->p);
	if (r->fd < 0)
		return -errno;
	r->sq = ring_map(r, r->p.sq_off.array + r->p.sq_entries * sizeof(__u32),
			 IORING_OFF_SQ_RING);
	r->cq = ring_map(r, r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe),
			 IORING_OFF_CQ_RING);
	r->sqe = ring_map(r, r->p.sq_entries * sizeof(*r->sqe), IORING_OFF_SQES);
	if (r->sq != MAP_FAILED && r->cq != MAP_FAILED && r->sqe != MAP_FAILED)
		return 0;
	ring_unmap(r);
	return -ENOMEM;
}

/* Submits the only entry and waits for it. Returns its result. */
static long ring_run(struct ring *r)
{
	__u32 *sq_tail = (__u32 *)(r->sq + r->p.sq_off.tail);
	__u32 *sq_flags = (__u32 *)(r->sq + r->p.sq_off.flags);
	__u32 *cq_head = (__u32 *)(r->cq + r->p.cq_off.head);
	__u32 *cq_tail = (__u32 *)(r->cq + r->p.cq_off.tail);
	unsigned int flags = IORING_ENTER_GETEVENTS;

	((__u32 *)(r->sq + r->p.sq_off.array))[0] = 0;
	__atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(sq_flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
		flags |= IORING_ENTER_SQ_WAKEUP;
	while (__atomic_load_n(cq_tail, __ATOMIC_ACQUIRE) == *cq_head)
		if (syscall(SYS_io_uring_enter, r->fd, 1, 1, flags, NULL, 0) < 0 &&
		    errno != EINTR)
			return -errno;
	return ((struct io_uring_cqe *)(r->cq + r->p.cq_off.cqes))[0].res;
}

/*
 * arg: enum via, operation, socket, buffer or address, its length. Returns the result of the
 * request.
 */
static long do_uring(const long *arg)
{
	struct ring r;
	long res;
	int err;

	err = ring_open(&r, arg[0] == VIA_SQPOLL ? IORING_SETUP_SQPOLL : 0);
	if (err)
		return err;
	r.sqe->opcode = (__u8)arg[1];
	r.sqe->flags = arg[0] == VIA_WORKER ? IOSQE_ASYNC : 0;
	r.sqe->fd = (int)arg[2];
	r.sqe->addr = (__u64)arg[3];
	/* for connect() the offset is the length of the address */
	if (arg[1] == IORING_OP_CONNECT)
		r.sqe->off = (__u64)arg[4];
	else
		r.sqe->len = (__u32)arg[4];
	res = ring_run(&r);
	ring_unmap(&r);
	return res;
}

static long do_probe(const long *arg)
{
	struct ring r;
	int err = ring_open(&r, arg[0] == VIA_SQPOLL ? IORING_SETUP_SQPOLL : 0);

	if (!err)
		ring_unmap(&r);
	return err;
}

static void need_ring(struct actor *a)
{
	long err = actor_call(a, do_probe, &a->scene->arg, 1);

	if (err)
		scene_skip(a->scene, "no io_uring: %s", strerror((int)-err));
}

static void uring_begin(struct actor *a, int op, int fd)
{
	/* a close takes no buffer */
	bool io = op != IORING_OP_CLOSE;
	long buf = io ? (long)a->scene->buf : 0;

	actor_begin(a, do_uring, (long[]){ a->scene->arg, op, fd, buf, io ? 16 : 0 }, 5);
}

static long uring(struct actor *a, int op, int fd)
{
	uring_begin(a, op, fd);
	return actor_end(a);
}

/* Expects that the socket is the process's, whichever thread ran the request, and no SIGPIPE. */
static struct error_expect *want_uring_error(struct expect *e, int err, int fd,
					     const struct actor *a)
{
	struct error_expect *x = want_error(e, err, "io_uring|io_uring_enter", -1, a, false);

	/* the socket's descriptor, not the ring's, which io_uring_enter() was given */
	maybe_failure_int(x, "fd", fd);
	return x;
}

static void recv_fails(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	need_ring(c.client);
	e = conn_reset(s, &c);
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	scene_same(s, "recv", -ECONNRESET, uring(c.client, IORING_OP_RECV, c.cfd));
	scene_same(s, "recv after the error", 0, uring(c.client, IORING_OP_RECV, c.cfd));
	want_uring_error(e, ECONNRESET, c.cfd, c.client);
}

/* ECONNRESET, then EPIPE, and never SIGPIPE. */
static void send_fails(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	need_ring(c.client);
	e = conn_reset(s, &c);
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	actor_sigpipe(c.client, ACTOR_SIGPIPE_CATCH);
	scene_same(s, "send", -ECONNRESET, uring(c.client, IORING_OP_SEND, c.cfd));
	scene_same(s, "send after the error", -EPIPE, uring(c.client, IORING_OP_SEND, c.cfd));
	scene_same(s, "SIGPIPE caught", 0, atomic_load(&c.client->sigpipes));
	want_uring_error(e, ECONNRESET, c.cfd, c.client);
	want_uring_error(e, EPIPE, c.cfd, c.client);
}

static void connect_fails(struct scene *s)
{
	struct actor *client = actor_new(s, "rt-client");
	struct sockaddr_storage *at = (struct sockaddr_storage *)s->buf;
	struct expect *e;
	socklen_t len;
	int fd;

	need_ring(client);
	net_one_client_port(s);
	fd = net_socket(client, s->family);
	len = net_target(s->family, CLOSED_PORT, at);
	scene_same(s, "connect", -ECONNREFUSED,
		   actor_call(client, do_uring,
			      (long[]){ s->arg, IORING_OP_CONNECT, fd, (long)at, len }, 5));
	e = expect_refused(s, client);
	/*
	 * A connect that has to wait is not called a second time: the ring takes the error from the
	 * socket itself (io_connect), where there is no hook.
	 */
	failure_unseen(want_uring_error(e, ECONNREFUSED, fd, client));
	net_close(client, fd);
}

/* The request waits for data, and the reset ends it. */
static void recv_waits(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	need_ring(c.client);
	uring_begin(c.client, IORING_OP_RECV, c.cfd);
	e = conn_reset_waiting(s, &c);
	want_uring_error(e, ECONNRESET, c.cfd, c.client);
}

#define MUCH (4 << 20)		/* more than both ends' buffers take */

/* arg: enum via, socket, a flag that says that the request is over. */
static long do_send_all(const long *arg)
{
	static char body[MUCH];
	struct ring r;
	long res;
	int err;

	err = ring_open(&r, arg[0] == VIA_SQPOLL ? IORING_SETUP_SQPOLL : 0);
	if (err)
		return err;
	r.sqe->opcode = IORING_OP_SEND;
	r.sqe->flags = arg[0] == VIA_WORKER ? IOSQE_ASYNC : 0;
	r.sqe->fd = (int)arg[1];
	r.sqe->addr = (__u64)body;
	r.sqe->len = sizeof(body);
	r.sqe->msg_flags = MSG_WAITALL;
	res = ring_run(&r);
	ring_unmap(&r);
	*(atomic_int *)arg[2] = true;
	return res;
}

/* The request has sent a part and waits to send the rest. It returns the part, the error is lost. */
static void send_part(struct scene *s)
{
	atomic_int *over = (atomic_int *)(s->buf + IO_BUF / 2);
	struct conn c = conn_new(s);
	struct error_expect *err;
	struct expect *e;
	long sent;

	need_ring(c.client);
	*over = false;
	actor_begin(c.client, do_send_all, (long[]){ s->arg, c.cfd, (long)over }, 3);
	net_wait_stalled(c.server, c.sfd);
	if (*over) {
		actor_end(c.client);
		scene_skip(s, "the ring does not wait to send the rest");
	}
	actor_wait_blocked(c.client);	/* the server has no room, the client may have some to fill yet */
	net_close(c.server, c.sfd);
	sent = actor_end(c.client);
	if (sent <= 0 || sent >= MUCH)
		scene_complain(s, "expected a part sent, got %ld", sent);
	e = scene_expect(s, "active", "close-with-unread");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller");
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	err = want_uring_error(e, ECONNRESET, c.cfd, c.client);
	want_failure_str(err, "returned", "error-or-part");
	net_io_fails(c.client, IO_SEND_NOSIGNAL, c.cfd, EPIPE);
	want_error(e, EPIPE, "sendto", c.cfd, c.client, false);
}

/* A close by the ring is a close of the process. */
static void close_resets(struct scene *s)
{
	struct conn c = conn_unread(s, 40);
	struct expect *e;

	need_ring(c.server);
	scene_same(s, "close", 0, uring(c.server, IORING_OP_CLOSE, c.sfd));
	e = scene_expect(s, "active", "close-with-unread");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller|socket|listener");
	want_int(e, "sender_unread", 40);
	maybe_str(e, "sender_syscall", "io_uring|io_uring_enter");
	maybe_int(e, "sender_fd", c.sfd);
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	conn_client_notices(&c, e);
}

#define URING(name, text, run) \
	ROW("uring-" name, text, run, V4, .arg = VIA_ENTER), \
	ROW("uring-" name "-worker", text ", in a worker thread", run, V4, .arg = VIA_WORKER), \
	ROW("uring-" name "-sqpoll", text ", in the submission thread", run, V4, \
	    .arg = VIA_SQPOLL)

const struct scenario uring_scenarios[] = {
	URING("recv", "a recv request fails", recv_fails),
	URING("send", "a send request fails", send_fails),
	URING("connect", "a connect request fails", connect_fails),
	URING("recv-waits", "the reset ends a recv request that waits", recv_waits),
	URING("close", "a close request resets", close_resets),
	ROW("uring-send-part", "a send request has sent a part, and the error is lost", send_part, V4,
	    .arg = VIA_ENTER, .flags = SC_ALONE),
	ROW_END
};
