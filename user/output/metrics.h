/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The figures of a run for a monitoring system. Records are counted as they are shown. The kernel
 * side's own counters are handed in at each reading, so that a storm of which only samples were
 * told is counted in full.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "account/totals.h"

/* What records are counted by in addition to their cause (--metrics-by). */
#define METRICS_BY_PROCESS	(1u << 0)
#define METRICS_BY_UNIT		(1u << 1)
#define METRICS_BY_CONTAINER	(1u << 2)
#define METRICS_BY_PORT		(1u << 3)
#define METRICS_MAX_ROWS 200	/* of each of these; the rest is "other" */

/* What one program of the kernel side has cost. */
struct metrics_program {
	char name[32];
	uint64_t runs, ns;	/* both 0 unless kernel.bpf_stats_enabled is 1 */
};

/* The figures at this moment; everything is borrowed. */
struct metrics_now {
	const char *version, *kernel;
	const struct totals *totals;	/* with counts, lost, missed as of now */
	uint64_t ring_used, ring_size;	/* bytes; size 0: not known */
	const struct metrics_program *program;
	size_t n_programs;
	uint32_t netns;		/* the tracer's own, which other tools' counters are of */
};

struct metrics;

/* by: METRICS_BY_*. NULL when out of memory. */
struct metrics *metrics_new(unsigned int by);
void metrics_free(struct metrics *m);

/* Counts a record that is shown, or a later revision of one. */
void metrics_incident(struct metrics *m, const struct incident *inc);

/* Writes all there is. The stream's error is the caller's to see. */
void metrics_write(FILE *out, const struct metrics *m, const struct metrics_now *now, bool open_metrics);

#endif
