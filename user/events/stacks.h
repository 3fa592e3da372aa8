/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stacks of a run. Most resets of a kind have the same one, so each is kept
 * once, for as long as the run goes on, and incidents point to it. When
 * there are too many different ones, further ones are left out and counted.
 */
#ifndef STACKS_H
#define STACKS_H

#include "events/event.h"
#include "events/frames.h"

/* Frames as they are shown, innermost first. */
struct stack_text {
	unsigned int n;
	const char *frame[];
};

struct stacks;

/* NULL when out of memory. */
struct stacks *stacks_new(void);
void stacks_free(struct stacks *s);	/* NULL is allowed */

/*
 * Takes in an EV_FRAMES: the stack of an event that follows on the same CPU and has the
 * same time. 0, -ENOENT if it is another event, -EBADMSG or -ENOMEM.
 */
int stacks_bytes(struct stacks *s, const void *data, size_t size);

/* Gives the event its stack, if one has come for it. */
void stacks_give(struct stacks *s, struct rst_event *ev);

/* Stacks that were left out, because there are too many different ones. */
uint64_t stacks_left_out(const struct stacks *s);

#endif
