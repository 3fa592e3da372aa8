/* SPDX-License-Identifier: GPL-2.0 */
/* The live source of events. */
#ifndef RING_H
#define RING_H

#include "attach/loader.h"
#include "events/source.h"

/*
 * Reads the ring buffer of a loader that has started, and stays the caller's. Returns 0 and the
 * source, or a negative errno.
 *
 * An event that finds no room is told of by a later one of its CPU (EV_GAP). Where none comes, the
 * counters tell: account/losses.h.
 */
int source_ring(struct source **out, const struct loader *l, source_fn fn, void *ctx);

/* How many bytes of events wait, and how many could. *size is 0 when that cannot be told. */
void source_ring_fill(const struct source *s, uint64_t *used, uint64_t *size);

#endif
