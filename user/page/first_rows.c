/* SPDX-License-Identifier: GPL-2.0 */
#include "page/first_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cause/rules.h"
#include "incident/format.h"
#include "output/markup.h"
#include "output/sink.h"
#include "page/page.h"
#include "page/parts.h"

struct first_row {
	uint32_t entry;
	char *story[2];		/* of each of its two records */
};

struct first_rows {
	struct first_row row[PAGE_FIRST_ROWS];
	size_t n;
};

struct first_rows *first_rows_new(const struct picks *p, const struct report *r)
{
	struct first_rows *f = calloc(1, sizeof(*f));
	struct picks copy = { malloc((p->n ?: 1) * sizeof(*p->pick)), p->n };

	if (!f || !copy.pick) {
		free(f);
		free(copy.pick);
		return NULL;
	}
	if (p->n)
		memcpy(copy.pick, p->pick, p->n * sizeof(*p->pick));
	picks_by_time(&copy, r);
	for (; f->n < copy.n && f->n < PAGE_FIRST_ROWS; f->n++)
		f->row[f->n].entry = copy.pick[f->n].entry;
	picks_free(&copy);
	return f;
}

void first_rows_free(struct first_rows *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		free(f->row[i].story[0]);
		free(f->row[i].story[1]);
	}
	free(f);
}

/* What the text output says of the incident; NULL: out of memory. */
static char *story_of(const struct incident *inc)
{
	struct sink text = { .ops = &sink_text, .verbose = true };
	char *story = NULL;
	size_t len;
	int err;

	text.out = open_memstream(&story, &len);
	if (!text.out)
		return NULL;
	err = text.ops->begin ? text.ops->begin(&text) : 0;
	err = err ?: text.ops->incident(&text, inc);
	if (text.ops->free)
		text.ops->free(&text);
	if (!fclose(text.out) && !err)
		return story;
	free(story);
	return NULL;
}

int first_rows_incident(struct first_rows *f, uint32_t entry, const struct incident *inc)
{
	for (size_t i = 0; i < f->n; i++) {
		struct first_row *row = &f->row[i];
		char **story = &row->story[row->story[0] != NULL];

		if (row->entry != entry)
			continue;
		free(*story);
		*story = story_of(inc);
		return *story ? 0 : -ENOMEM;
	}
	return 0;
}

/*
 * The story without its first word: that is the local time where the page was made, and the page
 * has UTC throughout.
 */
static const char *without_time(const char *story)
{
	const char *end = strstr(story, "  ");

	return end ? end + 2 : story;
}

static void put_row(const struct first_row *row, const struct model *m, FILE *out)
{
	const struct store *store = report_store(m->report);
	const struct entry *e = store_at(store, row->entry);
	const struct entry *other = e->partner ? store_at(store, e->partner - 1) : e;
	const char *sender = part_string(m, e->sender), *victim = part_string(m, other->victim);
	const char *cause = part_string(m, e->cause);
	char time[64], addr[64];

	fmt_time_utc(time, sizeof(time), e->time_ns);
	fprintf(out, "<details><summary><time>%.12s</time> ", strlen(time) > 11 ? time + 11 : time);
	put_name(out, *sender ? sender : fmt_addr(addr, sizeof(addr), e->family, e->saddr));
	fputs(" → ", out);
	put_name(out, *victim ? victim : fmt_addr(addr, sizeof(addr), e->family, e->daddr));
	fputs(" <span class=\"code\">", out);
	put_name(out, cause);
	fprintf(out, "</span>%s</summary>\n", entry_hurts(e) || entry_hurts(other) ? " broke a call" : "");
	for (size_t i = 0; i < 2 && row->story[i]; i++) {
		fputs("<pre>", out);
		markup_text(out, without_time(row->story[i]));
		fputs("</pre>\n", out);
	}
	fputs("</details>\n", out);
}

void first_rows_put(const struct first_rows *f, const struct model *m, FILE *out)
{
	fputs("<div id=\"first\">\n", out);
	for (size_t i = 0; i < f->n; i++)
		put_row(&f->row[i], m, out);
	if (report_totals(m->report)->resets > f->n)
		fprintf(out, "<p class=\"dim\">These are the first %zu; the others need JavaScript.</p>\n", f->n);
	fputs("</div>\n", out);
}
