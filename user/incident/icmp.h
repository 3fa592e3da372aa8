/* SPDX-License-Identifier: GPL-2.0 */
/* The ICMP message that answered a SYN. */
#ifndef ICMP_H
#define ICMP_H

#include "incident/incident.h"

/* What EV_ABORTED says of it. */
void icmp_facts(struct incident *inc, const struct rst_event *ev);

/* Whether it was kept, and gives ECONNREFUSED: then no RST ended the connect. */
bool icmp_refused(const struct incident *inc);

/* Whether it, or its errno alone, says what a rule says that rejects, and not that there is no way. */
bool icmp_rejects(const struct incident *inc);

/* What it says, e.g. "port unreachable": a constant, or the numbers in buf. */
const char *icmp_text(const struct incident *inc, char *buf, size_t len);

#endif
