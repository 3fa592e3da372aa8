/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A witness of runs that a kernel withholds from every program without counting them: some run
 * none while a task of a supervisor outside is interrupted. The kernel's own counters of three
 * tracepoints are held against a program that only counts how often it is run there.
 */
#ifndef WITNESS_H
#define WITNESS_H

struct witness;

/* Begins to count. NULL where it cannot be had: then nothing is known to be withheld. */
struct witness *witness_new(void);

/* How many runs were withheld so far, those left out that the kernel itself counts as missed. */
long long witness_withheld(const struct witness *w);

void witness_free(struct witness *w);

#endif
