/* SPDX-License-Identifier: GPL-2.0 */
#include "output/metric_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include "incident/format.h"

#define MAX_VALUE 192	/* bytes of a label's value */

struct metric_row {
	uint64_t count;
	size_t len;
	UT_hash_handle hh;
	char key[];		/* the values, a NUL after each */
};

/* Makes a row's key of its labels' values. Returns its length. */
static size_t make_key(char *key, const struct metric_table *t, const char *const *value)
{
	size_t len = 0;

	for (int i = 0; t->label[i]; i++) {
		size_t n = value[i] ? strnlen(value[i], MAX_VALUE - 1) : 0;

		memcpy(key + len, value[i] ?: "", n);
		len += n;
		key[len++] = '\0';
	}
	return len;
}

static struct metric_row *row_of(struct metric_table *t, const char *const *value)
{
	static const char *const other[MAX_LABELS] = { "other", "other", "other", "other", "other", "other" };
	char key[MAX_LABELS * MAX_VALUE];
	size_t len = make_key(key, t, value);
	struct metric_row *row;

	HASH_FIND(hh, t->rows, key, len, row);
	if (row)
		return row;
	if (HASH_COUNT(t->rows) >= t->max && value != other) {
		/* the row "other" may be one more than max */
		return row_of(t, other);
	}
	row = calloc(1, sizeof(*row) + len);
	if (!row)
		return NULL;
	memcpy(row->key, key, len);
	row->len = len;
	HASH_ADD_KEYPTR(hh, t->rows, row->key, row->len, row);
	return row;
}

void metric_add(struct metric_table *t, const char *const *value, uint64_t n)
{
	struct metric_row *row = row_of(t, value);

	if (row)
		row->count += n;
}

void metric_table_free(struct metric_table *t)
{
	struct metric_row *row, *next;

	HASH_ITER(hh, t->rows, row, next) {
		HASH_DEL(t->rows, row);
		free(row);
	}
}

static bool is_counter(const char *type)
{
	return !strcmp(type, "counter");
}

/* OpenMetrics has the family's name in these lines, the older format the sample's (with "_total"). */
void metric_head(FILE *out, const char *type, const char *name, const char *help, bool open_metrics)
{
	const char *tail = is_counter(type) && !open_metrics ? "_total" : "";

	fprintf(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, tail, help, name, tail, type);
}

/* Control characters are escaped as for a terminal: people look at metrics with curl. */
static void put_value(FILE *out, const char *value)
{
	char text[4 * MAX_VALUE + 1];

	for (const char *c = fmt_escape(text, sizeof(text), value, MAX_VALUE); *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
}

static void put_figure(FILE *out, double figure)
{
	/* a whole number is written without decimals; up to 2^53 it is exact */
	if (figure == (double)(int64_t)figure)
		fprintf(out, " %" PRId64 "\n", (int64_t)figure);
	else
		fprintf(out, " %.9f\n", figure);
}

void metric_sample(FILE *out, const char *type, const char *name, const char *const *label,
		   const char *const *value, double figure)
{
	fprintf(out, "%s%s", name, is_counter(type) ? "_total" : "");
	for (int i = 0; label && label[i]; i++) {
		fprintf(out, "%c%s=\"", i ? ',' : '{', label[i]);
		put_value(out, value[i] ?: "");
		fputc('"', out);
	}
	if (label && label[0])
		fputc('}', out);
	put_figure(out, figure);
}

void metric_write(FILE *out, const char *type, const char *name, const char *help, double value,
		  bool open_metrics)
{
	metric_head(out, type, name, help, open_metrics);
	metric_sample(out, type, name, NULL, NULL, value);
}

void metric_table_write(FILE *out, const struct metric_table *t, bool open_metrics)
{
	if (!t->rows)
		return;
	metric_head(out, "counter", t->name, t->help, open_metrics);
	for (const struct metric_row *row = t->rows; row; row = row->hh.next) {
		const char *value[MAX_LABELS], *at = row->key;

		for (int i = 0; t->label[i]; i++) {
			value[i] = at;
			at += strlen(at) + 1;
		}
		metric_sample(out, "counter", t->name, t->label, value, row->count);
	}
}
