/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which rows are shown, in which order, and which one is chosen. Rows keep their
 * places: one passes another only when it is clearly ahead. Pure.
 */
#ifndef TOP_VIEW_H
#define TOP_VIEW_H

#include <regex.h>

#include "top/model.h"

enum top_sort { TOP_SORT_TOTAL, TOP_SORT_HURT, TOP_SORT_RATE, TOP_SORT_LATEST, TOP_SORT_NAME, N_TOP_SORT };

extern const char *const top_sort_names[N_TOP_SORT];

/* Zeroes at first. */
struct top_view {
	enum top_by by;
	enum top_sort sort;
	regex_t filter;
	bool filtered;
	char pattern[128];	/* what was typed; "" without a filter */

	const struct top_row *rows;	/* the table's, of the last update */
	unsigned int order[TOP_ROWS + 1];	/* numbers of all rows, the others' last */
	unsigned int n;
	const struct top_row *shown[TOP_ROWS + 1];	/* those that the filter lets through */
	unsigned int n_shown;
	unsigned int chosen;	/* an index into them; 0 where there are none */
	unsigned int chosen_row;	/* the same row's number in the table */
	bool moved;		/* it was chosen: it is followed wherever it goes */
	unsigned int first;	/* the first that is on the screen */
};

/* Takes a pattern: extended, case does not matter; "" ends filtering. NULL, or what is wrong with it, in buf. */
const char *top_view_filter(struct top_view *v, const char *pattern, char *buf, size_t len);

/* Another grouping or order: all rows are sorted anew at the next top_view_update(). */
void top_view_by(struct top_view *v, enum top_by by);
void top_view_sort(struct top_view *v, enum top_sort sort);

/* Takes the rows as they are; the chosen one stays chosen. `rows`: how many fit on the screen. */
void top_view_update(struct top_view *v, const struct top_tables *t, unsigned int rows);

void top_view_move(struct top_view *v, int by, unsigned int rows);

/* The chosen row, or NULL. */
const struct top_row *top_view_chosen(const struct top_view *v);

void top_view_free(struct top_view *v);

#endif
