/* SPDX-License-Identifier: GPL-2.0 */
#include "report/change.h"

#include <math.h>
#include <stdlib.h>

#define NS_PER_HOUR 3.6e12
#define SHORTEST_HOURS (1.0 / 60)
#define NOTABLE 1.5
#define DEVIATIONS 3.0

const char *change_name(enum change c)
{
	static const char *const names[N_CHANGES] = {
		[CHANGE_NEW] = "new", [CHANGE_WORSE] = "worse", [CHANGE_SAME] = "same",
		[CHANGE_BETTER] = "better", [CHANGE_GONE] = "gone",
	};

	return names[c];
}

double report_hours(const struct report *r)
{
	const struct report_totals *t = report_totals(r);
	const struct report_config *c = report_config(r);
	int64_t first = c->since_ns != INT64_MIN ? c->since_ns : t->first_ns;
	int64_t last = c->until_ns != INT64_MAX ? c->until_ns : t->last_ns;
	double hours = t->resets < 2 || last <= first ? 0 : ((double)last - (double)first) / NS_PER_HOUR;

	return hours < SHORTEST_HOURS ? 0 : hours;
}

/* Whether the rate of `more` is higher than chance explains, and by half at least. */
static bool is_notable(uint64_t more, double more_hours, uint64_t fewer, double fewer_hours)
{
	double share = more_hours / (more_hours + fewer_hours), n = (double)more + (double)fewer;

	return more / more_hours >= NOTABLE * fewer / fewer_hours &&
	       more - n * share > DEVIATIONS * sqrt(n * share * (1 - share));
}

enum change change_of(uint64_t before, double before_hours, uint64_t after, double after_hours)
{
	if (before_hours <= 0 || after_hours <= 0)
		before_hours = after_hours = 1;
	if (!before)
		return after ? CHANGE_NEW : CHANGE_SAME;
	if (!after)
		return CHANGE_GONE;
	return is_notable(after, after_hours, before, before_hours) ? CHANGE_WORSE :
	       is_notable(before, before_hours, after, after_hours) ? CHANGE_BETTER : CHANGE_SAME;
}

static double moved(const struct change_row *r)
{
	return fabs(r->after_rate - r->before_rate);
}

static int worst_first(const void *a, const void *b)
{
	const struct change_row *x = a, *y = b;

	if (x->change != y->change)
		return (int)x->change - (int)y->change;
	return moved(x) != moved(y) ? (moved(x) > moved(y) ? -1 : 1) : x->key < y->key ? -1 : 1;
}

struct change_row *change_rows(const struct report *before, const struct report *after, size_t *n)
{
	double hours[2] = { report_hours(before), report_hours(after) };
	struct rows *b = report_rows(before), *a = report_rows(after);
	size_t n_before, n_after;
	const struct report_row *old = rows_sorted(b, &n_before), *new = rows_sorted(a, &n_after);
	struct change_row *rows = calloc(n_before + n_after ?: 1, sizeof(*rows));

	*n = 0;
	if (!rows || !old || !new) {
		free(rows);
		return NULL;
	}
	if (!hours[0] || !hours[1])
		hours[0] = hours[1] = 0;
	for (size_t i = 0; i < n_before; i++) {
		const struct report_row *found = rows_find(a, old[i].key);

		rows[(*n)++] = (struct change_row){
				.key = old[i].key, .before = old[i].count, .after = found ? found->count : 0 };
	}
	for (size_t i = 0; i < n_after; i++)
		if (!rows_find(b, new[i].key))
			rows[(*n)++] = (struct change_row){
				.key = new[i].key, .after = new[i].count };
	for (size_t i = 0; i < *n; i++) {
		rows[i].before_rate = rows[i].before / (hours[0] ?: 1);
		rows[i].after_rate = rows[i].after / (hours[1] ?: 1);
		rows[i].change = change_of(rows[i].before, hours[0], rows[i].after, hours[1]);
	}
	qsort(rows, *n, sizeof(*rows), worst_first);
	return rows;
}
