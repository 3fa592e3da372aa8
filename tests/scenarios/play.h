/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One scenario being played: its director asks, and is answered when the
 * tracer has told what it has to. Nothing here waits, so that many can be
 * played at a time; only a scenario with a tracer of its own has to wait for it.
 */
#ifndef PLAY_H
#define PLAY_H

#include <poll.h>

#include "judge.h"
#include "stage.h"

/* What a play is polled for: its director, then both outputs of its own tracer. */
#define PLAY_FDS 3

struct play {
	struct judge *j;
	struct stage st;	/* its tracer: the one to judge, NULL before it was started */
	struct tracer own;
	pid_t pid;		/* the director's */
	int ctl;
	enum request req;	/* what the director has asked for last */
	bool waits;		/* it has not been answered: the tracer is to tell more */
	bool marked;		/* in this wait, the marker was seen or is not wanted */
	bool done;		/* the scenario ran to its end */
	bool lingers;		/* to be judged later: nothing may happen to its sockets for a while */
	bool wants_tracer;	/* as above, but there is no tracer yet */
	bool over;
	bool stays;		/* the director, as the keeper of its namespace */
	int64_t end_ms;		/* when waiting ends */
	int64_t last_ms;	/* when it is taken to have gone astray */
	unsigned long seen;	/* lines of the tracer's when last compared */
	struct judged row;
};

/* Begins to play. If that cannot be done, its first step is the last. */
struct play *play_new(struct judge *j, const struct scenario *sc);

/* Whether its actors may be at work; otherwise it only waits to be judged. */
bool play_acts(const struct play *p);

/* What to poll for; returns until when, by now_ms(). */
int64_t play_poll(struct play *p, struct pollfd *fds);

/* Goes on as far as it can, after poll(). Returns whether there is more to come. */
bool play_step(struct play *p, const struct pollfd *fds);

/* To one that wants a tracer: it is there now, or never will be. */
void play_traced(struct play *p);

/*
 * After its last step: clears up and prints the verdict, or keeps the scene for a later one.
 * Frees p; the row is the caller's.
 */
struct judged play_end(struct play *p);

/* A scene as it begins, and what is left of a play: shared memory. */
struct scene *play_scene(const struct judge *j, const struct scenario *sc);
void play_free(struct play *p);

/* Without the marker, not all may have been told. */
extern const struct complaint no_marker;

#endif
