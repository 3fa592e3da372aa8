/* SPDX-License-Identifier: GPL-2.0 */
/* The recent history of a count, in equal steps, from which a sparkline is drawn. Pure. */
#ifndef TOP_HIST_H
#define TOP_HIST_H

#include <stddef.h>
#include <stdint.h>

#define HIST_STEPS 60

/* How time is cut into steps: the same for all counts that are shown side by side. */
struct hist_scale {
	uint64_t begin_ns;	/* when step 0 began */
	uint64_t width_ns;
	uint64_t now;		/* the newest step */
	int whole;		/* the steps reach back to the beginning: they double when time needs it */
};

/* A ring of the last steps. Begins as zeroes. */
struct hist {
	uint32_t step[HIST_STEPS];
	uint64_t last;		/* the newest step in the ring */
};

/*
 * Moves the scale to now_ns. Returns true when its steps have doubled: then all its histories have
 * to be halved, once.
 */
int hist_scale_to(struct hist_scale *s, uint64_t now_ns);

/* Joins each two steps into one, as the steps of the scale have doubled. */
void hist_halve(struct hist *h);

/* Adds n, which may be negative, at that time; nothing if that is too long ago. */
void hist_add(struct hist *h, const struct hist_scale *s, uint64_t at_ns, int64_t n);

/* The sum of the `steps` steps before the newest one. */
uint64_t hist_sum(const struct hist *h, const struct hist_scale *s, unsigned int steps);

/*
 * Writes the history into `cols` columns, oldest first. `cols` divides HIST_STEPS, unless the scale
 * is whole.
 */
void hist_columns(const struct hist *h, const struct hist_scale *s, uint64_t *out, unsigned int cols);

#endif
