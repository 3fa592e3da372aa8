/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the kernel side's counters of resets. */
#ifndef TALLY_H
#define TALLY_H

#include "attach/loader.h"
#include "events/count.h"

/*
 * All rows in which there is anything, most first, into an array of *n that the
 * caller frees. Returns 0 or a negative errno.
 */
int tally_read(const struct loader *l, struct count_row **out, int *n);

#endif
