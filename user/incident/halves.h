/* SPDX-License-Identifier: GPL-2.0 */
/* Which sending and which receipt are of one RST, where several have the same flow and number. */
#ifndef HALVES_H
#define HALVES_H

#include "incident/kept.h"

/*
 * The record that lacks the end which the event tells of: the sending of a RST,
 * or its receipt. NULL: there is none. One end may not know that the flow is local.
 */
struct node *half_of(const struct kept *k, const struct rst_event *ev, bool sent);

/* A connect that an error ended: the record of the RST that answered its SYN, or NULL. */
struct node *half_refused(const struct kept *k, const struct rst_event *aborted);

#endif
