/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which rows are shown, in which order, and which is chosen. Rows keep their places: a row passes
 * another only when it is clearly ahead. Pure.
 */
#ifndef TOP_VIEW_H
#define TOP_VIEW_H

#include <regex.h>

#include "top/model.h"

enum top_sort { TOP_SORT_TOTAL, TOP_SORT_HURT, TOP_SORT_RATE, TOP_SORT_LATEST, TOP_SORT_NAME, N_TOP_SORT };

extern const char *const top_sort_names[N_TOP_SORT];

/* Begins as zeroes. */
struct top_view {
	enum top_by by;
	enum top_sort sort;
	regex_t filter;
	bool filtered;
	char pattern[128];	/* as it was typed; "" without a filter */

	const struct top_row *rows;	/* of the table at the last update */
	unsigned int order[TOP_ROWS + 1];	/* the numbers of all rows, the row for all others last */
	unsigned int n;
	const struct top_row *shown[TOP_ROWS + 1];	/* the rows that the filter lets through */
	unsigned int n_shown;
	unsigned int chosen;	/* index of the chosen row in .shown; 0 if there is none */
	unsigned int chosen_row;	/* the number of that row in the table */
	bool moved;		/* the user has chosen: the choice follows the row */
	unsigned int first;	/* the first row on the screen */
};

/*
 * Sets the filter, an extended expression that ignores case; "" removes it. Returns NULL, or what
 * is wrong with it, in buf.
 */
const char *top_view_filter(struct top_view *v, const char *pattern, char *buf, size_t len);

/* Sets the grouping or the order: all rows are sorted anew at the next top_view_update(). */
void top_view_by(struct top_view *v, enum top_by by);
void top_view_sort(struct top_view *v, enum top_sort sort);

/* Takes the rows as they are now; the chosen row stays chosen. `rows`: how many fit on the screen. */
void top_view_update(struct top_view *v, const struct top_tables *t, unsigned int rows);

void top_view_move(struct top_view *v, int by, unsigned int rows);

/* The chosen row, or NULL. */
const struct top_row *top_view_chosen(const struct top_view *v);

void top_view_free(struct top_view *v);

#endif
