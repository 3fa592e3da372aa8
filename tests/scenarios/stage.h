/* SPDX-License-Identifier: GPL-2.0 */
/* A scene as its tracer saw it: which incidents belong to it, and whether they are as expected. */
#ifndef STAGE_H
#define STAGE_H

#include "scene.h"
#include "tracer.h"

/* The tracer converts between clocks that it does not read at the same moment. */
#define CLOCK_SLACK_NS 20000000LL

struct stage {
	struct scene *s;
	struct tracer *t;	/* NULL: none */
	int first;		/* what the tracer reported before this is not of the scene */
	int64_t from_ns;	/* nor is what happened before this */
	int64_t to_ns;		/* when the scene ended; 0: it has not */
};

/* Nanoseconds since the epoch. */
int64_t wall_ns(void);

/* Whether x belongs to the scene; stage_incident(): and is not the marker. */
bool stage_has(const struct stage *st, const struct told *x);
bool stage_incident(const struct stage *st, const struct told *x);

/* Whether the marker has been reported. */
bool stage_marked(const struct stage *st);

/* Whether an incident that the scene expects has not been reported. */
bool stage_lacks(const struct stage *st);

/*
 * Compares the incidents with the scene's expectations. Returns the number of differences;
 * incidents that nobody expected count if extras_count. report may be NULL; its ctx is the scene.
 */
int stage_compare(const struct stage *st, complain_fn report, bool extras_count);

/* Writes CAUSE:KIND of each expectation, and the confidence reported for each, as lists with commas. */
void stage_tell(const struct stage *st, char *expected, size_t elen, char *told, size_t tlen);

#endif
