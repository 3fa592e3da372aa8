/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The record: an incident as keys and values, one table row for each key. JSON,
 * the documentation and the manual are made by walking the rows, so a new row is
 * a new field in all of them.
 *
 * Pure: an incident in, keys and values out.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>

#include "base/doc.h"
#include "incident/incident.h"

/* Room for any string a row makes, and for any key. */
#define RECORD_TEXT_MAX 288

enum record_type { RECORD_STRING, RECORD_INT, RECORD_BOOL, RECORD_STRINGS };

struct record_value {
	enum record_type type;
	int64_t num;		/* RECORD_INT; RECORD_BOOL: 0 or 1 */
	const char *str;	/* RECORD_STRING: any bytes, not empty; valid during the call */
	const char *const *strs;	/* RECORD_STRINGS: .num such strings */
};

/* Called for each key that is present. Any return but 0 ends the walk. */
struct record_visitor {
	int (*value)(struct record_visitor *v, const char *key, const struct record_value *val);
	/* A list of objects begins; each item's values follow item(). */
	int (*list)(struct record_visitor *v, const char *key);
	int (*item)(struct record_visitor *v);
	int (*list_end)(struct record_visitor *v);
};

/*
 * Visits the keys of an incident in the record's order. What is not known is
 * not visited. Returns 0, or what the visitor returned.
 */
int record_walk(const struct incident *inc, struct record_visitor *v);

/* Visits every key there is, in the same order. Returns 0, or what fn returned. */
int record_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx);

#endif
