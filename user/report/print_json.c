/* SPDX-License-Identifier: GPL-2.0 */
#include "report/print_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json_line.h"
#include "base/json_set.h"
#include "incident/format.h"

#define NAME_BYTES 600

static const struct record_doc docs[] = {
	{ "schema", "string", "name and version of this format" },
	{ "type", "string", "report, or comparison" },
	{ "by", "string", "what a row is of, as --by says" },
	{ "files", "int", "files read" },
	{ "damaged", "int", "those of them that could not be read in full" },
	{ "read", "int", "records read" },
	{ "hidden", "int", "records that neither the filters nor the times wanted" },
	{ "replaced", "int", "records of an incident that another record tells of" },
	{ "resets", "int", "resets counted, each once however many hosts told of it" },
	{ "hurt", "int", "those that a call failed of, or took for the end of the stream" },
	{ "hosts", "int", "hosts that told of them" },
	{ "first_ns", "int", "wall clock of the first" },
	{ "last_ns", "int", "wall clock of the last" },
	{ "ends", "object", "resets by what their ends show: here, paired, translated, not-received, "
	  "not-sent, elsewhere, no-rst" },
	{ "ambiguous", "int", "ends left alone because more than one other fits" },
	{ "unpaired", "int", "resets counted without looking for their other end (--keep)" },
	{ "sampled", "int", "resets that are samples of storms" },
	{ "stand_for", "int", "about how many those stand for" },
	{ "lost", "int", "events lost, as the runs' end lines say" },
	{ "missed", "int", "runs of programs that the kernel refused, likewise" },
	{ "suppressed", "int", "incidents that the runs' own filters hid, likewise" },
	{ "rows", "array of objects", "most resets first, at most --top of them" },
	{ "rows[].name", "string", "what it is of; pairs as sender → victim" },
	{ "rows[].count", "int", "resets" },
	{ "rows[].hurt", "int", "those that broke a call" },
	{ "rows[].first_ns", "int", "wall clock of the first" },
	{ "rows[].last_ns", "int", "wall clock of the last" },
	{ "before", "object", "comparison: files, resets and the like of BEFORE" },
	{ "after", "object", "the same of AFTER" },
	{ "rows[].change", "string", "comparison: new, worse, same, better, gone; worst first" },
	{ "rows[].before", "int", "resets before" },
	{ "rows[].after", "int", "resets after" },
};

int report_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(docs); i++)
		ret = fn(ctx, &docs[i]);
	return ret;
}

static int set_name(json_t *obj, const struct report *r, uint64_t key)
{
	char name[NAME_BYTES], text[3 * NAME_BYTES + 1];

	rows_name(report_rows(r), key, name, sizeof(name));
	return set(obj, "name", json_string(fmt_utf8(text, sizeof(text), name, sizeof(name))));
}

static int set_times(json_t *obj, int64_t first_ns, int64_t last_ns)
{
	return set_int(obj, "first_ns", first_ns) ?: set_int(obj, "last_ns", last_ns);
}

/* A list of counts, up to the first without a key. */
struct count {
	const char *key;
	uint64_t n;
};

static int set_counts(json_t *obj, const struct count *c, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = set_count(obj, c[i].key, c[i].n);
	return err;
}

static int set_ends(json_t *obj, const struct pairs *pairs)
{
	json_t *ends = json_object();
	int err = set(obj, "ends", ends);

	for (enum way w = 0; !err && w < N_WAYS; w++)
		if (pairs->count[w])
			err = set_count(ends, way_name(w), pairs->count[w]);
	return err;
}

static int set_totals(json_t *obj, const struct report *r)
{
	const struct report_totals *t = report_totals(r);
	const struct count head[] = {
		{ "read", t->read }, { "hidden", t->hidden }, { "replaced", t->replaced },
		{ "resets", t->resets }, { "hurt", t->hurt }, { "hosts", t->hosts },
	}, tail[] = {
		{ "ambiguous", t->pairs.ambiguous }, { "unpaired", t->unkept },
		{ "sampled", t->sampled }, { "stand_for", t->stand_for }, { "lost", t->lost },
		{ "missed", t->missed }, { "suppressed", t->suppressed },
	};
	int err = set_counts(obj, head, ARRAY_SIZE(head));

	if (!err && t->resets)
		err = set_times(obj, t->first_ns, t->last_ns);
	err = err ?: set_ends(obj, &t->pairs);
	return err ?: set_counts(obj, tail, ARRAY_SIZE(tail));
}

static int set_head(json_t *obj, const struct report_print *p, const char *type, enum report_by by)
{
	const struct count files[] = { { "files", p->files }, { "damaged", p->damaged } };
	int err = set(obj, "schema", json_string(RECORD_SCHEMA));

	err = err ?: set(obj, "type", json_string(type));
	err = err ?: set(obj, "by", json_string(report_by_names[by]));
	return err ?: set_counts(obj, files, ARRAY_SIZE(files));
}

/* Adds an empty object to the list and returns it; NULL: out of memory. */
static json_t *add_row(json_t *list)
{
	json_t *row = json_object();

	return json_array_append_new(list, row) ? NULL : row;
}

static int write_line(FILE *out, json_t *obj, int err)
{
	err = err ?: json_line(out, obj);
	json_decref(obj);
	return err;
}

int report_json(const struct report_print *p, const struct report *r)
{
	json_t *obj = json_object(), *list = json_array();
	size_t n;
	const struct report_row *rows = rows_sorted(report_rows(r), &n);
	int err = set_head(obj, p, "report", report_config(r)->by) ?: set_totals(obj, r);

	err = set(obj, "rows", list) ?: err;
	for (size_t i = 0; !err && i < n && i < p->top; i++) {
		json_t *row = add_row(list);
		const struct count counts[] = { { "count", rows[i].count }, { "hurt", rows[i].hurt } };

		err = row ? set_name(row, r, rows[i].key) : -ENOMEM;
		err = err ?: set_counts(row, counts, ARRAY_SIZE(counts));
		err = err ?: set_times(row, rows[i].first_ns, rows[i].last_ns);
	}
	return write_line(p->out, obj, err);
}

static int set_side(json_t *obj, const char *key, const struct report *r)
{
	json_t *side = json_object();
	int err = set(obj, key, side);

	return err ?: set_totals(side, r);
}

int report_compare_json(const struct report_print *p, const struct report *before,
			const struct report *after, const struct change_row *rows, size_t n)
{
	json_t *obj = json_object(), *list = json_array();
	int err = set_head(obj, p, "comparison", report_config(after)->by);

	err = err ?: set_side(obj, "before", before);
	err = err ?: set_side(obj, "after", after);
	err = set(obj, "rows", list) ?: err;
	for (size_t i = 0; !err && i < n && i < p->top; i++) {
		json_t *row = add_row(list);
		const struct count counts[] = { { "before", rows[i].before }, { "after", rows[i].after } };

		err = row ? set_name(row, after, rows[i].key) : -ENOMEM;
		err = err ?: set(row, "change", json_string(change_name(rows[i].change)));
		err = err ?: set_counts(row, counts, ARRAY_SIZE(counts));
	}
	return write_line(p->out, obj, err);
}
