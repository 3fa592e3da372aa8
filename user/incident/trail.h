/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which incident another one came from. A bounded memory of what happened lately:
 * by process, by the number of the RST, by the connection. The newest of a slot
 * stays. Pure.
 */
#ifndef TRAIL_H
#define TRAIL_H

#include "incident/incident.h"

struct trail;

/* NULL when out of memory. */
struct trail *trail_new(void);
void trail_free(struct trail *t);

/* What is known of an incident by now; again when more is. */
void trail_note(struct trail *t, const struct incident *inc);

/*
 * Fills .follows, if it is not known yet. A proxy's reset of one side follows what
 * its other side met no longer than window_ns before, if nothing else that it met
 * then may have gone unseen.
 */
void trail_follow(struct trail *t, struct incident *inc, uint64_t window_ns, bool all_seen);

#endif
