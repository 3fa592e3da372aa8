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
 * Events that found no room are reported by an EV_GAP, before the next event of their CPU. Where none
 * comes, the kernel side's counters show them: account/losses.h.
 */
int source_ring(struct source **out, const struct loader *l, source_fn fn, void *ctx);

/* How many bytes of events wait, and how many fit. *size is 0 when that is not known. */
void source_ring_fill(const struct source *s, uint64_t *used, uint64_t *size);

#endif
