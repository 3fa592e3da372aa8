/* SPDX-License-Identifier: GPL-2.0 */
/* Under which names an incident is counted, for each way of grouping. Pure. */
#ifndef TOP_KEYS_H
#define TOP_KEYS_H

#include "incident/incident.h"

enum top_by {
	TOP_BY_CAUSE, TOP_BY_SITUATION, TOP_BY_PAIR, TOP_BY_PROCESS, TOP_BY_PORT, TOP_BY_CONTAINER,
	N_TOP_BY,
};

#define TOP_NAME 96

/* "cause", …: for the option and the heading. */
extern const char *const top_by_names[N_TOP_BY];

/* One name, or two: the sender's and the victim's process or container. Escaped for terminals. */
struct top_keys {
	char name[2][TOP_NAME];
	int n;
};

void top_keys(struct top_keys *k, enum top_by by, const struct incident *inc);

/* "nginx → curl", sender and victim; "?" for a process of this host that is not known. */
void top_pair(char buf[TOP_NAME], const struct incident *inc);

/* The name of that end's process. */
void top_process(char buf[TOP_NAME], const struct endpoint *ep);

/* The port of the service; UNKNOWN: neither port is known. */
int64_t top_port(const struct incident *inc);

#endif
