/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sink behind `rsttrace top`: it counts incidents, and with --batch prints the table now and
 * then.
 */
#ifndef TOP_H
#define TOP_H

#include "output/sink.h"
#include "top/ui.h"

struct top {
	struct top_ui ui;
	bool batch;		/* print the table to the sink's stream */
	bool once;		/* ... only at the end */
	uint64_t interval_ns;
	unsigned int width;	/* of what is printed, in columns */
	uint64_t next_ns;	/* CLOCK_MONOTONIC: when to print next; 0: at once */
	bool printed;
};

/* `t` has to be zeroes, `replay` is the recording's name, or NULL. Returns 0 or -ENOMEM. */
int top_begin(struct top *t, const char *replay);
void top_end(struct top *t);

/* Takes what the kernel side has counted on each CPU since the start. */
void top_counted(struct top *t, const struct rst_stats *per_cpu, int n_cpus);

/* Its .state is a struct top, which must outlive the sink. */
extern const struct sink_ops sink_top;

#endif
