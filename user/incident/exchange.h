/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What went over a connection before its reset: who was who, how much was read
 * and written, how long each side had been silent, and how it had ended before.
 * Pure.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "incident/incident.h"

/* What an event says of its own end. `seen` is the RST's, for how long before it things were. */
void exchange_of_event(struct endpoint *ep, const struct rst_event *ev, unsigned int hz);

/*
 * Concludes from one end to the other once both are in, or one stays away: the
 * peer of a server is a client. Fills the stage. May be called again.
 */
void exchange_conclude(struct incident *inc);

#endif
