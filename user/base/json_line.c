/* SPDX-License-Identifier: GPL-2.0 */
#include "base/json_line.h"

#include <errno.h>
#include <stdlib.h>

#include "base/escape.h"

int json_line(FILE *out, const json_t *doc)
{
	/* if an allocation for a key is refused, json_dumps() goes on and gives half a key */
	size_t left = json_dumpb(doc, NULL, 0, JSON_COMPACT);
	char *text = left ? malloc(left) : NULL;
	char escape[U_ESCAPE_MAX + 1];
	uint32_t cp;
	bool failed = false;
	int n;

	if (!text || json_dumpb(doc, text, left, JSON_COMPACT) != left) {
		free(text);
		return -ENOMEM;
	}
	errno = 0;
	/* jansson has escaped all that JSON asks for, and its strings are UTF-8 */
	for (const char *s = text; left && (n = utf8_char(s, left, &cp)); s += n, left -= n) {
		if (utf8_hidden(cp))
			failed |= fputs(fmt_u_escape(escape, sizeof(escape), cp), out) == EOF;
		else
			failed |= fwrite(s, n, 1, out) != 1;
	}
	free(text);
	failed |= putc('\n', out) == EOF;
	return failed ? (errno ? -errno : -EIO) : 0;
}
