/* SPDX-License-Identifier: GPL-2.0 */
#include "report/pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/hosts.h"

#define MAX_ALIKE 64	/* how many ends with the same number, within the skew, are searched */

/* An end whose other end was not seen by the same host, and the keys by which that is searched. */
struct end {
	uint32_t index;		/* the number of its entry */
	uint64_t number;	/* see number_of() */
	uint64_t flow;		/* hash of addresses and ports */
	int64_t time_ns;
};

struct ends {
	const struct store *store;
	struct end *end;
	size_t n;
	int64_t skew_ns;
	struct pairs *out;
};

static struct entry *entry_at(const struct ends *e, const struct end *end)
{
	return store_at(e->store, end->index);
}

static uint64_t hash(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h;
}

static uint64_t flow_of(const struct entry *e)
{
	uint64_t h = hash(0xcbf29ce484222325, e->saddr, sizeof(e->saddr));

	h = hash(h, e->daddr, sizeof(e->daddr));
	return hash(hash(h, &e->sport, sizeof(e->sport)), &e->dport, sizeof(e->dport));
}

static bool same_flow(const struct entry *a, const struct entry *b)
{
	return a->sport == b->sport && a->dport == b->dport &&
	       !memcmp(a->saddr, b->saddr, sizeof(a->saddr)) && !memcmp(a->daddr, b->daddr, sizeof(a->daddr));
}

/* What identifies the RST: its sequence number or, if that is 0, its acknowledgement of the SYN. */
static uint64_t number_of(const struct entry *e)
{
	return e->seq ?: e->flags & ENTRY_ACK ? 1ULL << 32 | e->ack : 0;
}

static bool acks_differ(const struct entry *a, const struct entry *b)
{
	return a->flags & b->flags & ENTRY_ACK && a->ack != b->ack;
}

static bool is_sent(const struct entry *e)
{
	return e->flags & ENTRY_SENT;
}

/*
 * Whether one may be the sender and the other the victim of one RST, judged by kind, numbers and
 * clocks.
 */
static bool may_pair(const struct ends *e, const struct end *a, const struct end *b)
{
	const struct entry *x = entry_at(e, a), *y = entry_at(e, b);
	int64_t apart = a->time_ns > b->time_ns ? a->time_ns - b->time_ns : b->time_ns - a->time_ns;

	return !x->partner && !y->partner && is_sent(x) != is_sent(y) &&
	       a->number == b->number && apart <= e->skew_ns && !acks_differ(x, y);
}

static void join(struct ends *e, const struct end *a, const struct end *b, enum way way)
{
	struct entry *x = entry_at(e, a), *y = entry_at(e, b);

	x->partner = b->index + 1;
	y->partner = a->index + 1;
	x->way = y->way = way;
}

/* ---- the same flow at both ends ---- */

static int by_flow(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	return x->flow != y->flow ? (x->flow < y->flow ? -1 : 1) :
	       x->number != y->number ? (x->number < y->number ? -1 : 1) :
	       x->time_ns != y->time_ns ? (x->time_ns < y->time_ns ? -1 : 1) :
	       x->index < y->index ? -1 : 1;
}

static void pair_flows(struct ends *e)
{
	qsort(e->end, e->n, sizeof(*e->end), by_flow);
	for (size_t i = 0; i < e->n; i++) {
		const struct end *a = &e->end[i];

		for (size_t k = i + 1; k < e->n && k <= i + MAX_ALIKE && e->end[k].flow == a->flow &&
		     e->end[k].number == a->number && e->end[k].time_ns - a->time_ns <= e->skew_ns; k++) {
			if (!may_pair(e, a, &e->end[k]) ||
			    !same_flow(entry_at(e, a), entry_at(e, &e->end[k])))
				continue;
			join(e, a, &e->end[k], WAY_PAIRED);
			break;
		}
	}
}

/* ---- other addresses or ports at either end ---- */

static int by_seq(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	return x->number != y->number ? (x->number < y->number ? -1 : 1) :
	       x->time_ns != y->time_ns ? (x->time_ns < y->time_ns ? -1 : 1) :
	       x->index < y->index ? -1 : 1;
}

/*
 * Numbers of 32 bits are equal by chance now and then: so the acknowledgements have to be known, and
 * equal as well, or address and port of one end must be equal.
 */
static bool is_alike(const struct entry *a, const struct entry *b)
{
	if (a->flags & b->flags & ENTRY_ACK)
		return true;
	return (a->sport == b->sport && !memcmp(a->saddr, b->saddr, sizeof(a->saddr))) ||
	       (a->dport == b->dport && !memcmp(a->daddr, b->daddr, sizeof(a->daddr)));
}

/*
 * The only end that this one can be paired with. NULL: there is none, or there are several
 * (*several).
 */
