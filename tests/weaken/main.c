// SPDX-License-Identifier: GPL-2.0
/*
 * Tests that the records made of a part of the events are weaker forms of the records
 * made of all events.
 *
 *	weaken [-v] WIDER RECORDING...
 *
 * Each recording is split into groups of network namespaces that have flows between
 * them. In each group events are left out: each one alone, each type, bursts; with the
 * gap (EV_GAP) that the kernel side tells when it had no room. Or events come twice,
 * or in another order. Each record must then be a weaker form of one that all events
 * give: of the same reset, each key the same or absent, the cause the same or one that
 * the table WIDER lists after it, the confidence no higher, and no two records of one
 * reset.
 *
 * At the end all sendings are left out without a gap, as if the kernel had not run a
 * program, and the records have to show by themselves that the sending is missing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "told.h"
#include "weaker.h"

#define ROUNDS 24	/* random changes to each group of namespaces */

struct count {
	long passed, failed;
};

struct group {
	const struct recording *rec;
	const size_t *index;	/* of the group's events in the recording */
	size_t n;
	json_t *full;
	struct count *count;
	const char *name;
	bool verbose;
};

static void judge(const struct group *g, const struct cut *cut,
		  int (*fn)(const json_t *, const json_t *, const char *), const char *what)
{
	struct events e = cut_events(g->rec, g->index, g->n, cut);
	json_t *less = tell(&e, &g->rec->meta);

	if (fn(g->full, less, what)) {
		g->count->failed++;
		if (g->verbose) {
			json_dumpf(g->full, stdout, JSON_INDENT(1));
			json_dumpf(less, stdout, JSON_INDENT(1));
			puts("");
		}
	} else {
		g->count->passed++;
	}
	json_decref(less);
	events_free(&e);
}

static void each_event(const struct group *g, const char *how, bool twice)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct rst_event *ev = &g->rec->all.ev[g->index[i]];
		struct cut cut = { .seed = i };
		char what[256];

		if (twice)
			cut.twice[0] = g->index[i], cut.n_twice = 1;
		else
			cut.from = cut.to = g->index[i], cut.drops = true;
		snprintf(what, sizeof(what), "%s, %s %s at %llu", g->name, how, type_name(ev->type),
			 (unsigned long long)ev->time_ns);
		judge(g, &cut, weaker, what);
	}
}

static void each_type(const struct group *g)
{
	for (int type = 1; type < EV_TYPE_MAX; type++) {
		struct cut cut = { .types = 1u << type };
		char what[256];

		snprintf(what, sizeof(what), "%s, without all %s", g->name, type_name(type));
		judge(g, &cut, weaker, what);
	}
}

static void by_chance(const struct group *g)
{
	for (unsigned int seed = 0; seed < 4 * ROUNDS; seed++) {
		struct cut cut = cut_by_chance(g->index, g->n, seed);
		char what[256];

		snprintf(what, sizeof(what), "%s, by chance, seed %u", g->name, seed);
		judge(g, &cut, weaker, what);
	}
}

static void unseen(const struct group *g)
{
	struct cut cut = { .types = 1u << EV_SENT_ACTIVE | 1u << EV_SENT_REPLY, .unmarked = true };
	char what[256];

	/* on other kernels not all sendings are seen, so a missing one shows nothing */
	if (!g->rec->meta.sees_sent)
		return;
	snprintf(what, sizeof(what), "%s, sendings unseen", g->name);
	judge(g, &cut, weaker_unseen, what);
}

static void judge_recording(const char *path, struct count *count, bool verbose)
{
	struct recording *rec = recording_read(path);
	struct group g = { .rec = rec, .count = count, .name = strrchr(path, '/') ?: path, .verbose = verbose };
	struct events whole;

	g.name += *g.name == '/';
	for (int nr = 0; nr < rec->n_groups; nr++) {
		g.index = recording_group(rec, nr, &g.n);
		whole = cut_events(rec, g.index, g.n, &(struct cut){ .types = 0 });
		g.full = tell(&whole, &rec->meta);
		events_free(&whole);
		each_event(&g, "without", false);
		each_event(&g, "twice", true);
		each_type(&g);
		by_chance(&g);
		unseen(&g);
		json_decref(g.full);
	}
	recording_free(rec);
}

int main(int argc, char **argv)
{
	struct count count = { 0 };
	bool verbose = argc > 1 && !strcmp(argv[1], "-v");

	argc -= verbose;
	argv += verbose;
	if (argc < 3) {
		fputs("usage: weaken [-v] WIDER RECORDING...\n", stderr);
		return 2;
	}
	wider_load(argv[1]);
	for (int i = 2; i < argc; i++)
		judge_recording(argv[i], &count, verbose);
	printf("%ld passed, %ld failed, 0 skipped\n", count.passed, count.failed);
	return count.failed || !count.passed;
}
