/* SPDX-License-Identifier: GPL-2.0 */
/* Threads of actors, and calls that transfer more than one message. */
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "crowd.h"

struct task {
	actor_fn fn;
	long fd, result;
	atomic_int *tid;
};

static void *run_task(void *ctx)
{
	struct task *t = ctx;

	atomic_store(t->tid, (int)syscall(SYS_gettid));
	t->result = t->fn(&t->fd);
	return NULL;
}

static long do_in_thread(const long *arg)
{
	struct task t = { .fn = (actor_fn)arg[0], .fd = arg[1], .tid = (atomic_int *)arg[2] };
	pthread_t th;
	int err;

	err = pthread_create(&th, NULL, run_task, &t);
	if (!err)
		err = pthread_join(th, NULL);
	return err ? -err : t.result;
}

void crowd_begin(struct crowd *cr, struct actor *a, actor_fn fn, int fd)
{
	cr->a = a;
	/* The end of the buffer, as its beginning has the arguments of other calls. */
	cr->tid = (atomic_int *)(a->scene->buf + IO_BUF) - 1;
	atomic_store(cr->tid, 0);
	actor_begin(a, do_in_thread, (long[]){ (long)fn, fd, (long)cr->tid }, 3);
}

int crowd_tid(const struct crowd *cr)
{
	return atomic_load(cr->tid);
}

static bool thread_blocked(void *ctx)
{
	const struct crowd *cr = ctx;

	return crowd_tid(cr) && task_sleeps(cr->a->pid, crowd_tid(cr));
}

void crowd_wait_blocked(const struct crowd *cr)
{
	scene_until(cr->a->scene, "thread asleep in its call", thread_blocked, (void *)cr);
}

/*
 * Each message ends a buffer of the kernel's (MSG_EOR), so that the writer waits for room between
 * two messages, never inside one. If the error came inside one, the call would return the part that
 * was sent, and leave the error for the next call.
 */
#define MESSAGE 1000

long do_write_until_error(const long *arg)
{
	static char body[MESSAGE];

	while (syscall(SYS_sendto, (int)arg[0], body, sizeof(body), MSG_EOR, 0, 0) > 0)
		;
	return -errno;
}

long do_read_until_error(const long *arg)
{
	char buf[64];
	long r;

	while ((r = syscall(SYS_recvfrom, (int)arg[0], buf, sizeof(buf), 0, 0, 0)) > 0)
		;
	return r ? -errno : 0;
}

long do_sendmmsg(const long *arg)
{
	static char body[MESSAGE];
	static struct mmsghdr mm[SENDMMSG_MAX];
	struct iovec iov = { .iov_base = body, .iov_len = sizeof(body) };
	long r;
	int i;

	for (i = 0; i < SENDMMSG_MAX; i++)
		mm[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	r = syscall(SYS_sendmmsg, (int)arg[0], mm, SENDMMSG_MAX, MSG_EOR);
	return r < 0 ? -errno : r;
}
