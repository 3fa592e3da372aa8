/* SPDX-License-Identifier: GPL-2.0 */
/* A recording, in groups of events that have nothing to do with each other, and changes to a group. */
#ifndef WEAKEN_CUT_H
#define WEAKEN_CUT_H

#include <stdbool.h>
#include <stdint.h>

#include "told.h"

#define MAX_TWICE 4
#define MAX_CPUS 64

struct recording {
	struct source_meta meta;
	struct events all;
	size_t *next_of_cpu;	/* the next event that the same processor told; all.n: none */
	size_t *by_group;	/* indices of events, those of a group together */
	size_t *group_start;	/* n_groups + 1 */
	int n_groups;
};

/* Ends the program where the file cannot be read. */
struct recording *recording_read(const char *path);
void recording_free(struct recording *rec);
const size_t *recording_group(const struct recording *rec, int nr, size_t *n);

/* What happens to the events of a group. */
struct cut {
	bool drops;		/* the events .from to .to of the recording are lost ... */
	size_t from, to;
	int cpu;		/* ... of one processor: its number + 1; 0: of all */
	uint32_t types;		/* events of these types are lost, too: bits */
	bool unmarked;		/* no gap is told for the loss */
	size_t twice[MAX_TWICE];
	int n_twice;
	bool shuffled;		/* each processor's events are late by a time of its own */
	unsigned int seed;
};

struct cut cut_by_chance(const size_t *index, size_t n, unsigned int seed);
struct events cut_events(const struct recording *rec, const size_t *index, size_t n,
			 const struct cut *cut);

const char *type_name(int type);

#endif
