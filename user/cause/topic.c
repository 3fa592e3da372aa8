/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/topic.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cause/situations.h"

/* The longest word that is looked up; libc's messages are shorter. */
#define WORD_MAX 96
#define REASON_PREFIX "sk-rst-reason-"
#define ERRNO_PREFIX "errno "

/* A cause may have several rules, each with evidence of its own: the topic has all of it. */
static struct topic topic_of(const struct rule *r)
{
	struct topic t = {
		.kind = TOPIC_CAUSE, .name = r->cause, .headline = r->headline, .wire = r->wire,
		.calls = r->calls, .advice = r->advice, .source = r->source,
	};

	memcpy(t.why, r->why, sizeof(t.why));
	for (size_t i = 0; i < n_rules; i++)
		for (int c = GUESS; c <= CERTAIN && !strcmp(rules[i].cause, r->cause); c++)
			if (!t.why[c])
				t.why[c] = rules[i].why[c];
	return t;
}

static int walk_causes(topic_fn fn, void *ctx)
{
	struct topic t;
	int ret = 0;

	for (size_t i = 0; !ret && i < n_rules; i++) {
		if (rule_find(rules[i].cause) != &rules[i])
			continue;	/* part of the topic of its cause's first rule */
		t = topic_of(&rules[i]);
		ret = fn(ctx, &t);
	}
	return ret;
}

/* The situation keepalive-race has no topic of its own: the cause of that name is one. */
static int walk_situations(topic_fn fn, void *ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < n_situations; i++) {
		const struct situation *s = &situations[i];
		struct topic t = {
			.kind = TOPIC_SITUATION, .name = s->name, .headline = s->headline, .wire = s->wire,
			.calls = s->calls, .advice = s->advice, .source = s->source, .see = s->see,
		};

		if (rule_find(s->name))
			continue;
		memcpy(t.why, s->why, sizeof(t.why));
		ret = fn(ctx, &t);
	}
	return ret;
}

int topic_walk(topic_fn fn, void *ctx)
{
	static const struct topic *const tables[] = { errno_topics, reason_topics, belief_topics };
	int ret = walk_causes(fn, ctx);

	if (!ret)
		ret = walk_situations(fn, ctx);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct topic *t = tables[i]; !ret && t->name; t++)
			ret = fn(ctx, t);
	return ret;
}

const char *topic_kind_title(enum topic_kind kind)
{
	static const char *const titles[] = {
		[TOPIC_CAUSE] = "Causes",
		[TOPIC_SITUATION] = "Situations",
		[TOPIC_ERRNO] = "Errors of calls",
		[TOPIC_SIGNAL] = "The signal",
		[TOPIC_REASON] = "Reasons of the kernel",
		[TOPIC_BELIEF] = "Beliefs",
	};

	_Static_assert(ARRAY_SIZE(titles) == TOPIC_KINDS, "a title for every kind");
	return titles[kind];
}

/* ---- one form for all spellings ------------------------------------------------ */

/*
 * Writes n bytes of word in lower case, with '-' for '_', one blank between words and no full
 * stop at the end.
 */
static bool normalize(char out[WORD_MAX], const char *word, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = word[i];

		if (isspace(c)) {
			if (at && out[at - 1] != ' ')
				out[at++] = ' ';
		} else {
			out[at++] = c == '_' ? '-' : tolower(c);
		}
		if (at == WORD_MAX)
			return false;
	}
	while (at && (out[at - 1] == ' ' || out[at - 1] == '.'))
		at--;
	out[at] = '\0';
	return at;
}

/* The user's word without a prefix. */
static const char *strip(const char *word)
{
	static const char *const prefixes[] = { REASON_PREFIX, ERRNO_PREFIX };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(word, prefixes[i], strlen(prefixes[i])))
			return word + strlen(prefixes[i]);
	return word;
}

/* Called for each normalized spelling of a topic; the walk ends when it returns other than 0. */
typedef int (*spelling_fn)(void *ctx, const char *spelling);

