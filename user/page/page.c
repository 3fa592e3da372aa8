/* SPDX-License-Identifier: GPL-2.0 */
#include "page/page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cause/rules.h"
#include "incident/format.h"
#include "incident/names.h"
#include "page/bundle.h"
#include "page/details.h"
#include "page/first_rows.h"
#include "page/parts.h"
#include "page/picks.h"
#include "report/print.h"

#ifndef RSTTRACE_VERSION
#define RSTTRACE_VERSION "unknown"
#endif

#define DETAIL_BLOCK 1024	/* how many rows are unpacked to show one */
#define TABLE_BLOCK 8192

struct page {
	struct page_config cfg;
	struct model model;
	struct picks picks;
	struct first_rows *first;
	struct columns *columns;
	uint32_t rows;			/* how many details there are */
	struct json_text details;	/* HTML elements with packed blocks */
};

void page_free(struct page *p)
{
	if (!p)
		return;
	model_free(&p->model);
	picks_free(&p->picks);
	first_rows_free(p->first);
	columns_free(p->columns);
	json_text_free(&p->details);
	free(p);
}

struct page *page_new(const struct page_config *cfg)
{
	struct page *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->cfg = *cfg;
	p->columns = columns_new();
	if (p->columns && !model_make(&p->model, cfg->report) &&
	    !picks_choose(&p->picks, cfg->report, PAGE_ROWS, cfg->among))
		p->first = first_rows_new(&p->picks, cfg->report);
	if (p->first)
		return p;
	page_free(p);
	return NULL;
}

/* ---- records ---- */

/* Adds the block as an element that browsers take for data, and begins another. */
static int put_block(struct columns *c, const char *class, struct json_text *out)
{
	int err;

	if (!columns_rows(c))
		return 0;
	json_text_puts(out, "<script type=\"text/plain\" class=\"");
	json_text_puts(out, class);
	json_text_puts(out, "\">");
	err = columns_pack(c, out);
	json_text_puts(out, "</script>\n");
	return err;
}

/* "recvfrom = ECONNRESET", as a string of the report. */
static uint32_t error_of(const struct page *p, const struct incident *inc)
{
	struct strings *strings = report_config(p->cfg.report)->strings;
	const struct failure *f = incident_first_error(inc), *eof = f ? NULL : incident_first_eof(inc);
	char text[96], name[32];

	if (f && f->err != UNKNOWN)
		snprintf(text, sizeof(text), "%.24s%s%s", f->syscall, f->syscall[0] ? " = " : "",
			 errno_name(f->err, name, sizeof(name)));
	else if (eof)
		snprintf(text, sizeof(text), "%.24s = 0", eof->syscall[0] ? eof->syscall : "read");
	else
		return STRING_NONE;
	return strings_put(strings, text);
}

int page_incident(struct page *p, const struct incident *inc)
{
	const struct store *store = report_store(p->cfg.report);
	uint32_t number = store_number(store, incident_number(inc)), *at;
	struct pick *pick;
	int err;

	if (!number || store_at(store, number - 1)->rev != inc->rev)
		return 0;
	pick = picks_find(&p->picks, p->cfg.report, number - 1);
	at = pick ? pick->entry == number - 1 ? &pick->at : &pick->other_at : NULL;
	if (!at || *at)		/* it is not shown, or came twice */
		return 0;
	*at = ++p->rows;
	pick->error = pick->error ?: error_of(p, inc);
	err = details_add(p->columns, inc) ?: first_rows_incident(p->first, pick->entry, inc);
	if (!err && columns_rows(p->columns) == DETAIL_BLOCK)
		err = put_block(p->columns, "details", &p->details);
	return err;
}

/* ---- the table ---- */

static void put_string(const struct page *p, const char *key, uint32_t string)
{
	const char *s = part_string(&p->model, string);

	if (*s)
		columns_string(p->columns, key, s, strlen(s));
}

static void put_address(const struct page *p, const char *key, const struct entry *e, const uint8_t *addr)
{
	char text[64];

	columns_string(p->columns, key, fmt_addr(text, sizeof(text), e->family, addr), sizeof(text));
}

