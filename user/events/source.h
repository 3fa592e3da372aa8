/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where events come from: the kernel's ring buffer, or a recording of one. A
 * source gives raw bytes; decode.h makes events of them.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stddef.h>

#include "events/meta.h"

/* One event's bytes, valid during the call. A negative return ends the poll with it. */
typedef int (*source_fn)(void *ctx, const void *data, size_t size);

struct source {
	const struct source_ops *ops;
	struct source_meta meta;
	source_fn fn;
	void *ctx;
};

struct source_ops {
	/*
	 * Waits up to timeout_ms for events and hands them over. Returns how many,
	 * -ENODATA after the last one, -EINTR after a signal, another negative
	 * errno on failure.
	 */
	int (*poll)(struct source *s, int timeout_ms);
	void (*close)(struct source *s);	/* frees the source */
};

#endif
