/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Resets that both loads of the programs told of, as may be where a task is
 * preempted between the two (bpf/spare.bpf.h): the second telling is left out.
 *
 * It is known by what it says: all that names the RST and the task is the same,
 * it came from the other load, and so soon that TCP itself has nothing to send
 * again. Pure: time comes with the events.
 */
#ifndef REPEAT_H
#define REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
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
	bool second;			/* any has come from the second load */
	uint64_t found[EV_TYPE_MAX];
};

/* Whether this event has been told already; it is remembered. */
bool repeats_find(struct repeats *r, const struct rst_event *ev);

/* Takes them out of the kernel side's counters, of any CPU: no run was refused there, no RST sent. */
void repeats_uncount(const struct repeats *r, struct rst_stats *st);

#endif
