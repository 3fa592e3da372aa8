/* SPDX-License-Identifier: GPL-2.0 */
/* The judge: plays a scenario and compares what the tracer told with what was expected. */
#ifndef JUDGE_H
#define JUDGE_H

#include "scene.h"
#include "tracer.h"

enum verdict { PASSED, FAILED, SKIPPED };

/* A namespace whose scenario is over. */
struct judged {
	const struct scenario *sc;
	uint64_t netns;
	int64_t from_ns;	/* when it began */
	int fd;			/* keeps the inode number from being used again */
	bool own_tracer;
	enum verdict verdict;
};

struct judge {
	struct tracer_opts tracer;
	const char *each;	/* a tracer per scenario, recordings in this folder; or NULL */
	const char *probes;	/* what the tracer says of them, or NULL */
	bool trace;		/* false: only the actors are checked */
	bool verbose;
	int timeout_ms;
	struct tracer *shared;	/* NULL: none */
	struct judged *judged;
	int n_judged;
};

/* Plays one scenario and prints its verdict. */
enum verdict judge_play(struct judge *j, const struct scenario *sc);

/*
 * After the shared tracer has stopped: incidents that came after their
 * scenario's verdict. Prints them; returns how many passed scenarios fail now.
 */
int judge_latecomers(struct judge *j);

#endif