static const struct end *only_match(struct ends *e, size_t i, bool *several)
{
	const struct end *a = &e->end[i], *found = NULL;

	*several = false;
	for (int step = -1; step <= 1; step += 2) {
		for (size_t n = 0, k = i + step; k < e->n; n++, k += step) {
			const struct end *b = &e->end[k];
			int64_t apart = step > 0 ? b->time_ns - a->time_ns : a->time_ns - b->time_ns;

			if (b->number != a->number || apart > e->skew_ns)
				break;
			*several |= n == MAX_ALIKE;
			if (*several)
				return NULL;
			if (!may_pair(e, a, b) || !is_alike(entry_at(e, a), entry_at(e, b)))
				continue;
			*several = found;
			if (found)
				return NULL;
			found = b;
		}
	}
	return found;
}

static void note_translated(struct ends *e, const struct end *a, const struct end *b)
{
	uint32_t sent = 1 + (is_sent(entry_at(e, a)) ? a : b)->index;

	for (int i = 0; i < N_EXAMPLES; i++)
		if (!e->out->translated[i]) {
			e->out->translated[i] = sent;
			return;
		}
}

static void pair_translated(struct ends *e)
{
	bool several;

	qsort(e->end, e->n, sizeof(*e->end), by_seq);
	for (size_t i = 0; i < e->n; i++) {
		const struct end *a = &e->end[i], *b, *back;

		/*
		 * nothing to find the other end by: its sequence number is 0, and it has no
		 * acknowledgement
		 */
		if (entry_at(e, a)->partner || !a->number)
			continue;
		b = only_match(e, i, &several);
		e->out->ambiguous += several;
		if (!b)
			continue;
		back = only_match(e, b - e->end, &several);
		if (back != a)
			continue;
		join(e, a, b, WAY_TRANSLATED);
		note_translated(e, a, b);
	}
}

/* ---- ends without a partner ---- */

/*
 * A reset came from the address of a traced host that sent none: somebody forged it, or the host
 * translates addresses for another one that was not traced. No record says which, so the verdict only
 * says who did not send it.
 */
static enum way way_alone(const struct hosts *h, const struct entry *e, int64_t skew_ns)
{
	if (e->kind == KIND_TIMEOUT)
		return WAY_NO_RST;
	if ((e->flags & (ENTRY_SENT | ENTRY_RECEIVED)) == (ENTRY_SENT | ENTRY_RECEIVED))
		return WAY_HERE;
	if (e->flags & ENTRY_SENT)
		return hosts_traced(h, e->daddr, e->time_ns, skew_ns) ? WAY_LOST : WAY_ELSEWHERE;
	return hosts_traced(h, e->saddr, e->time_ns, skew_ns) ? WAY_NOT_SENT : WAY_ELSEWHERE;
}

static bool is_single(const struct entry *e)
{
	unsigned int ends = e->flags & (ENTRY_SENT | ENTRY_RECEIVED);

	return e->kind != KIND_TIMEOUT && (ends == ENTRY_SENT || ends == ENTRY_RECEIVED);
}

static int collect(struct ends *e)
{
	size_t n = store_count(e->store);

	for (size_t i = 0; i < n; i++) {
		struct entry *one = store_at(e->store, i);

		one->partner = 0;
		e->n += is_single(one) && one->flags & ENTRY_SEQ;
	}
	e->end = calloc(e->n ?: 1, sizeof(*e->end));
	if (!e->end)
		return -ENOMEM;
	e->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct entry *one = store_at(e->store, i);

		if (is_single(one) && one->flags & ENTRY_SEQ)
			e->end[e->n++] = (struct end){ i, number_of(one), flow_of(one), one->time_ns };
	}
	return 0;
}

/* Counts each RST once; a pair is counted by its sender's entry. */
static void count(const struct store *s, const struct hosts *h, int64_t skew_ns, struct pairs *out)
{
	for (size_t i = 0; i < store_count(s); i++) {
		struct entry *e = store_at(s, i);

		if (!e->partner)
			e->way = way_alone(h, e, skew_ns);
		if (entry_counts(s, e))
			out->count[e->way]++;
	}
}

int pair_ends(struct store *s, int64_t skew_ns, struct pairs *out)
{
	struct ends e = { .store = s, .skew_ns = skew_ns, .out = out };
	struct hosts *h = hosts_new();
	int err = h ? collect(&e) : -ENOMEM;

	*out = (struct pairs){ };
	for (size_t i = 0; !err && i < store_count(s); i++)
		err = hosts_note(h, store_at(s, i));
	if (!err) {
		pair_flows(&e);
		pair_translated(&e);
		count(s, h, skew_ns, out);
	}
	free(e.end);
	hosts_free(h);
	return err;
}
