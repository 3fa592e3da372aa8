/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `rsttrace top` knows: a table for each way of grouping, of rows that stay
 * once they are there, with the last incidents of each. Bounded: what finds no row
 * goes to one for all others. Pure: time comes with the incidents and by
 * top_model_tick().
 */
#ifndef TOP_MODEL_H
#define TOP_MODEL_H

#include "top/hist.h"
#include "top/keys.h"

#define TOP_ROWS 512		/* in a table; all others are counted in one more */
#define TOP_LAST 16		/* incidents that a row keeps, while there is room */
#define TOP_POOL 4096		/* ... in all tables together: some 20 MiB */
#define TOP_CAUSES 40		/* that a row tells apart: there are fewer */

struct top_kept;

/* Counts of resets: a record of a sampled storm stands for many. */
struct top_counts {
	uint64_t total;
	uint64_t hurt;		/* a call failed, or took it for the end of the stream */
	uint64_t harmless;	/* no call saw it, and none will */
	uint64_t records;
	uint64_t sampled;	/* ... of these stand for more than themselves */
};

struct top_cause {
	const char *code;	/* of the rule table */
	uint64_t n;
};

struct top_row {
	char name[TOP_NAME];	/* escaped */
	struct top_counts count;
	struct hist hist;
	struct top_cause cause[TOP_CAUSES];	/* in the order they came in */
	unsigned int n_causes;
	int64_t first_pid, n_pids;	/* TOP_BY_PROCESS: 2 stands for more than one */
	uint64_t last_ns;	/* CLOCK_MONOTONIC */
	int64_t last_time_ns;	/* since the epoch */
	char latest[TOP_NAME];	/* sender → victim of the newest */
	int64_t latest_port;
	struct top_kept *last[TOP_LAST];	/* oldest first */
	unsigned int n_last;
	bool other;		/* of all that found no row */
};

struct top_table {
	struct top_row row[TOP_ROWS + 1];	/* in the order they came in; the last one is the others' */
	unsigned int n;		/* the others' not among them */
};

/* What is shown, or a copy of it. */
struct top_tables {
	struct top_table by[N_TOP_BY];
	struct top_counts all;
	struct hist hist;
	struct hist_scale scale;
	uint64_t begin_ns, now_ns;	/* CLOCK_MONOTONIC; 0: nothing has come */
};

struct top_model;

/* `whole`: the histories show all that came, otherwise the last minute. NULL: out of memory. */
struct top_model *top_model_new(bool whole);
void top_model_free(struct top_model *m);

/* A record, or a later revision of one, which replaces it. 0 or -ENOMEM. */
int top_model_incident(struct top_model *m, const struct incident *inc);

void top_model_tick(struct top_model *m, uint64_t now_ns);

const struct top_tables *top_model_tables(const struct top_model *m);

/* A copy that stays as it is while the model goes on; NULL: out of memory. */
struct top_tables *top_tables_copy(const struct top_model *m);
void top_tables_free(struct top_tables *t);	/* NULL is allowed */

/* The incident in its newest revision. */
const struct incident *top_kept_incident(const struct top_kept *k);

/* Resets a second: of the last ten seconds, or of the whole where the histories show that. */
double top_rate(const struct top_tables *t, const struct hist *h, uint64_t total);

/* The cause most of the row's resets had, or NULL. */
const struct top_cause *top_main_cause(const struct top_row *row);

#endif
