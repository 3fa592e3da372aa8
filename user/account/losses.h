/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds what is missing in the stream of events from the kernel side's counters: events
 * that found no room and of which no later event of their CPU has told yet, and runs that
 * the kernel refused the programs. Both become gaps, which are handed on before any
 * event that could be misread for want of the missing ones. Pure.
 */
#ifndef LOSSES_H
#define LOSSES_H

#include <stdint.h>

#include "events/source.h"
#include "wire.h"

struct losses {
	uint64_t looked_ns;	/* monotonic: runs refused before this are in .missed */
	uint64_t missed;
	uint64_t *lost;		/* events of each CPU */
	int n_cpus;
};

/* The counters, read at some moment between .before_ns and .after_ns. */
struct losses_reading {
	const struct rst_stats *per_cpu;
	int n_cpus;
	uint64_t missed;		/* runs refused, and done by no spare */
	uint64_t before_ns, after_ns;
};

/* The counters count from zero since now_ns. */
void losses_begin(struct losses *l, uint64_t now_ns);
void losses_free(struct losses *l);

/*
 * Hands the bytes of a gap to fn for each CPU that has lost events since the last
 * reading, and one for refused runs, in which events of any type may be missing.
 * Returns 0, -ENOMEM, or what fn returned.
 */
int losses_look(struct losses *l, const struct losses_reading *r, source_fn fn, void *ctx);

#endif
