/* SPDX-License-Identifier: GPL-2.0 */
/* All sinks of a run. Each function calls that of every sink, in the order in which they were opened. */
#ifndef SINKS_H
#define SINKS_H

#include "output/sink.h"

#define MAX_SINKS 8

/* Zeroes at first. */
struct sinks {
	struct sink one[MAX_SINKS];
	int n;
	int err;		/* of the first sink that failed; nothing more is written after that */
	const char *failed;	/* the name of its file */
};

/* Called first. meta says where the events come from; it is borrowed until sinks_end(). */
void sinks_begin(struct sinks *s, const struct source_meta *meta);

/* These do nothing once .err is set. */
void sinks_bytes(struct sinks *s, const void *data, size_t size);
/* Whether any sink takes the bytes of events. */
bool sinks_take_bytes(const struct sinks *s);
void sinks_event(struct sinks *s, const struct rst_event *ev, const char *reason);
void sinks_incident(struct sinks *s, const struct incident *inc);
void sinks_tick(struct sinks *s, uint64_t now_ns);
void sinks_end(struct sinks *s, const struct totals *t);
void sinks_flush(struct sinks *s);

/* When sinks_tick() has something to do next; UINT64_MAX: never. */
uint64_t sinks_next(const struct sinks *s);

#endif
