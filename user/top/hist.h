/* SPDX-License-Identifier: GPL-2.0 */
/* The last while of a count, in equal steps: what a sparkline is drawn of. Pure. */
#ifndef TOP_HIST_H
#define TOP_HIST_H

#include <stddef.h>
#include <stdint.h>

#define HIST_STEPS 60

/* How time is cut; one for all counts that are shown beside each other. */
struct hist_scale {
	uint64_t begin_ns;	/* of step 0 */
	uint64_t width_ns;
	uint64_t now;		/* the step that has begun last */
	int whole;		/* all since the beginning is kept, in steps that double when it gets longer */
};

/* A ring of the last steps. Zeroes at first. */
struct hist {
	uint32_t step[HIST_STEPS];
	uint64_t last;		/* the newest step that is in it */
};

/* It is now_ns: true when all histories of this scale are to be halved, once. */
int hist_scale_to(struct hist_scale *s, uint64_t now_ns);

/* Two steps become one: the scale's have doubled. */
void hist_halve(struct hist *h);

/* Adds n, which may be negative, at that time; what is too old is left out. */
void hist_add(struct hist *h, const struct hist_scale *s, uint64_t at_ns, int64_t n);

/* What came in the `steps` steps before the one that has begun last. */
uint64_t hist_sum(const struct hist *h, const struct hist_scale *s, unsigned int steps);

/* The history in `cols` columns, oldest first: a divisor of HIST_STEPS, unless it is the whole. */
void hist_columns(const struct hist *h, const struct hist_scale *s, uint64_t *out, unsigned int cols);

#endif
