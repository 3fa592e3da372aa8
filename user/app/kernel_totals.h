/* SPDX-License-Identifier: GPL-2.0 */
/* What only the kernel side knows about a run, added to its totals. */
#ifndef KERNEL_TOTALS_H
#define KERNEL_TOTALS_H

#include "app/pipeline.h"
#include "attach/loader.h"

/*
 * Reads the counters of every CPU into *st (free()), without the repeats that both loads told, and how
 * many runs were refused. 0 or a negative errno.
 */
int kernel_stats(const struct loader *l, const struct pipeline *p, struct rst_stats **st, int *n,
		 uint64_t *missed);

/*
 * Adds what the kernel side has counted so far to totals that have none of it yet. *counts, which
 * they borrow, is the caller's to free. 0 or a negative errno.
 */
int kernel_totals(const struct loader *l, const struct pipeline *p, const struct source_meta *meta,
		  struct totals *t, struct count_row **counts);

#endif
