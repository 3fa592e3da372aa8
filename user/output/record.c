/* SPDX-License-Identifier: GPL-2.0 */
#include "output/record.h"

#include <stdio.h>
#include <string.h>

#include "output/record_rows.h"

static bool for_side(const struct row *row, unsigned int side)
{
	return !side || (row->sides & side);
}

static int walk_section(const struct section *sec, const void *base, struct record_visitor *v)
{
	char key[RECORD_TEXT_MAX], buf[RECORD_TEXT_MAX];
	char *after_prefix = stpcpy(key, sec->prefix);
	size_t i;
	int err;

	for (i = 0; i < sec->n; i++) {
		const struct row *row = &sec->rows[i];
		struct record_value val = { .type = row->type };

		if (!for_side(row, sec->side) ||
		    !row->get(row, (const char *)base + sec->base, &val, buf))
			continue;
		strcpy(after_prefix, row->key);
		err = v->value(v, key, &val);
		if (err)
			return err;
	}
	return 0;
}

static bool has_errors(const struct incident *inc)
{
	for (size_t i = 0; i < incident_n_failures(inc); i++)
		if (inc->failures[i].err)
			return true;
	return false;
}

static int walk_errors(const struct incident *inc, struct record_visitor *v)
{
	int err = v->list(v, "errors");
	size_t i;

	for (i = 0; !err && i < incident_n_failures(inc); i++) {
		/* An end of file is an outcome, not an error. */
		if (!inc->failures[i].err)
			continue;
		err = v->item(v);
		if (!err)
			err = walk_section(&item_section, &inc->failures[i], v);
	}
	return err ? err : v->list_end(v);
}

int record_walk(const struct incident *inc, struct record_visitor *v)
{
	const struct failure *first = incident_first_error(inc);
	const struct failure *eof = incident_first_eof(inc);
	size_t i;
	int err;

	for (i = 0; i < N_SECTIONS; i++) {
		err = walk_section(&record_sections[i], inc, v);
		if (err)
			return err;
	}
	if (eof) {
		err = walk_section(&eof_section, eof, v);
		if (err)
			return err;
	}
	err = first ? walk_section(&error_section, first, v) : 0;
	if (err || !has_errors(inc))
		return err;
	return walk_errors(inc, v);
}

static int describe_rows(const struct section *sec, const char *prefix,
			 int (*fn)(void *, const struct record_doc *), void *ctx)
{
	static const char *const types[] = { "string", "int", "bool", "array of strings" };
	char key[RECORD_TEXT_MAX];
	size_t i;
	int err;

	for (i = 0; i < sec->n; i++) {
		const struct row *row = &sec->rows[i];
		struct record_doc doc = { key, types[row->type], row->meaning };

		if (!for_side(row, sec->side))
			continue;
		snprintf(key, sizeof(key), "%s%s", prefix, row->key);
		err = fn(ctx, &doc);
		if (err)
			return err;
	}
	return 0;
}

int record_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx)
{
	static const struct record_doc errors = {
		"errors", "array of objects", "every failing call on that socket, first included",
	};
	int err = 0;
	size_t i;

	for (i = 0; !err && i < N_SECTIONS; i++)
		err = describe_rows(&record_sections[i], record_sections[i].prefix, fn, ctx);
	if (!err)
		err = describe_rows(&eof_section, eof_section.prefix, fn, ctx);
	if (!err)
		err = describe_rows(&error_section, error_section.prefix, fn, ctx);
	if (!err)
		err = fn(ctx, &errors);
	return err ? err : describe_rows(&item_section, "errors[].", fn, ctx);
}
