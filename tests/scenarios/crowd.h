/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that a single-threaded actor cannot make: calls in another thread, and many messages
 * in one call.
 */
#ifndef CROWD_H
#define CROWD_H

#include "scene.h"

/* One thread of an actor, in a call on a socket. */
struct crowd {
	struct actor *a;
	atomic_int *tid;	/* in the buffer of the scene */
};

/* Begins fn(fd) in a thread of a; actor_end() returns the thread's result. */
void crowd_begin(struct crowd *cr, struct actor *a, actor_fn fn, int fd);
int crowd_tid(const struct crowd *cr);
/* Returns when the thread sleeps in the kernel. */
void crowd_wait_blocked(const struct crowd *cr);

/*
 * Write to arg[0], or read from it, until that fails; return the negative errno, or 0 at the end of
 * file.
 */
long do_write_until_error(const long *arg);
long do_read_until_error(const long *arg);

/* One sendmmsg() on arg[0] of as many messages as it takes; returns its result or a negative errno. */
#define SENDMMSG_MAX 1024
long do_sendmmsg(const long *arg);

#endif
