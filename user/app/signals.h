/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals as something to wait for beside the events. They are blocked, so that
 * none can come between a look at them and the wait, and interrupt neither a
 * system call nor a write to a pipe that is full.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
	int fd;			/* readable when one has come */
	sigset_t before;	/* what was blocked before: a program that is executed wants that back */
	bool stop;		/* SIGINT or SIGTERM */
	bool reopen;		/* SIGHUP; whoever heeds it clears it */
};

/* SIGCHLD wakes, no more; SIGHUP is left alone unless asked for. 0 or a negative errno. */
int signals_open(struct signals *s, bool hangup);

/* Takes note of those that have come; does not wait. */
void signals_read(struct signals *s);

/* The signals are as they were before. */
void signals_close(struct signals *s);

#endif
