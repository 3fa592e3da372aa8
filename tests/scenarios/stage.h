/* SPDX-License-Identifier: GPL-2.0 */
/* A scene as its tracer saw it: which incidents are its own, and whether they fit. */
#ifndef STAGE_H
#define STAGE_H

#include "scene.h"
#include "tracer.h"

/* Clocks are converted, not read at one point in time. */
#define CLOCK_SLACK_NS 20000000LL

struct stage {
	struct scene *s;
	struct tracer *t;	/* NULL: none */
	int first;		/* what it told before is not of this scene */
	int64_t from_ns;	/* nor what happened before, if told later */
	int64_t to_ns;		/* when it ended; 0: it has not */
};

/* Nanoseconds since the epoch. */
int64_t wall_ns(void);

/* Whether x is of the scene; stage_incident(): and not the marker. */
bool stage_has(const struct stage *st, const struct told *x);
bool stage_incident(const struct stage *st, const struct told *x);

/* Whether the marker has been told. */
bool stage_marked(const struct stage *st);

/*
 * Compares the incidents with the scene's expectations. Returns the number of
 * differences; those that expectations know nothing of count if extras_count.
 * report may be NULL; its ctx is the scene.
 */
int stage_compare(const struct stage *st, complain_fn report, bool extras_count);

/* Puts CAUSE:KIND of each expectation, and the confidence told of each, as lists with commas. */
void stage_tell(const struct stage *st, char *expected, size_t elen, char *told, size_t tlen);

#endif
