// SPDX-License-Identifier: GPL-2.0
#include "cut.h"

#include <stdlib.h>
#include <string.h>

#include "events/order.h"
#include "incident/names.h"

#define LATEST_NS (ORDER_WINDOW_NS / 2)
#define TOLD_LATE_NS 100000000ULL	/* less than a record waits for the call that fails */

const char *type_name(int type)
{
	return event_name(type) ?: "?";
}

static uint64_t chance(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* ---- groups: the namespaces between which flows run */

struct ns_set {
	uint32_t netns[4096];
	int root[4096];
	int n;
};

static int ns_find(struct ns_set *s, uint32_t netns)
{
	int i = 0;

	while (i < s->n && s->netns[i] != netns)
		i++;
	if (i == s->n) {
		if (s->n == 4096)
			abort();
		s->netns[s->n] = netns;
		s->root[s->n] = s->n;
		s->n++;
	}
	while (s->root[i] != i)
		i = s->root[i];
	return i;
}

/* Whether these are two ends of one flow that are in different namespaces. */
static bool other_end(const struct rst_flow *a, const struct rst_flow *b)
{
	return a->netns != b->netns && a->family == b->family && a->lport == b->rport &&
	       a->rport == b->lport && a->lport && !memcmp(a->laddr, b->raddr, 16) &&
	       !memcmp(a->raddr, b->laddr, 16) && memcmp(a->laddr, a->raddr, 16) &&
	       (a->family != 4 || a->laddr[0] != 127);
}

static void join_flows(struct ns_set *s, const struct events *e)
{
	for (size_t i = 0; i < e->n; i++)
		ns_find(s, e->ev[i].flow.netns);
	for (size_t i = 0; i < e->n; i++)
		for (size_t j = i + 1; j < e->n; j++)
			if (other_end(&e->ev[i].flow, &e->ev[j].flow))
				s->root[ns_find(s, e->ev[i].flow.netns)] =
					ns_find(s, e->ev[j].flow.netns);
}

static void sort_into_groups(struct recording *rec, struct ns_set *s)
{
	size_t at = 0;

	rec->by_group = calloc(rec->all.n + 1, sizeof(size_t));
	rec->group_start = calloc(s->n + 1, sizeof(size_t));
	for (int root = 0; root < s->n; root++) {
		if (s->root[root] != root)
			continue;
		for (size_t i = 0; i < rec->all.n; i++)
			if (ns_find(s, rec->all.ev[i].flow.netns) == root)
				rec->by_group[at++] = i;
		rec->group_start[++rec->n_groups] = at;
	}
}

struct recording *recording_read(const char *path)
{
	struct recording *rec = calloc(1, sizeof(*rec));
	struct ns_set *s = calloc(1, sizeof(*s));
	size_t next[MAX_CPUS];

	if (!rec || !s)
		abort();
	events_load(&rec->all, &rec->meta, path);
	rec->next_of_cpu = calloc(rec->all.n + 1, sizeof(size_t));
	for (int cpu = 0; cpu < MAX_CPUS; cpu++)
		next[cpu] = rec->all.n;
	for (size_t i = rec->all.n; i-- > 0;) {
		size_t *n = &next[rec->all.ev[i].cpu % MAX_CPUS];

		rec->next_of_cpu[i] = *n;
		*n = i;
	}
	join_flows(s, &rec->all);
	sort_into_groups(rec, s);
	free(s);
	return rec;
}

void recording_free(struct recording *rec)
{
	events_free(&rec->all);
	free(rec->next_of_cpu);
	free(rec->by_group);
	free(rec->group_start);
	free(rec);
}

const size_t *recording_group(const struct recording *rec, int nr, size_t *n)
{
	*n = rec->group_start[nr + 1] - rec->group_start[nr];
	return rec->by_group + rec->group_start[nr];
}

/* ---- cuts */

static bool is_dropped(const struct recording *rec, size_t i, const struct cut *cut)
{
	const struct rst_event *ev = &rec->all.ev[i];

	if (cut->types & 1u << ev->type)
		return true;
	return cut->drops && i >= cut->from && i <= cut->to &&
	       (!cut->cpu || ev->cpu == (uint32_t)cut->cpu - 1);
}

/*
 * Adds the gap for a loss. It comes with the next event of the processor that finds room,
 * or earlier, when user space finds the loss in the kernel side's counters.
 */
static void add_gap(struct events *out, const struct recording *rec, size_t i, const struct cut *cut)
{
	const struct rst_event *ev = &rec->all.ev[i];
	struct rst_event gap = { .type = EV_GAP, .wire = ev->wire, .cpu = ev->cpu };
	size_t next = rec->next_of_cpu[i];

	while (next < rec->all.n && is_dropped(rec, next, cut))
		next = rec->next_of_cpu[next];
	gap.gap.from_ns = ev->time_ns;
	gap.gap.lost[ev->type] = 1;
	gap.time_ns = ev->time_ns + TOLD_LATE_NS;
	if (next < rec->all.n && rec->all.ev[next].time_ns <= gap.time_ns)
		gap.time_ns = rec->all.ev[next].time_ns - 1;
	events_add(out, &gap);
}

struct arrival {
	uint64_t at_ns;
	size_t nr;
	const struct rst_event *ev;
};

static int by_arrival(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

/* Puts the events in the order in which they arrive. */
static struct events arrive(const struct events *e, const struct cut *cut)
{
	struct arrival *list = calloc(e->n + 1, sizeof(*list));
	uint64_t late[MAX_CPUS] = { 0 }, state = cut->seed + 1;
	struct events out = { .ev = NULL };

	for (int cpu = 0; cut->shuffled && cpu < MAX_CPUS; cpu++)
		late[cpu] = chance(&state) % LATEST_NS;
	for (size_t i = 0; i < e->n; i++)
		list[i] = (struct arrival){ e->ev[i].time_ns + late[e->ev[i].cpu % MAX_CPUS], i,
					    &e->ev[i] };
	qsort(list, e->n, sizeof(*list), by_arrival);
	for (size_t i = 0; i < e->n; i++)
		events_add(&out, list[i].ev);
	free(list);
	return out;
}

static bool is_twice(size_t i, const struct cut *cut)
{
	for (int k = 0; k < cut->n_twice; k++)
		if (cut->twice[k] == i)
			return true;
	return false;
}

struct events cut_events(const struct recording *rec, const size_t *index, size_t n,
			 const struct cut *cut)
{
	struct events left = { .ev = NULL }, out;

	for (size_t k = 0; k < n; k++) {
		const struct rst_event *ev = &rec->all.ev[index[k]];

		if (!is_dropped(rec, index[k], cut)) {
			events_add(&left, ev);
			if (is_twice(index[k], cut))
				events_add(&left, ev);
		} else if (!cut->unmarked) {
			add_gap(&left, rec, index[k], cut);
		}
	}
	out = arrive(&left, cut);
	events_free(&left);
	return out;
}

struct cut cut_by_chance(const size_t *index, size_t n, unsigned int seed)
{
	uint64_t state = 0x9e3779b97f4a7c15ULL * (seed + 1);
	struct cut cut = { .seed = seed };
	size_t first = chance(&state) % n, last = first + chance(&state) % (n - first);

	/* by seed, in turn: a loss, a loss on one processor, another order, all of these */
	if (seed % 4 != 2) {
		cut.drops = true;
		cut.from = index[first];
		cut.to = index[last];
		cut.cpu = seed % 4 == 1 ? 1 + chance(&state) % 2 : 0;
	}
	if (seed % 4 >= 2) {
		cut.shuffled = true;
		for (cut.n_twice = 0; cut.n_twice < MAX_TWICE; cut.n_twice++)
			cut.twice[cut.n_twice] = index[chance(&state) % n];
	}
	return cut;
}
