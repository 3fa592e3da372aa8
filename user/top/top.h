/* SPDX-License-Identifier: GPL-2.0 */
/* The sink behind `rsttrace top`: it counts what it is told, and with --batch prints it now and then. */
#ifndef TOP_H
#define TOP_H

#include "output/sink.h"
#include "top/ui.h"

struct top {
	struct top_ui ui;
	bool batch;		/* print the table to the sink's stream */
	bool once;		/* ... at the end only */
	uint64_t interval_ns;
	unsigned int width;	/* of what is printed */
	uint64_t next_ns;	/* CLOCK_MONOTONIC: when it has its turn; 0: at once */
	bool printed;
};

/* Zeroed before; 0 or -ENOMEM. `replay`: the recording's name, or NULL. */
int top_begin(struct top *t, const char *replay);
void top_end(struct top *t);

/* What the kernel side counted on each CPU since the start. */
void top_counted(struct top *t, const struct rst_stats *per_cpu, int n_cpus);

/* Its .state is a struct top, which outlives it. */
extern const struct sink_ops sink_top;

#endif
