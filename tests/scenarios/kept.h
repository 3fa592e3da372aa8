/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenes kept for a later judgement: a guest plays and records, and what it expected of each
 * scene is held against the replayed recording elsewhere, where nothing has to be in time.
 * A file has one JSON object a line: a scene each, and at the end what the tracer itself said.
 */
#ifndef KEPT_H
#define KEPT_H

#include <stdio.h>

#include "play.h"

/* Adds a play that is over. */
void kept_write(FILE *f, const struct play *p);

/* Adds a row that was not played, and at last the tracer that all shared; NULL: it never began. */
void kept_write_row(FILE *f, const struct judged *row);
void kept_write_tracer(FILE *f, const struct tracer *t);

/*
 * Judges all scenes of the file by the recording j->tracer.replay, as if they had just been
 * played. Leaves what the tracer said in j->one. Returns 0, or a negative errno after it wrote
 * what is wrong to stderr.
 */
int kept_judge(struct judge *j, const char *file);

#endif
