/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts events into the order in which they happened. Each processor tells its own in
 * order, but those of several processors may come in any order: a task may be preempted
 * between reading the clock and writing the event, and a reader takes one processor's
 * buffer after another. An event that comes twice leaves once. Pure: time comes with
 * the events.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events/event.h"

/* How much older than the newest one an event may come and still find its place. */
#define ORDER_WINDOW_NS 20000000ULL

struct order;

/* Keeps at most `max` events back. NULL when out of memory. */
struct order *order_new(size_t max);
void order_free(struct order *o);	/* NULL is allowed */

/* Takes in a copy. Returns 0 or -ENOMEM. */
int order_push(struct order *o, const struct rst_event *ev);

/*
 * Takes out the oldest event, if it is not younger than until_ns, or if no older one can
 * come any more; false when there is no such event. ORDER_ALL: whatever there is.
 */
#define ORDER_ALL UINT64_MAX
bool order_pop(struct order *o, uint64_t until_ns, struct rst_event *ev);

/* Whether any event is kept back. */
bool order_holds(const struct order *o);

#endif
