/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What many incidents of many hosts amount to. It takes incidents from files or from a run; then
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
	size_t keep;			/* how many incidents are kept for pairing */
	struct strings *strings;	/* borrowed; two reports to be compared share them */
	/*
	 * Whether to count this incident; NULL: all. A pair is counted if one of its ends is
	 * wanted, so that no filter makes a RST seem not to have arrived.
	 */
	bool (*wanted)(void *ctx, const struct incident *inc);
	void *ctx;
};

struct report_totals {
	uint64_t resets, hurt;		/* RSTs, a pair counts once; see report_row */
	uint64_t read, hidden;		/* records read; of these, left out by filters or bounds */
	uint64_t replaced;		/* by a later revision, or read twice */
	uint64_t unkept;		/* counted at once and never paired, as there were too many */
	uint64_t sampled, stand_for;	/* records of storms, and how many resets they stand for */
	uint64_t hosts;
	uint64_t lost, missed, suppressed;	/* sums of the runs' end lines */
	int64_t first_ns, last_ns;	/* of the incidents counted */
	struct pairs pairs;
	size_t bytes;			/* memory used for incidents */
};

struct report;

/* Copies the configuration. Returns NULL when out of memory. */
struct report *report_new(const struct report_config *cfg);
void report_free(struct report *r);

/* Takes one incident, or a later revision of one. Returns 0 or -ENOMEM. */
int report_incident(struct report *r, const struct incident *inc);

/* Takes the end line of a run. */
void report_end(struct report *r, const struct line_end *end);

/* Takes what a host says of itself. Returns 0 or -ENOMEM. */
int report_check(struct report *r, const struct line_check *check);

/* To be called after the last incident. Returns 0 or -ENOMEM. */
int report_finish(struct report *r);

/* These are valid after report_finish(). */
const struct report_totals *report_totals(const struct report *r);
struct rows *report_rows(const struct report *r);
const struct report_config *report_config(const struct report *r);
const struct store *report_store(const struct report *r);

#endif
