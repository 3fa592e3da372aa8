/* SPDX-License-Identifier: GPL-2.0 */
/* The table that ends a run. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdio.h>

#include "account/totals.h"

/*
 * Prints what became of the connections, where they were counted, then incidents by cause and
 * situation, then by sender → victim, then how the figures agree with the kernel's own counters,
 * and what was lost. Without an incident it says so in one line, and more only when the figures
 * do not agree.
 * Returns 0 or the negative errno of the failed write.
 */
int summary_print(FILE *out, const struct totals *t);

/* Prints the kernel side's own counts of all resets that it has seen, with and without a record. */
void summary_counts(FILE *out, const struct totals *t);

#endif
