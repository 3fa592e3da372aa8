/* SPDX-License-Identifier: GPL-2.0 */
#include "page/parts.h"

#include <inttypes.h>
#include <string.h>

#include "cause/rules.h"
#include "incident/format.h"
#include "output/markup.h"
#include "report/print.h"

#define NAME_BYTES 600
#define TOP 10

void put_name(FILE *out, const char *name)
{
	char text[4 * NAME_BYTES + 1];

	markup_text(out, fmt_escape(text, sizeof(text), name, NAME_BYTES));
}

void put_data(FILE *out, const char *attribute, const char *value)
{
	char text[3 * NAME_BYTES + 1];

	fprintf(out, " data-%s=\"", attribute);
	for (const char *s = fmt_utf8(text, sizeof(text), value, NAME_BYTES); *s; s++) {
		char one[] = { *s, '\0' };

		/*
		 * an HTML parser replaces some control characters, unless they are written as
		 * numbers
		 */
		if ((unsigned char)*s < 0x20)
			fprintf(out, "&#%d;", *s);
		else if (strchr("<>&\"'", *s))
			markup_text(out, one);
		else
			fputc(*s, out);
	}
	fputc('"', out);
}

void put_time(FILE *out, int64_t ns)
{
	char text[64];

	fmt_time_utc(text, sizeof(text), ns);
	fprintf(out, "%.10s %.8s", text, strlen(text) > 18 ? text + 11 : "");
}

void put_count(FILE *out, uint64_t n)
{
	char text[32];

	fputs(fmt_count(text, sizeof(text), n), out);
}

const char *part_string(const struct model *m, uint32_t number)
{
	return strings_get(report_config(m->report)->strings, number);
}

/* ---- the verdict ---- */

static void put_cause(FILE *out, const char *cause)
{
	const struct rule *rule = rule_find(cause);

	if (rule)
		markup_text(out, rule->headline);
	else
		put_name(out, cause);
}

static void put_verdict_cause(FILE *out, const struct model *m)
{
	const struct verdict *v = &m->verdict;
	const char *sender = part_string(m, v->pair >> 32), *victim = part_string(m, (uint32_t)v->pair);

	if (v->of > 1) {
		fputs(v->cause_count == v->of ? "all " : "", out);
		put_count(out, v->cause_count);
		fputs(" of these: ", out);
	}
	fputs("<em>", out);
	put_cause(out, part_string(m, v->cause));
	fputs("</em>", out);
	if (!*sender && !*victim)
		return;
	fputs(v->pair_count == v->cause_count ? ", " : ", mostly ", out);
	put_name(out, *sender ? sender : "?");
	fputs(" → ", out);
	put_name(out, *victim ? victim : "?");
	if (v->pair_count != v->cause_count) {
		fputs(" (", out);
		put_count(out, v->pair_count);
		fputc(')', out);
	}
}

void part_verdict(FILE *out, const struct model *m)
{
	const struct report_totals *t = report_totals(m->report);

	fputs("<p id=\"verdict\">", out);
	if (!t->resets) {
		fputs("No connection was reset.</p>\n", out);
		return;
	}
	if (t->resets == 1) {
		fputs(t->hurt ? "<strong>The one reset broke a call</strong>: " :
		      "<strong>One reset, and no call was seen to break by it</strong>: ", out);
	} else if (t->hurt) {
		fputs("<strong>", out);
		put_count(out, t->hurt);
		fputs(" of ", out);
		put_count(out, t->resets);
		fputs(" resets broke a call</strong>; ", out);
	} else {
		fputs("<strong>No call was seen to break by any of the ", out);
		put_count(out, t->resets);
		fputs(" resets</strong>; ", out);
	}
	if (m->verdict.of)
		put_verdict_cause(out, m);
	fputs(".</p>\n", out);
}

/* ---- figures ---- */

static void put_tile(FILE *out, const char *figure, const char *what)
{
	fprintf(out, "<div><dt>%s</dt><dd>%s</dd></div>", what, figure);
}

void part_figures(FILE *out, const struct model *m)
{
	const struct report_totals *t = report_totals(m->report);
	char text[64];

	fputs("<dl id=\"figures\">", out);
	put_tile(out, fmt_count(text, sizeof(text), t->resets), "resets");
	put_tile(out, fmt_count(text, sizeof(text), t->hurt), "broke a call");
	put_tile(out, fmt_count(text, sizeof(text), t->hosts), t->hosts == 1 ? "host" : "hosts");
	if (t->resets)
		put_tile(out, fmt_duration(text, sizeof(text), (t->last_ns - t->first_ns) / 1000),
			 "from first to last");
	fputs("</dl>\n", out);
}

static void put_bar(FILE *out, unsigned int series, uint64_t part, uint64_t all)
{
	fprintf(out, "<td class=\"bar\"><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" "
		"aria-hidden=\"true\"><rect class=\"c%u\" width=\"%.1f\" height=\"8\"/></svg></td>",
		series, all ? 100.0 * part / all : 0);
}

static void put_number(FILE *out, uint64_t n)
{
	fputs("<td class=\"n\">", out);
	put_count(out, n);
	fputs("</td>", out);
}

