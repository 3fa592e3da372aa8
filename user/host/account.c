/* SPDX-License-Identifier: GPL-2.0 */
#include "host/account.h"

#include "host/counters.h"

#define PROC "/proc"

static int on_first(void *ctx, const struct netns_reading *r)
{
	return netns_totals_begin(ctx, r);
}

static int on_last(void *ctx, const struct netns_reading *r)
{
	return netns_totals_end(ctx, r);
}

void account_begin(struct totals *t)
{
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