static int walk_spellings(const struct topic *t, spelling_fn fn, void *ctx)
{
	const char *message = t->kind == TOPIC_ERRNO ? strerrordesc_np(t->number) : NULL;
	char form[WORD_MAX];
	int ret = 0;

	if (normalize(form, t->name, strlen(t->name)))
		ret = fn(ctx, form);
	if (!ret && message && normalize(form, message, strlen(message)))
		ret = fn(ctx, form);
	for (const char *w = t->also; !ret && w && *w; w += strspn(w, "|")) {
		size_t n = strcspn(w, "|");

		if (normalize(form, w, n))
			ret = fn(ctx, form);
		w += n;
	}
	return ret;
}

/* ---- looking up ----------------------------------------------------------------- */

struct search {
	const char *word;
	long number;
	bool is_number;
	struct topic *found;
};

static int same(void *ctx, const char *spelling)
{
	return !strcmp(spelling, ctx);
}

static int search_topic(void *ctx, const struct topic *t)
{
	struct search *s = ctx;

	if (!(s->is_number && t->kind == TOPIC_ERRNO && t->number == s->number) &&
	    !walk_spellings(t, same, (void *)s->word))
		return 0;
	*s->found = *t;
	return 1;
}

int topic_find(const char *word, struct topic *t)
{
	char form[WORD_MAX], *end;
	struct search s = { .found = t };

	if (!normalize(form, word, strlen(word)))
		return -ENOENT;
	s.word = strip(form);
	s.number = labs(strtol(s.word, &end, 10));	/* may be negative, as the kernel writes it: -104 */
	s.is_number = end != s.word && !*end;
	return topic_walk(search_topic, &s) ? 0 : -ENOENT;
}

/* ---- the nearest ------------------------------------------------------------------ */

/* The least number of letters to add, drop or change (Levenshtein); keeps one row of the table. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX], la = strlen(a), lb = strlen(b);

	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

#define TOO_FAR 1000

/*
 * How unlike the word and a spelling are: if one is a part of the other, by what is left over;
 * otherwise by the letters that differ.
 */
static size_t farness(const char *word, const char *spelling)
{
	size_t lw = strlen(word), ls = strlen(spelling), d;

	if (lw >= 3 && strstr(spelling, word))
		return 1 + (ls - lw) / 2;
	if (ls >= 4 && strstr(word, spelling))
		return 1 + (lw - ls) / 2;
	d = distance(word, spelling);
	return d <= 2 + (lw < ls ? lw : ls) / 4 && d < lw ? 2 * d : TOO_FAR;
}

struct ranking {
	const char *word;
	size_t best;		/* the least so far for the topic at hand */
	const char **names;
	size_t far[TOPIC_NEAREST_MAX], n;
};

static int rank_spelling(void *ctx, const char *spelling)
{
	struct ranking *r = ctx;
	size_t far = farness(r->word, spelling);

	if (far < r->best)
		r->best = far;
	return 0;
}

static int rank_topic(void *ctx, const struct topic *t)
{
	struct ranking *r = ctx;
	size_t at;

	r->best = TOO_FAR;
	walk_spellings(t, rank_spelling, r);
	if (r->best == TOO_FAR)
		return 0;
	if (r->n == TOPIC_NEAREST_MAX && r->far[r->n - 1] <= r->best)
		return 0;
	if (r->n < TOPIC_NEAREST_MAX)
		r->n++;
	for (at = r->n - 1; at && r->far[at - 1] > r->best; at--) {
		r->far[at] = r->far[at - 1];
		r->names[at] = r->names[at - 1];
	}
	r->far[at] = r->best;
	r->names[at] = t->name;
	return 0;
}

size_t topic_nearest(const char *word, const char *names[TOPIC_NEAREST_MAX])
{
	char form[WORD_MAX];
	struct ranking r = { .names = names };

	if (!normalize(form, word, strlen(word)))
		return 0;
	r.word = strip(form);
	topic_walk(rank_topic, &r);
	return r.n;
}