void part_causes(FILE *out, const struct model *m)
{
	const struct report_totals *t = report_totals(m->report);
	size_t n;
	const struct report_row *row = rows_sorted(m->by[BY_CAUSE], &n);

	if (!n)
		return;
	fputs("<section id=\"causes\"><h2>Why</h2><div class=\"scroll\"><table class=\"rows\"><thead><tr>"
	      "<th>cause</th><th class=\"n\">resets</th><th class=\"n\">broke a call</th><th></th>"
	      "<th>what to do</th></tr></thead><tbody>\n", out);
	for (size_t i = 0; i < n; i++) {
		const char *cause = part_string(m, row[i].key);
		const struct rule *rule = rule_find(cause);

		fputs("<tr", out);
		put_data(out, "cause", cause);
		fprintf(out, "><td><span class=\"key c%u\"></span><span class=\"code\">",
			model_series(m, row[i].key));
		put_name(out, cause);
		fputs("</span>", out);
		if (rule)
			fprintf(out, "<br><span class=\"dim\">%s</span>", rule->headline);
		fputs("</td>", out);
		put_number(out, row[i].count);
		put_number(out, row[i].hurt);
		put_bar(out, model_series(m, row[i].key), row[i].count, t->resets);
		fputs("<td class=\"advice\">", out);
		if (rule)
			markup_text(out, rule->advice);
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody></table></div></section>\n", out);
}

void part_ends(FILE *out, const struct model *m)
{
	const struct pairs *pairs = &report_totals(m->report)->pairs;

	if (!report_totals(m->report)->resets)
		return;
	fputs("<section id=\"ends\"><h2>What the ends show</h2><table class=\"rows\"><tbody>\n", out);
	for (enum way w = 0; w < N_WAYS; w++) {
		if (!pairs->count[w])
			continue;
		fputs("<tr", out);
		put_data(out, "way", way_name(w));
		fputc('>', out);
		put_number(out, pairs->count[w]);
		fprintf(out, "<td>%s</td></tr>\n", way_text(w));
	}
	fputs("</tbody></table></section>\n", out);
}

/* ---- rows by process, port and so on ---- */

static void put_top(FILE *out, const struct model *m, enum report_by by)
{
	const struct report_totals *t = report_totals(m->report);
	size_t n;
	const struct report_row *row = rows_sorted(m->by[by], &n);
	char name[NAME_BYTES];

	/* a single row without a name shows nothing */
	if (!n || (n == 1 && !row[0].key))
		return;
	fprintf(out, "<section class=\"top\"><h3>by %s</h3><table class=\"rows\"><tbody>\n", report_by_names[by]);
	for (size_t i = 0; i < n && i < TOP; i++) {
		rows_name(m->by[by], row[i].key, name, sizeof(name));
		fputs("<tr", out);
		put_data(out, report_by_names[by], name);
		fputs("><td class=\"name\">", out);
		put_name(out, name);
		fputs("</td>", out);
		put_number(out, row[i].count);
		put_bar(out, SERIES, row[i].count, t->resets);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table>", out);
	if (n > TOP)
		fprintf(out, "<p class=\"dim\">and %zu more</p>", n - TOP);
	fputs("</section>\n", out);
}

void part_tops(FILE *out, const struct model *m)
{
	fputs("<div id=\"tops\">\n", out);
	for (int by = 0; by < N_BY_PARTS; by++)
		if (by != BY_CAUSE && by != BY_PAIR)
			put_top(out, m, by);
	fputs("</div>\n", out);
}

/* ---- doubts ---- */

void part_doubts(FILE *out, const struct model *m, size_t damaged, size_t files)
{
	const struct report_totals *t = report_totals(m->report);

	if (!t->unkept && !t->pairs.ambiguous && !t->sampled && !t->lost && !t->missed && !t->suppressed &&
	    !t->hidden && !damaged)
		return;
	fputs("<section id=\"doubts\"><h2>What to keep in mind</h2><ul>\n", out);
	if (t->hidden)
		fprintf(out, "<li>%" PRIu64 " records were left out by the filters.</li>\n", t->hidden);
	if (t->unkept)
		fprintf(out, "<li>%" PRIu64 " resets were beyond what is kept: they are in the figure of all "
			"resets, and nowhere else here.</li>\n", t->unkept);
	if (t->pairs.ambiguous)
		fprintf(out, "<li>%" PRIu64 " ends fit more than one other by their numbers, and were left "
			"alone.</li>\n", t->pairs.ambiguous);
	if (t->sampled)
		fprintf(out, "<li>%" PRIu64 " of the resets are samples of storms, and stand for about %"
			PRIu64 ".</li>\n", t->sampled, t->stand_for);
	if (t->lost || t->missed)
		fprintf(out, "<li>%" PRIu64 " events were lost and %" PRIu64 " missed: a reset may be missing, "
			"or one of its ends.</li>\n", t->lost, t->missed);
	if (t->suppressed)
		fprintf(out, "<li>The trace's own filters hid %" PRIu64 " incidents.</li>\n", t->suppressed);
	if (damaged)
		fprintf(out, "<li>%zu of %zu files could not be read in full.</li>\n", damaged, files);
	fputs("</ul></section>\n", out);
}
