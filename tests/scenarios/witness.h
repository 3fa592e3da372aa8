/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A witness of runs that a kernel withholds from every program without counting them: some kernels
 * run no program while a supervisor outside interrupts a task. The kernel's own counters of three
 * tracepoints are compared with a program that only counts its runs there.
 */
#ifndef WITNESS_H
#define WITNESS_H

struct witness;

/* Begins to count. Returns NULL if that is not possible: then no withheld run is known. */
struct witness *witness_new(void);

/* How many runs were withheld so far, without those that the kernel itself counts as missed. */
long long witness_withheld(const struct witness *w);

void witness_free(struct witness *w);

#endif
