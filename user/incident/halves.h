/* SPDX-License-Identifier: GPL-2.0 */
/* Finds the sending and the receipt of the same RST, where several share flow and number. */
#ifndef HALVES_H
#define HALVES_H

#include "incident/kept.h"

/*
 * The record of this event's RST, begun by the other end: `sent` says whether the event is
 * the sending, and the record has the receipt, or the reverse. NULL: there is none. Both keys
 * are tried, with the namespace and without, as one end may not know that the flow is local.
 */
struct node *half_of(const struct kept *k, const struct rst_event *ev, bool sent);

/* A connect that an error ended: the record of the RST that answered its SYN, or NULL. */
struct node *half_refused(const struct kept *k, const struct rst_event *aborted);

#endif
