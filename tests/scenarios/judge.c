/* SPDX-License-Identifier: GPL-2.0 */
/* Plays many scenarios at a time, in one loop. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judge.h"
#include "play.h"

struct players {
	struct play *play[MAX_JOBS];
	int n;
	/* those of the shared tracer, then those of each play */
	struct pollfd fds[TRACER_FDS + PLAY_FDS * MAX_JOBS];
};

static struct pollfd *fds_of(struct players *pl, int i)
{
	return pl->fds + TRACER_FDS + PLAY_FDS * i;
}

/* Reads the output of all running tracers, so that none blocks on a full pipe. */
static void pump(struct judge *j, struct players *pl)
{
	int64_t now = now_ms(), end = INT64_MAX;
	int i;

	tracer_poll(j->shared, pl->fds);
	for (i = 0; i < pl->n; i++) {
		int64_t until = play_poll(pl->play[i], fds_of(pl, i));

		end = until < end ? until : end;
	}
	if (poll(pl->fds, (nfds_t)(TRACER_FDS + PLAY_FDS * pl->n),
		 end > now ? (int)(end - now) : 0) < 0 && errno != EINTR)
		abort();
	tracer_take(j->shared, pl->fds);
}

void judge_add(struct judge *j, const struct judged *row)
{
	j->judged = realloc(j->judged, (size_t)(j->n_judged + 1) * sizeof(*j->judged));
	if (!j->judged)
		abort();
	j->judged[j->n_judged++] = *row;
	j->count[row->verdict]++;
	j->incidents += row->incidents;
	/* what is wrong with the others has been printed */
	if (row->verdict == SKIPPED || (row->verdict == PASSED && j->mode != JUDGE_STORM))
		printf("%s %s%s%s\n", verdict_names[row->verdict], row->sc->name,
		       *row->reason ? ": " : "", row->reason);
	fflush(stdout);
}

int judge_start_tracer(struct judge *j)
{
	int err;

	if (!j->trace || j->each || j->shared)
		return 0;
	err = tracer_start(&j->one, &j->tracer, TRACER_START_MS(j));
	if (err)
		return err;
	j->shared = &j->one;
	/* scenes kept for later are played in guests, where no supervisor outside interrupts tasks */
	if (!j->keep)
		j->witness = witness_new();
	return 0;
}

void judge_stop_tracer(struct judge *j)
{
	j->withheld = witness_withheld(j->witness);
	tracer_stop(j->shared, 2 * j->timeout_ms);
}

/* Starts the tracer when all of these plays have set their scene for it. */
static void raise_curtain(struct judge *j, struct players *pl)
{
	int i;

	for (i = 0; i < pl->n && pl->play[i]->wants_tracer; i++)
		;
	if (i < pl->n)
		return;
	judge_start_tracer(j);
	for (i = 0; i < pl->n; i++)
		play_traced(pl->play[i]);
}

/* Whether one more play may begin. */
static bool has_room(const struct players *pl, int jobs, int most)
{
	int i, acting = 0;

	for (i = 0; i < pl->n; i++)
		acting += play_acts(pl->play[i]);
	return acting < jobs && pl->n < most;
}

void judge_play(struct judge *j, next_fn next, void *ctx, int jobs, int most)
{
	struct players pl = { .n = 0 };
	const struct scenario *sc;
	struct judged row;
	int i;

	for (;;) {
		while (has_room(&pl, jobs, most) && (sc = next(ctx)))
			pl.play[pl.n++] = play_new(j, sc);
		if (!pl.n)
			return;
		raise_curtain(j, &pl);
		pump(j, &pl);
		/* backwards, as the last play takes the place of one that is over */
		for (i = pl.n - 1; i >= 0; i--) {
			if (play_step(pl.play[i], fds_of(&pl, i)))
				continue;
			row = play_end(pl.play[i]);
			judge_add(j, &row);
			pl.play[i] = pl.play[--pl.n];
		}
	}
}

static const struct scenario *just_this(void *ctx)
{
	const struct scenario **left = ctx, *sc = *left;

	*left = NULL;
	return sc;
}

void judge_play_again(struct judge *j)
{
	int n = j->n_judged;

	j->second = true;
	for (j->first_play = 0; j->first_play < n; j->first_play++) {
		const struct scenario *sc = j->judged[j->first_play].sc;

		if (j->judged[j->first_play].verdict != AGAIN)
			continue;
		/* played again also if the witness says that the kernel withheld a run meanwhile */
		for (j->tries = 0; j->tries < MAX_TRIES; j->tries++) {
			const struct scenario *once = sc;

			j->withheld = witness_withheld(j->witness);
			judge_play(j, just_this, &once, 1, 1);
			if (j->judged[j->n_judged - 1].verdict != AGAIN)
				break;
		}
	}
	j->second = false;
}

static const char *text_of(const struct told *x, const char *key)
{
	const char *text = json_string_value(json_object_get(x->obj, key));

	return text ? text : "";
}

/*
 * Whether this is a socket of an earlier scenario whose far end was played and is gone. The socket
 * was closed by the end of its process, and nobody acknowledges its FIN. After tcp_orphan_retries,
 * some 100 s, it is given up, and there is no call to fail. If the FIN is sent again while a
 * scenario has lowered the limits, the socket is reset.
 */
static bool is_orphan(const struct told *x)
{
	bool reset = !strcmp(text_of(x, "cause"), "out-of-memory");
	const char *state = text_of(x, reset ? "sender_state" : "victim_state");

	return (reset || !strcmp(text_of(x, "kind"), "timeout")) &&
	       !json_object_get(x->obj, "errors") &&
	       (!strcmp(state, "FIN_WAIT1") || !strcmp(state, "LAST_ACK") ||
		!strcmp(state, "CLOSING"));
}

void judge_latecomers(struct judge *j)
{
	int i, k;

	for (k = 0; k < j->n_judged; k++) {
		struct judged *d = &j->judged[k];
		const char *cause = "";
		int late = 0;

		/* a failed play was cut short, so its sockets may have ended in any way */
		if (d->own_tracer || d->verdict != PASSED || j->mode == JUDGE_LISTED)
			continue;
		for (i = d->first; i < j->shared->n_told; i++) {
			const struct told *x = &j->shared->told[i];

			if (x->netns != d->netns || x->sport == MARKER_PORT || x->judged ||
			    x->time_ns < d->from_ns || is_orphan(x))
				continue;
			cause = text_of(x, "cause");
			late++;
		}
		if (!late)
			continue;
		printf("FAIL %s: %d more incidents after the scenario's end: %s\n",
		       d->sc->name, late, cause);
		d->verdict = FAILED;
		j->count[PASSED]--;
		j->count[FAILED]++;
	}
}

long long judge_gaps(const struct judge *j)
{
	const json_t *end = j->shared ? j->shared->end : NULL;

	return j->withheld + json_integer_value(json_object_get(end, "missed")) +
	       json_integer_value(json_object_get(end, "lost"));
}

void judge_free(struct judge *j)
{
	int i;

	for (i = 0; i < j->n_judged; i++) {
		if (j->judged[i].fd >= 0)
			close(j->judged[i].fd);
		json_decref(j->judged[i].complaints);
		if (!j->judged[i].keeper)
			continue;
		kill(-j->judged[i].keeper, SIGKILL);
		waitpid(j->judged[i].keeper, NULL, 0);
	}
	free(j->judged);
	witness_free(j->witness);
	if (j->shared)
		tracer_free(j->shared);
}
