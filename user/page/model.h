/* SPDX-License-Identifier: GPL-2.0 */
/* What a page says of all resets of a finished report, beside the report's own totals. */
#ifndef PAGE_MODEL_H
#define PAGE_MODEL_H

#include "report/report.h"

#define SERIES 8		/* causes with a colour; the others share one */
#define N_SERIES (SERIES + 1)
#define MAX_BUCKETS 240

struct timeline {
	int64_t first_ns, step_ns;	/* the first bucket begins on a multiple of the step */
	unsigned int n;			/* buckets */
	uint64_t count[N_SERIES][MAX_BUCKETS];
};

/* What most resets of one kind have in common; the kind is "hurt", where there are any. */
struct verdict {
	uint64_t of;			/* those that the cause is the most frequent of */
	uint32_t cause;			/* a string */
	uint64_t cause_count;
	uint64_t pair, pair_count;	/* of that cause, a key of rows by pair */
};

struct model {
	const struct report *report;
	struct rows *by[N_BY];
	uint32_t series[SERIES];	/* causes, most frequent first; STRING_NONE: there are fewer */
	struct timeline timeline;
	struct verdict verdict;
};

/* 0 or -ENOMEM; model_free() either way. */
int model_make(struct model *m, const struct report *r);
void model_free(struct model *m);

/* Which colour a cause has: its place in .series, or SERIES. */
unsigned int model_series(const struct model *m, uint32_t cause);

#endif
