/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events to incidents: the sent and the received end of one RST, and the calls
 * that fail of it, become one record. Matching is by flow and sequence number,
 * then by socket; never by time alone.
 *
 * Pure: time comes with the events and with chain_tick(), names of programs
 * and containers through an injected function.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include "incident/incident.h"
#include "events/meta.h"

struct chain;

struct chain_ops {
	/* Names the cause of a record that is about to be shown. */
	void (*diagnose)(struct incident *inc);
	/* A record, new (rev 0) or replacing the one with its id. Borrowed. Returns whether it was shown. */
	bool (*incident)(void *ctx, const struct incident *inc);
	/* This record's receipt was false: no RST had come. It will never be shown. May be NULL. */
	void (*no_receipt)(void *ctx, const struct incident *inc);
	/* A call failed on a socket for which no reset was seen. */
	void (*unmatched)(void *ctx, const struct rst_event *ev);
	/* Fills exe, cgroup and the like while the process lives; may be NULL. */
	void (*resolve)(void *ctx, struct endpoint *ep);
};

struct chain_config {
	uint64_t settle_ns;	/* how long a record waits for the call that fails */
	size_t max_kept;	/* incidents pending, or shown and kept for a late error; 0: 8192, some 42 MiB */
};

/* NULL when out of memory. `meta` is borrowed for the chain's life. */
struct chain *chain_new(const struct source_meta *meta, const struct chain_config *cfg,
			const struct chain_ops *ops, void *ctx);
void chain_free(struct chain *c);

/* Takes in one event. Returns 0 or -ENOMEM. */
int chain_event(struct chain *c, const struct rst_event *ev);

/* The time is now_ns (CLOCK_MONOTONIC): shows what has settled. */
void chain_tick(struct chain *c, uint64_t now_ns);

/* When chain_tick() has something to do next; UINT64_MAX: never. */
uint64_t chain_next(const struct chain *c);

/* No event comes any more: shows whatever is left. */
void chain_finish(struct chain *c);

#endif
