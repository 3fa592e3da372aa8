/* SPDX-License-Identifier: GPL-2.0 */
/* A file for those who compare runs: a JSON object a line for each play, and one for the run. */
#ifndef RESULTS_H
#define RESULTS_H

#include "judge.h"

/* Appends to the file. Returns 0 or a negative errno. */
int results_append(const struct judge *j, const char *file);

#endif
