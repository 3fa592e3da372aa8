/* SPDX-License-Identifier: GPL-2.0 */
/* Whose events a run's are: what the host and its kernel add to them. */
#ifndef META_H
#define META_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_REASONS 64

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

/* The reason's name, or NULL. */
const char *source_reason(const struct source_meta *meta, uint32_t number);

#endif
