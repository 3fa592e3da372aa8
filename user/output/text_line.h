/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines for people: put together piece by piece, folded at 120 columns, or as the sink says. The
 * streams are in memory; whoever writes them out sees the errors.
 */
#ifndef TEXT_LINE_H
#define TEXT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "events/event.h"
#include "output/sink.h"

#define TEXT_WIDTH 120
#define TEXT_UNFOLDED SIZE_MAX	/* a width: lines are not folded, the reader's program does that */

#define TEXT_DIM "\033[2m"
#define TEXT_BOLD "\033[1m"
#define TEXT_RED "\033[31m"

/* The columns that a sink has. */
size_t text_width(const struct sink *s);

/* A line in the making; what does not fit is cut. Starts zeroed. */
struct line {
	size_t len;
	char text[1024];
};

__attribute__((format(printf, 2, 3))) void line_add(struct line *l, const char *fmt, ...);

/* Adds at most n bytes of any kind, made printable. */
void line_escaped(struct line *l, const char *s, size_t n);

/* Adds `what` and the name, after two blanks if the line has text; an empty name adds nothing. */
void line_name(struct line *l, const char *what, const char *name, size_t n);

/* The separator before an item of a list: "" before the first. */
const char *line_comma(const struct line *l);

/* Prints the label (which may be empty), then the line, folded under itself. */
void line_put(FILE *out, const struct sink *s, const char *label, const struct line *l);

/*
 * Prints a piece of a headline of which *col columns are printed, on a line of
 * its own when it would not fit on this one. ansi is a TEXT_ colour or NULL.
 */
void line_piece(FILE *out, const struct sink *s, size_t *col, const char *ansi, const char *text);

/* A raw event as one line with its newline. reason may be NULL. */
void text_event_line(struct line *l, const struct rst_event *ev, const char *reason);

#endif
