/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracer under test: a child process, and all the incidents it has told so far. Whatever
 * it does that the contract forbids is noted as a problem.
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
	const char *record;	/* file for the raw events, or NULL */
	const char *replay;	/* file of raw events to judge in place of what happens, or NULL */
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
	bool judged;		/* a scenario has taken it into account */
};

struct text {
	char *buf;
	size_t len, size;
	size_t shown;		/* of the bytes, with verbose */
};

struct tracer {
	pid_t pid;
	int out, err;		/* -1: at its end */
	bool ready, verbose;
	struct text lines, errors;
	struct told *told;
	int n_told, max_told;
	const struct told *newest;	/* of the last line that was an incident */
	/* Called after each line, if not NULL: what has been told so far is as it was then. */
	void (*on_line)(struct tracer *t, void *ctx);
	void *ctx;
	unsigned long n_lines;	/* read so far */
	json_t *end;		/* the line of type "end" */
	char problems[MAX_PROBLEMS][400];
	int n_problems;
};

/*
 * Starts the tracer and waits until it is ready. Returns 0, or a negative
 * errno after it wrote to stderr what went wrong; *t is then void.
 */
int tracer_start(struct tracer *t, const struct tracer_opts *o, int timeout_ms);

/*
 * Has it tell all of a recording, and checks how it left as tracer_stop() does. on_line and ctx
 * are set before. Returns 0, or a negative errno as tracer_start() does.
 */
int tracer_replay(struct tracer *t, const struct tracer_opts *o, int timeout_ms);

/* Fills in what to poll a tracer for, and reads what is there after poll(). t may be NULL. */
#define TRACER_FDS 2
void tracer_poll(const struct tracer *t, struct pollfd *fds);
void tracer_take(struct tracer *t, const struct pollfd *fds);

/*
 * Ends it with SIGINT, reads to the end and checks how it left: status 0, an
 * end line without loss. t keeps what was told; tracer_free() forgets it.
 */
void tracer_stop(struct tracer *t, int timeout_ms);
void tracer_free(struct tracer *t);

#endif
