/* SPDX-License-Identifier: GPL-2.0 */
/* Runs that the kernel refuses the programs, and the second load that stands in: bpf/spare.bpf.h. */
#ifndef RST_SPARE_H
#define RST_SPARE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "attach/hooks.h"
#include "rsttrace.skel.h"

struct bpf_link;

struct spares {
	struct rsttrace_bpf *second;	/* NULL: none */
	struct rsttrace_bpf *first;
	const struct plan *plan;
	pthread_t thread;		/* that loads, then attaches them */
	bool running;			/* ... and is to be waited for */
	int stop;			/* an eventfd, with running: it is to end */
	int news;			/* an eventfd: events came while it slept */
	atomic_bool busy;		/* events have come since it last looked for refused runs */
	bool attached;
	atomic_int err;			/* why there are no spares: a negative errno; 0 once reported */
	struct bpf_link *link[N_PROBES * MAX_RUNG_PROGS];
	int n_links;
	uint64_t missed_before;		/* counted for programs on functions until their spares took over */
};

/*
 * Whether the plan has programs with spares on a kernel that refuses runs. Elsewhere there
 * must be none, for both loads would do the work.
 */
bool spares_wanted(const struct rsttrace_bpf *first, const struct plan *plan);

/*
 * Begins to load `second`, which is opened and now the spares', for the same
 * programs; they share all maps of `first` but the constants. Once the kernel has
 * refused a program a run they are attached; until then they cost nothing. That
 * takes as long as the start, in a thread of its own: meanwhile the events have
 * to be read. Returns 0 or a negative errno.
 */
int spares_begin(struct spares *s, struct rsttrace_bpf *second, struct rsttrace_bpf *first,
		 const struct plan *plan);

/*
 * Events have come. Only then are refused runs looked for, and once more a moment later:
 * without resets none is worth a spare, and the thread sleeps.
 */
void spares_events_came(struct spares *s);

/* Why there are no spares after all: a negative errno, reported once; else 0. */
int spares_error(struct spares *s);
void spares_detach(struct spares *s);
/* After spares_detach(). */
void spares_free(struct spares *s);

/*
 * How many runs the kernel refused, less those that a spare did, which the
 * counters of n CPUs tell; 0 where it does not count them (before 5.12).
 */
uint64_t spares_missed(const struct spares *s, const struct rsttrace_bpf *first,
		       const struct rst_stats *st, int n);

#endif
