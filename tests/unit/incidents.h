/* SPDX-License-Identifier: GPL-2.0 */
/* What one event says of an incident. */
#ifndef INCIDENTS_H
#define INCIDENTS_H

#include "events.h"
#include "incident/facts.h"

struct incident sent(struct rst_event ev);
struct incident taken(struct rst_event ev);

#endif
