/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of a screen: pieces of text, each in a style, that fill an exact number of
 * columns. Pure; how wide a character is the locale's LC_CTYPE says (wcwidth()).
 */
#ifndef TOP_CELLS_H
#define TOP_CELLS_H

#include <stddef.h>
#include <stdio.h>

enum cell_style {
	CELL_PLAIN,
	CELL_DIM,
	CELL_BOLD,
	CELL_HURT,	/* what broke a program's call */
	CELL_GOOD,
	CELL_SPARK,	/* a small graph */
	CELL_NOTE,	/* what is to be heeded */
	CELL_BAR,	/* the first line and the last */
	CELL_HEAD,	/* above columns */
	CELL_CHOSEN,	/* the row that keys are about */
	N_CELL_STYLES,
};

#define CELL_SPANS 24

/* Starts zeroed. */
struct cell_line {
	char text[2048];
	size_t len;
	unsigned int cols;	/* that the text takes */
	struct cell_span { size_t at; enum cell_style style; } span[CELL_SPANS];
	unsigned int n_spans;
};

/* At the line's end. Characters that do not take one or two columns are escaped. */
__attribute__((format(printf, 3, 4)))
void cell_add(struct cell_line *l, enum cell_style style, const char *fmt, ...);

/* The same in exactly so many columns: cut with an ellipsis, or padded; a negative width is for the right. */
void cell_field(struct cell_line *l, enum cell_style style, int width, const char *text);

/* Blanks up to that column; a longer line is cut there. */
void cell_fill(struct cell_line *l, enum cell_style style, unsigned int cols);

/* All of it in one style. */
void cell_restyle(struct cell_line *l, enum cell_style style);

/* One figure as a column of eight heights, of which `most` is the highest. */
const char *cell_bar(unsigned long long n, unsigned long long most);

/* The line without styles, and without blanks at its end. Returns 0 or -1 with errno. */
int cell_print(FILE *out, const struct cell_line *l);

/* The columns that a text takes, as cell_add() shows it. */
unsigned int cell_width(const char *text);

/* The bytes of a text that take at most so many columns; ends at a newline. */
size_t cell_fit(const char *text, unsigned int cols);

#endif
