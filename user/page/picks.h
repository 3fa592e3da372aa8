/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which resets a page shows one by one. All, where they are few enough; else of each cause a fair
 * share, taken evenly over its time, so that what is rare is there whole.
 */
#ifndef PAGE_PICKS_H
#define PAGE_PICKS_H

#include "report/report.h"

struct pick {
	uint32_t entry;		/* in the store, of the one that it is counted by */
	uint32_t at, other_at;	/* rows + 1 of what its records say, and the other end's; 0: none yet */
	uint32_t error;		/* a string of the report's: the first failing call */
};

struct picks {
	struct pick *pick;	/* by entry, until picks_by_time() */
	size_t n;
};

/* At most `max` of a finished report's, among its first so many entries. 0 or -ENOMEM. */
int picks_choose(struct picks *p, const struct report *r, size_t max, size_t among);
void picks_free(struct picks *p);

/* The pick that shows this entry or, of a pair, its other end; NULL: none. Only before picks_by_time(). */
struct pick *picks_find(const struct picks *p, const struct report *r, uint32_t entry);

/* Earliest first, from now on. */
void picks_by_time(struct picks *p, const struct report *r);

#endif
