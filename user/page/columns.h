/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of a table as the page's script reads them: blocks of some hundred rows, a list of values for
 * each key that any row of the block has, deflated, in base64. Alike values stand together so, and a
 * reader that wants one row has to unpack one block.
 */
#ifndef PAGE_COLUMNS_H
#define PAGE_COLUMNS_H

#include "page/json_text.h"

struct columns;

/* NULL when out of memory. */
struct columns *columns_new(void);
void columns_free(struct columns *c);

/* Begins a row; until the next one its values are told, each key at most once. */
void columns_row(struct columns *c);
void columns_string(struct columns *c, const char *key, const char *s, size_t n);
void columns_int(struct columns *c, const char *key, int64_t v);
/* Where to add a value of any kind, as JSON. */
struct json_text *columns_value(struct columns *c, const char *key);

/* Rows of the block. */
size_t columns_rows(const struct columns *c);

/* Adds the block to `out`, in base64, and begins another. 0 or -ENOMEM. */
int columns_pack(struct columns *c, struct json_text *out);

#endif
