/* SPDX-License-Identifier: GPL-2.0 */
#include "page/model.h"

#include <errno.h>

#include "base/array.h"

#define MS 1000000LL
#define S (1000 * MS)
#define MIN (60 * S)
#define H (60 * MIN)
#define DAY (24 * H)

/*
 * Calls fn for each reset, with the entry of its other end if that has a record of its own. An
 * error of fn ends it.
 */
static int each(const struct report *r, int (*fn)(void *ctx, const struct entry *sent, const struct entry *received),
		void *ctx)
{
	const struct store *store = report_store(r);
	int err = 0;

	for (size_t i = 0; !err && i < store_count(store); i++) {
		const struct entry *e = store_at(store, i);

		if (entry_counts(store, e))
			err = fn(ctx, e, e->partner ? store_at(store, e->partner - 1) : NULL);
	}
	return err;
}

/* ---- rows ---- */

static int add_to_rows(void *ctx, const struct entry *sent, const struct entry *received)
{
	struct model *m = ctx;
	int err = 0;

	for (int by = 0; !err && by < N_BY_PARTS; by++)
		err = rows_add(m->by[by], sent, received);
	return err;
}

static int make_rows(struct model *m)
{
	const struct report_row *row;
	size_t n;

	for (int by = 0; by < N_BY_PARTS; by++) {
		m->by[by] = rows_new(by, report_config(m->report)->strings);
		if (!m->by[by])
			return -ENOMEM;
	}
	if (each(m->report, add_to_rows, m))
		return -ENOMEM;
	row = rows_sorted(m->by[BY_CAUSE], &n);
	for (size_t i = 0; row && i < n && i < SERIES; i++)
		m->series[i] = row[i].key;
	return row ? 0 : -ENOMEM;
}

unsigned int model_series(const struct model *m, uint32_t cause)
{
	for (unsigned int i = 0; i < SERIES; i++)
		if (m->series[i] == cause)
			return i;
	return SERIES;
}

/* ---- the timeline ---- */

/* The smallest usual step of time with which there are not too many buckets. */
static int64_t step_for(int64_t span_ns)
{
	static const int64_t steps[] = {
		MS, 2 * MS, 5 * MS, 10 * MS, 20 * MS, 50 * MS, 100 * MS, 200 * MS, 500 * MS, S, 2 * S, 5 * S,
		10 * S, 15 * S, 30 * S, MIN, 2 * MIN, 5 * MIN, 10 * MIN, 15 * MIN, 30 * MIN, H, 2 * H, 3 * H,
		6 * H, 12 * H, DAY, 7 * DAY, 30 * DAY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (span_ns / steps[i] < MAX_BUCKETS - 2)
			return steps[i];
	return span_ns / (MAX_BUCKETS - 2) + 1;
}

static int add_to_timeline(void *ctx, const struct entry *sent, const struct entry *received)
{
	struct model *m = ctx;
	struct timeline *t = &m->timeline;

	(void)received;
	t->count[model_series(m, sent->cause)][(sent->time_ns - t->first_ns) / t->step_ns]++;
	return 0;
}

/* The span of the entries that the store kept: first and last of the report may lie outside. */
static int note_span(void *ctx, const struct entry *sent, const struct entry *received)
{
	int64_t *span = ctx;

	(void)received;
	if (sent->time_ns < span[0])
		span[0] = sent->time_ns;
	if (sent->time_ns > span[1])
		span[1] = sent->time_ns;
	return 0;
}

static void make_timeline(struct model *m)
{
	struct timeline *t = &m->timeline;
	int64_t span[2] = { INT64_MAX, INT64_MIN };

	each(m->report, note_span, span);
	if (span[0] > span[1])
		return;
	t->step_ns = step_for(span[1] - span[0]);
	t->first_ns = span[0] - span[0] % t->step_ns;
	t->n = (span[1] - t->first_ns) / t->step_ns + 1;
	each(m->report, add_to_timeline, m);
}

/* ---- the verdict ---- */

struct choice {
	struct rows *rows;
	bool hurting;		/* only resets that hurt */
	uint32_t cause;		/* only resets with this cause; STRING_NONE: with any */
	uint64_t n;
};

static int add_to_choice(void *ctx, const struct entry *sent, const struct entry *received)
{
	struct choice *c = ctx;

	if (c->hurting && !entry_hurts(received ?: sent) && !entry_hurts(sent))
		return 0;
	if (c->cause && sent->cause != c->cause)
		return 0;
	c->n++;
	return rows_add(c->rows, sent, received);
}

/* Finds the most frequent row of the resets that the choice takes. */
static int most_of(struct model *m, struct choice *c, enum report_by by, struct report_row *most)
{
	const struct report_row *row;
	size_t n = 0;
	int err;

	c->rows = rows_new(by, report_config(m->report)->strings);
	err = c->rows ? each(m->report, add_to_choice, c) : -ENOMEM;
	row = err ? NULL : rows_sorted(c->rows, &n);
	if (n)
		*most = row[0];
	rows_free(c->rows);
	return row ? 0 : -ENOMEM;
}

static int make_verdict(struct model *m)
{
	struct choice c = { .hurting = report_totals(m->report)->hurt };
	struct report_row cause = { }, pair = { };
	int err = most_of(m, &c, BY_CAUSE, &cause);

	m->verdict = (struct verdict){ .of = c.n, .cause = cause.key, .cause_count = cause.count };
	if (err || !c.n)
		return err;
	c.cause = cause.key;
	err = most_of(m, &c, BY_PAIR, &pair);
	m->verdict.pair = pair.key;
	m->verdict.pair_count = pair.count;
	return err;
}

int model_make(struct model *m, const struct report *r)
{
	int err;

	*m = (struct model){ .report = r };
	err = make_rows(m);
	if (err)
		return err;
	make_timeline(m);
	return make_verdict(m);
}

void model_free(struct model *m)
{
	for (int by = 0; by < N_BY_PARTS; by++) {
		rows_free(m->by[by]);
		m->by[by] = NULL;
	}
}
