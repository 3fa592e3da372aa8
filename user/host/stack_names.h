/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames with names of what the kernel side copied: while the process lives from its own
 * files, afterwards from those that were open before, and from the folders of debug files.
 */
#ifndef STACK_NAMES_H
#define STACK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stack_names;

/*
 * proc is where procfs is ("/proc"), borrowed; live: of the host whose stacks they are, so that its
 * kernel has names for them. 0 or -ENOMEM.
 */
int stack_names_open(const char *proc, bool live, struct stack_names **out);
void stack_names_free(struct stack_names *s);	/* NULL is allowed */

/* What is missing here for whole stacks, in one line each until NULL comes. */
const char *stack_names_lack(const struct stack_names *s, unsigned int i);

/* The kernel has new functions: a module was loaded. */
void stack_names_refresh(struct stack_names *s);

/*
 * Makes of an EV_STACK, or anew of an EV_FRAMES, an EV_FRAMES in buf, of
 * FRAMES_EVENT_MAX bytes. Returns its size or -EBADMSG.
 */
int stack_names_event(struct stack_names *s, const void *data, size_t size, void *buf);

#endif
