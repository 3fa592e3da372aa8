/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One scenario being played: its director asks, and gets an answer when the tracer has reported
 * what it has to. Nothing here waits, so that many can be played at a time; only a scenario with a
 * tracer of its own has to wait for that.
 */
#ifndef PLAY_H
#define PLAY_H

#include <poll.h>

#include "judge.h"
#include "stage.h"

/* Descriptors that a play polls: its director's, then both outputs of its own tracer. */
#define PLAY_FDS 3

struct play {
	struct judge *j;
	struct stage st;	/* .t is the tracer to judge, NULL before it was started */
	struct tracer own;
	pid_t pid;		/* the director's */
	int ctl;
	enum request req;	/* the director's last request */
	bool waits;		/* it is not answered yet: the tracer has to report more */
	bool marked;		/* in this wait, the marker was seen or is not needed */
	bool done;		/* the scenario ran to its end */
	bool lingers;		/* will be judged later: for a while nothing may happen to its sockets */
	bool wants_tracer;	/* the director asked for the tracer, which does not run yet */
	bool over;
	bool stays;		/* the director stays, to keep its namespace */
	int64_t end_ms;		/* when waiting ends */
	int64_t last_ms;	/* when the play counts as hanging */
	unsigned long seen;	/* how many lines of the tracer were there at the last comparison */
	struct judged row;
};

/* Begins a play. If that fails, its first step is the last. */
struct play *play_new(struct judge *j, const struct scenario *sc);

/* Whether its actors may be at work; if not, it only waits to be judged. */
bool play_acts(const struct play *p);

/* Fills in what to poll for; returns until when, by now_ms(). */
int64_t play_poll(struct play *p, struct pollfd *fds);

/* Goes on as far as possible, after poll(). Returns whether there is more to do. */
bool play_step(struct play *p, const struct pollfd *fds);

/* The tracer that the play asked for runs now, or never will. */
void play_traced(struct play *p);

/*
 * After the last step: clears up and prints the verdict, or keeps the scene to be judged later.
 * Frees p; the row belongs to the caller.
 */
struct judged play_end(struct play *p);

/* A scene before it is played, and the end of a play's memory, which is shared. */
struct scene *play_scene(const struct judge *j, const struct scenario *sc);
void play_free(struct play *p);

/* The complaint that the marker did not come: then not all may have been reported. */
extern const struct complaint no_marker;

#endif
