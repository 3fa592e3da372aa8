/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's account of a live run: joins the counters that are read with
 * the totals that are kept. A replay has none.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "account/totals.h"

/*
 * Reads the counters for the first time. To be called after attaching: what was
 * recorded before that is known by its time and left out. Read before attaching
 * they would hold resets that no hook saw, and nothing would tell how many.
 */
void account_begin(struct totals *t);

/*
 * Reads them for the last time. To be called before the last look into the ring
 * buffer: what they count is in there by then, and what came after is known by
 * its time.
 */
void account_end(struct totals *t);

#endif
