/* SPDX-License-Identifier: GPL-2.0 */
#include "output/text_block.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/text.h"
#include "incident/format.h"
#include "output/text_line.h"
#include "output/text_runs.h"

#define MAX_HELD 256

struct held {
	struct incident inc;
	struct held *prev, *next;
};

struct text_state {
	struct runs runs;
	struct held *held;	/* by time */
	size_t n, n_following;	/* how many are held, and how many of them follow another */
	bool under;		/* the block being shown is right under the one it follows */
};

static int earlier(const struct held *a, const struct held *b)
{
	return a->inc.mono_ns < b->inc.mono_ns ? -1 : a->inc.mono_ns > b->inc.mono_ns;
}

static void drop(struct text_state *st, struct held *h)
{
	DL_DELETE(st->held, h);
	st->n--;
	st->n_following -= h->inc.follows[0] != '\0';
	free(h);
}

/* The held record that this one follows, directly or through others; this one if there is none. */
static struct held *root_of(const struct text_state *st, struct held *h)
{
	struct held *k = h;

	for (size_t i = 0; k && i < st->n && h->inc.follows[0]; i++) {
		DL_FOREACH(st->held, k)
			if (!strcmp(k->inc.id, h->inc.follows))
				break;
		h = k ? k : h;
	}
	return h;
}

static struct held *follower_of(const struct text_state *st, const char *id)
{
	struct held *k = NULL;

	if (st->n_following)
		DL_FOREACH(st->held, k)
			if (!strcmp(k->inc.follows, id))
				break;
	return k;
}

/* Shows a record, and under it those that follow it, even if others happened in between. */
static int show_with_followers(struct sink *s, struct text_state *st, struct held *h, bool under)
{
	char id[sizeof(h->inc.id)];
	struct held *k;
	int err;

	st->under = under;
	err = text_show(s, &h->inc);
	st->under = false;
	memcpy(id, h->inc.id, sizeof(id));
	drop(st, h);
	while (!err && (k = follower_of(st, id)))
		err = show_with_followers(s, st, k, true);
	return err;
}

static int show_first(struct sink *s, struct text_state *st)
{
	return show_with_followers(s, st, root_of(st, st->held), false);
}

bool text_held_under(const struct sink *s)
{
	const struct text_state *st = s->state;

	return st && st->under;
}

/*
 * Records do not arrive in order of time: one is complete when its victim's socket is gone, another
 * only when it has settled. Each is held as long as an older one may still come.
 */
static int hold(struct sink *s, struct text_state *st, const struct incident *inc)
{
	struct held *h = malloc(sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->inc = *inc;
	DL_INSERT_INORDER(st->held, h, earlier);
	st->n_following += inc->follows[0] != '\0';
	return ++st->n > MAX_HELD ? show_first(s, st) : 0;
}

int text_held_incident(struct sink *s, const struct incident *inc)
{
	struct text_state *st = s->state;

	if (!s->runs && !s->hold_ns)
		return text_show(s, inc);
	if (!st)
		st = s->state = calloc(1, sizeof(*st));
	if (!st)
		return -ENOMEM;
	if (s->runs && runs_take(&st->runs, inc))
		return 0;
	return hold(s, st, inc);
}

/* Prints how many records were like one that was shown. */
static int show_run(struct sink *s, struct run *run, uint64_t now_ns)
{
	struct line who = { .len = 0 }, told = { .len = 0 };
	char time[32], *text = NULL;
	size_t len = 0, col = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	line_piece(out, s, &col, TEXT_DIM, fmt_time_of_day(time, sizeof(time), run->last_ns));
	line_escaped(&who, run->sender, sizeof(run->sender));
	line_add(&who, " → ");
	line_escaped(&who, run->victim, sizeof(run->victim));
	line_piece(out, s, &col, TEXT_BOLD, who.text);
	fprintf(out, "  port %" PRId64, run->sport != UNKNOWN ? run->sport : run->dport);
	run_tell(run, &told, now_ns);
	fprintf(out, "  %s%s%s\n", run->cause, *run->cause ? ", " : "", told.text);
	err = text_stream_close(out, &text) ?: text_write(s, text, len);
	free(text);
	return err;
}

static bool is_due(const struct sink *s, const struct held *h, uint64_t now_ns)
{
	return now_ns >= s->hold_ns && h->inc.mono_ns <= now_ns - s->hold_ns;
}

int text_held_tick(struct sink *s, uint64_t now_ns)
{
	struct text_state *st = s->state;
	struct run *run;
	int err = 0;

	while (!err && st && st->held && is_due(s, st->held, now_ns))
		err = show_first(s, st);
	while (!err && st && (run = runs_due(&st->runs, now_ns)))
		err = show_run(s, run, now_ns);
	return err;
}

uint64_t text_held_next(const struct sink *s)
{
	const struct text_state *st = s->state;
	uint64_t held, next = st ? runs_next(&st->runs) : UINT64_MAX;

	if (!st || !st->held)
		return next;
	held = st->held->inc.mono_ns + s->hold_ns;
	return held < next ? held : next;
}

void text_held_free(struct sink *s)
{
	struct text_state *st = s->state;

	while (st && st->held) {
		struct held *h = st->held;

		DL_DELETE(st->held, h);
		free(h);
	}
	free(st);
	s->state = NULL;
}
