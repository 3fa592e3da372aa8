/* SPDX-License-Identifier: GPL-2.0 */
/* The table that ends a run. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdio.h>

#include "account/totals.h"

/*
 * Prints what became of the connections, where they were counted, then incidents by cause and
 * situation, then by sender → victim, then how that agrees
 * with the kernel's own counters, and what was lost. Without an incident it
 * says so in one line, and goes on only when something does not add up.
 * Returns 0 or the negative errno of the failed write.
 */
int summary_print(FILE *out, const struct totals *t);

/* All resets that the kernel side has seen, by what they are counted as, whether or not they have a record. */
void summary_counts(FILE *out, const struct totals *t);

#endif
