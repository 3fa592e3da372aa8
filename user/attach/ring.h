/* SPDX-License-Identifier: GPL-2.0 */
/* The live source of events. */
#ifndef RING_H
#define RING_H

#include "attach/hooks.h"
#include "events/source.h"

/*
 * Reads the ring buffer of this map descriptor, which stays the caller's. Returns 0 and the
 * source, or a negative errno.
 */
int source_ring(struct source **out, int map_fd, const struct caps *caps,
		const struct plan *plan, source_fn fn, void *ctx);

#endif
