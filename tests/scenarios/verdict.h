/* SPDX-License-Identifier: GPL-2.0 */
/* The verdict on a play that is over. */
#ifndef VERDICT_H
#define VERDICT_H

#include "play.h"

/* Takes into account what was reported of the play so far; with verbose, prints the incidents. */
void verdict_take(struct play *p);

/* Sets the verdict in p->row, and prints what is wrong. */
void verdict_pronounce(struct play *p);

/*
 * To be called when all has been played, what failed has been played again alone, and the tracer
 * has ended: decides which of them have failed for good, and prints these. gaps: how many runs and
 * events are known to be missing in what the tracer saw.
 */
void verdict_settle(struct judge *j, long long gaps);

#endif
