/* SPDX-License-Identifier: GPL-2.0 */
#include "page/columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>
#include "base/hash.h"
#include <zlib.h>

#define MAX_COLUMNS 256
#define KEY_BYTES 64

struct column {
	char key[KEY_BYTES];
	struct json_text values;
	size_t n;		/* how many values it has so far */
	UT_hash_handle hh;
};

struct columns {
	struct column column[MAX_COLUMNS];
	struct column *by_key;
	size_t n, expect;	/* how many columns; which is likely to be next */
	size_t rows;
	struct column none;	/* for keys beyond the room, which no record has */
};

struct columns *columns_new(void)
{
	return calloc(1, sizeof(struct columns));
}

void columns_free(struct columns *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		json_text_free(&c->column[i].values);
	json_text_free(&c->none.values);
	HASH_CLEAR(hh, c->by_key);
	free(c);
}

void columns_row(struct columns *c)
{
	c->rows++;
	c->expect = 0;
}

size_t columns_rows(const struct columns *c)
{
	return c->rows;
}

static struct column *new_column(struct columns *c, const char *key)
{
	struct column *col = &c->column[c->n];

	if (c->n == MAX_COLUMNS || strlen(key) >= KEY_BYTES)
		return &c->none;
	strcpy(col->key, key);
	HASH_ADD_STR(c->by_key, key, col);
	c->n++;
	return col;
}

/* Records have their keys in one order, and most have those of the record before. */
static struct column *column_of(struct columns *c, const char *key)
{
	struct column *col = &c->column[c->expect];

	if (c->expect >= c->n || strcmp(col->key, key))
		HASH_FIND_STR(c->by_key, key, col);
	if (!col)
		return new_column(c, key);
	c->expect = col - c->column + 1;
	return col;
}

/* Rows before this one that lack the key get null. */
struct json_text *columns_value(struct columns *c, const char *key)
{
	struct column *col = column_of(c, key);

	while (col->n + 1 < c->rows) {
		json_text_puts(&col->values, col->n ? ",null" : "null");
		col->n++;
	}
	if (col->n)
		json_text_puts(&col->values, ",");
	col->n++;
	return &col->values;
}

void columns_string(struct columns *c, const char *key, const char *s, size_t n)
{
	json_text_string(columns_value(c, key), s, n);
}

void columns_int(struct columns *c, const char *key, int64_t v)
{
	json_text_int(columns_value(c, key), v);
}

/* Writes {"n":rows,"c":{"key":[value,...],...}}; a column may have fewer values than there are rows. */
static void put_block(struct columns *c, struct json_text *block)
{
	json_text_puts(block, "{\"n\":");
	json_text_int(block, c->rows);
	json_text_puts(block, ",\"c\":{");
	for (size_t i = 0; i < c->n; i++) {
		struct column *col = &c->column[i];

		json_text_puts(block, i ? "," : "");
		json_text_string(block, col->key, sizeof(col->key));
		json_text_puts(block, ":[");
		json_text_add(block, col->values.s, col->values.len);
		json_text_puts(block, "]");
		block->failed |= col->values.failed;
		col->values.len = col->n = 0;
	}
	json_text_puts(block, "}}");
	c->none.values.len = 0;
	c->rows = 0;
}

static int pack(const struct json_text *block, struct json_text *out)
{
	uLongf size = compressBound(block->len);
	unsigned char *deflated = malloc(size);
	char *text = NULL;
	int err = -ENOMEM;

	if (deflated && compress2(deflated, &size, (const Bytef *)block->s, block->len, 6) == Z_OK)
		text = malloc(BASE64_ENCODE_RAW_LENGTH(size));
	if (text) {
		base64_encode_raw(text, size, deflated);
		json_text_add(out, text, BASE64_ENCODE_RAW_LENGTH(size));
		err = out->failed ? -ENOMEM : 0;
	}
	free(text);
	free(deflated);
	return err;
}

int columns_pack(struct columns *c, struct json_text *out)
{
	struct json_text block = { };
	int err;

	put_block(c, &block);
	err = block.failed ? -ENOMEM : pack(&block, out);
	json_text_free(&block);
	return err;
}
