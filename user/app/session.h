/* SPDX-License-Identifier: GPL-2.0 */
/* One run: the stages wired together, from the source to the sinks. */
#ifndef SESSION_H
#define SESSION_H

#include "app/options.h"
#include "app/signals.h"

/* The program's exit status, beside EXIT_SUCCESS and EXIT_FAILURE. */
enum { EXIT_USAGE = 2, EXIT_RESET_SUFFERED = 3, EXIT_CANNOT_TRACE = 77 };

struct session;

/*
 * Opens files, attaches to the kernel and forks the command. Returns 0, or the
 * program's exit status with one line in `why`. Options and signals are borrowed.
 */
int session_open(struct session **out, struct options *o, struct signals *signals, char *why, size_t len);

/* Runs until the end of the source, of the command, or a signal. Returns the exit status. */
int session_run(struct session *s);

void session_close(struct session *s);

#endif
