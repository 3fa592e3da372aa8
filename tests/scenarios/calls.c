/* SPDX-License-Identifier: GPL-2.0 */
/* Checks the name of the failing call for every way to send and to receive. */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/mman.h>

#include "net.h"
#include "probes.h"
#include "registry.h"

static void failing_call(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e = conn_reset(s, &c);

	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	net_io_fails(c.client, s->arg, c.cfd, ECONNRESET);
	want_error(e, ECONNRESET, io_syscall(s->arg), c.cfd, c.client, false);
}

#ifdef __x86_64__
/* Numbers of i386. */
#define I386_READ 3
#define I386_WRITE 4
#define I386_GETPID 20

static long do_int80(const long *arg)
{
	long r = arg[0];

	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(arg[1]), "c"(arg[2]), "d"(arg[3])
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)r;
}

/* Maps a buffer whose address fits into 32 bits. */
static long do_low_buffer(const long *arg)
{
	void *p = mmap(NULL, (size_t)arg[0], PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	return p == MAP_FAILED ? -errno : (long)p;
}

/* A call of the 32-bit ABI, in which the same number means another call. */
static void compat_call(struct scene *s)
{
	struct actor *probe = actor_new(s, "rt-probe");
	struct expect *e;
	struct conn c;
	long buf, r;

	if (!actor_survives(probe, do_int80, (long[]){ I386_GETPID }, 1) ||
	    probe->ret != probe->pid)
		scene_skip(s, "this kernel has no 32-bit system calls");
	c = conn_new(s);
	e = conn_reset(s, &c);
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	buf = must(c.client, "mmap", actor_call(c.client, do_low_buffer, (long[]){ 4096 }, 1));
	r = actor_call(c.client, do_int80, (long[]){ s->arg, c.cfd, buf, 16 }, 4);
	scene_same(s, "the 32-bit call", -ECONNRESET, r);
	want_error(e, ECONNRESET, s->arg == I386_READ ? "read" : "write", c.cfd, c.client, false);
}
#endif

#define CALL(how, name, text, ...) \
	ROW("call-" name, text, failing_call, V4, .arg = how, ##__VA_ARGS__)

const struct scenario calls_scenarios[] = {
	CALL(IO_READ, "read", "read() fails"),
	CALL(IO_RECV, "recv", "recv() fails"),
	CALL(IO_RECVMSG, "recvmsg", "recvmsg() fails"),
	CALL(IO_READV, "readv", "readv() fails"),
	CALL(IO_RECVMMSG, "recvmmsg", "recvmmsg() fails", .probe = PROBE_TAKEN),
	CALL(IO_PEEK, "peek", "recv(MSG_PEEK) fails, and consumes the error"),
	CALL(IO_SPLICE_IN, "splice-in", "splice() from the socket fails",
	     .probe = PROBE_SPLICE_IN),
	CALL(IO_WRITE, "write", "write() fails"),
	CALL(IO_SEND, "send", "send() fails"),
	CALL(IO_SENDMSG, "sendmsg", "sendmsg() fails"),
	CALL(IO_WRITEV, "writev", "writev() fails"),
	CALL(IO_SENDMMSG, "sendmmsg", "sendmmsg() fails"),
	CALL(IO_SENDFILE, "sendfile", "sendfile() fails"),
	CALL(IO_SPLICE_OUT, "splice-out", "splice() to the socket fails"),
#ifdef __x86_64__
	ROW("call-read-32", "a 32-bit read() fails", compat_call, V4, .arg = I386_READ),
	ROW("call-write-32", "a 32-bit write() fails", compat_call, V4, .arg = I386_WRITE),
#endif
	ROW_END
};
