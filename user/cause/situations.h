/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people call it: a table of situations, tried in order once the cause is known. The cause
 * is what the kernel did; the situation is what that means to people, judged by which end was
 * client and which server and by what had gone over the connection. Pure, like the rules.
 */
#ifndef SITUATIONS_H
#define SITUATIONS_H

#include "incident/incident.h"

#define MAY_FIT CONFIDENCE_MAX

struct situation {
	const char *name;	/* the code */
	const char *headline;	/* a few words */
	const char *advice;	/* one sentence: what to do */
	const char *wire;	/* what happens: sentences */
	const char *calls;	/* who notices, and how: sentences */
	const char *source;	/* the kernel's functions and members, and the RFC sections that say so */
	const char *see;	/* causes and errors that belong to it, separated by ", " */
	/* For each confidence, the evidence that gives it; NULL: the row never gives it. */
	const char *why[CERTAIN + 1];
	/*
	 * Returns CONFIDENCE_UNSET when the row does not match, and MAY_FIT when it may match but
	 * the event that would show it may be lost: then no later row is told either.
	 */
	enum confidence (*match)(const struct incident *inc);
	/*
	 * Writes one sentence with the figures. buf holds the headline. NULL: the headline is
	 * enough.
	 */
	void (*explain)(const struct incident *inc, char *buf, size_t len);
	/* Writes the advice for this incident. buf holds .advice. NULL: .advice is enough. */
	void (*advise)(const struct incident *inc, char *buf, size_t len);
};

extern const struct situation situations[];
extern const size_t n_situations;

/* The row of a code, or NULL. */
const struct situation *situation_find(const char *name);

/* Fills in situation, situation_text, situation_confidence and the advice, if a situation fits. */
void situate(struct incident *inc);

#endif
