/* SPDX-License-Identifier: GPL-2.0 */
/* JSON in memory, piece by piece. The first lack of memory is kept; until then nothing need be checked. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_text {
	char *s;		/* not ended */
	size_t len, room;
	bool failed;		/* for want of memory; nothing is added any more */
};

void json_text_free(struct json_text *t);

/* These bytes as they are. */
void json_text_add(struct json_text *t, const char *s, size_t n);
void json_text_puts(struct json_text *t, const char *s);
void json_text_int(struct json_text *t, int64_t v);

/*
 * A string with its quotes, of any bytes before a NUL and at most n: what is no UTF-8 becomes U+FFFD.
 * "<" is escaped, so that the text may stand in an element of HTML that has none of its own.
 */
void json_text_string(struct json_text *t, const char *s, size_t n);

#endif
