/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What many incidents of many hosts come to. Incidents go in, from files or from a replay; then
 * report_finish() pairs the ends and counts. Pure.
 */
#ifndef REPORT_H
#define REPORT_H

#include "report/pair.h"
#include "report/record_read.h"
#include "report/rows.h"

struct report_config {
	enum report_by by;
	int64_t since_ns, until_ns;	/* INT64_MIN, INT64_MAX: no bound */
	int64_t skew_ns;		/* how far apart the hosts' clocks may be */
	size_t keep;			/* at most so many incidents are paired */
	struct strings *strings;	/* borrowed; two reports that are compared share them */
	/*
	 * Whether to count this one; NULL: all. A pair is counted when either of its ends is wanted:
	 * no filter makes a RST look as if it had not arrived.
	 */
	bool (*wanted)(void *ctx, const struct incident *inc);
	void *ctx;
};

struct report_totals {
	uint64_t resets, hurt;		/* RSTs, pairs counted once; see report_row */
	uint64_t read, hidden;		/* records read; those that neither filters nor times wanted */
	uint64_t replaced;		/* by a later revision, or told twice */
	uint64_t unkept;		/* counted as they came, and never paired: there were too many */
	uint64_t sampled, stand_for;	/* resets of storms, and how many they stand for */
	uint64_t hosts;
	uint64_t lost, missed, suppressed;	/* as the end lines of the runs have it */
	int64_t first_ns, last_ns;	/* of the incidents that were counted */
	struct pairs pairs;
	size_t bytes;			/* of memory that the incidents took */
};

struct report;

/* NULL when out of memory. The configuration is copied. */
struct report *report_new(const struct report_config *cfg);
void report_free(struct report *r);

/* One incident, or a revision of one. 0 or -ENOMEM. */
int report_incident(struct report *r, const struct incident *inc);

/* What a run says of itself at its end. */
void report_end(struct report *r, const struct line_end *end);

/* After the last one. 0 or -ENOMEM. */
int report_finish(struct report *r);

/* After report_finish(). */
const struct report_totals *report_totals(const struct report *r);
struct rows *report_rows(const struct report *r);
const struct report_config *report_config(const struct report *r);
const struct store *report_store(const struct report *r);

#endif
