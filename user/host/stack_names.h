/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes frames with names of the stacks that the kernel side copied: from the process's own
 * files while it lives, afterwards from files that were opened before, and from the folders
 * of debug files.
 */
#ifndef STACK_NAMES_H
#define STACK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stack_names;

/*
 * proc is where procfs is ("/proc"), borrowed; live: the stacks are this host's, so its kernel has
 * names for them. 0 or -ENOMEM.
 */
int stack_names_open(const char *proc, bool live, struct stack_names **out);
void stack_names_free(struct stack_names *s);	/* NULL is allowed */

/* The i-th thing that is missing here for complete stacks, in one line; NULL after the last. */
const char *stack_names_lack(const struct stack_names *s, unsigned int i);

/* A module was loaded: the names of the kernel's functions are to be read anew. */
void stack_names_refresh(struct stack_names *s);

/*
 * Makes an EV_FRAMES in buf, of FRAMES_EVENT_MAX bytes, from an EV_STACK, or from an
 * EV_FRAMES that may get more names here. Returns its size or -EBADMSG.
 */
int stack_names_event(struct stack_names *s, const void *data, size_t size, void *buf);

#endif
