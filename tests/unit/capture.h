/* SPDX-License-Identifier: GPL-2.0 */
/* A sink that writes to memory, and the records that the sinks' tests have it write. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "output/sink.h"

struct capture {
	struct sink sink;
	char *text;
	size_t len;
};

void capture_open(struct capture *c, const struct sink_ops *ops);
void capture_close(struct capture *c);

/* Passes it to the sink; what the sink writes is in .text. */
void capture_incident(struct capture *c, const struct incident *inc);
void capture_event(struct capture *c, const struct rst_event *ev, const char *reason);

/* Fail the test unless this sink writes exactly `want`. */
void expect_incident(const struct sink_ops *ops, const struct incident *inc, const char *want);
void expect_event(const struct sink_ops *ops, const struct rst_event *ev, const char *reason,
		  const char *want);

/* The example of docs/record.md, and its first event. */
void example_incident(struct incident *inc);
void example_event(struct rst_event *ev);

#endif
