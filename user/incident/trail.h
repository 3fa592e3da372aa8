/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the incident that another one came from. Remembers recent incidents by process,
 * by the number of the RST and by connection, in tables of fixed size: where the place for a
 * hash is full, the oldest goes. Pure.
 */
#ifndef TRAIL_H
#define TRAIL_H

#include "incident/incident.h"

struct trail;

/* NULL when out of memory. */
struct trail *trail_new(void);
void trail_free(struct trail *t);

/* Remembers an incident as it is known so far; called again when more is known. */
void trail_note(struct trail *t, const struct incident *inc);

/*
 * Fills .follows, and what is known of that incident, if it is not known yet. When a proxy
 * resets a connection, that follows the reset that it met on its other side, no longer than
 * window_ns before; only with all_seen, that is, if no other reset of that time may have gone
 * unseen.
 */
void trail_follow(struct trail *t, struct incident *inc, uint64_t window_ns, bool all_seen);

#endif
