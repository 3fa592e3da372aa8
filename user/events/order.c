/* SPDX-License-Identifier: GPL-2.0 */
#include "events/order.h"

#include <errno.h>
#include <stdlib.h>

/* An entry of a binary heap with the oldest event on top; of equal times, the one that came first. */
struct slot {
	uint64_t time_ns, nr;
	uint32_t cpu;
	struct rst_event *ev;
};

struct order {
	size_t max, n, made;	/* events that wait, and for how many there is memory */
	uint64_t next_nr, newest_ns;
	struct slot last;	/* the last one to leave; its event is not kept */
	uint8_t last_type;
	struct slot slot[];	/* beyond the first n: event memory to be used again */
};

struct order *order_new(size_t max)
{
	/* one more, because an event is added before the oldest is removed */
	struct order *o = calloc(1, sizeof(*o) + (max + 1) * sizeof(struct slot));

	if (o)
		o->max = max;
	return o;
}

void order_free(struct order *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->made; i++)
		free(o->slot[i].ev);
	free(o);
}

static bool before(const struct slot *a, const struct slot *b)
{
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns;
	return a->cpu != b->cpu ? a->cpu < b->cpu : a->nr < b->nr;
}

static void swap(struct slot *a, struct slot *b)
{
	struct slot t = *a;

	*a = *b;
	*b = t;
}

static void rise(struct order *o, size_t i)
{
	for (; i && before(&o->slot[i], &o->slot[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&o->slot[i], &o->slot[(i - 1) / 2]);
}

static void sink(struct order *o, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) < o->n) {
		if (child + 1 < o->n && before(&o->slot[child + 1], &o->slot[child]))
			child++;
		if (!before(&o->slot[child], &o->slot[i]))
			return;
		swap(&o->slot[i], &o->slot[child]);
		i = child;
	}
}

int order_push(struct order *o, const struct rst_event *ev)
{
	struct slot *s = &o->slot[o->n];

	if (o->n > o->max)
		return -ENOBUFS;
	if (o->n == o->made) {
		s->ev = malloc(sizeof(*s->ev));
		if (!s->ev)
			return -ENOMEM;
		o->made++;
	}
	*s->ev = *ev;
	s->time_ns = ev->time_ns;
	s->nr = o->next_nr++;
	s->cpu = ev->cpu;
	if (ev->time_ns > o->newest_ns)
		o->newest_ns = ev->time_ns;
	rise(o, o->n++);
	return 0;
}

/* No processor tells two events in the same nanosecond: this is the last one once more. */
static bool is_twice(const struct order *o, const struct slot *s)
{
	return s->time_ns == o->last.time_ns && s->cpu == o->last.cpu && s->ev->type == o->last_type &&
	       o->last_type != EV_GAP;
}

static void leave(struct order *o)
{
	o->last = o->slot[0];
	o->last_type = o->slot[0].ev->type;
	swap(&o->slot[0], &o->slot[--o->n]);
	sink(o, 0);
}

bool order_pop(struct order *o, uint64_t until_ns, struct rst_event *ev)
{
	const struct slot *top = o->slot;

	while (o->n && is_twice(o, top))
		leave(o);
	if (!o->n || (top->time_ns > until_ns && o->n <= o->max &&
		      o->newest_ns - top->time_ns < ORDER_WINDOW_NS))
		return false;
	*ev = *top->ev;
	leave(o);
	return true;
}

bool order_holds(const struct order *o)
{
	return o->n;
}
