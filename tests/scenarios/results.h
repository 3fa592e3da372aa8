/* SPDX-License-Identifier: GPL-2.0 */
/* A file to compare runs by: a JSON object in each line, one for each play, and one for the run. */
#ifndef RESULTS_H
#define RESULTS_H

#include "judge.h"

/* Appends to the file. Returns 0 or a negative errno. */
int results_append(const struct judge *j, const char *file);

#endif
