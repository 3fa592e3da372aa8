/* SPDX-License-Identifier: GPL-2.0 */
#include "top/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LATER_NS 10000000000ULL	/* an incident that came so much later is clearly newer */

const char *const top_sort_names[N_TOP_SORT] = {
	[TOP_SORT_TOTAL] = "total", [TOP_SORT_HURT] = "hurt", [TOP_SORT_RATE] = "rate",
	[TOP_SORT_LATEST] = "latest", [TOP_SORT_NAME] = "name",
};

/* ---- order ---------------------------------------------------------------------- */

struct sorting {
	const struct top_tables *t;
	const struct top_row *rows;
	enum top_sort sort;
};

/* Resets in ten seconds, so that rates can be compared as whole numbers. */
static uint64_t rate_of(const struct top_tables *t, const struct top_row *row)
{
	return (uint64_t)(10 * top_rate(t, &row->hist, row->count.total) + 0.5);
}

static uint64_t value_of(const struct sorting *s, const struct top_row *row)
{
	switch (s->sort) {
	case TOP_SORT_HURT:
		return row->count.hurt;
	case TOP_SORT_RATE:
		return rate_of(s->t, row);
	case TOP_SORT_LATEST:
		return row->last_ns;
	default:
		return row->count.total;
	}
}

static int by_value(const void *a, const void *b, void *ctx)
{
	const struct sorting *s = ctx;
	unsigned int i = *(const unsigned int *)a, j = *(const unsigned int *)b;
	uint64_t x = value_of(s, &s->rows[i]), y = value_of(s, &s->rows[j]);

	if (s->sort == TOP_SORT_NAME) {
		/* ports are numbers */
		int cmp = strverscmp(s->rows[i].name, s->rows[j].name);

		return cmp ? cmp : (i > j) - (i < j);
	}
	/* equal rows stay in the order in which they came */
	return x != y ? (x < y ? 1 : -1) : (i > j) - (i < j);
}

/* Whether a row is so far ahead of the one above it that they change places. */
static bool passes(const struct sorting *s, unsigned int below, unsigned int above)
{
	uint64_t x = value_of(s, &s->rows[below]), y = value_of(s, &s->rows[above]);

	if (s->sort == TOP_SORT_NAME)
		return by_value(&below, &above, (void *)s) < 0;
	return x > y && x - y > (s->sort == TOP_SORT_LATEST ? LATER_NS : y / 8);
}

static void settle(struct top_view *v, const struct sorting *s)
{
	for (unsigned int i = 1; i < v->n; i++)
		for (unsigned int j = i; j && passes(s, v->order[j], v->order[j - 1]); j--) {
			unsigned int above = v->order[j - 1];

			v->order[j - 1] = v->order[j];
			v->order[j] = above;
		}
}

/* ---- what is shown ---------------------------------------------------------------- */

static bool matches(const struct top_view *v, const struct top_row *row)
{
	if (!v->filtered || !regexec(&v->filter, row->name, 0, NULL, 0) ||
	    !regexec(&v->filter, row->latest, 0, NULL, 0))
		return true;
	for (unsigned int i = 0; i < row->n_causes; i++)
		if (!regexec(&v->filter, row->cause[i].code, 0, NULL, 0))
			return true;
	return false;
}

static void keep_chosen_visible(struct top_view *v, unsigned int rows)
{
	if (v->chosen >= v->n_shown)
		v->chosen = v->n_shown ? v->n_shown - 1 : 0;
	if (v->chosen < v->first)
		v->first = v->chosen;
	if (rows && v->chosen >= v->first + rows)
		v->first = v->chosen - rows + 1;
	/* no empty lines at the end while there are rows above */
	if (v->n_shown <= rows)
		v->first = 0;
	else if (v->first + rows > v->n_shown)
		v->first = v->n_shown - rows;
}

void top_view_update(struct top_view *v, const struct top_tables *t, unsigned int rows)
{
	const struct top_table *table = &t->by[v->by];
	struct sorting s = { .t = t, .rows = table->row, .sort = v->sort };
	bool anew = !v->n;

	v->rows = table->row;
	for (; v->n < table->n; v->n++)
		v->order[v->n] = v->n;
	if (anew)
		qsort_r(v->order, v->n, sizeof(*v->order), by_value, &s);
	else
		settle(v, &s);
	v->n_shown = 0;
	for (unsigned int i = 0; i <= v->n; i++) {
		unsigned int at = i < v->n ? v->order[i] : TOP_ROWS;
		const struct top_row *row = &table->row[at];

		if (!row->count.records || !matches(v, row))
			continue;
		if (v->moved && at == v->chosen_row)
			v->chosen = v->n_shown;
		v->shown[v->n_shown++] = row;
	}
	keep_chosen_visible(v, rows);
	if (v->n_shown)
		v->chosen_row = v->shown[v->chosen] - v->rows;
}

void top_view_move(struct top_view *v, int by, unsigned int rows)
{
	int64_t to = (int64_t)v->chosen + by;

	if (!v->n_shown)
		return;
	v->chosen = to < 0 ? 0 : to >= v->n_shown ? v->n_shown - 1 : to;
	v->chosen_row = v->shown[v->chosen] - v->rows;
	v->moved = v->chosen > 0;
	keep_chosen_visible(v, rows);
}

const struct top_row *top_view_chosen(const struct top_view *v)
{
	return v->n_shown ? v->shown[v->chosen] : NULL;
}

void top_view_by(struct top_view *v, enum top_by by)
{
	v->by = by;
	v->n = v->n_shown = v->chosen = v->first = 0;
	v->moved = false;
}

void top_view_sort(struct top_view *v, enum top_sort sort)
{
	v->sort = sort;
	v->n = 0;
}

const char *top_view_filter(struct top_view *v, const char *pattern, char *buf, size_t len)
{
	regex_t re;
	int err = *pattern ? regcomp(&re, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) : 0;

	if (err) {
		regerror(err, &re, buf, len);
		return buf;
	}
	top_view_free(v);
	v->filtered = *pattern;
	text_copy(v->pattern, sizeof(v->pattern), pattern);
	if (v->filtered)
		v->filter = re;
	return NULL;
}

void top_view_free(struct top_view *v)
{
	if (v->filtered)
		regfree(&v->filter);
	v->filtered = false;
	v->pattern[0] = '\0';
}
