/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sinks: where incidents go. A sink knows records and totals only; it reads no
 * clock and no /proc. Each lives in a file of its own and exports one ops
 * struct. Functions return 0 or a negative errno (the stream's write error);
 * after an error the sink may still be closed.
 */
#ifndef SINK_H
#define SINK_H

#include <stdio.h>

#include "events/meta.h"
#include "incident/incident.h"
#include "account/totals.h"

struct sink {
	const struct sink_ops *ops;
	FILE *out;		/* borrowed: the caller opens and closes it */
	bool color;
	bool verbose;
	const struct source_meta *meta;	/* borrowed; NULL: of several hosts, or not known */
	void *state;		/* the sink's own, between begin() and free() */
};

struct sink_ops {
	/* Before anything else; NULL: nothing to do. free() follows even where it failed. */
	int (*begin)(struct sink *s);
	int (*incident)(struct sink *s, const struct incident *inc);
	/* One raw event; NULL: this sink has no form for it. */
	int (*event)(struct sink *s, const struct rst_event *ev, const char *reason);
	/* After the last incident; NULL: this sink has no trailer. */
	int (*end)(struct sink *s, const struct totals *t);
	void (*free)(struct sink *s);	/* NULL: the sink keeps nothing */
};

extern const struct sink_ops sink_json;		/* JSON Lines, schema rsttrace/1 */
extern const struct sink_ops sink_text;		/* blocks for people */
extern const struct sink_ops sink_pcapng;	/* a capture file for Wireshark */

/* Flushes the stream. Returns 0 or the negative errno of the failed write. */
int sink_flush(struct sink *s);

#endif
