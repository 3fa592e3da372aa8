/* SPDX-License-Identifier: GPL-2.0 */
/* The judge: plays scenarios and compares what the tracer told with what was expected. */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdio.h>

#include "scene.h"
#include "tracer.h"
#include "witness.h"

#define MAX_JOBS 64
/* So often is one played again that a run was withheld from. */
#define MAX_TRIES 6

/* The tracer is a large program to load on an emulated machine. */
#define TRACER_START_MS(judge) (4 * (judge)->timeout_ms)

enum verdict {
	PASSED,
	FAILED,
	SKIPPED,
	AGAIN,		/* failed, and is to be played again, alone */
	NEVER_PLAYED,	/* the scene never came about, twice */
	KEPT,		/* to be judged later */
	N_VERDICTS
};
extern const char *const verdict_names[N_VERDICTS];

enum judge_mode {
	JUDGE_SUITE,
	JUDGE_LISTED,	/* only what is listed to be skipped: none of it may pass */
	JUDGE_STORM,	/* says only what fails; the namespaces stay, with a process in them */
};

/* A scenario that is over. */
struct judged {
	const struct scenario *sc;
	uint64_t netns, netns_too;
	int64_t from_ns;	/* when it began */
	int first;		/* what the shared tracer told before is not of it */
	int fd;			/* keeps the inode number from being used again; -1: none */
	pid_t keeper;		/* the director, in a storm; 0: it has gone */
	int incidents;		/* the marker not counted */
	bool own_tracer;
	bool second;		/* played again, alone */
	int first_play;		/* then: the row of the play that failed */
	enum verdict verdict;
	enum grade grade;	/* of what is wrong */
	json_t *complaints;	/* or NULL */
	char reason[256];	/* why skipped */
	char expected[256];	/* CAUSE:KIND,... */
	char confidence[64];	/* as told of each of them */
};

struct judge {
	struct tracer_opts tracer;
	const char *each;	/* a tracer per scenario, recordings in this folder; or NULL */
	const json_t *probes;	/* what the tracer says of them, or NULL */
	enum judge_mode mode;
	bool trace;		/* false: only the actors are checked */
	bool verbose;
	FILE *keep;		/* for scenes that are judged later, from a recording; or NULL */
	int timeout_ms;
	struct tracer *shared;	/* NULL: none (yet) */
	struct tracer one;	/* which is this */
	struct witness *witness;	/* beside it; NULL: none */
	long long withheld;	/* as it said before the play at hand, and when the tracer ended */
	struct judged *judged;
	int n_judged;
	int count[N_VERDICTS];
	int incidents;		/* judged so far, markers not counted */
	bool second;		/* what failed is being played again */
	int first_play;		/* the row of the one that is */
	int tries;		/* of that one, so far */
};

/*
 * Starts the tracer that all share, if there is to be one and it has not been
 * started yet. Returns 0 or a negative errno.
 */
int judge_start_tracer(struct judge *j);

/* The next scenario to play; NULL when there is none left. */
typedef const struct scenario *(*next_fn)(void *ctx);

/*
 * Plays what next() gives, jobs of them at a time beside others that only wait to be judged, most
 * in all; prints each one's verdict. Starts the tracer once all who play wait for it.
 */
void judge_play(struct judge *j, next_fn next, void *ctx, int jobs, int most);

/*
 * Plays again, alone, what failed: a kernel may refuse to run a program, and on a busy machine two
 * ends that are to take turns may not. What fails twice has failed; see verdict_settle().
 */
void judge_play_again(struct judge *j);

/* Adds the row of one that is over, or is not to be played; prints its verdict if good. */
void judge_add(struct judge *j, const struct judged *row);

/*
 * After the shared tracer has stopped: incidents that came after their
 * scenario's verdict. Prints them and sets the verdict.
 */
void judge_latecomers(struct judge *j);

/* Ends the shared tracer, and hears the witness. */
void judge_stop_tracer(struct judge *j);

/* How many runs and events are known to be missing in what the tracer, which has ended, told. */
long long judge_gaps(const struct judge *j);

/* Ends what is left of a storm, and the shared tracer's memory. */
void judge_free(struct judge *j);

#endif
