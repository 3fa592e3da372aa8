/* SPDX-License-Identifier: GPL-2.0 */
/* `rsttrace top` in a session: its sink, its screen and its keys. */
#ifndef TOP_RUN_H
#define TOP_RUN_H

#include "app/options.h"
#include "attach/loader.h"
#include "output/sink.h"

struct top_run;

/*
 * Gives the sink what it counts in; the terminal is taken at the first step. 0, or the program's
 * exit status with one line in `why`.
 */
int top_run_open(struct top_run **out, const struct options *o, struct sink *sink, char *why, size_t len);

/* In all of these NULL is a session without it. */

/* The terminal is as it was; what was said on stderr meanwhile is said now. */
void top_run_leave(struct top_run *t);
void top_run_close(struct top_run *t);

/* Readable when a key was pressed; -1: there are none to press. */
int top_run_fd(const struct top_run *t);

/* When top_run_step() has something to do next; UINT64_MAX: never. */
uint64_t top_run_next(const struct top_run *t);

/* Takes what was pressed and draws, a few times a second at most; now_ns: CLOCK_MONOTONIC of this host. */
void top_run_step(struct top_run *t, uint64_t now_ns);

/* Nobody sits there any more. */
void top_run_hangup(struct top_run *t);

/* It is to end. */
bool top_run_over(const struct top_run *t);

/* Nothing comes any more. */
void top_run_ended(struct top_run *t);

/* The recording has ended, and what it came to is still looked at. */
bool top_run_lingers(const struct top_run *t);

/* What the kernel side has counted since the start; asks the loader for more of it, now and then. */
void top_run_counted(struct top_run *t, const struct loader *l, const struct rst_stats *per_cpu, int n_cpus);

#endif
