/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where events come from: the kernel's ring buffer, or a recording of one. A
 * source gives raw bytes; decode.h makes events of them.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdint.h>
#include <stdio.h>

#include "hooks.h"

/* What the events of one run have in common; a recording begins with it. */
struct source_meta {
	char host[65];
	char release[65];
	int64_t boot_offset_ns;		/* wall clock = CLOCK_MONOTONIC + this */
	char reason[MAX_REASONS][40];	/* enum sk_rst_reason of that kernel */
	int n_reasons;
	unsigned int hz;		/* that kernel's jiffies a second; 0: not known */
	bool sees_sent;			/* no RST of that host's own TCP goes unseen */
	bool misses_calls;		/* a send or a receive may fail there unseen */
};

/* One event's bytes, valid during the call. A negative return ends the poll with it. */
typedef int (*source_fn)(void *ctx, const void *data, size_t size);

struct source {
	const struct source_ops *ops;
	struct source_meta meta;
	source_fn fn;
	void *ctx;
};

struct source_ops {
	const char *name;
	/*
	 * Waits up to timeout_ms for events and hands them over. Returns how many,
	 * -ENODATA after the last one, -EINTR after a signal, another negative
	 * errno on failure.
	 */
	int (*poll)(struct source *s, int timeout_ms);
	void (*close)(struct source *s);	/* frees the source */
};

/* From the ring buffer with this map descriptor, which stays the caller's. */
int source_ring(struct source **out, int map_fd, const struct caps *caps,
		const struct plan *plan, source_fn fn, void *ctx);

/* From a recording. `why` says in one line what is wrong with the file. */
int source_file(struct source **out, const char *path, source_fn fn, void *ctx,
		char *why, size_t len);

/* The reason's name, or NULL. */
const char *source_reason(const struct source_meta *meta, uint32_t number);

/* Writing a recording: the meta line, then every event. 0 or a negative errno. */
int recording_begin(FILE *f, const struct source_meta *meta);
int recording_event(FILE *f, const void *data, size_t size);

#endif
