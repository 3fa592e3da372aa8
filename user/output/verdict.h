/* SPDX-License-Identifier: GPL-2.0 */
/* What became of the connections of a run, in whole sentences. */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdio.h>

#include "account/totals.h"

/* Prints nothing where connections were not counted, or none was reset or timed out. */
void verdict_print(FILE *out, const struct totals *t);

#endif
