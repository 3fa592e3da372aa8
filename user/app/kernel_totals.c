/* SPDX-License-Identifier: GPL-2.0 */
#include "app/kernel_totals.h"

#include <stdlib.h>

#include "attach/tally.h"

int kernel_stats(const struct loader *l, const struct pipeline *p, struct rst_stats **st, int *n,
		 uint64_t *missed)
{
	int err = loader_stats(l, st, n);

	if (err)
		return err;
	pipeline_uncount(p, *st);
	*missed = loader_missed(l, *st, *n);
	return 0;
}

int kernel_totals(const struct loader *l, const struct pipeline *p, const struct source_meta *meta,
		  struct totals *t, struct count_row **counts)
{
	struct rst_stats *st;
	int n, n_counts, err;

	err = kernel_stats(l, p, &st, &n, &t->missed);
	if (err)
		return err;
	if (!tally_read(l, counts, &n_counts))
		totals_counts(t, *counts, n_counts, meta);
	t->doubts.missed = t->missed;
	t->unkept = loader_unkept(l);
	t->unfollowed = loader_unfollowed(l);
	totals_lost(t, st, n);
	free(st);
	return 0;
}
