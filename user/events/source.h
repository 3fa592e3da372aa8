/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where events come from: the kernel's ring buffer, or a recording of one. A
 * source gives raw bytes; decode.h makes events of them.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stddef.h>

#include "events/meta.h"

/*
 * Gets one event's bytes, valid during the call. take() stops at a return other than 0:
 * it returns a negative one, and after a positive one the number of events so far.
 */
typedef int (*source_fn)(void *ctx, const void *data, size_t size);

struct source {
	const struct source_ops *ops;
	struct source_meta meta;
	source_fn fn;
	void *ctx;
	char why[1024];	/* after take() failed by what is in a file: one line on what is wrong, and where */
	int fd;		/* readable when there are events; -1: no need to wait, all are there */
};

struct source_ops {
	/*
	 * Hands over the events that are there, or some thousands of them. Returns how
	 * many, 0 when there is none now, -ENODATA when there will be none any more,
	 * or another negative errno.
	 */
	int (*take)(struct source *s);
	void (*close)(struct source *s);	/* frees the source */
};

#endif
