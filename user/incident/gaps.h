/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where events are missing: what an incident lacks may be among them. Few gaps
 * are kept apart; when there are more, the oldest two become one that spans both.
 */
#ifndef GAPS_H
#define GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incident/kept.h"

#define GAPS_KEPT 64

struct gaps {
	struct gap {
		uint64_t from_ns, to_ns;
		uint32_t types;		/* of the events that are missing: 1 << EV_* */
	} gap[GAPS_KEPT];		/* by the time they became known */
	size_t n;
};

/* Takes in an EV_GAP. */
void gaps_add(struct gaps *g, const struct rst_event *ev);

/* Whether an event of one of these types may be missing between two times. */
bool gaps_hide(const struct gaps *g, uint32_t types, uint64_t from_ns, uint64_t to_ns);

/* Whether either end of some other reset may be missing between them. */
bool gaps_hide_reset(const struct gaps *g, uint64_t from_ns, uint64_t to_ns);

/* What a record lacks and may be among the events that are missing: LOST_*. */
uint8_t gaps_lost(const struct gaps *g, const struct node *n);

/*
 * A receipt by a hook that does not show the segment: whether it may have been
 * none, data for a socket that was shut down, and the reply that tells so may be
 * missing.
 */
bool gaps_doubt_receipt(const struct gaps *g, const struct incident *receipt);

#endif
