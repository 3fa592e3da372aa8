/* SPDX-License-Identifier: GPL-2.0 */
/* The ways to send and to receive, each by its own system call. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "net.h"

#define PAYLOAD (IO_BUF / 2)

static const char *const names[] = {
	[IO_READ] = "read",
	[IO_RECV] = "recvfrom",
	[IO_RECVMSG] = "recvmsg",
	[IO_READV] = "readv",
	[IO_RECVMMSG] = "recvmmsg",
	[IO_SPLICE_IN] = "splice",
	[IO_WRITE] = "write",
	[IO_SEND] = "sendto",
	[IO_SENDMSG] = "sendmsg",
	[IO_WRITEV] = "writev",
	[IO_SENDMMSG] = "sendmmsg",
	[IO_SENDFILE] = "sendfile",
	[IO_SPLICE_OUT] = "splice",
	[IO_SEND_NOSIGNAL] = "sendto",
	[IO_PEEK] = "recvfrom",
};

const char *io_syscall(enum io how)
{
	return names[how];
}

/* splice() needs a pipe: filled with n bytes for the way out, empty for the way in. */
static long splice_call(bool out, int fd, char *buf, long n)
{
	int p[2];
	long r;

	if (pipe2(p, O_CLOEXEC))
		return -errno;
	if (out && write(p[1], buf, n) != n) {
		r = -1;
	} else {
		r = out ? syscall(SYS_splice, p[0], 0, fd, 0, n, 0) :
			  syscall(SYS_splice, fd, 0, p[1], 0, n, 0);
	}
	if (r < 0)
		r = -errno;
	close(p[0]);
	close(p[1]);
	return r;
}

static long sendfile_call(int fd, char *buf, long n)
{
	int file = (int)syscall(SYS_memfd_create, "page", 0);
	long r;

	if (file < 0)
		return -errno;
	if (pwrite(file, buf, n, 0) != n)
		r = -EIO;
	else if ((r = syscall(SYS_sendfile, fd, file, 0, n)) < 0)
		r = -errno;
	close(file);
	return r;
}

long do_io(const long *arg)
{
	char *buf = (char *)arg[2];
	struct iovec iov = { .iov_base = buf, .iov_len = (size_t)arg[3] };
	struct mmsghdr mm = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };
	long fd = arg[1], n = arg[3], r = -1;

	switch ((enum io)arg[0]) {
	case IO_READ:
		r = syscall(SYS_read, fd, buf, n);
		break;
	case IO_RECV:
		r = syscall(SYS_recvfrom, fd, buf, n, 0, 0, 0);
		break;
	case IO_PEEK:
		r = syscall(SYS_recvfrom, fd, buf, n, MSG_PEEK, 0, 0);
		break;
	case IO_RECVMSG:
		r = syscall(SYS_recvmsg, fd, &mm.msg_hdr, 0);
		break;
	case IO_READV:
		r = syscall(SYS_readv, fd, &iov, 1);
		break;
	case IO_RECVMMSG:
		r = syscall(SYS_recvmmsg, fd, &mm, 1, 0, 0);
		break;
	case IO_WRITE:
		r = syscall(SYS_write, fd, buf, n);
		break;
	case IO_SEND:
		r = syscall(SYS_sendto, fd, buf, n, 0, 0, 0);
		break;
	case IO_SEND_NOSIGNAL:
		r = syscall(SYS_sendto, fd, buf, n, MSG_NOSIGNAL, 0, 0);
		break;
	case IO_SENDMSG:
		r = syscall(SYS_sendmsg, fd, &mm.msg_hdr, 0);
		break;
	case IO_WRITEV:
		r = syscall(SYS_writev, fd, &iov, 1);
		break;
	case IO_SENDMMSG:
		r = syscall(SYS_sendmmsg, fd, &mm, 1, 0);
		break;
	case IO_SENDFILE:
		return sendfile_call((int)fd, buf, n);
	case IO_SPLICE_OUT:
	case IO_SPLICE_IN:
		return splice_call(arg[0] == IO_SPLICE_OUT, (int)fd, buf, n);
	}
	return r < 0 ? -errno : r;
}

void net_io_begin(struct actor *a, enum io how, int fd, int n)
{
	/* the upper half of the buffer, as the lower one has the arguments */
	char *buf = a->scene->buf + PAYLOAD;

	if (n > PAYLOAD)
		scene_abort(a->scene, "%d bytes are more than the buffer holds", n);
	actor_begin(a, do_io, (long[]){ how, fd, (long)buf, n }, 4);
}

long net_io(struct actor *a, enum io how, int fd, int n)
{
	net_io_begin(a, how, fd, n);
	return actor_end(a);
}

void net_io_fails(struct actor *a, enum io how, int fd, int err)
{
	long r = net_io(a, how, fd, 16);

	if (r != -err)
		scene_complain(a->scene, "%s in %s: expected %s, got %s (%ld)", io_syscall(how),
			       a->comm, strerrorname_np(err),
			       r < 0 ? strerrorname_np((int)-r) : "success", r);
}

void net_recv_ends(struct actor *a, int err)
{
	scene_same(a->scene, "recv", -err, actor_end(a));
}

struct error_expect *net_recv_reset(struct actor *a, int fd, struct expect *e)
{
	net_io_fails(a, IO_RECV, fd, ECONNRESET);
	return want_error(e, ECONNRESET, "recvfrom", fd, a, false);
}
