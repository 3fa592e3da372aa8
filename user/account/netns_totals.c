/* SPDX-License-Identifier: GPL-2.0 */
#include "account/netns_totals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include "account/claims.h"

/*
 * The kernel counts a RST a little before or after its hook runs; on loopback the peer even
 * receives it in between. A RST that close to a reading of the counters may be in one
 * figure and not in the other.
 */
#define NEAR_NS 1000000ULL

const struct source_text netns_sources[N_SOURCES] = {
	[SOURCE_ABORT_FAILED] = { "abort-failed", "TCPAbortFailed: counted in OutRsts, never sent" },
	[SOURCE_LOST] = { "lost-events", "events lost, no room in the ring buffer" },
	[SOURCE_MISSED] = { "missed-runs", "the kernel did not run a program that was at work already" },
	[SOURCE_CROWDED] = { "too-many-kinds", "counted only, in no namespace: there were too many kinds of resets" },
	[SOURCE_READING] = { "while-reading", "sent while the counters were being read" },
	[SOURCE_NO_PROBE] = { "missing-probe", "this kernel offers no probe for all of them" },
	[SOURCE_NO_BASELINE] = { "no-baseline", "not seen at the start, it may have counted before" },
	[SOURCE_REUSED] = { "number-reused",
			    "an earlier namespace, ended since, may have had the same number" },
	[SOURCE_REFUSED] = { "reply-refused",
			     "replies given up after the hook: no route, or a wrong signature" },
	[SOURCE_UNKNOWN] = { "unknown", "source unknown" },
};

struct entry {
	struct netns_row row;
	uint64_t end_ns;	/* of the last reading; UINT64_MAX: none */
	struct counters first;
	UT_hash_handle hh;
};

struct netns_totals {
	struct entry *entries;
};

struct netns_totals *netns_totals_new(void)
{
	return calloc(1, sizeof(struct netns_totals));
}

void netns_totals_free(struct netns_totals *t)
{
	struct entry *e, *tmp;

	if (!t)
		return;
	HASH_ITER(hh, t->entries, e, tmp) {
		HASH_DEL(t->entries, e);
		free(e);
	}
	free(t);
}

static struct entry *find(const struct netns_totals *t, uint32_t netns)
{
	struct entry *e;

	HASH_FIND(hh, t->entries, &netns, sizeof(netns), e);
	return e;
}

static struct entry *find_or_add(struct netns_totals *t, uint32_t netns)
{
	struct entry *e = find(t, netns);

	if (e)
		return e;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->row.netns = netns;
	e->end_ns = UINT64_MAX;
	HASH_ADD(hh, t->entries, row.netns, sizeof(e->row.netns), e);
	return e;
}

int netns_totals_begin(struct netns_totals *t, const struct netns_reading *r)
{
	struct entry *e = find_or_add(t, r->netns);

	if (!e)
		return -ENOMEM;
	e->row.at_start = true;
	e->row.begin_ns = r->time_ns;
	e->first = r->counters;
	return 0;
}

/* The growth since `first`, or since 0 where that is NULL. False: a counter went back. */
static bool grow(struct counters *growth, const struct counters *first, const struct counters *last)
{
	for (int i = 0; i < N_COUNTERS; i++) {
		growth->known[i] = last->known[i];
		if (!last->known[i])
			continue;
		if (last->value[i] < first->value[i])
			return false;
		growth->value[i] = last->value[i] - first->value[i];
	}
	return true;
}

int netns_totals_end(struct netns_totals *t, const struct netns_reading *r)
{
	struct counters growth = {};
	struct entry *e = find_or_add(t, r->netns);

	if (!e)
		return -ENOMEM;
	e->end_ns = r->time_ns;
	if (!grow(&growth, &e->first, &r->counters)) {
		e->row.state = NETNS_REPLACED;
	} else if (growth.known[CTR_OUT_RSTS]) {
		e->row.state = NETNS_COMPARED;
		e->row.growth = growth;
	}
	return 0;
}

static bool in_time(const struct entry *e, uint64_t time_ns)
{
	return time_ns >= e->row.begin_ns && time_ns < e->end_ns;
}

static bool is_near(uint64_t time_ns, uint64_t reading_ns)
{
	return time_ns + NEAR_NS >= reading_ns && time_ns <= reading_ns + NEAR_NS;
}

static void count_sent(struct entry *e, const struct rst_event *ev)
{
	bool near = (e->row.begin_ns && is_near(ev->time_ns, e->row.begin_ns)) ||
		    (e->end_ns != UINT64_MAX && is_near(ev->time_ns, e->end_ns));

	e->row.near += near;
	if (!in_time(e, ev->time_ns))
		return;
	e->row.recorded++;
	e->row.replies += ev->type == EV_SENT_REPLY;
}

int netns_totals_event(struct netns_totals *t, const struct rst_event *ev)
{
	bool sent = ev->type == EV_SENT_ACTIVE || ev->type == EV_SENT_REPLY;
	struct entry *e;

	if (!sent && ev->type != EV_SENT_NETFILTER && ev->type != EV_RECEIVED)
		return 0;
	e = find_or_add(t, ev->flow.netns);
	if (!e)
		return -ENOMEM;
	if (sent)
		count_sent(e, ev);
	else if (ev->type == EV_SENT_NETFILTER)
		e->row.netfilter += in_time(e, ev->time_ns);
	else if (!(ev->flags & EVF_NO_RST))
		e->row.received += in_time(e, ev->time_ns);
	return 0;
}

