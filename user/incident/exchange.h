/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What went over a connection before its reset: who was client and who server, how much
 * was read and written, how long each side had been silent, and how it had ended before.
 * Pure.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "incident/incident.h"

/* Fills ep with what an event says of its own end of the connection. */
void exchange_of_event(struct endpoint *ep, const struct rst_event *ev, unsigned int hz);

/*
 * Concludes from one end what the other one is: the peer of a server is a client. Fills
 * the stage. Called when both ends are known, or no more is awaited; may be called again.
 */
void exchange_conclude(struct incident *inc);

#endif
