/* SPDX-License-Identifier: GPL-2.0 */
/* What the events of one run have in common: the host and the kernel they come from. */
#ifndef META_H
#define META_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_REASONS 64

/* A recording begins with these. */
struct source_meta {
	char host[65];
	char release[65];
	char boot[33];			/* id of that boot, 32 hex digits; "": not known */
	int64_t boot_offset_ns;		/* wall clock = CLOCK_MONOTONIC + this, of the events that come next */
	char reason[MAX_REASONS][40];	/* enum sk_rst_reason of that kernel */
	int n_reasons;
	unsigned int hz;		/* that kernel's jiffies a second; 0: not known */
	bool sees_sent;			/* every RST that the TCP stack of that host sends is seen */
	bool misses_calls;		/* no probe there shows a failing send or receive */
};

/*
 * Wall clock of a CLOCK_MONOTONIC time of that host. A damaged recording has any numbers: their sum
 * is then as wrong as they are, but defined.
 */
static inline int64_t source_wall_ns(const struct source_meta *meta, uint64_t mono_ns)
{
	return (int64_t)(mono_ns + (uint64_t)meta->boot_offset_ns);
}

/* The reason's name, or NULL. */
const char *source_reason(const struct source_meta *meta, uint32_t number);

#endif
