/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds events that both loads of the programs, the first and the spare, told of the same RST.
 * That happens when the task is preempted between the two runs (bpf/spare.bpf.h).
 *
 * A repeat has the same RST and the same task, comes from the other load, and comes sooner
 * than TCP itself could send the same number again. Pure: time comes with the events.
 */
#ifndef REPEAT_H
#define REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "events/event.h"
#include "events/rst_key.h"

#define REPEATS_KEPT 256

struct told {
	uint64_t time_ns, sk, id;
	struct rst_key key;
	uint32_t tid;
	uint8_t type;
	bool second;
};

/* Zeroes at first. */
struct repeats {
	struct told told[REPEATS_KEPT];	/* the last ones, in a ring */
	unsigned int next;
	bool second;			/* an event has come from the second load */
	uint64_t found[EV_TYPE_MAX];
};

/* Whether this event has been told already. Remembers it for the next ones. */
bool repeats_find(struct repeats *r, const struct rst_event *ev);

/*
 * Takes the repeats out of the kernel side's counters, which counted a second RST, and a refused
 * run that a spare did, where there was neither.
 */
void repeats_uncount(const struct repeats *r, struct rst_stats *st);

#endif
