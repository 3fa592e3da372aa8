/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of the kernel's counters an incident accounts for, and where. The
 * kernel increments them in the functions named in claims.c; a counter that
 * counts other things too can only be accounted for in part. Pure.
 */
#ifndef CLAIMS_H
#define CLAIMS_H

#include "account/counter.h"
#include "incident/incident.h"

#define MAX_CLAIMS 6

struct claim {
	uint32_t netns;		/* of the end whose socket the kernel counted */
	enum counter counter;
};

/* Fills claims with what one incident adds to the counters; returns how many. OutRsts is not among them. */
int claims_of(const struct incident *inc, struct claim claims[MAX_CLAIMS]);

/*
 * What a counter counts besides resets and timeouts, in a few words; NULL when
 * it counts nothing else, so that a difference is worth a word.
 */
const char *counter_also(enum counter c);

#endif
