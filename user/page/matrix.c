/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of who resets whom: a row for each process that sent resets, a column for each that
 * they hit.
 */
#include <inttypes.h>

#include "page/parts.h"

#define MAX_NAMES 30
#define OTHERS MAX_NAMES	/* the number of the last row and the last column */
#define SHADES 8

struct matrix {
	uint32_t sender[MAX_NAMES], victim[MAX_NAMES];
	size_t n_senders, n_victims;
	uint64_t count[MAX_NAMES + 1][MAX_NAMES + 1], hurt[MAX_NAMES + 1][MAX_NAMES + 1];
	uint64_t most;
	bool other_senders, other_victims;
};

static size_t place_of(uint32_t *names, size_t *n, uint32_t name)
{
	for (size_t i = 0; i < *n; i++)
		if (names[i] == name)
			return i;
	if (*n == MAX_NAMES)
		return OTHERS;
	names[*n] = name;
	return (*n)++;
}

/* Pairs come in order, the most frequent first; names are taken in the order in which they come. */
static void fill(struct matrix *x, const struct model *m)
{
	size_t n;
	const struct report_row *row = rows_sorted(m->by[BY_PAIR], &n);

	for (size_t i = 0; i < n; i++) {
		size_t s = place_of(x->sender, &x->n_senders, row[i].key >> 32);
		size_t v = place_of(x->victim, &x->n_victims, (uint32_t)row[i].key);

		x->count[s][v] += row[i].count;
		x->hurt[s][v] += row[i].hurt;
		x->other_senders |= s == OTHERS;
		x->other_victims |= v == OTHERS;
		if (x->count[s][v] > x->most)
			x->most = x->count[s][v];
	}
}

/* The shade for a number, by its logarithm. */
static int shade_of(uint64_t n, uint64_t most)
{
	int bits = 0, all = 0;

	for (; n > 1; n >>= 1)
		bits++;
	for (; most > 1; most >>= 1)
		all++;
	return all ? 1 + bits * (SHADES - 1) / all : SHADES / 2;
}

/* Prints "1234", "12k" or "3M", as a cell is narrow. */
static void put_short(FILE *out, uint64_t n)
{
	if (n < 10000)
		fprintf(out, "%" PRIu64, n);
	else
		fprintf(out, "%" PRIu64 "%c", n < 10000000 ? n / 1000 : n / 1000000, n < 10000000 ? 'k' : 'M');
}

static void put_end(FILE *out, const struct model *m, const uint32_t *names, size_t i, const char *scope)
{
	fprintf(out, "<th scope=\"%s\"><span>", scope);
	if (i == OTHERS)
		fputs("others", out);
	else
		put_name(out, names[i] ? part_string(m, names[i]) : "?");
	fputs("</span></th>", out);
}

static void put_cell(FILE *out, const struct model *m, const struct matrix *x, size_t s, size_t v)
{
	if (!x->count[s][v]) {
		fputs("<td></td>", out);
		return;
	}
	fprintf(out, "<td class=\"h%d\"", shade_of(x->count[s][v], x->most));
	if (s != OTHERS)
		put_data(out, "sender", part_string(m, x->sender[s]));
	if (v != OTHERS)
		put_data(out, "victim", part_string(m, x->victim[v]));
	fprintf(out, " title=\"%" PRIu64 " resets, %" PRIu64 " broke a call\">", x->count[s][v], x->hurt[s][v]);
	put_short(out, x->count[s][v]);
	fputs("</td>", out);
}

static void put_row(FILE *out, const struct model *m, const struct matrix *x, size_t s)
{
	fputs("<tr>", out);
	put_end(out, m, x->sender, s, "row");
	for (size_t v = 0; v < x->n_victims; v++)
		put_cell(out, m, x, s, v);
	if (x->other_victims)
		put_cell(out, m, x, s, OTHERS);
	fputs("</tr>\n", out);
}

void part_matrix(FILE *out, const struct model *m)
{
	struct matrix x = { .most = 0 };

	fill(&x, m);
	if (!x.most)
		return;
	fputs("<section id=\"matrix\"><h2>Who resets whom</h2><div class=\"scroll\"><table><thead><tr>"
	      "<th class=\"corner\">sender ↓ victim →</th>", out);
	for (size_t v = 0; v < x.n_victims; v++)
		put_end(out, m, x.victim, v, "col");
	if (x.other_victims)
		put_end(out, m, x.victim, OTHERS, "col");
	fputs("</tr></thead><tbody>\n", out);
	for (size_t s = 0; s < x.n_senders; s++)
		put_row(out, m, &x, s);
	if (x.other_senders)
		put_row(out, m, &x, OTHERS);
	fputs("</tbody></table></div></section>\n", out);
}
