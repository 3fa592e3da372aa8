/* SPDX-License-Identifier: GPL-2.0 */
/* The earliest resets as text that needs no script: a line each, which opens to the whole story. */
#ifndef PAGE_FIRST_ROWS_H
#define PAGE_FIRST_ROWS_H

#include <stdio.h>

#include "page/model.h"
#include "page/picks.h"

struct first_rows;

/*
 * Chooses the resets, while the picks are still in the order of their entries. Returns NULL when
 * out of memory.
 */
struct first_rows *first_rows_new(const struct picks *p, const struct report *r);
void first_rows_free(struct first_rows *f);

/* Takes a record of the reset with this entry, whether it was chosen or not. Returns 0 or -ENOMEM. */
int first_rows_incident(struct first_rows *f, uint32_t entry, const struct incident *inc);

void first_rows_put(const struct first_rows *f, const struct model *m, FILE *out);

#endif
