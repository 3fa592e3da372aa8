/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The account of each network namespace: what was recorded in it, what the kernel counted in
 * it over the same time, and where a difference may come from. Pure: host/counters.h reads the
 * kernel's figures; events and incidents are handed in.
 *
 * "The same time" lies between the two readings of a namespace's counters: an event from
 * before the first or after the last is in neither figure.
 */
#ifndef NETNS_TOTALS_H
#define NETNS_TOTALS_H

#include "account/counter.h"
#include "events/event.h"
#include "incident/incident.h"

enum netns_state {
	NETNS_UNREAD,		/* not read at the end: it had ended, or cannot be reached */
	NETNS_COMPARED,
	NETNS_REPLACED,		/* a counter went back: another namespace has its number now */
};

struct netns_row {
	uint32_t netns;		/* 0: RSTs whose namespace could not be told */
	enum netns_state state;
	bool at_start;		/* growth is since the first reading, otherwise since 0 */
	uint64_t begin_ns;	/* of the first reading; 0: none */
	uint64_t recorded;	/* RSTs that OutRsts counts: sent actively or in reply */
	uint64_t replies;	/* ... those in reply */
	uint64_t netfilter;	/* RSTs of REJECT rules, which OutRsts does not count */
	uint64_t received;	/* RSTs that ended a socket */
	uint64_t explained;	/* recorded RSTs whose incident had a known cause when first shown, and
				   untold RSTs whose class names one */
	uint64_t untold;	/* RSTs that OutRsts counts, seen but not told: lost, or counted only */
	uint64_t near;		/* RSTs so close to a reading that they may be in one figure only */
	struct counters growth;	/* with NETNS_COMPARED */
	uint64_t claimed[N_COUNTERS];	/* what the incidents account for, see claims.h; not CTR_OUT_RSTS */
};

/* Where a difference may come from, the surest first; more than one may apply. */
enum netns_source {
	SOURCE_ABORT_FAILED,
	SOURCE_LOST,
	SOURCE_MISSED,
	SOURCE_CROWDED,
	SOURCE_READING,
	SOURCE_NO_PROBE,
	SOURCE_NO_BASELINE,
	SOURCE_REUSED,
	SOURCE_REFUSED,
	SOURCE_UNKNOWN,
	N_SOURCES,
};

struct source_text {
	const char *code;	/* in the JSON "end" line */
	const char *text;
};

extern const struct source_text netns_sources[N_SOURCES];

/* What else may explain a difference, for the run as a whole. */
struct netns_doubts {
	uint64_t lost;		/* sent RSTs that found no room in the ring buffer */
	uint64_t missed;	/* runs of any program that the kernel refused */
	uint64_t crowded;	/* resets without a record whose namespace found no room to be counted in */
	bool no_probe;		/* a probe for sent RSTs is missing on this kernel */
};

/* The compared rows added up, and how many could not be compared. */
struct netns_sum {
	int compared, uncompared;	/* namespaces in which there was anything */
	uint64_t recorded, untold, netfilter, received, explained;	/* in the compared ones */
	uint64_t uncompared_recorded;
	bool differs;
	struct counters growth;
};

struct netns_totals;

/* NULL when out of memory. */
struct netns_totals *netns_totals_new(void);
void netns_totals_free(struct netns_totals *t);	/* NULL is allowed */

/* The first and the last reading of a namespace. 0 or -ENOMEM. */
int netns_totals_begin(struct netns_totals *t, const struct netns_reading *r);
int netns_totals_end(struct netns_totals *t, const struct netns_reading *r);

/* Every event, before any filter. 0 or -ENOMEM. */
int netns_totals_event(struct netns_totals *t, const struct rst_event *ev);

/* This record's receipt was false: see chain_ops.no_receipt. */
void netns_totals_no_receipt(struct netns_totals *t, const struct incident *inc);

/* Every record, before any filter. */
void netns_totals_incident(struct netns_totals *t, const struct incident *inc);

/*
 * The row after `row`, in ascending order of namespace number, among those with any RST:
 * the first one for NULL, NULL after the last. Valid until the next event.
 */
const struct netns_row *netns_totals_next(struct netns_totals *t, const struct netns_row *row);
const struct netns_row *netns_totals_find(const struct netns_totals *t, uint32_t netns);

/* Adds RSTs that were seen there but not told, and how many of them have a known cause. */
void netns_totals_untold(struct netns_totals *t, uint32_t netns, uint64_t untold, uint64_t explained);

/* OutRsts minus the recorded and the untold RSTs, in a compared row. */
int64_t netns_difference(const struct netns_row *row);

/* Another counter's growth minus what the incidents account for; 0 where that is not known. */
int64_t netns_unclaimed(const struct netns_row *row, enum counter c);

/* The likely sources of the row's difference: bits 1 << enum netns_source; 0 without a difference. */
unsigned int netns_likely(const struct netns_row *row, const struct netns_doubts *doubts);

void netns_totals_sum(struct netns_totals *t, struct netns_sum *sum);

#endif
