/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds return addresses in a copy of registers and stack memory, by the unwind tables of
 * the files that the process has mapped, or, where a file has none for an address, by frame
 * pointers.
 */
#ifndef UNWIND_H
#define UNWIND_H

#include "events/frames.h"
#include "host/process_maps.h"

struct unwinder;

struct unwound {
	unsigned int n;
	uint64_t pc[RST_STACK_FRAMES];	/* innermost first */
	bool by_pointer[RST_STACK_FRAMES];
	bool exact[RST_STACK_FRAMES];	/* the next instruction, not where a call returns to */
};

/* NULL when out of memory, or where this build has no libdw. proc is borrowed. */
struct unwinder *unwinder_new(const char *proc);
void unwinder_free(struct unwinder *u);		/* NULL is allowed */

/* Fills in as many frames as can be found; none where registers or memory were not copied. */
void unwind(struct unwinder *u, const struct raw_stack *raw, const struct process_maps *maps,
	    struct unwound *out);

/* The address at which the thread left the program; 0: the registers were not copied. */
uint64_t raw_stack_pc(const struct raw_stack *raw);

#endif
