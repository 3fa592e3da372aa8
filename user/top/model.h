/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `rsttrace top` knows: a table for each way of grouping. Rows stay once they are there, and
 * have the last incidents that they count. Bounded: what finds no row is counted in one row for all
 * others. Pure: time comes with the incidents and from top_model_tick().
 */
#ifndef TOP_MODEL_H
#define TOP_MODEL_H

#include "top/hist.h"
#include "top/keys.h"

#define TOP_ROWS 512		/* in a table, besides the one for all others */
#define TOP_LAST 16		/* how many incidents a row keeps, while there is room */
#define TOP_POOL 4096		/* ... and all tables together: some 20 MiB */
#define TOP_CAUSES 40		/* how many causes a row tells apart: there are fewer */

struct top_kept;

/* Counts of resets: a record of a storm that was sampled stands for many. */
struct top_counts {
	uint64_t total;
	uint64_t hurt;		/* a call failed, or read an end of file */
	uint64_t harmless;	/* no call noticed it, or will */
	uint64_t records;
	uint64_t sampled;	/* how many stand for more than themselves */
};

struct top_cause {
	const char *code;	/* the code, of the rule table */
	uint64_t n;
};

struct top_row {
	char name[TOP_NAME];	/* escaped */
	struct top_counts count;
	struct hist hist;
	struct top_cause cause[TOP_CAUSES];	/* in the order in which they came */
	unsigned int n_causes;
	int64_t first_pid, n_pids;	/* TOP_BY_PROCESS; 2 stands for more than one */
	uint64_t last_ns;	/* CLOCK_MONOTONIC */
	int64_t last_time_ns;	/* when the newest came, since the epoch */
	char latest[TOP_NAME];	/* sender → victim of the newest incident */
	int64_t latest_port;
	struct top_kept *last[TOP_LAST];	/* oldest first */
	unsigned int n_last;
	bool other;		/* this is the row for all others */
};

struct top_table {
	struct top_row row[TOP_ROWS + 1];	/* in order of arrival; the last is for all others */
	unsigned int n;		/* how many, without that row */
};

/* All that is shown, or a copy of it. */
struct top_tables {
	struct top_table by[N_TOP_BY];
	struct top_counts all;
	struct hist hist;
	struct hist_scale scale;
	uint64_t begin_ns, now_ns;	/* CLOCK_MONOTONIC; 0: nothing has come yet */
};

struct top_model;

/*
 * `whole`: the histories show all the time, otherwise the last minute. Returns NULL when out of
 * memory.
 */
struct top_model *top_model_new(bool whole);
void top_model_free(struct top_model *m);

/* Takes a record, or a later revision of one, which replaces it. Returns 0 or -ENOMEM. */
int top_model_incident(struct top_model *m, const struct incident *inc);

void top_model_tick(struct top_model *m, uint64_t now_ns);

const struct top_tables *top_model_tables(const struct top_model *m);

/* A copy that does not change while the model goes on; NULL: out of memory. */
struct top_tables *top_tables_copy(const struct top_model *m);
void top_tables_free(struct top_tables *t);	/* NULL is allowed */

/* The newest revision of the incident. */
const struct incident *top_kept_incident(const struct top_kept *k);

/* Resets per second: over the last ten seconds, or over all the time if the histories show that. */
double top_rate(const struct top_tables *t, const struct hist *h, uint64_t total);

/* The most frequent cause of the row's resets, or NULL. */
const struct top_cause *top_main_cause(const struct top_row *row);

#endif
