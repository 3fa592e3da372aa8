/* SPDX-License-Identifier: GPL-2.0 */
/* The judge: plays scenarios and compares what the tracer reported with what was expected. */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdio.h>

#include "scene.h"
#include "tracer.h"
#include "witness.h"

#define MAX_JOBS 64
/* how often a play is repeated from which the kernel withheld a run */
#define MAX_TRIES 6

/* loading so large a program takes long on an emulated machine */
#define TRACER_START_MS(judge) (4 * (judge)->timeout_ms)

enum verdict {
	PASSED,
	FAILED,
	SKIPPED,
	AGAIN,		/* failed, and will be played again, alone */
	NEVER_PLAYED,	/* the scene did not come about, twice */
	KEPT,		/* will be judged later */
	N_VERDICTS
};
extern const char *const verdict_names[N_VERDICTS];

enum judge_mode {
	JUDGE_SUITE,
	JUDGE_LISTED,	/* plays only scenarios listed to be skipped: none may pass */
	JUDGE_STORM,	/* prints only what fails; namespaces stay, with a process in each */
};

/* A scenario that is over. */
struct judged {
	const struct scenario *sc;
	uint64_t netns, netns_too;
	int64_t from_ns;	/* when it began */
	int first;		/* what the shared tracer reported before this is not of the scenario */
	int fd;			/* keeps the namespace, so that its number is not used again; -1: none */
	pid_t keeper;		/* the director, which stays in a storm; 0: it is gone */
	int incidents;		/* without the marker */
	bool own_tracer;
	bool second;		/* this is the second play, alone */
	int first_play;		/* with .second: the row of the first play, which failed */
	enum verdict verdict;
	enum grade grade;	/* the gravest of .complaints */
	json_t *complaints;	/* or NULL */
	char reason[256];	/* why skipped */
	char expected[256];	/* CAUSE:KIND,... */
	char confidence[64];	/* of each incident, as reported */
};

struct judge {
	struct tracer_opts tracer;
	const char *each;	/* a tracer per scenario, recordings in this folder; or NULL */
	const json_t *probes;	/* what the tracer's check says of its probes, or NULL */
	enum judge_mode mode;
	bool trace;		/* false: only the actors are checked */
	bool verbose;
	FILE *keep;		/* file for scenes to be judged later from a recording; or NULL */
	int timeout_ms;
	struct tracer *shared;	/* the tracer that plays share; NULL: none (yet) */
	struct tracer one;	/* .shared points to this */
	struct witness *witness;	/* counts runs beside the tracer; NULL: none */
	long long withheld;	/* runs withheld by the kernel: before this play, and when the tracer ended */
	struct judged *judged;
	int n_judged;
	int count[N_VERDICTS];
	int incidents;		/* judged so far, without markers */
	bool second;		/* failed scenarios are being played again */
	int first_play;		/* with .second: the row of the first play */
	int tries;		/* of the scenario that is played again */
};

/*
 * Starts the shared tracer, if there is to be one and it does not run yet. Returns 0 or a negative
 * errno.
 */
int judge_start_tracer(struct judge *j);

/* The next scenario to play; NULL when there is none left. */
typedef const struct scenario *(*next_fn)(void *ctx);

/*
 * Plays what next() gives: at most `jobs` of them at a time have actors at work, and at most `most`
 * are open in all, as others only wait to be judged. Prints each verdict. Starts the tracer when
 * all plays wait for it.
 */
void judge_play(struct judge *j, next_fn next, void *ctx, int jobs, int most);

/*
 * Plays failed scenarios again, alone: a kernel may refuse to run a program, and on a busy machine
 * two ends may miss their turns. What fails twice has failed; see verdict_settle().
 */
void judge_play_again(struct judge *j);

/*
 * Adds the row of a play that is over, or of one that is not played; prints its verdict if that is
 * good.
 */
void judge_add(struct judge *j, const struct judged *row);

/*
 * To be called after the shared tracer has stopped: finds incidents that came after the verdict on
 * their scenario, prints them and sets the verdict.
 */
void judge_latecomers(struct judge *j);

/* Ends the shared tracer, and reads the witness. */
void judge_stop_tracer(struct judge *j);

/*
 * How many runs and events are known to be missing in what the tracer reported; it has to have
 * ended.
 */
long long judge_gaps(const struct judge *j);

/* Ends what is left of a storm, and frees the shared tracer's memory. */
void judge_free(struct judge *j);

#endif
