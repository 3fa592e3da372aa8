/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page of a run. Records are counted as they come; those that the table may show are also
 * written to a file without a name and read back at the end, because only then are the pairs known.
 */
#include "page/sink_html.h"

#include <errno.h>
#include <stdlib.h>

#include "page/page.h"
#include "report/lines.h"

#define KEEP 1000000		/* how many incidents are kept; further ones are only counted */
#define SKEW_NS 1000000000LL	/* how far apart two events of one RST may be */
#define CHUNK 65536

struct html {
	struct strings *strings;
	struct report *report;
	struct sink spool;
	struct page *page;
};

static int html_begin(struct sink *s)
{
	struct html *h = calloc(1, sizeof(*h));
	struct report_config cfg = { .by = BY_CAUSE, .since_ns = INT64_MIN, .until_ns = INT64_MAX,
				     .skew_ns = SKEW_NS, .keep = KEEP };

	s->state = h;
	if (!h)
		return -ENOMEM;
	cfg.strings = h->strings = strings_new();
	h->report = h->strings ? report_new(&cfg) : NULL;
	if (!h->report)
		return -ENOMEM;
	h->spool = (struct sink){ .ops = &sink_json, .out = tmpfile() };
	return h->spool.out ? 0 : -errno;
}

static void html_free(struct sink *s)
{
	struct html *h = s->state;

	if (!h)
		return;
	page_free(h->page);
	if (h->spool.out)
		fclose(h->spool.out);
	report_free(h->report);
	strings_free(h->strings);
	free(h);
	s->state = NULL;
}

static int html_incident(struct sink *s, const struct incident *inc)
{
	struct html *h = s->state;
	int err = report_incident(h->report, inc);
	uint32_t number = err ? 0 : store_number(report_store(h->report), incident_number(inc));

	if (number && number <= PAGE_ROWS)
		err = h->spool.ops->incident(&h->spool, inc);
	return err;
}

static int to_page(void *ctx, const struct incident *inc)
{
	return page_incident(ctx, inc);
}

static void no_end(void *ctx, const struct line_end *end)
{
	(void)ctx;
	(void)end;
}

static void no_bad_line(void *ctx, const struct bad_line *b)
{
	(void)ctx;
	(void)b;
}

/* Passes the records in the file to the page. */
static int read_back(struct html *h)
{
	static const struct lines_ops ops = { .incident = to_page, .end = no_end, .bad = no_bad_line };
	struct lines *l = lines_new(&ops, h->page);
	char *buf = malloc(CHUNK);
	int err = l && buf ? 0 : -ENOMEM;
	size_t n;

	if (!err && fseek(h->spool.out, 0, SEEK_SET))
		err = -errno;
	while (!err && (n = fread(buf, 1, CHUNK, h->spool.out)))
		err = lines_bytes(l, buf, n);
	if (!err && ferror(h->spool.out))
		err = -EIO;
	free(buf);
	lines_free(l);
	return err;
}

static int html_end(struct sink *s, const struct totals *t)
{
	struct html *h = s->state;
	const struct line_end end = { t->lost, t->missed, t->suppressed };
	const struct page_config cfg = { .report = h->report, .among = PAGE_ROWS };
	int err;

	report_end(h->report, &end);
	err = report_finish(h->report);
	h->page = err ? NULL : page_new(&cfg);
	if (!h->page)
		return -ENOMEM;
	err = read_back(h);
	return err ?: page_write(h->page, s->out);
}

const struct sink_ops sink_html = {
	.begin = html_begin,
	.incident = html_incident,
	.end = html_end,
	.free = html_free,
};
