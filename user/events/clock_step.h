/* SPDX-License-Identifier: GPL-2.0 */
/*
 * That the wall clock was set, or the machine slept: user space writes it into the stream of events,
 * so that those after it, and their recording, have the right time of day.
 */
#ifndef CLOCK_STEP_H
#define CLOCK_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct clock_step {
	struct rst_head head;		/* EV_CLOCK */
	struct rst_section section;	/* SEC_CLOCK */
	int64_t offset_ns;		/* wall clock = CLOCK_MONOTONIC + this, from now on */
};

struct clock_step clock_step_at(uint64_t time_ns, int64_t offset_ns);

/* Whether that is what the bytes hold. */
bool clock_step_read(struct clock_step *step, const void *data, size_t size);

#endif
