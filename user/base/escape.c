/* SPDX-License-Identifier: GPL-2.0 */
#include "base/escape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

#define LINE_MAX_BYTES 8192	/* of a message: two paths and a sentence */

int utf8_char(const char *s, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	int len, i;
	uint32_t c;

	if (!n)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;
	if (!len || p[0] >= 0xf8 || (size_t)len > n)
		return 0;
	c = p[0] & (0x7f >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return len;
}

/*
 * Unicode's general category Cc, its property Default_Ignorable_Code_Point, and the separators and
 * annotations that fonts show nothing for; in order. Combining marks are left: many languages need them.
 */
static const struct { uint32_t first, last; } hidden[] = {
	{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
	{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 },
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

bool utf8_hidden(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_SIZE(hidden) && cp >= hidden[i].first; i++)
		if (cp <= hidden[i].last)
			return true;
	return false;
}

static char *escape(char *buf, size_t len, const char *s, size_t n, bool doubles)
{
	size_t out = 0, i = 0;

	n = strnlen(s, n);
	while (i < n) {
		char piece[4 * 4 + 1];
		uint32_t c = 0;
		int size = utf8_char(s + i, n - i, &c), k, plen = 0;

		if (size && !utf8_hidden(c)) {
			if (c == '\\' && doubles)
				piece[plen++] = '\\';
			memcpy(piece + plen, s + i, size);
			plen += size;
		} else {
			size = size ? size : 1;
			for (k = 0; k < size; k++, plen += 4) {
				memcpy(piece + plen, "\\x", 2);
				text_digits(piece + plen + 2, (unsigned char)s[i + k], 16, 2);
			}
		}
		if (out + plen >= len)
			break;
		memcpy(buf + out, piece, plen);
		out += plen;
		i += size;
	}
	buf[out] = '\0';
	return buf;
}

char *fmt_escape(char *buf, size_t len, const char *s, size_t n)
{
	return escape(buf, len, s, n, true);
}

char *fmt_message(char *buf, size_t len, const char *s, size_t n)
{
	return escape(buf, len, s, n, false);
}

char *fmt_utf8(char *buf, size_t len, const char *s, size_t n)
{
	static const char bad[] = "\xef\xbf\xbd";
	size_t out = 0, i = 0;

	n = strnlen(s, n);
	while (i < n) {
		uint32_t c;
		int size = utf8_char(s + i, n - i, &c);
		size_t plen = size ? (size_t)size : sizeof(bad) - 1;

		if (out + plen >= len)
			break;
		memcpy(buf + out, size ? s + i : bad, plen);
		out += plen;
		i += size ? size : 1;
	}
	buf[out] = '\0';
	return buf;
}

char *fmt_u_escape(char *buf, size_t len, uint32_t cp)
{
	uint32_t beyond = cp - 0x10000;

	if (cp > 0xffff)
		snprintf(buf, len, "\\u%04X\\u%04X", 0xd800 + (beyond >> 10), 0xdc00 + (beyond & 0x3ff));
	else
		snprintf(buf, len, "\\u%04X", cp);
	return buf;
}

void say(const char *fmt, ...)
{
	char line[LINE_MAX_BYTES], text[2 * LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "rsttrace: %s\n", fmt_message(text, sizeof(text), line, sizeof(line)));
}