void netns_totals_no_receipt(struct netns_totals *t, const struct incident *inc)
{
	struct entry *e = find(t, inc->victim.netns);

	if (e && in_time(e, inc->mono_ns) && e->row.received)
		e->row.received--;
}

void netns_totals_incident(struct netns_totals *t, const struct incident *inc)
{
	bool counted = inc->sender.seen && !inc->unseen && (inc->kind == KIND_ACTIVE || inc->kind == KIND_REPLY);
	struct claim claims[MAX_CLAIMS];
	struct entry *e;

	if (inc->rev)
		return;
	for (int i = 0, n = claims_of(inc, claims); i < n; i++) {
		e = find(t, claims[i].netns);
		if (e && in_time(e, inc->mono_ns))
			e->row.claimed[claims[i].counter]++;
	}
	if (!counted || !inc->cause || !strcmp(inc->cause, "unknown"))
		return;
	e = find(t, inc->netns == UNKNOWN ? 0 : inc->netns);
	if (e && in_time(e, inc->mono_ns))
		e->row.explained++;
}

void netns_totals_untold(struct netns_totals *t, uint32_t netns, uint64_t untold, uint64_t explained)
{
	struct entry *e = untold ? find_or_add(t, netns) : NULL;

	if (!e)
		return;
	e->row.untold += untold;
	e->row.explained += explained;
}

static bool is_worth_a_row(const struct netns_row *r)
{
	return r->recorded || r->untold || r->netfilter || r->received || r->growth.value[CTR_OUT_RSTS];
}

static int by_number(const struct entry *a, const struct entry *b)
{
	return a->row.netns < b->row.netns ? -1 : a->row.netns > b->row.netns;
}

const struct netns_row *netns_totals_next(struct netns_totals *t, const struct netns_row *row)
{
	struct entry *e;

	if (!row)
		HASH_SORT(t->entries, by_number);
	e = row ? find(t, row->netns)->hh.next : t->entries;
	while (e && !is_worth_a_row(&e->row))
		e = e->hh.next;
	return e ? &e->row : NULL;
}

const struct netns_row *netns_totals_find(const struct netns_totals *t, uint32_t netns)
{
	struct entry *e = find(t, netns);

	return e ? &e->row : NULL;
}

int64_t netns_difference(const struct netns_row *row)
{
	return (int64_t)(row->growth.value[CTR_OUT_RSTS] - row->recorded - row->untold);
}

int64_t netns_unclaimed(const struct netns_row *row, enum counter c)
{
	if (row->state != NETNS_COMPARED || c == CTR_OUT_RSTS || c >= N_CLAIMED ||
	    !row->growth.known[c])
		return 0;
	return (int64_t)(row->growth.value[c] - row->claimed[c]);
}

/* A source is likely if the largest difference that it can explain is not 0. */
unsigned int netns_likely(const struct netns_row *row, const struct netns_doubts *doubts)
{
	int64_t diff = netns_difference(row);
	bool more = diff > 0;	/* the kernel counted more */
	const uint64_t most[N_SOURCES] = {
		[SOURCE_ABORT_FAILED] = more ? row->growth.value[CTR_ABORT_FAILED] : 0,
		[SOURCE_LOST] = more ? doubts->lost : 0,
		[SOURCE_MISSED] = more ? doubts->missed : 0,
		[SOURCE_CROWDED] = more ? doubts->crowded : 0,
		[SOURCE_READING] = row->near,
		[SOURCE_NO_PROBE] = more && doubts->no_probe ? INT32_MAX : 0,
		[SOURCE_NO_BASELINE] = more && !row->at_start ? INT32_MAX : 0,
		[SOURCE_REUSED] = !more && !row->at_start ? INT32_MAX : 0,
		[SOURCE_REFUSED] = !more ? row->replies : 0,
	};
	uint64_t left = more ? (uint64_t)diff : (uint64_t)-diff;
	unsigned int likely = 0;

	if (!diff || row->state != NETNS_COMPARED)
		return 0;
	for (int i = 0; i < N_SOURCES && left; i++) {
		if (!most[i])
			continue;
		likely |= 1u << i;
		left -= left < most[i] ? left : most[i];
	}
	return left ? likely | 1u << SOURCE_UNKNOWN : likely;
}

static void add_growth(struct counters *sum, const struct counters *c)
{
	for (int i = 0; i < N_COUNTERS; i++) {
		sum->value[i] += c->value[i];
		sum->known[i] |= c->known[i];
	}
}

/*
 * Whether the namespace that has this number now is another one than the records are of, as
 * inode numbers are used again: more was recorded than it has sent, so its counters cannot be
 * compared with the records.
 */
static bool is_reused(const struct netns_row *r)
{
	return !r->at_start && -netns_difference(r) > (int64_t)r->near;
}

void netns_totals_sum(struct netns_totals *t, struct netns_sum *sum)
{
	struct entry *e, *tmp;

	memset(sum, 0, sizeof(*sum));
	HASH_ITER(hh, t->entries, e, tmp) {
		const struct netns_row *r = &e->row;

		if (r->state != NETNS_COMPARED || is_reused(r)) {
			sum->differs |= r->state == NETNS_COMPARED;
			sum->uncompared += r->recorded > 0;
			sum->uncompared_recorded += r->recorded;
			continue;
		}
		sum->compared += is_worth_a_row(r);
		sum->recorded += r->recorded;
		sum->untold += r->untold;
		sum->netfilter += r->netfilter;
		sum->received += r->received;
		sum->explained += r->explained;
		sum->differs |= netns_difference(r) != 0;
		add_growth(&sum->growth, &r->growth);
	}
}
