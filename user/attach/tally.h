/* SPDX-License-Identifier: GPL-2.0 */
/* Reads what the kernel side counts: resets, and what its programs cost. */
#ifndef TALLY_H
#define TALLY_H

#include "attach/loader.h"
#include "events/count.h"

/*
 * Reads all rows with a count above 0, largest first, into an array of *n that the
 * caller frees. Returns 0 or a negative errno.
 */
int tally_read(const struct loader *l, struct count_row **out, int *n);

/* What a program has cost while the kernel counted that (kernel.bpf_stats_enabled). */
struct program_cost {
	const char *name;	/* the loader's */
	uint64_t runs, ns;
};

/* Fills at most max with the programs that ran; returns how many. */
size_t tally_costs(const struct loader *l, struct program_cost *cost, size_t max);

#endif
