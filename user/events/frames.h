/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks: as the kernel side copies them (EV_STACK), and as the frames that host/
 * makes of them while the process lives (EV_FRAMES). Only frames are passed on and
 * recorded, never the copied stack memory, which may hold a program's secrets.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define MAX_FRAMES (2 * RST_STACK_FRAMES)
#define FRAME_TEXT_MAX 200		/* bytes of one frame's text; a longer name is cut */
#define FRAMES_EVENT_MAX 32768		/* bytes of an event that frames_encode() makes */

struct frame {
	uint64_t offset;		/* in the file with that build-id */
	uint8_t build_id[20];		/* zero: not known */
	uint8_t flags;			/* FRAMEF_* */
	char text[FRAME_TEXT_MAX + 1];
};

/* Those of the kernel first, each part from the innermost on. */
struct frames {
	unsigned int n;
	struct frame frame[MAX_FRAMES];
};

/* An EV_STACK's sections, checked: n_kernel and n_user count frames, none are negative. */
struct raw_stack {
	struct rst_head head;
	struct rst_task task;
	struct rst_stack stack;
};

/* Each returns 0, or -EBADMSG where the bytes are no such event, and the output is not to be used. */
int raw_stack_decode(struct raw_stack *out, const void *data, size_t size);
int frames_decode(struct frames *out, const void *data, size_t size);

/*
 * Writes an event with these frames, which has the time and CPU of `like`. Returns its size, at most
 * FRAMES_EVENT_MAX.
 */
size_t frames_encode(void *buf, const struct rst_head *like, const struct frames *frames);

#endif
