/* SPDX-License-Identifier: GPL-2.0 */
/* Running a command so that it is traced from its first instruction on. */
#ifndef COMMAND_H
#define COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct command {
	pid_t pid;
	int gate;	/* the child waits until this is closed */
	int status;	/* exit status, once ended; 128 + signal when killed */
	bool ended;
};

/* The user that a command runs as; zeroed: the tracer's own. */
struct command_user {
	const char *name;	/* as it was given */
	uid_t uid;
	gid_t gid;
};

/* Looks up a user by name or number. 0, or -EINVAL when there is none; the name is borrowed. */
int command_user_find(struct command_user *user, const char *name);

/*
 * Forks a child that waits before it executes argv. It gets the signal
 * dispositions that a new program expects, these signals blocked, and the user
 * with all groups; its environment stays as it is. Returns 0 or a negative errno.
 */
int command_fork(struct command *c, char *const argv[], const struct command_user *user,
		 const sigset_t *blocked);

/* Lets the child go. Its failure to execute becomes its exit status (126, 127). */
void command_go(struct command *c);

/* Whether the command has ended; does not wait. */
bool command_reap(struct command *c);

/* Ends a child that still runs when the tracing is over, and waits for it. */
void command_stop(struct command *c);

#endif
