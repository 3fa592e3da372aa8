/* SPDX-License-Identifier: GPL-2.0 */
#include "incidents.h"

struct incident sent(struct rst_event ev)
{
	struct incident inc;

	incident_init(&inc);
	facts_sent(&inc, &ev, &events_meta);
	return inc;
}

struct incident taken(struct rst_event ev)
{
	struct incident inc;

	incident_init(&inc);
	facts_received(&inc, &ev, &events_meta);
	return inc;
}
