/* SPDX-License-Identifier: GPL-2.0 */
/* The earliest resets as text that needs no script: a line each, which opens to the whole story. */
#ifndef PAGE_FIRST_ROWS_H
#define PAGE_FIRST_ROWS_H

#include <stdio.h>

#include "page/model.h"
#include "page/picks.h"

struct first_rows;

/* Chooses them; the picks are still in the order of their entries. NULL when out of memory. */
struct first_rows *first_rows_new(const struct picks *p, const struct report *r);
void first_rows_free(struct first_rows *f);

/* One record of that reset, whether it is among them or not. 0 or -ENOMEM. */
int first_rows_incident(struct first_rows *f, uint32_t entry, const struct incident *inc);

void first_rows_put(const struct first_rows *f, const struct model *m, FILE *out);

#endif
