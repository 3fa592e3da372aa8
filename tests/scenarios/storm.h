/* SPDX-License-Identifier: GPL-2.0 */
/* A storm: all scenarios at once, over and over, with every reset accounted for. */
#ifndef STORM_H
#define STORM_H

#include "judge.h"

struct storm {
	int wanted;		/* how many incidents to make */
	long seed;
	const struct scenario **sc;	/* shuffled anew whenever all have been played */
	int n, at;
	unsigned short rng[3];
	struct judge *j;
	int64_t begin_ms, end_ms;
};

/* Plays those of the n scenarios that may be played beside others. Shuffles sc. */
void storm_play(struct storm *st, struct judge *j, const struct scenario **sc, int n, int jobs);

/*
 * To be called after the shared tracer has ended: compares what it says of each namespace of the
 * storm with what the kernel counted there. Prints the figures; counts as one test.
 */
void storm_reconcile(const struct storm *st, struct judge *j);

#endif
