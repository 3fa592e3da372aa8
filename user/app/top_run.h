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

/* In all functions below NULL is allowed: a session without a live view. */

/* Restores the terminal, and prints what was held back from stderr. */
void top_run_leave(struct top_run *t);
void top_run_close(struct top_run *t);

/* Readable when a key was pressed; -1: there is no screen. */
int top_run_fd(const struct top_run *t);

/* When top_run_step() has something to do next; UINT64_MAX: never. */
uint64_t top_run_next(const struct top_run *t);

/* Handles keys, and draws a few times a second at most; now_ns: CLOCK_MONOTONIC of this host. */
void top_run_step(struct top_run *t, uint64_t now_ns);

/* The terminal has hung up: nothing more is drawn on it. */
void top_run_hangup(struct top_run *t);

/* Whether the user has quit, or the terminal failed. */
bool top_run_over(const struct top_run *t);

/* The source has ended: no event comes any more. */
void top_run_ended(struct top_run *t);

/* Whether the view stays on the screen after a recording has ended. */
bool top_run_lingers(const struct top_run *t);

/* Takes the kernel side's counters; now and then reads further ones through the loader. */
void top_run_counted(struct top_run *t, const struct loader *l, const struct rst_stats *per_cpu, int n_cpus);

#endif
