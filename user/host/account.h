/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compares a live run with the kernel: reads its counters at the start and at the end into the
 * totals. A replay has no kernel to ask.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "account/totals.h"

/*
 * Reads the counters for the first time. Call it after attaching. An event from before the
 * reading is recognised by its time and left out of the comparison. A reading before attaching
 * would include resets that no hook saw, and nothing would tell how many.
 */
void account_begin(struct totals *t);

/*
 * Reads the counters for the last time. Call it before the ring buffer is read for the last
 * time: the events of everything counted are in the buffer by then, and later events are
 * recognised by their time.
 */
void account_end(struct totals *t);

#endif
