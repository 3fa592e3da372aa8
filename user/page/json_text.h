/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Builds JSON in memory, piece by piece. When memory runs out .failed is set, and nothing more is
 * added; so only the end has to check.
 */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_text {
	char *s;		/* without a NUL */
	size_t len, room;
	bool failed;		/* out of memory */
};

void json_text_free(struct json_text *t);

/* Adds these bytes as they are. */
void json_text_add(struct json_text *t, const char *s, size_t n);
void json_text_puts(struct json_text *t, const char *s);
void json_text_int(struct json_text *t, int64_t v);

/*
 * Adds a string with its quotes: at most n bytes, up to a NUL. What is not UTF-8 becomes U+FFFD.
 * "<" is escaped, so that the text can stand in an HTML element.
 */
void json_text_string(struct json_text *t, const char *s, size_t n);

#endif
