/* SPDX-License-Identifier: GPL-2.0 */
/* `rsttrace check`: what this kernel offers and what was chosen of it. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

#include "hooks.h"

/* Prints the table. Returns 0, or the negative errno of the failed write. */
int check_print(FILE *out, const struct caps *caps, const struct plan *plan);

/* One line of warning when a probe cannot be had. */
void check_warn(FILE *out, const struct plan *plan);

#endif
