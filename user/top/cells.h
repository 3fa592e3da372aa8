/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of a screen: pieces of text, each in a style, that fill an exact number of columns. Pure;
 * how wide a character is depends on the locale's LC_CTYPE (wcwidth()).
 */
#ifndef TOP_CELLS_H
#define TOP_CELLS_H

#include <stddef.h>
#include <stdio.h>

enum cell_style {
	CELL_PLAIN,
	CELL_DIM,
	CELL_BOLD,
	CELL_HURT,	/* that made a program's call fail */
	CELL_GOOD,
	CELL_SPARK,	/* a small graph */
	CELL_NOTE,	/* to be noticed */
	CELL_BAR,	/* the first line and the last line */
	CELL_HEAD,	/* headings of columns */
	CELL_CHOSEN,	/* the row that keys act on */
	N_CELL_STYLES,
};

#define CELL_SPANS 24

/* A line; begins as zeroes. */
struct cell_line {
	char text[2048];
	size_t len;
	unsigned int cols;	/* columns that the text takes */
	struct cell_span { size_t at; enum cell_style style; } span[CELL_SPANS];
	unsigned int n_spans;
};

/* Adds text. Characters that do not take one or two columns are escaped. */
__attribute__((format(printf, 3, 4)))
void cell_add(struct cell_line *l, enum cell_style style, const char *fmt, ...);

/*
 * Adds text in exactly so many columns: cut with an ellipsis, or padded. If the width is negative,
 * it stands at the right.
 */
void cell_field(struct cell_line *l, enum cell_style style, int width, const char *text);

/* Adds blanks up to that column; a longer line is cut there. */
void cell_fill(struct cell_line *l, enum cell_style style, unsigned int cols);

/* Gives all of the line one style. */
void cell_restyle(struct cell_line *l, enum cell_style style);

/* A bar of eight possible heights, of which `most` is the highest. */
const char *cell_bar(unsigned long long n, unsigned long long most);

/* Prints the line without styles, and without blanks at its end. Returns 0, or -1 with errno. */
int cell_print(FILE *out, const struct cell_line *l);

/* The columns that a text takes when cell_add() shows it. */
unsigned int cell_width(const char *text);

/* How many bytes of a text fit into so many columns; a newline ends it. */
size_t cell_fit(const char *text, unsigned int cols);

#endif
