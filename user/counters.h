/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own counters of resets, in the network namespace of the tool. */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdint.h>

#include "totals.h"

struct counters {
	uint64_t value[MAX_COUNTERS];
	bool known[MAX_COUNTERS];
};

/* Reads them from procfs mounted at `proc`; what is not there stays unknown. */
void counters_read(struct counters *c, const char *proc);

/* Puts the growth from `before` to `after` into the totals. */
void counters_growth(struct totals *t, const struct counters *before, const struct counters *after);

#endif
