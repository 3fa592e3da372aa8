/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sinks: where a run's records and events are written. A sink uses only what is
 * handed to it; it reads no clock and no /proc. Each has a file of its own that
 * exports one ops struct; app/outputs.c has the table of those that the options
 * open. Functions return 0 or a negative errno (the stream's write error); after
 * an error the sink may still be closed.
 */
#ifndef SINK_H
#define SINK_H

#include <stdio.h>

#include "account/totals.h"
#include "events/meta.h"
#include "incident/incident.h"

struct sink {
	const struct sink_ops *ops;
	FILE *out;		/* borrowed, whoever opened it closes it; NULL: the sink writes nothing */
	const char *path;	/* its name; NULL: standard output */
	bool color;
	size_t width;		/* for people: columns to fold at; 0: 120 */
	bool verbose;
	bool runs;		/* for people: count records that are alike */
	uint64_t hold_ns;	/* for people: how long a record waits for older ones */
	const struct source_meta *meta;	/* borrowed; NULL: of several hosts, or not known */
	void *state;		/* the sink's own, from begin() to free() */
};

/* Each may be NULL: the sink has no use for it. */
struct sink_ops {
	/* Before anything else. free() follows even where it failed. */
	int (*begin)(struct sink *s);
	/* One event as it came, whatever the filters. */
	int (*bytes)(struct sink *s, const void *data, size_t size);
	/* One raw event that was asked for, --events; the reason as a word, or NULL. */
	int (*event)(struct sink *s, const struct rst_event *ev, const char *reason);
	int (*incident)(struct sink *s, const struct incident *inc);
	/* After the last incident. */
	int (*end)(struct sink *s, const struct totals *t);
	/* The time is now_ns (CLOCK_MONOTONIC); incident() was called for every record settled by then. */
	int (*tick)(struct sink *s, uint64_t now_ns);
	/* When tick() has something to do next; UINT64_MAX: never. */
	uint64_t (*next)(const struct sink *s);
	void (*free)(struct sink *s);
};

extern const struct sink_ops sink_json;		/* JSON Lines, schema rsttrace/1 */
extern const struct sink_ops sink_journal;	/* the systemd journal; its path is that of the socket */
extern const struct sink_ops sink_junit;	/* a report for CI servers */
extern const struct sink_ops sink_pcapng;	/* a capture file for Wireshark */
extern const struct sink_ops sink_record;	/* the events, for --replay */
extern const struct sink_ops sink_text;		/* blocks for people */

/* Flushes the stream. Returns 0 or the negative errno of the failed write. */
int sink_flush(struct sink *s);

#endif
