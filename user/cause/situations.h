/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people would call it: a table of situations, tried in order once the
 * cause is known. The cause stays what the kernel did; the situation is what
 * that means for whoever asks, by who was client and who server and by what had
 * gone over the connection. Pure, like the rules.
 */
#ifndef SITUATIONS_H
#define SITUATIONS_H

#include "incident/incident.h"

struct situation {
	const char *name;	/* the code */
	const char *headline;	/* a few words */
	const char *advice;	/* one sentence: what to do */
	const char *wire;	/* what happens: sentences */
	const char *calls;	/* who notices, and how: sentences */
	const char *source;	/* the kernel's functions and members, and the RFC sections it rests on */
	const char *see;	/* causes and errors it goes with, separated by ", " */
	/* By confidence: the evidence that gives it; NULL: the row never gives it. */
	const char *why[CERTAIN + 1];
	/* CONFIDENCE_UNSET: does not match. */
	enum confidence (*match)(const struct incident *inc);
	/* One sentence with the figures: buf holds the headline. NULL: the headline says it all. */
	void (*explain)(const struct incident *inc, char *buf, size_t len);
	/* The advice with what this incident adds: buf holds .advice. NULL: it stands. */
	void (*advise)(const struct incident *inc, char *buf, size_t len);
};

extern const struct situation situations[];
extern const size_t n_situations;

/* The row of a code, or NULL. */
const struct situation *situation_find(const char *name);

/* Fills situation, situation_text and situation_confidence, if any fits, and its advice. */
void situate(struct incident *inc);

#endif
