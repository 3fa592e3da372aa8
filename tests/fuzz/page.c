/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whatever bytes a file of records holds: the page made of them has the elements that it ought to
 * have, and no others. Built and run by `make fuzz`, as any user.
 */
#include "fuzz.h"
#include "page/bundle.h"
#include "page/page.h"
#include "report/lines.h"

struct run {
	struct report *report;
	struct page *page;	/* NULL: they are read for the first time */
};

static int on_incident(void *ctx, const struct incident *inc)
{
	struct run *run = ctx;

	return run->page ? page_incident(run->page, inc) : report_incident(run->report, inc);
}

static void on_end(void *ctx, const struct line_end *end)
{
	struct run *run = ctx;

	if (!run->page)
		report_end(run->report, end);
}

static void on_bad(void *ctx, const struct bad_line *b)
{
	(void)ctx;
	(void)b;
}

static void read_all(struct run *run, const char *data, size_t size)
{
	static const struct lines_ops ops = { .incident = on_incident, .end = on_end, .bad = on_bad };
	struct lines *l = lines_new(&ops, run);

	if (lines_bytes(l, data, size) || lines_end(l))
		abort();
	lines_free(l);
}

/* Tags that the page is made of; all else that begins with "<" came from outside. */
static void check_tags(const char *page)
{
	static const char *const tags[] = {
		"!DOCTYPE html>\n", "html lang", "html>", "head>", "meta ", "title>", "style>", "body>", "header>", "div", "h1>", "h2>",
		"h3>", "p>", "p ", "fieldset", "legend>", "label>", "input type=\"radio\"", "main>", "strong>", "em>", "dl ",
		"dl>", "dt>", "dd>", "section>", "section ", "svg viewBox", "svg>", "path class=\"c", "rect class=\"c", "span", "table", "thead>",
		"tbody>", "tr", "th", "td", "br>", "ul>", "li>", "details>", "summary>", "time>", "pre>", "footer>", "script>",
		"script type=\"text/plain\" class=\"", "script type=\"application/json\" id=\"meta\">",
	};

	for (const char *at = page; (at = strchr(at, '<')); at++) {
		const char *name = at + 1 + (at[1] == '/');
		size_t i = 0;

		while (i < sizeof(tags) / sizeof(tags[0]) && strncmp(name, tags[i], strlen(tags[i])))
			i++;
		if (i < sizeof(tags) / sizeof(tags[0]))
			continue;
		fprintf(stderr, "unexpected: %.80s\n", at);
		abort();
	}
}

/* The page without its own style and scripts, which may hold anything. */
static void cut_bundled(char *page)
{
	for (enum bundled b = 0; b < N_BUNDLED; b++) {
		char *text, *found;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		bundle_put(out, b);
		fclose(out);
		found = len ? strstr(page, text) : NULL;
		if (len && !found)
			abort();
		if (found)
			memmove(found, found + len, strlen(found + len) + 1);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strings *strings = strings_new();
	struct report_config cfg = { .since_ns = INT64_MIN, .until_ns = INT64_MAX, .skew_ns = 30000000000,
				     .keep = 8, .strings = strings };
	struct run run = { .report = report_new(&cfg) };
	struct page_config page = { .report = run.report, .among = size % 16 };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	read_all(&run, (const char *)data, size);
	if (report_finish(run.report))
		abort();
	run.page = page_new(&page);
	if (!run.page)
		abort();
	read_all(&run, (const char *)data, size);
	if (page_write(run.page, out))
		abort();
	fclose(out);
	if (strlen(text) != len)
		abort();
	cut_bundled(text);
	check_tags(text);
	free(text);
	page_free(run.page);
	report_free(run.report);
	strings_free(strings);
	return 0;
}
