/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of the events' times, and how far the wall clock is from it. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static inline uint64_t clock_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Wall clock minus CLOCK_MONOTONIC, from the quickest of a few pairs of readings. */
int64_t clock_offset(void);

/*
 * A descriptor that is readable when that difference has changed at once: somebody set the clock, or
 * the machine slept, which CLOCK_MONOTONIC does not count. Or a negative errno.
 */
int clock_watch(void);

/* Whether it has changed since the last call. */
bool clock_was_set(int watch);

#endif
