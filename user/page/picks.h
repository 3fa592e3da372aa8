/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which resets a page shows one by one: all if they are few enough. Otherwise each cause gets a
 * fair share, taken evenly over its time, so that rare causes are shown in full.
 */
#ifndef PAGE_PICKS_H
#define PAGE_PICKS_H

#include "report/report.h"

struct pick {
	uint32_t entry;		/* the number of the entry by which it is counted */
	uint32_t at, other_at;	/* details of its record, of the other end's: rows + 1; 0: none so far */
	uint32_t error;		/* a string of the report: the first call that failed */
};

struct picks {
	struct pick *pick;	/* in order of entries, until picks_by_time() */
	size_t n;
};

/*
 * Chooses at most `max` resets of a finished report, from its first `among` entries. Returns 0 or
 * -ENOMEM.
 */
int picks_choose(struct picks *p, const struct report *r, size_t max, size_t among);
void picks_free(struct picks *p);

/*
 * The pick that shows this entry or, of a pair, its other end; NULL: none does. Not after
 * picks_by_time().
 */
struct pick *picks_find(const struct picks *p, const struct report *r, uint32_t entry);

/* Sorts the picks by time, the earliest first. */
void picks_by_time(struct picks *p, const struct report *r);

#endif
