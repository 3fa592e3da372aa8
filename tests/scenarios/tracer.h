/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracer under test: a child process, and all the incidents that it has reported so far.
 * Whatever it does that docs/record.md does not allow is noted as a problem.
 */
#ifndef TRACER_H
#define TRACER_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_PROBLEMS 8

struct tracer_opts {
	const char *path;
	const char *hooks;
	const char *record;	/* file to record raw events in, or NULL */
	const char *replay;	/* file of raw events to replay, or NULL */
	int settle_ms;
	bool verbose;		/* pass its stderr on */
};

/* The newest revision of one incident. */
struct told {
	json_t *obj;
	const char *id;		/* in obj */
	json_int_t rev;
	uint64_t netns;
	json_int_t sport;
	int64_t time_ns;
	bool judged;		/* some scenario has taken it into account */
};

struct text {
	char *buf;
	size_t len, size;
	size_t shown;		/* how many bytes of it were printed, with verbose */
};

struct tracer {
	pid_t pid;
	int out, err;		/* -1: at end of file */
	bool ready, verbose;
	struct text lines, errors;
	struct told *told;
	int n_told, max_told;
	const struct told *newest;	/* the incident in the last line that was one */
	/*
	 * Called after each line, if not NULL: what has been reported so far is as it was at that
	 * line.
	 */
	void (*on_line)(struct tracer *t, void *ctx);
	void *ctx;
	unsigned long n_lines;	/* how many lines were read */
	json_t *end;		/* the line of type "end" */
	char problems[MAX_PROBLEMS][400];
	int n_problems;
};

/*
 * Starts the tracer and waits until it is ready. Returns 0, or a negative errno after it printed to
 * stderr what went wrong; then *t must not be used.
 */
int tracer_start(struct tracer *t, const struct tracer_opts *o, int timeout_ms);

/*
 * Has it replay a recording to the end, and checks its end as tracer_stop() does. on_line and ctx
 * have to be set before. Returns 0, or a negative errno as tracer_start() does.
 */
int tracer_replay(struct tracer *t, const struct tracer_opts *o, int timeout_ms);

/* Fill in what to poll a tracer for, and read what is there after poll(). t may be NULL. */
#define TRACER_FDS 2
void tracer_poll(const struct tracer *t, struct pollfd *fds);
void tracer_take(struct tracer *t, const struct pollfd *fds);

/*
 * Ends it with SIGINT, reads to the end and checks that its status is 0 and its end line reports no
 * loss. t keeps what was reported until tracer_free().
 */
void tracer_stop(struct tracer *t, int timeout_ms);
void tracer_free(struct tracer *t);

#endif
