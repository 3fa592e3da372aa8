/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way of an event behind its source: bytes → decode → order → repeats →
 * totals → chain → rules → filter → sinks.
 *
 * Pure: it reads no clock and no /proc, and knows neither the kernel nor a
 * signal. Time comes with the events or by pipeline_tick(), names of processes by a
 * callback. So the same stages run live, from a recording, under the unit tests
 * and the fuzzer.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "app/suppress.h"
#include "output/sinks.h"

struct pipeline;

/* All borrowed. */
struct pipeline_config {
	const struct source_meta *meta;
	struct filter *filter;	/* a fork of a process that it follows is followed, too */
	struct suppress *suppress;	/* what it covers is counted, not shown; NULL: no rules */
	struct sinks *sinks;
	uint64_t settle_ns;	/* how long a record waits for the call that fails */
	long count;		/* over after so many records; 0: never */
	bool verdict;		/* connections are counted, for the summary to say what became of them */
	bool events;		/* the sinks are told of the raw events, too */
	bool replay;		/* time comes with the events, and RSTs are counted from them alone */
};

/* Callbacks to what is not pure; each may be NULL. */
struct pipeline_ops {
	/* Fills exe, cgroup and the like while the process lives. */
	void (*resolve)(void *ctx, struct endpoint *ep);
	/* The kernel loads a module. */
	void (*module)(void *ctx);
};

/* NULL when out of memory. */
struct pipeline *pipeline_new(const struct pipeline_config *cfg, const struct pipeline_ops *ops, void *ctx);
void pipeline_free(struct pipeline *p);

/*
 * Takes in one event; has the form of a source_fn. Returns 0, 1 when the pipeline is over
 * (pipeline_over()), -EPROTO when the bytes make no sense, or -ENOMEM.
 */
int pipeline_bytes(void *pipeline, const void *data, size_t size);

/*
 * The time is now_ns (CLOCK_MONOTONIC), and all events until then have come in: shows
 * what has settled. 0 or -ENOMEM.
 */
int pipeline_tick(struct pipeline *p, uint64_t now_ns);

/* When pipeline_tick() has something to do next; UINT64_MAX: never. */
uint64_t pipeline_next(const struct pipeline *p);

/* The time of the event that was taken last; 0: none was. */
uint64_t pipeline_event_ns(const struct pipeline *p);

/* No event comes any more: shows what is left. The totals may still be added to. 0 or -ENOMEM. */
int pipeline_finish(struct pipeline *p);

/* Enough was shown, or a sink cannot be written. */
bool pipeline_over(const struct pipeline *p);

/* A followed process suffered a reset that was shown. */
bool pipeline_suffered(const struct pipeline *p);

/* ... and a call of it met one: it failed, or took it for the end of the stream. */
bool pipeline_hurt(const struct pipeline *p);

/* The totals so far, to add what only the kernel knows. */
struct totals *pipeline_totals(struct pipeline *p);

/* Takes the events that both loads told out of the kernel side's counters. */
void pipeline_uncount(const struct pipeline *p, struct rst_stats *st);

#endif
