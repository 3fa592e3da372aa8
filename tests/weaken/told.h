/* SPDX-License-Identifier: GPL-2.0 */
/* Events, and the records that rsttrace makes of them. */
#ifndef WEAKEN_TOLD_H
#define WEAKEN_TOLD_H

#include <stddef.h>

#include <jansson.h>

#include "events/event.h"
#include "events/meta.h"

struct events {
	struct rst_event *ev;
	size_t n, room;
};

void events_add(struct events *e, const struct rst_event *ev);
void events_free(struct events *e);

/* A recording, decoded. Ends the program if it cannot be read. */
void events_load(struct events *e, struct source_meta *meta, const char *path);

/*
 * Every record as printed: an array, which the caller owns, of arrays of the
 * revisions of one record, the last one first.
 */
json_t *tell(const struct events *e, const struct source_meta *meta);

#endif
