/* SPDX-License-Identifier: GPL-2.0 */
#include "output/text_line.h"

#include <stdarg.h>
#include <string.h>

#include "incident/format.h"

#define INDENT 14	/* as wide as the time and its gap */
#define LABEL 8
#define BODY (INDENT + LABEL)
#define RESET "\033[0m"

size_t text_width(const struct sink *s)
{
	return s->width ? s->width : TEXT_WIDTH;
}

void line_add(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < room) {
		l->len += n;
		return;
	}
	/* it was cut: leave no part of a character */
	l->len += room - 1;
	while (l->len && (unsigned char)l->text[l->len - 1] >= 0x80)
		l->len--;
	l->text[l->len] = '\0';
}

void line_escaped(struct line *l, const char *s, size_t n)
{
	char text[sizeof(l->text)];

	line_add(l, "%s", fmt_escape(text, sizeof(text), s, n));
}

void line_name(struct line *l, const char *what, const char *name, size_t n)
{
	if (!name[0])
		return;
	line_add(l, "%s%s", l->len ? "  " : "", what);
	line_escaped(l, name, n);
}

const char *line_comma(const struct line *l)
{
	return l->len ? ", " : "";
}

static void put_colored(FILE *out, bool color, const char *ansi, const char *text)
{
	if (color && ansi)
		fprintf(out, "%s%s" RESET, ansi, text);
	else
		fputs(text, out);
}

/* How many bytes of text fit on a line of at most room columns, cut at a space. */
static size_t fitting(const char *text, size_t room)
{
	size_t i, cut = 0, width = 0;

	for (i = 0; text[i]; i++) {
		if (text[i] == ' ')
			cut = i;
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (width > room && cut)
			return cut;
	}
	return i;
}

void line_put(FILE *out, const struct sink *s, const char *label, const struct line *l)
{
	const char *text = l->text;
	char padded[LABEL + 1];

	snprintf(padded, sizeof(padded), "%-*s", LABEL, label);
	fprintf(out, "%*s", INDENT, "");
	put_colored(out, s->color, *label ? TEXT_DIM : NULL, padded);
	for (;;) {
		size_t n = fitting(text, text_width(s) - BODY);

		fprintf(out, "%.*s\n", (int)n, text);
		text += n + strspn(text + n, " ");
		if (!*text)
			break;
		fprintf(out, "%*s", BODY, "");
	}
}

void line_piece(FILE *out, const struct sink *s, size_t *col, const char *ansi, const char *text)
{
	size_t width = fmt_width(text);

	if (*col > INDENT && *col + 2 + width > text_width(s)) {
		fprintf(out, "\n%*s", INDENT, "");
		*col = INDENT;
	} else if (*col) {
		fputs("  ", out);
		*col += 2;
	}
	put_colored(out, s->color, ansi, text);
	*col += width;
}
