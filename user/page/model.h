/* SPDX-License-Identifier: GPL-2.0 */
/* What a page says of all resets of a finished report, beside the totals of the report. */
#ifndef PAGE_MODEL_H
#define PAGE_MODEL_H

#include "report/report.h"

#define SERIES 8		/* how many causes have a colour of their own; the others share one */
#define N_SERIES (SERIES + 1)
#define MAX_BUCKETS 240

struct timeline {
	int64_t first_ns, step_ns;	/* a bucket begins at a multiple of the step */
	unsigned int n;			/* how many buckets */
	uint64_t count[N_SERIES][MAX_BUCKETS];
};

/* What most resets that hurt a program have in common; if none did, what most resets have. */
struct verdict {
	uint64_t of;			/* how many resets it is about */
	uint32_t cause;			/* the most frequent cause of these; a string */
	uint64_t cause_count;
	uint64_t pair, pair_count;	/* the most frequent pair with that cause: a key of rows by pair */
};

struct model {
	const struct report *report;
	struct rows *by[N_BY_PARTS];
	uint32_t series[SERIES];	/* causes, the most frequent first; STRING_NONE after the last */
	struct timeline timeline;
	struct verdict verdict;
};

/* Returns 0 or -ENOMEM; model_free() is needed in both cases. */
int model_make(struct model *m, const struct report *r);
void model_free(struct model *m);

/* The number of a cause's colour: its place in .series, or SERIES. */
unsigned int model_series(const struct model *m, uint32_t cause);

#endif
