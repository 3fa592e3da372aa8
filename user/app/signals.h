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
#include <sys/types.h>

struct signals {
	int fd;			/* readable when one has come */
	sigset_t before;	/* what was blocked before: a program that is executed wants that back */
	pid_t command;		/* gets those that would end the run, or mean something to it; 0: there is none */
	bool stop;		/* SIGINT or SIGTERM, or another that ends a screen, and no command to get it */
	bool reopens;		/* SIGHUP is for the files */
	bool reopen;		/* it has come; whoever heeds it clears it */
};

/*
 * SIGCHLD wakes, no more. SIGHUP is left alone unless it reopens files or there is a command,
 * which also gets SIGQUIT, SIGUSR1 and SIGUSR2. Of a screen SIGHUP and SIGQUIT are the end, as the
 * terminal is to be left as it was. 0 or a negative errno.
 */
int signals_open(struct signals *s, bool reopens, bool command, bool screen);

/* Takes note of those that have come; does not wait. */
void signals_read(struct signals *s);

/* The signals are as they were before. */
void signals_close(struct signals *s);

#endif
