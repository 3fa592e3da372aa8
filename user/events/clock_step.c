/* SPDX-License-Identifier: GPL-2.0 */
#include "events/clock_step.h"

#include <string.h>

_Static_assert(sizeof(struct clock_step) == 24 + 8 + 8, "layout of recordings");

struct clock_step clock_step_at(uint64_t time_ns, int64_t offset_ns)
{
	return (struct clock_step){
		.head = { .size = sizeof(struct clock_step), .wire = RST_WIRE, .type = EV_CLOCK, .time_ns = time_ns },
		.section = { .kind = SEC_CLOCK, .size = sizeof(struct rst_section) + sizeof(int64_t) },
		.offset_ns = offset_ns,
	};
}

bool clock_step_read(struct clock_step *s, const void *data, size_t size)
{
	if (size < sizeof(*s))
		return false;
	memcpy(s, data, sizeof(*s));
	return s->head.type == EV_CLOCK && s->head.size >= sizeof(*s) && s->head.size <= size &&
	       s->section.kind == SEC_CLOCK;
}
