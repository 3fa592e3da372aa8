/* SPDX-License-Identifier: GPL-2.0 */
#include "top/cells.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "incident/format.h"

#define PIECE_MAX 17	/* four bytes, each escaped */

/*
 * Makes one character at s fit to be shown, in `piece`. Returns how many bytes it took; *cols: how
 * many columns it takes.
 */
static int take_char(const char *s, char piece[PIECE_MAX], int *cols)
{
	uint32_t c = 0;
	int size = utf8_char(s, strnlen(s, 4), &c), n = size ?: 1;

	*cols = size && !utf8_hidden(c) ? wcwidth((wchar_t)c) : -1;
	if (*cols > 0) {
		memcpy(piece, s, n);
		piece[n] = '\0';
		return n;
	}
	/* a character without a width would join the one before it, which may be in another field */
	for (int i = 0; i < n; i++)
		snprintf(piece + 4 * i, 5, "\\x%02x", (unsigned char)s[i]);
	*cols = 4 * n;
	return n;
}

unsigned int cell_width(const char *text)
{
	char piece[PIECE_MAX];
	unsigned int width = 0;
	int cols;

	while (*text) {
		text += take_char(text, piece, &cols);
		width += cols;
	}
	return width;
}

size_t cell_fit(const char *text, unsigned int cols)
{
	char piece[PIECE_MAX];
	unsigned int used = 0;
	size_t at = 0;

	while (text[at] && text[at] != '\n') {
		int width, n = take_char(text + at, piece, &width);

		if (used + width > cols)
			break;
		used += width;
		at += n;
	}
	return at;
}

static void begin_span(struct cell_line *l, enum cell_style style)
{
	if (l->n_spans && l->span[l->n_spans - 1].style == style)
		return;
	if (l->n_spans == CELL_SPANS)
		return;
	l->span[l->n_spans++] = (struct cell_span){ l->len, style };
}

static void put(struct cell_line *l, const char *bytes, unsigned int cols)
{
	size_t n = strlen(bytes);

	if (l->len + n >= sizeof(l->text))
		return;
	memcpy(l->text + l->len, bytes, n + 1);
	l->len += n;
	l->cols += cols;
}

static void put_blanks(struct cell_line *l, unsigned int n)
{
	while (n--)
		put(l, " ", 1);
}

/* Adds as much of the text as fits into `room`. Returns the columns that it takes. */
static unsigned int put_text(struct cell_line *l, const char *text, unsigned int room)
{
	char piece[PIECE_MAX];
	unsigned int used = 0;
	int cols;

	while (*text) {
		text += take_char(text, piece, &cols);
		if (used + cols > room)
			break;
		put(l, piece, cols);
		used += cols;
	}
	return used;
}

void cell_add(struct cell_line *l, enum cell_style style, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	begin_span(l, style);
	put_text(l, text, UINT32_MAX);
}

void cell_field(struct cell_line *l, enum cell_style style, int width, const char *text)
{
	unsigned int cols = width < 0 ? -width : width, needs = cell_width(text), used;

	begin_span(l, style);
	if (needs > cols) {
		used = put_text(l, text, cols ? cols - 1 : 0);
		if (cols)
			put(l, "…", 1);
		put_blanks(l, cols ? cols - 1 - used : 0);
		return;
	}
	if (width < 0)
		put_blanks(l, cols - needs);
	put_text(l, text, cols);
	if (width > 0)
		put_blanks(l, cols - needs);
}

void cell_fill(struct cell_line *l, enum cell_style style, unsigned int cols)
{
	struct cell_line cut = { .n_spans = 0 };

	if (l->cols > cols) {
		put_text(&cut, l->text, cols);
		l->len = cut.len;
		l->cols = cut.cols;
		l->text[l->len] = '\0';
		while (l->n_spans && l->span[l->n_spans - 1].at >= l->len)
			l->n_spans--;
	}
	if (l->cols == cols)
		return;
	begin_span(l, style);
	put_blanks(l, cols - l->cols);
}

void cell_restyle(struct cell_line *l, enum cell_style style)
{
	l->span[0] = (struct cell_span){ 0, style };
	l->n_spans = 1;
}

const char *cell_bar(unsigned long long n, unsigned long long most)
{
	static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

	if (!n)
		return " ";
	return bars[n >= most ? 7 : n * 8 / most];
}

int cell_print(FILE *out, const struct cell_line *l)
{
	size_t n = l->len;

	while (n && l->text[n - 1] == ' ')
		n--;
	return fprintf(out, "%.*s\n", (int)n, l->text) < 0 ? -1 : 0;
}
