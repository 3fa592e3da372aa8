/* SPDX-License-Identifier: GPL-2.0 */
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>

struct report {
	struct report_config cfg;
	struct report_totals totals;
	struct store *store;
	struct rows *rows;
	struct rows *hosts;
	struct kernels *kernels;
};

struct report *report_new(const struct report_config *cfg)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->cfg = *cfg;
	r->totals.first_ns = INT64_MAX;
	r->totals.last_ns = INT64_MIN;
	r->store = store_new(cfg->keep);
	r->rows = rows_new(cfg->by, cfg->strings);
	r->hosts = rows_new(BY_HOST, cfg->strings);
	r->kernels = kernels_new();
	if (r->store && r->rows && r->hosts && r->kernels) {
		rows_kernels(r->rows, r->kernels);
		return r;
	}
	report_free(r);
	return NULL;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	store_free(r->store);
	rows_free(r->rows);
	rows_free(r->hosts);
	kernels_free(r->kernels);
	free(r);
}

/* Counts a RST. `received`: as for rows_add(). */
static int count(struct report *r, const struct entry *sent, const struct entry *received)
{
	struct report_totals *t = &r->totals;
	int err = rows_add(r->rows, sent, received);

	t->resets++;
	if (sent->flags & ENTRY_SAMPLED) {
		t->sampled++;
		t->stand_for += sent->stands_for;
	}
	t->hurt += entry_hurts(received ?: sent) || entry_hurts(sent);
	if (sent->time_ns < t->first_ns)
		t->first_ns = sent->time_ns;
	if (sent->time_ns > t->last_ns)
		t->last_ns = sent->time_ns;
	return err ?: rows_add(r->hosts, sent, received);
}

static bool is_wanted(const struct report *r, const struct incident *inc)
{
	const struct report_config *c = &r->cfg;

	return inc->time_ns != UNKNOWN && inc->time_ns >= c->since_ns && inc->time_ns < c->until_ns &&
	       (!c->wanted || c->wanted(c->ctx, inc));
}

int report_incident(struct report *r, const struct incident *inc)
{
	struct entry e;

	r->totals.read++;
	entry_of(&e, inc, r->cfg.strings);
	if (is_wanted(r, inc))
		e.flags |= ENTRY_WANTED;
	else
		r->totals.hidden++;
	switch (store_put(r->store, &e)) {
	case STORE_NEW:
		return 0;
	case STORE_REPLACED:
	case STORE_OLDER:
		r->totals.replaced++;
		return 0;
	case STORE_FULL:
		break;
	}
	if (e.rev) {	/* its first revision was counted already */
		r->totals.replaced++;
		return 0;
	}
	if (!(e.flags & ENTRY_WANTED))
		return 0;
	r->totals.unkept++;
	return count(r, &e, NULL);
}

static uint64_t positive(int64_t n)
{
	return n < 0 ? 0 : n;
}

void report_end(struct report *r, const struct line_end *end)
{
	r->totals.lost += positive(end->lost);
	r->totals.missed += positive(end->missed);
	r->totals.suppressed += positive(end->suppressed);
}

int report_check(struct report *r, const struct line_check *check)
{
	if (!check->host[0] || !check->kernel[0])
		return 0;
	return kernels_note(r->kernels, strings_put(r->cfg.strings, check->host),
			    strings_put(r->cfg.strings, check->kernel));
}

int report_finish(struct report *r)
{
	int err = pair_ends(r->store, r->cfg.skew_ns, &r->totals.pairs);
	size_t n;

	for (size_t i = 0; !err && i < store_count(r->store); i++) {
		const struct entry *e = store_at(r->store, i);

		if (entry_counts(r->store, e))
			err = count(r, e, e->partner ? store_at(r->store, e->partner - 1) : NULL);
	}
	rows_sorted(r->hosts, &n);
	r->totals.hosts = n;
	r->totals.bytes = store_bytes(r->store) + strings_bytes(r->cfg.strings);
	return err;
}

const struct report_totals *report_totals(const struct report *r)
{
	return &r->totals;
}

struct rows *report_rows(const struct report *r)
{
	return r->rows;
}

const struct report_config *report_config(const struct report *r)
{
	return &r->cfg;
}

const struct store *report_store(const struct report *r)
{
	return r->store;
}
