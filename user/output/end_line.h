/* SPDX-License-Identifier: GPL-2.0 */
/* The JSON line that ends a run: its keys, and the totals under them. */
#ifndef END_LINE_H
#define END_LINE_H

#include <jansson.h>

#include "output/record.h"
#include "account/totals.h"

/* Adds all but "schema" and "type" to the line. 0 or -ENOMEM. */
int end_line_fill(json_t *obj, const struct totals *t);

/* Describes each key, in the order of the line; "namespaces[].x" is x in the rows of that list. */
int end_line_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx);

#endif
