/* SPDX-License-Identifier: GPL-2.0 */
/* All that a record says, as a row of columns; the keys are those of docs/record.md. */
#ifndef PAGE_DETAILS_H
#define PAGE_DETAILS_H

#include "incident/incident.h"
#include "page/columns.h"

/* Returns 0 or -ENOMEM. */
int details_add(struct columns *c, const struct incident *inc);

#endif
