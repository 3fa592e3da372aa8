/* SPDX-License-Identifier: GPL-2.0 */
#include "page/json_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "incident/format.h"

void json_text_free(struct json_text *t)
{
	free(t->s);
	*t = (struct json_text){ };
}

void json_text_add(struct json_text *t, const char *s, size_t n)
{
	if (t->failed || !n)
		return;
	if (t->len + n > t->room) {
		size_t room = 2 * (t->len + n) + 64;
		char *more = realloc(t->s, room);

		t->failed = !more;
		if (!more)
			return;
		t->s = more;
		t->room = room;
	}
	memcpy(t->s + t->len, s, n);
	t->len += n;
}

void json_text_puts(struct json_text *t, const char *s)
{
	json_text_add(t, s, strlen(s));
}

void json_text_int(struct json_text *t, int64_t v)
{
	char digits[32], *at = digits;

	if (v < 0)
		*at++ = '-';
	at = text_decimal(at, v < 0 ? -(uint64_t)v : (uint64_t)v, 1);
	json_text_add(t, digits, at - digits);
}

static void add_escape(struct json_text *t, unsigned char c)
{
	char escape[8] = "\\u00", *at = escape + 4;

	if (c == '"' || c == '\\') {
		escape[1] = c;
		json_text_add(t, escape, 2);
		return;
	}
	at = text_digits(at, c, 16, 2);
	json_text_add(t, escape, at - escape);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<';
}

void json_text_string(struct json_text *t, const char *s, size_t n)
{
	n = strnlen(s, n);
	json_text_add(t, "\"", 1);
	while (n) {
		size_t run = 0;
		uint32_t cp;
		int size;

		while (run < n && is_plain(s[run]))
			run++;
		json_text_add(t, s, run);
		s += run;
		n -= run;
		if (!n)
			break;
		size = utf8_char(s, n, &cp);
		if (!size)
			json_text_puts(t, "\xef\xbf\xbd");
		else if (size == 1)
			add_escape(t, *s);
		else
			json_text_add(t, s, size);
		s += size ?: 1;
		n -= size ?: 1;
	}
	json_text_add(t, "\"", 1);
}
