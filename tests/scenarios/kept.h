/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenes kept to be judged later: a guest plays and records; elsewhere the recording is replayed
 * and compared with what the guest expected of each scene, so that nothing has to be in time. The
 * file has a JSON object in each line: one for each scene, and last what the tracer itself said.
 */
#ifndef KEPT_H
#define KEPT_H

#include <stdio.h>

#include "play.h"

/* Writes a play that is over. */
void kept_write(FILE *f, const struct play *p);

/* Write a row that was not played, and at last the shared tracer; NULL: it never started. */
void kept_write_row(FILE *f, const struct judged *row);
void kept_write_tracer(FILE *f, const struct tracer *t);

/*
 * Judges all scenes of the file by the recording j->tracer.replay, as if they had just been played.
 * What the tracer said is then in j->one. Returns 0, or a negative errno after it printed what is
 * wrong to stderr.
 */
int kept_judge(struct judge *j, const char *file);

#endif
