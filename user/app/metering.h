/* SPDX-License-Identifier: GPL-2.0 */
/* The metrics of a running trace: counts records, and reads the kernel's figures at each request. */
#ifndef METERING_H
#define METERING_H

#include "app/metrics_server.h"
#include "app/options.h"
#include "app/pipeline.h"
#include "attach/loader.h"

struct metering;

/* All borrowed. */
struct metering_of {
	const struct options *o;
	const struct loader *loader;
	const struct source *source;
	struct pipeline *pipeline;
};

/*
 * Adds a sink, and listens where --metrics says. Returns 0, or -1 with one line in `why`. Close *out
 * before the sinks.
 */
int metering_open(struct metering **out, struct sinks *sinks, const struct metering_of *of, char *why,
		  size_t len);

/* NULL is allowed. */
void metering_close(struct metering *m);

/* The server, for the loop to run; NULL if m is NULL. */
struct metrics_server *metering_server(const struct metering *m);

#endif
