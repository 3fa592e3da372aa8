/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of records alike in cause, situation, processes, what ended the sender, and port: the first of a
 * run is shown whole, the others are counted, and a line tells how many they were. Reads no clock: time
 * comes with the records and from the caller.
 */
#ifndef TEXT_RUNS_H
#define TEXT_RUNS_H

#include "incident/incident.h"
#include "output/text_line.h"

#define MAX_RUNS 64
#define RUN_GAP_NS 1000000000ULL	/* a run ends when no record was like it for so long */
#define RUN_TELL_NS 10000000000ULL	/* how often a run that goes on is told */

struct run {
	/* what is alike */
	const char *cause, *situation;
	char sender[RST_COMM_LEN], victim[RST_COMM_LEN];
	char exit[16];			/* a sender that crashed is unlike one that was stopped */
	int64_t sport, dport;		/* the client's is UNKNOWN once it differed */

	char first_id[48];		/* of the record that was shown */
	int64_t first_ns, last_ns;	/* wall clock: time of that record, and of the last one */
	uint64_t seen_ns, told_ns;	/* monotonic: the last record; when the run was told or began */
	uint64_t count;			/* records since .told_ns, which were not shown */
	uint64_t later;			/* later revisions of such records since then */
	uint64_t outcome[OUTCOME_MAX];	/* of .count and .later */
};

struct runs {
	struct run run[MAX_RUNS];
	size_t n;
};

/* Takes in a record. True: it was counted and is not to be shown. */
bool runs_take(struct runs *r, const struct incident *inc);

/* A run that is to be told by now_ns; UINT64_MAX: at the end, any with news. NULL: none. */
struct run *runs_due(struct runs *r, uint64_t now_ns);

/* When runs_due() finds one next, if nothing comes before; UINT64_MAX: never. */
uint64_t runs_next(const struct runs *r);

/* Makes the line that tells a run, and sets its counts back to 0. */
void run_tell(struct run *run, struct line *l, uint64_t now_ns);

#endif
