/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is missing in the stream of events, by the kernel side's counters: what
 * found no room, and no later event of that CPU has told of it yet; and runs that
 * the kernel refused the programs. Both become gaps, to be told before anything
 * that could rest on what is missing. Pure.
 */
#ifndef LOSSES_H
#define LOSSES_H

#include <stdint.h>

#include "events/source.h"
#include "wire.h"

struct losses {
	uint64_t looked_ns;	/* monotonic: runs refused before this are known */
	uint64_t missed;
	uint64_t *lost;		/* events of each CPU */
	int n_cpus;
};

/* The counters as they were read between two times. */
struct losses_reading {
	const struct rst_stats *per_cpu;
	int n_cpus;
	uint64_t missed;		/* runs refused, and done by no spare */
	uint64_t before_ns, after_ns;
};

/* From when on the counters count, from zero. */
void losses_begin(struct losses *l, uint64_t now_ns);
void losses_free(struct losses *l);

/*
 * Hands the bytes of a gap to fn, for each CPU that has lost events since the last
 * reading, and for runs refused, which may have been of any kind. Returns 0,
 * -ENOMEM, or what fn answered.
 */
int losses_look(struct losses *l, const struct losses_reading *r, source_fn fn, void *ctx);

#endif
