/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of records alike in cause, situation, processes, what ended the sender, and port: the first of a run is shown whole, the others
 * are counted, and a line tells how many they were. Reads no clock: time comes with the records and
 * from outside.
 */
#ifndef TEXT_RUNS_H
#define TEXT_RUNS_H

#include "incident/incident.h"
#include "output/text_line.h"

#define MAX_RUNS 64
#define RUN_GAP_NS 1000000000ULL	/* a run ends when so long nothing was like it */
#define RUN_TELL_NS 10000000000ULL	/* one that goes on is told of so often */

struct run {
	/* what is alike */
	const char *cause, *situation;
	char sender[RST_COMM_LEN], victim[RST_COMM_LEN];
	char exit[16];			/* one that crashed is no repetition of one that was stopped */
	int64_t sport, dport;		/* one of both, the server's; the other is UNKNOWN once it differed */

	char first_id[48];		/* of the record that was shown */
	int64_t first_ns, last_ns;	/* wall clock: of that one, and of the last */
	uint64_t seen_ns, told_ns;	/* monotonic: of the last, and when the run was told of or began */
	uint64_t count;			/* since then, not shown */
	uint64_t later;			/* outcomes that came to such records since then */
	uint64_t outcome[OUTCOME_MAX];	/* of both */
};

struct runs {
	struct run run[MAX_RUNS];
	size_t n;
};

/* Takes a record. True: it was counted and is not to be shown. */
bool runs_take(struct runs *r, const struct incident *inc);

/* A run that is to be told of at now_ns, UINT64_MAX meaning the end; NULL: none. */
struct run *runs_due(struct runs *r, uint64_t now_ns);

/* When runs_due() finds one next, if nothing comes before; UINT64_MAX: never. */
uint64_t runs_next(const struct runs *r);

/* What there is to tell of it, as a line; the counts begin anew. */
void run_tell(struct run *run, struct line *l, uint64_t now_ns);

#endif
