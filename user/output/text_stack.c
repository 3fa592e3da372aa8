/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>

#include "events/stacks.h"
#include "output/text_block.h"
#include "output/text_line.h"

#define SHOWN 12	/* frames; the record has them all */

static void put_frames(FILE *out, const struct sink *s, const char *label, const struct stack_text *stack)
{
	for (unsigned int i = 0; i < stack->n && i < SHOWN; i++) {
		struct line l = { .len = 0 };

		line_escaped(&l, stack->frame[i], strlen(stack->frame[i]));
		line_put(out, s, i ? "" : label, &l);
	}
	if (stack->n > SHOWN) {
		struct line l = { .len = 0 };

		line_add(&l, "and %u more", stack->n - SHOWN);
		line_put(out, s, "", &l);
	}
}

void text_stack(FILE *out, const struct sink *s, const struct endpoint *ep)
{
	if (ep->stack)
		put_frames(out, s, "in", ep->stack);
	if (ep->kstack && (s->verbose || !ep->stack))
		put_frames(out, s, "kernel", ep->kstack);
}
