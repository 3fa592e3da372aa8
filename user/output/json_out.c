/* SPDX-License-Identifier: GPL-2.0 */
#include "output/json_out.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"

#define PIECE_MAX 512		/* a key with its punctuation, and a number */
#define LONGEST_ESCAPE U_ESCAPE_MAX

static void pass_on(struct json_out *j)
{
	errno = 0;
	if (!j->err && fwrite_unlocked(j->buf, 1, j->len, j->out) != j->len)
		j->err = errno ? -errno : -EIO;
	j->len = 0;
}

static void reserve(struct json_out *j, size_t n)
{
	if (j->len + n > sizeof(j->buf))
		pass_on(j);
}

static void put(struct json_out *j, const char *s, size_t n)
{
	memcpy(j->buf + j->len, s, n);
	j->len += n;
}

static void put_char(struct json_out *j, char c)
{
	j->buf[j->len++] = c;
}

/* Makes room for the next member or item, and writes the comma before it. */
static void put_comma(struct json_out *j)
{
	reserve(j, PIECE_MAX);
	if (j->comma)
		put_char(j, ',');
	j->comma = true;
}

static void put_key(struct json_out *j, const char *key)
{
	put_comma(j);
	put_char(j, '"');
	put(j, key, strlen(key));
	put(j, "\":", 2);
}

static void put_escape(struct json_out *j, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char brief[0x20] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
	};

	put_char(j, '\\');
	if (c >= 0x20) {
		put_char(j, c);
	} else if (brief[c]) {
		put_char(j, brief[c]);
	} else {
		put(j, "u00", 3);
		put_char(j, hex[c >> 4]);
		put_char(j, hex[c & 15]);
	}
}

/* Hidden characters, as people look at JSON on terminals too: a reader gets the same text. */
static void put_hidden(struct json_out *j, uint32_t cp)
{
	char text[LONGEST_ESCAPE + 1];

	put(j, text, strlen(fmt_u_escape(text, sizeof(text), cp)));
}

/* Bytes that need no escaping. NUL is not among them, so a search for others finds a string's end too. */
static const bool plain[256] = {
	[' '] = true, ['!'] = true, ['#' ... '['] = true, [']' ... 0x7e] = true,
};

static size_t plain_bytes(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && plain[(unsigned char)s[i]])
		i++;
	return i;
}

/* Writes one character that is not plain, or a byte that is no UTF-8; returns how many bytes it had. */
static size_t put_special(struct json_out *j, const char *s, size_t n)
{
	uint32_t cp;
	int size = utf8_char(s, n, &cp);

	if (!size)
		put(j, "\xef\xbf\xbd", 3);	/* U+FFFD */
	else if (size == 1 && cp != 0x7f)
		put_escape(j, *s);
	else if (utf8_hidden(cp))
		put_hidden(j, cp);
	else
		put(j, s, size);
	return size ? size : 1;
}

static void put_text(struct json_out *j, const char *s, size_t n)
{
	while (n && *s) {
		size_t run = plain_bytes(s, n < PIECE_MAX ? n : PIECE_MAX);

		reserve(j, run + LONGEST_ESCAPE);
		put(j, s, run);
		if (run < n && run < PIECE_MAX && s[run])
			run += put_special(j, s + run, strnlen(s + run, n - run < 4 ? n - run : 4));
		s += run;
		n -= run;
	}
}

void json_out_begin(struct json_out *j, FILE *out)
{
	j->out = out;
	j->err = 0;
	j->comma = false;
	j->len = 0;
	put_char(j, '{');
}

int json_out_end(struct json_out *j)
{
	reserve(j, 2);
	put(j, "}\n", 2);
	pass_on(j);
	return j->err;
}

void json_out_string(struct json_out *j, const char *key, const char *s, size_t n)
{
	put_key(j, key);
	put_char(j, '"');
	put_text(j, s, n);
	reserve(j, 1);
	put_char(j, '"');
}

void json_out_strings(struct json_out *j, const char *key, const char *const *s, size_t n)
{
	json_out_list(j, key);
	for (size_t i = 0; i < n; i++) {
		put_comma(j);
		put_char(j, '"');
		put_text(j, s[i], strlen(s[i]));
		reserve(j, 1);
		put_char(j, '"');
	}
	json_out_list_end(j);
}

void json_out_int(struct json_out *j, const char *key, int64_t v)
{
	put_key(j, key);
	if (v < 0)
		put_char(j, '-');
	j->len = text_decimal(j->buf + j->len, v < 0 ? -(uint64_t)v : (uint64_t)v, 1) - j->buf;
}

void json_out_bool(struct json_out *j, const char *key, bool v)
{
	put_key(j, key);
	put(j, v ? "true" : "false", v ? 4 : 5);
}

void json_out_list(struct json_out *j, const char *key)
{
	put_key(j, key);
	put_char(j, '[');
	j->comma = false;
}

void json_out_list_end(struct json_out *j)
{
	reserve(j, 1);
	put_char(j, ']');
	j->comma = true;
}

void json_out_item(struct json_out *j)
{
	put_comma(j);
	put_char(j, '{');
	j->comma = false;
}

void json_out_item_end(struct json_out *j)
{
	reserve(j, 1);
	put_char(j, '}');
	j->comma = true;
}
