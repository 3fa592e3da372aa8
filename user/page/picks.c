/* SPDX-License-Identifier: GPL-2.0 */
#include "page/picks.h"

#include <errno.h>
#include <stdlib.h>

/* How many resets a cause has, and how many of them to take. */
struct share {
	uint32_t cause;
	uint64_t count, quota, seen;
};

struct shares {
	struct share *share;
	size_t n;
};

static int by_cause(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return x->cause < y->cause ? -1 : x->cause > y->cause;
}

static int by_count(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count ? -1 : 1) : by_cause(a, b);
}

static int count_causes(struct shares *s, const struct report *r, size_t among)
{
	const struct store *store = report_store(r);
	struct rows *rows = rows_new(BY_CAUSE, report_config(r)->strings);
	const struct report_row *row;
	int err = rows ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < among; i++)
		if (entry_counts(store, store_at(store, i)))
			err = rows_add(rows, store_at(store, i), NULL);
	row = err ? NULL : rows_sorted(rows, &s->n);
	s->share = row ? calloc(s->n ?: 1, sizeof(*s->share)) : NULL;
	for (size_t i = 0; s->share && i < s->n; i++)
		s->share[i] = (struct share){ .cause = row[i].key, .count = row[i].count };
	rows_free(rows);
	return s->share ? 0 : -ENOMEM;
}

/* Begins with the rarest cause: what it leaves of its share is divided among the others. */
static void set_quotas(struct shares *s, size_t max)
{
	qsort(s->share, s->n, sizeof(*s->share), by_count);
	for (size_t i = 0; i < s->n; i++) {
		uint64_t fair = max / (s->n - i);

		s->share[i].quota = s->share[i].count < fair ? s->share[i].count : fair;
		max -= s->share[i].quota;
	}
	qsort(s->share, s->n, sizeof(*s->share), by_cause);
}

static bool take(const struct shares *s, uint32_t cause)
{
	const struct share key = { .cause = cause };
	struct share *one = bsearch(&key, s->share, s->n, sizeof(*s->share), by_cause);
	uint64_t before;

	if (!one)
		return false;
	before = one->seen * one->quota / one->count;
	one->seen++;
	return one->seen * one->quota / one->count > before;
}

int picks_choose(struct picks *p, const struct report *r, size_t max, size_t among)
{
	const struct store *store = report_store(r);
	struct shares s = { };
	int err;

	*p = (struct picks){ };
	among = among < store_count(store) ? among : store_count(store);
	max = max < among ? max : among;
	err = count_causes(&s, r, among);
	if (!err)
		p->pick = calloc(max ?: 1, sizeof(*p->pick));
	if (!err && !p->pick)
		err = -ENOMEM;
	if (!err)
		set_quotas(&s, max);
	for (size_t i = 0; !err && i < among; i++) {
		const struct entry *e = store_at(store, i);

		if (entry_counts(store, e) && take(&s, e->cause))
			p->pick[p->n++] = (struct pick){ .entry = i };
	}
	free(s.share);
	return err;
}

void picks_free(struct picks *p)
{
	free(p->pick);
	*p = (struct picks){ };
}

static int by_entry(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;

	return x->entry < y->entry ? -1 : x->entry > y->entry;
}

struct pick *picks_find(const struct picks *p, const struct report *r, uint32_t entry)
{
	const struct entry *e = store_at(report_store(r), entry);
	const struct pick key = { .entry = e->partner && !(e->flags & ENTRY_SENT) ? e->partner - 1 : entry };

	return bsearch(&key, p->pick, p->n, sizeof(*p->pick), by_entry);
}

static int by_time(const void *a, const void *b, void *ctx)
{
	const struct pick *x = a, *y = b;
	int64_t s = store_at(ctx, x->entry)->time_ns, t = store_at(ctx, y->entry)->time_ns;

	return s != t ? (s < t ? -1 : 1) : by_entry(a, b);
}

void picks_by_time(struct picks *p, const struct report *r)
{
	qsort_r(p->pick, p->n, sizeof(*p->pick), by_time, (void *)report_store(r));
}
