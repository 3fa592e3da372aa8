/* SPDX-License-Identifier: GPL-2.0 */
/* Where a run's records go: each output is a sink with its file. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "app/options.h"
#include "output/sink.h"

#define MAX_OUTPUTS 4

struct output {
	struct sink sink;
	const char *path;	/* NULL: standard output */
	bool reopens;		/* on SIGHUP */
};

/* Zeroed before outputs_open(). */
struct outputs {
	struct output one[MAX_OUTPUTS];
	int n;
	int err;		/* of the first output that failed: nothing is written any more */
	const char *failed;	/* its name */
};

/* Opens what the options ask for. 0, or -1 with one line in `why`. */
int outputs_open(struct outputs *o, const struct options *opt, char *why, size_t len);

/* Whose incidents these will be; before the first. Not called: they are of several hosts. */
void outputs_begin(struct outputs *o, const struct source_meta *meta);

/* These do nothing once .err is set. */
void outputs_incident(struct outputs *o, const struct incident *inc);
void outputs_event(struct outputs *o, const struct rst_event *ev, const char *reason);
void outputs_end(struct outputs *o, const struct totals *t);
void outputs_flush(struct outputs *o);

/* Opens the file of --output anew, or says on stderr why not and goes on with the old one. */
void outputs_reopen(struct outputs *o);

void outputs_close(struct outputs *o);

#endif
