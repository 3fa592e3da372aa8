/* SPDX-License-Identifier: GPL-2.0 */
#include "account.h"

#include <string.h>

#include "counters.h"

#define PROC "/proc"

static int on_first(void *ctx, const struct netns_reading *r)
{
	return netns_totals_begin(ctx, r);
}

static int on_last(void *ctx, const struct netns_reading *r)
{
	return netns_totals_end(ctx, r);
}

static bool lacks_sent_probe(const struct plan *plan)
{
	for (int i = 0; i < plan->n; i++)
		if (!plan->choice[i].rung && !strncmp(plan->choice[i].probe->name, "reset sent", 10))
			return true;
	return false;
}

void account_begin(struct totals *t, const struct plan *plan)
{
	t->doubts.no_probe = lacks_sent_probe(plan);
	counters_each(PROC, NULL, on_first, t->netns);
}

void account_end(struct totals *t)
{
	const struct netns_row *own;

	counters_each(PROC, NULL, on_last, t->netns);
	own = netns_totals_find(t->netns, counters_own_netns(PROC));
	if (own)
		t->own = own->growth;
}
