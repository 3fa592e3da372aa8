/* SPDX-License-Identifier: GPL-2.0 */
#include "storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* This many complaints are enough to see what is wrong. */
#define MAX_FAILURES 20

static void shuffle(struct storm *st)
{
	const struct scenario *sc;
	int i, k;

	for (i = st->n - 1; i > 0; i--) {
		k = (int)(nrand48(st->rng) % (i + 1));
		sc = st->sc[i];
		st->sc[i] = st->sc[k];
		st->sc[k] = sc;
	}
}

static const struct scenario *next(void *ctx)
{
	struct storm *st = ctx;

	if (!st->n || st->j->incidents >= st->wanted || st->j->count[FAILED] >= MAX_FAILURES)
		return NULL;
	if (st->at == st->n)
		st->at = 0;
	if (!st->at)
		shuffle(st);
	return st->sc[st->at++];
}

void storm_play(struct storm *st, struct judge *j, const struct scenario **sc, int n, int jobs)
{
	int i;

	st->j = j;
	st->sc = sc;
	for (i = 0; i < n; i++)
		if (!sc[i]->flags)
			sc[st->n++] = sc[i];
	memcpy(st->rng, &st->seed, sizeof(st->rng));
	st->begin_ms = now_ms();
	judge_play(j, next, st, jobs, jobs);
	st->end_ms = now_ms();
}

struct account {
	int namespaces, wrong;
	json_int_t counted, explained;
};

/* RSTs that an earlier namespace with this number sent: the tracer cannot tell the two apart. */
static json_int_t earlier(const struct judge *j, uint64_t netns)
{
	json_int_t n = 0;
	int i;

	for (i = 0; i < j->shared->n_told; i++) {
		const struct told *x = &j->shared->told[i];
		const char *kind;

		if (x->netns != netns || x->judged)
			continue;
		kind = json_string_value(json_object_get(x->obj, "kind"));
		n += kind && (!strcmp(kind, "active") || !strcmp(kind, "reply"));
	}
	return n;
}

static const json_t *find(const json_t *namespaces, uint64_t netns)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)namespaces, i, row)
		if ((uint64_t)json_integer_value(json_object_get(row, "netns")) == netns)
			return row;
	return NULL;
}

/* What was recorded, what is explained and what the kernel counted must be the same. */
static void reconcile(struct account *acc, const struct judge *j, const struct judged *d,
		      uint64_t netns)
{
	const json_t *row = find(json_object_get(j->shared->end, "namespaces"), netns);
	json_int_t counted = json_integer_value(json_object_get(row, "out_rsts"));
	json_int_t recorded = json_integer_value(json_object_get(row, "recorded"));
	json_int_t explained = json_integer_value(json_object_get(row, "explained"));
	bool compared = json_is_integer(json_object_get(row, "difference"));
	json_int_t before = earlier(j, netns);
	char *text;

	acc->namespaces++;
	acc->counted += counted;
	acc->explained += explained - before;
	if (compared && counted + before == recorded && recorded == explained)
		return;
	/* a router's namespace that sent nothing has no row */
	if (!row && netns == d->netns_too)
		return;
	text = row ? json_dumps(row, JSON_COMPACT) : NULL;
	printf("FAIL storm: %s: network namespace %llu does not reconcile: %s\n", d->sc->name,
	       (unsigned long long)netns, text ? text : "no row");
	free(text);
	acc->wrong++;
}

void storm_reconcile(const struct storm *st, struct judge *j)
{
	struct account acc = { 0 };
	int i;

	for (i = 0; i < j->n_judged; i++) {
		const struct judged *d = &j->judged[i];

		/*
		 * a failed play was cut short together with its namespace; one that lacked an event
		 * was reported before
		 */
		if (!d->keeper || d->verdict == AGAIN)
			continue;
		reconcile(&acc, j, d, d->netns);
		if (d->netns_too)
			reconcile(&acc, j, d, d->netns_too);
	}
	if (j->incidents < st->wanted) {
		printf("FAIL storm: wanted %d incidents, got %d\n", st->wanted, j->incidents);
		acc.wrong++;
	}
	printf("%s storm: %d plays, %d incidents in %.1f s, seed %ld; the kernel's counters: "
	       "explained %lld of %lld in %d network namespaces; %d played again\n",
	       acc.wrong ? "FAIL" : "ok", j->n_judged, j->incidents, (double)(st->end_ms - st->begin_ms) / 1000, st->seed,
	       (long long)acc.explained, (long long)acc.counted, acc.namespaces,
	       j->count[AGAIN]);
	j->count[acc.wrong ? FAILED : PASSED]++;
}