static void put_pick(const struct page *p, const struct pick *pick)
{
	const struct store *store = report_store(p->cfg.report);
	const struct entry *e = store_at(store, pick->entry);
	const struct entry *other = e->partner ? store_at(store, e->partner - 1) : e;
	enum outcome outcome = entry_hurts(e) ? e->outcome : other->outcome;
	struct columns *c = p->columns;

	columns_row(c);
	columns_int(c, "us", e->time_ns / 1000);
	put_string(p, "cause", e->cause);
	put_string(p, "situation", e->situation ?: other->situation);
	put_string(p, "host", e->host);
	put_string(p, "sender", e->sender);
	put_string(p, "sender_unit", e->sender_unit);
	put_address(p, "saddr", e, e->saddr);
	columns_int(c, "sport", e->sport);
	if (other != e)
		put_string(p, "victim_host", other->host);
	put_string(p, "victim", other->victim);
	put_string(p, "victim_unit", other->victim_unit);
	put_address(p, "daddr", e, e->daddr);
	columns_int(c, "dport", e->dport);
	if (outcome_name(outcome))
		columns_string(c, "outcome", outcome_name(outcome), 32);
	columns_string(c, "way", way_name(e->way), 32);
	put_string(p, "error", pick->error);
	if (pick->at)
		columns_int(c, "at", pick->at - 1);
	if (pick->other_at)
		columns_int(c, "other", pick->other_at - 1);
}

/* In order of time, so that the script need not sort. */
static int put_table(struct page *p, struct json_text *out)
{
	int err = 0;

	picks_by_time(&p->picks, p->cfg.report);
	for (size_t i = 0; !err && i < p->picks.n; i++) {
		put_pick(p, &p->picks.pick[i]);
		if (columns_rows(p->columns) == TABLE_BLOCK)
			err = put_block(p->columns, "table", out);
	}
	return err ?: put_block(p->columns, "table", out);
}

/* ---- what the script needs beside the rows ---- */

static void put_series(const struct page *p, struct json_text *t)
{
	const struct timeline *tl = &p->model.timeline;

	json_text_puts(t, ",\"series\":[");
	for (int s = 0; s < N_SERIES; s++) {
		json_text_puts(t, s ? ",[" : "[");
		for (unsigned int b = 0; b < tl->n; b++) {
			json_text_puts(t, b ? "," : "");
			json_text_int(t, tl->count[s][b]);
		}
		json_text_puts(t, "]");
	}
	json_text_puts(t, "]");
}

static void put_causes(const struct page *p, struct json_text *t)
{
	size_t n;
	const struct report_row *row = rows_sorted(p->model.by[BY_CAUSE], &n);

	json_text_puts(t, ",\"causes\":[");
	for (size_t i = 0; i < n; i++) {
		const char *cause = part_string(&p->model, row[i].key);
		const struct rule *rule = rule_find(cause);

		json_text_puts(t, i ? ",[" : "[");
		json_text_string(t, cause, strlen(cause));
		json_text_puts(t, ",");
		json_text_string(t, rule ? rule->headline : cause, 256);
		json_text_puts(t, "]");
	}
	json_text_puts(t, "]");
}

static int put_meta(const struct page *p, FILE *out)
{
	struct json_text t = { };
	bool failed;

	json_text_puts(&t, "{\"rows\":");
	json_text_int(&t, p->picks.n);
	json_text_puts(&t, ",\"resets\":");
	json_text_int(&t, report_totals(p->cfg.report)->resets);
	json_text_puts(&t, ",\"block\":");
	json_text_int(&t, DETAIL_BLOCK);
	json_text_puts(&t, ",\"first_us\":");
	json_text_int(&t, p->model.timeline.first_ns / 1000);
	json_text_puts(&t, ",\"step_us\":");
	json_text_int(&t, p->model.timeline.step_ns / 1000);
	put_series(p, &t);
	put_causes(p, &t);
	json_text_puts(&t, "}");
	fputs("<script type=\"application/json\" id=\"meta\">", out);
	fwrite(t.s, 1, t.len, out);
	fputs("</script>\n", out);
	failed = t.failed;
	json_text_free(&t);
	return failed ? -ENOMEM : 0;
}

/* ---- the page ---- */

/* Nothing may be loaded, sent or run except the two scripts below, so no text can become markup. */
static void put_policy(FILE *out)
{
	fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src ", out);
	bundle_put_hash(out, LIBRARY_SCRIPT);
	fputc(' ', out);
	bundle_put_hash(out, PAGE_SCRIPT);
	fputs("; style-src ", out);
	bundle_put_hash(out, LIBRARY_STYLE);
	fputc(' ', out);
	bundle_put_hash(out, PAGE_STYLE);
	fputs("; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'\">\n",
	      out);
}

