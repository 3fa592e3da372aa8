/* SPDX-License-Identifier: GPL-2.0 */
/* Texts to read: the stories of a row's last incidents, what its cause means, the keys. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cause/explain.h"
#include "incident/format.h"
#include "output/summary.h"
#include "output/text_block.h"
#include "output/text_line.h"
#include "top/help.h"
#include "top/ui.h"

char *top_text_story(const struct top_row *row)
{
	char *text = NULL;
	size_t len = 0;
	struct sink sink = { .out = open_memstream(&text, &len), .verbose = true, .width = TEXT_UNFOLDED };
	int err = sink.out ? 0 : -1;

	for (unsigned int i = row->n_last; !err && i-- > 0;) {
		err = text_show(&sink, top_kept_incident(row->last[i]));
		if (!err && i)
			err = text_write(&sink, "\n", 1);
	}
	if (sink.out && fclose(sink.out))
		err = -1;
	if (!err)
		return text;
	free(text);
	return NULL;
}

char *top_text_explain(const char *code, unsigned int width, char *title, size_t len)
{
	char *words[] = { (char *)code, NULL };
	char *text = NULL, why[256];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return NULL;
	snprintf(title, len, "what %s means", code);
	err = explain(out, words, width, why, sizeof(why));
	if (!fclose(out) && !err)
		return text;
	free(text);
	return NULL;
}

char *top_text_counts(const struct count_row *rows, int n, const struct source_meta *meta)
{
	struct totals t = { .counts = rows, .n_counts = n, .meta = meta };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	summary_counts(out, &t);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static void put_help(FILE *out, const char *title, const struct top_help *row)
{
	fprintf(out, "%s\n", title);
	for (; row->what; row++)
		fprintf(out, "  %-9s  %s\n", row->what, row->text);
}

char *top_text_help(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fputs("  A row counts resets that are alike, by what g chooses. It stays, with its totals, after its\n"
	      "  processes have ended, and passes another only when it is clearly ahead.\n\n", out);
	put_help(out, "Columns", top_help_columns);
	fputc('\n', out);
	put_help(out, "Keys", top_help_keys);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

#define LABELS 16

/* The column where such a line goes on when it is folded: below its text, not below its label. */
static unsigned int hang(const char *line)
{
	unsigned int indent = strspn(line, " ");
	const char *gap = strstr(line + indent, "  ");

	/* farther to the right there is no label: the gap is within the text */
	if (indent > LABELS || !gap || gap > line + strcspn(line, "\n"))
		return indent;
	return gap + strspn(gap, " ") - line;
}

/*
 * The bytes of a line that go into `room` columns: cut at a blank, if there is one after the
 * indentation.
 */
static size_t fitting(const char *text, unsigned int room)
{
	size_t n = cell_fit(text, room), cut = n, begin = strspn(text, " ");

	/* if not even one character fits, one is taken, and the screen cuts it */
	for (unsigned int more = room; !n && *text && *text != '\n'; n = cell_fit(text, ++more))
		;
	if (!text[n] || text[n] == '\n' || text[n] == ' ')
		return n;
	while (cut > begin && text[cut - 1] != ' ')
		cut--;
	return cut > begin ? cut : n;
}

const char *top_fold(const char *text, struct cell_line *l, unsigned int width, unsigned int *indent)
{
	unsigned int under = *indent ?: hang(text);
	size_t n;

	if (!*text)
		return NULL;
	if (*indent)
		cell_add(l, CELL_PLAIN, "%*s", (int)*indent, "");
	n = fitting(text, width > l->cols ? width - l->cols : 0);
	/* a line without indentation is a heading */
	cell_add(l, *indent || *text == ' ' ? CELL_PLAIN : CELL_BOLD, "%.*s", (int)n, text);
	text += n;
	if (*text != '\n' && *text) {
		/* a terminal that is too narrow for the indentation gets none */
		*indent = under < width / 2 ? under : 1;
		return text + strspn(text, " ");
	}
	*indent = 0;
	return *text ? text + 1 : text;
}
