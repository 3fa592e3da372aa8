/* SPDX-License-Identifier: GPL-2.0 */
/* The second load of the programs, for runs that the kernel refuses to the first: bpf/spare.bpf.h. */
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
	pthread_t thread;		/* loads the spares, then attaches them */
	bool running;			/* the thread was started and not yet joined */
	int stop;			/* an eventfd, valid while running: the thread is to end */
	int news;			/* an eventfd: events came while the thread slept */
	atomic_bool busy;		/* events have come since the thread last looked for refused runs */
	bool loaded;
	bool attached;
	atomic_int err;			/* why there are no spares: a negative errno; 0 once reported */
	struct bpf_link *link[N_PROBES * MAX_RUNG_PROGS];
	int n_links;
	uint64_t missed_before;		/* refused runs on functions before the spares were attached */
};

/*
 * Whether the plan has programs with spares on a kernel that refuses runs. Elsewhere there
 * must be none, for both loads would do the work.
 */
bool spares_wanted(const struct rsttrace_bpf *first, const struct plan *plan);

/* Takes `second`, an opened skeleton, for what follows. */
void spares_take(struct spares *s, struct rsttrace_bpf *second, struct rsttrace_bpf *first,
		 const struct plan *plan);

/* Loads the spares at once, in this thread. Without it spares_begin() does so. 0 or a negative errno. */
int spares_load(struct spares *s);

/*
 * Begins to load `second`, which belongs to the spares from now on. Its programs share all maps of `first` except the constants. They are attached
 * once the kernel has refused a run; until then they cost nothing. A thread of its own
 * does both, as loading takes as long as the start, and events have to be read
 * meanwhile. Returns 0 or a negative errno.
 */
int spares_begin(struct spares *s);

/*
 * Events have come. Refused runs are looked for now and once more a moment later. While no
 * events come, the thread sleeps, as without resets nothing is lost by a refused run.
 */
void spares_events_came(struct spares *s);

/* Why there are no spares after all: a negative errno, reported once; else 0. */
int spares_error(struct spares *s);
void spares_detach(struct spares *s);
/* After spares_detach(). */
void spares_free(struct spares *s);

/*
 * How many runs the kernel refused, minus those that a spare did, which are in the
 * counters of n CPUs; 0 where the kernel does not count refused runs (before 5.12).
 */
uint64_t spares_missed(const struct spares *s, const struct rsttrace_bpf *first,
		       const struct rst_stats *st, int n);

#endif
