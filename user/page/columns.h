/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of a table as the page's script reads them: in blocks of some hundred rows. A block has a
 * list of values for each key of its rows, deflated, in base64. So equal values stand side by side
 * and pack well, and to show one row only its block is unpacked.
 */
#ifndef PAGE_COLUMNS_H
#define PAGE_COLUMNS_H

#include "page/json_text.h"

struct columns;

/* Returns NULL when out of memory. */
struct columns *columns_new(void);
void columns_free(struct columns *c);

/* Begins a row. The values that are added before the next row are its own, each key at most once. */
void columns_row(struct columns *c);
void columns_string(struct columns *c, const char *key, const char *s, size_t n);
void columns_int(struct columns *c, const char *key, int64_t v);
/* Returns where to add the value of a key, as JSON. */
struct json_text *columns_value(struct columns *c, const char *key);

/* How many rows the block has. */
size_t columns_rows(const struct columns *c);

/* Adds the block to `out`, in base64, and begins another. Returns 0 or -ENOMEM. */
int columns_pack(struct columns *c, struct json_text *out);

#endif
