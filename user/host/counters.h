/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads the kernel's own counters of resets in every network namespace that a process is in or
 * that is bound to a file (ip netns, container engines).
 *
 * No namespace is held open: an open file of its /proc/PID/net would keep it alive after its
 * last process. When a namespace ends during the run, its last counts are therefore lost. A
 * namespace that only a thread, a socket or an open file keeps alive is not found.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdint.h>

#include "account/counter.h"

/* One namespace's reading; borrowed. A negative return ends the pass with it. */
typedef int (*counters_fn)(void *ctx, const struct netns_reading *r);

/*
 * Reads the counters of every namespace once, by way of procfs at `proc`. now_ns
 * stands in for CLOCK_MONOTONIC; NULL: that clock is read. A namespace that cannot
 * be read is left out. Returns 0, -ENOMEM, or the negative errno of opening proc.
 */
int counters_each(const char *proc, uint64_t (*now_ns)(void), counters_fn fn, void *ctx);

/* The number of this process's namespace, or 0. */
uint32_t counters_own_netns(const char *proc);

#endif
