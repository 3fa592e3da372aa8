/* SPDX-License-Identifier: GPL-2.0 */
#include "output/markup.h"

#include <stdint.h>
#include <string.h>

#include "incident/format.h"

static const char *reference(uint32_t cp)
{
	switch (cp) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void markup_text(FILE *out, const char *text)
{
	size_t left = strlen(text);
	uint32_t cp;

	for (int n; left; text += n, left -= n) {
		n = utf8_char(text, left, &cp);
		if (!n || (cp < 0x20 && cp != '\n' && cp != '\t') || (cp & 0xfffe) == 0xfffe) {
			fputs("\xef\xbf\xbd", out);
			n = n ?: 1;
		} else if (reference(cp)) {
			fputs(reference(cp), out);
		} else {
			fwrite(text, n, 1, out);
		}
	}
}
