/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals as something to wait for, like events. They are blocked and read from a
 * descriptor, so that none is missed between a check and the wait, and none interrupts
 * a system call.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct signals {
	int fd;			/* readable when one has come */
	sigset_t before;	/* what was blocked before, to be restored for an executed program */
	pid_t command;		/* the signals are sent on to this process; 0: there is no command */
	bool stop;		/* a signal came that ends the run, and there is no command to get it */
	bool reopens;		/* SIGHUP reopens the files */
	bool reopen;		/* SIGHUP has come for that; cleared when the files were reopened */
};

/*
 * SIGINT and SIGTERM are always read, and SIGCHLD, which only wakes. SIGHUP keeps its default action
 * unless it reopens files or there is a command, which also gets SIGQUIT, SIGUSR1 and SIGUSR2. With a
 * screen SIGHUP and SIGQUIT end the run, so that the terminal is restored. 0 or a negative errno.
 */
int signals_open(struct signals *s, bool reopens, bool command, bool screen);

/* Reads the signals that have come; does not wait. */
void signals_read(struct signals *s);

/* Restores the signal mask from before. */
void signals_close(struct signals *s);

#endif
