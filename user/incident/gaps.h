/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gaps in the stream of events: what an incident lacks may have been in one. Only
 * the newest are kept apart; when there are too many, the oldest two are joined into one
 * that spans both.
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
	} gap[GAPS_KEPT];		/* in the order in which they became known */
	size_t n;
};

/* Takes in an EV_GAP. */
void gaps_add(struct gaps *g, const struct rst_event *ev);

/* Whether an event of one of these types may be missing between two times. */
bool gaps_hide(const struct gaps *g, uint32_t types, uint64_t from_ns, uint64_t to_ns);

/* Whether the sending or the receipt of some other reset may be missing between two times. */
bool gaps_hide_reset(const struct gaps *g, uint64_t from_ns, uint64_t to_ns);

/* Which of the events that a record lacks may be among the missing ones: LOST_*. */
uint8_t gaps_lost(const struct gaps *g, const struct node *n);

/*
 * Whether a receipt may be false although no reply has shown it to be: its hook does not
 * show the segment, which may have been data for a socket that was shut down, and the
 * event of the kernel's reply may be missing.
 */
bool gaps_doubt_receipt(const struct gaps *g, const struct incident *receipt);

#endif
