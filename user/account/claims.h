/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of the kernel's counters an incident accounts for, and in which namespace. The
 * functions of the kernel that increment each counter are named in claims.c. Some counters
 * count other things too, so incidents can account for them only in part. Pure.
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
 * What a counter counts besides resets and timeouts, in a few words. NULL: it counts nothing
 * else, so any difference is reported.
 */
const char *counter_also(enum counter c);

#endif