static void put_element(FILE *out, const char *tag, enum bundled b)
{
	fprintf(out, "<%s>", tag);
	bundle_put(out, b);
	fprintf(out, "</%s>\n", tag);
}

static void put_head(const struct page *p, FILE *out)
{
	const struct report_totals *t = report_totals(p->cfg.report);

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", out);
	put_policy(out);
	fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>rsttrace: ", out);
	put_count(out, t->resets);
	fputs(t->resets == 1 ? " reset" : " resets", out);
	fputs("</title>\n", out);
	put_element(out, "style", LIBRARY_STYLE);
	put_element(out, "style", PAGE_STYLE);
	fputs("</head>\n", out);
}

/* Writes on which hosts and when the resets were seen. */
static void put_place(const struct page *p, FILE *out)
{
	const struct report_totals *t = report_totals(p->cfg.report);
	size_t n;
	const struct report_row *row = rows_sorted(p->model.by[BY_HOST], &n);

	fputs("<p class=\"dim\">", out);
	for (size_t i = 0; i < n && i < 5; i++) {
		fputs(i ? ", " : "", out);
		put_name(out, row[i].key ? part_string(&p->model, row[i].key) : "?");
	}
	if (n > 5)
		fprintf(out, " and %zu more hosts", n - 5);
	if (t->resets) {
		fputs(" · ", out);
		put_time(out, t->first_ns);
		fputs(" to ", out);
		put_time(out, t->last_ns);
		fputs(" UTC", out);
	}
	fputs("</p>\n", out);
}

static void put_header(const struct page *p, FILE *out)
{
	fputs("<header><div><h1>TCP resets</h1>", out);
	put_place(p, out);
	fputs("</div><fieldset id=\"theme\"><legend>colours</legend>"
	      "<label><input type=\"radio\" name=\"theme\" id=\"auto\" checked>auto</label>"
	      "<label><input type=\"radio\" name=\"theme\" id=\"light\">light</label>"
	      "<label><input type=\"radio\" name=\"theme\" id=\"dark\">dark</label></fieldset></header>\n", out);
}

static void put_footer(FILE *out)
{
	fputs("<footer><p>Made by rsttrace " RSTTRACE_VERSION ", which is free software under the GPL, version 2. "
	      "The page loads nothing and sends nothing. ", out);
	fputs(bundle_has_library() ?
	      "The chart is drawn by uPlot 1.6.32, © Leon Sorokin, under the MIT licence, whose text is in "
	      "the page's source." :
	      "It was built without the chart library uPlot: the timeline is a plain picture.", out);
	fputs("</p></footer>\n", out);
}

static void put_incidents(const struct page *p, FILE *out)
{
	const struct report_totals *t = report_totals(p->cfg.report);

	if (!t->resets)
		return;
	fputs("<section id=\"incidents\"><h2>One by one</h2>\n", out);
	if (p->picks.n < t->resets) {
		fputs("<p class=\"dim\">", out);
		put_count(out, p->picks.n);
		fputs(" of ", out);
		put_count(out, t->resets);
		fputs(" resets are here: of each cause a fair share, spread over its time.</p>\n", out);
	}
	fputs("<div id=\"live\" hidden></div>\n", out);
	first_rows_put(p->first, &p->model, out);
	fputs("</section>\n", out);
}

static int put_data_of_script(struct page *p, FILE *out)
{
	struct json_text table = { };
	int err = put_block(p->columns, "details", &p->details);

	err = err ?: put_table(p, &table);
	err = err ?: put_meta(p, out);
	if (!err) {
		fwrite(table.s, 1, table.len, out);
		fwrite(p->details.s, 1, p->details.len, out);
	}
	json_text_free(&table);
	return err;
}

int page_write(struct page *p, FILE *out)
{
	int err;

	put_head(p, out);
	fputs("<body>\n", out);
	put_header(p, out);
	fputs("<main>\n", out);
	part_verdict(out, &p->model);
	part_figures(out, &p->model);
	part_timeline(out, &p->model);
	part_causes(out, &p->model);
	part_matrix(out, &p->model);
	part_tops(out, &p->model);
	part_ends(out, &p->model);
	put_incidents(p, out);
	part_doubts(out, &p->model, p->cfg.damaged, p->cfg.files);
	fputs("</main>\n", out);
	put_footer(out);
	err = put_data_of_script(p, out);
	put_element(out, "script", LIBRARY_SCRIPT);
	put_element(out, "script", PAGE_SCRIPT);
	fputs("</body>\n</html>\n", out);
	return err ?: ferror(out) ? -EIO : 0;
}
