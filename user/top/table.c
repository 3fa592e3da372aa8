/* SPDX-License-Identifier: GPL-2.0 */
/* The table: totals, headings, and a line for each row. */
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "cause/rules.h"
#include "incident/format.h"
#include "top/ui.h"

#define WIDE 120		/* from this width on there is room for larger figures, ... */
#define WIDEST 150		/* ... and for more columns */
#define QUIET_NS 60000000000ULL	/* a row without a reset for this long is dimmed */

/* The widths of the columns. */
struct widths {
	int name, why, latest;	/* 0: the column is not there */
	int total, hurt, harmless, rate, ago;
	unsigned int spark;	/* a divisor of HIST_STEPS */
};

/* Figures get the width that they need, names share the rest. */
static struct widths widths_of(unsigned int width, enum top_by by)
{
	struct widths w = { .why = 17, .total = 6, .hurt = 6, .harmless = 7, .rate = 5, .spark = 10 };
	int left;

	if (width >= WIDE)
		w = (struct widths){ .why = 22, .total = 10, .hurt = 9, .harmless = 10, .rate = 8, .ago = 12,
				     .spark = 20 };
	if (width >= WIDEST + 30)
		w.spark = 30;
	left = (int)width - w.why - 1 - w.total - w.hurt - w.harmless - w.rate - w.ago - (int)w.spark - 1;
	if (width >= WIDEST)
		w.latest = (left - 1) / 2;
	w.name = left - w.latest - (w.latest > 0);
	if (w.latest && by == TOP_BY_CAUSE) {	/* codes of causes are short, headlines are not */
		w.why += w.name - 24;
		w.name = 24;
	}
	if (w.name < 10) {	/* a terminal with room for names and figures only */
		w.name += w.why + 1;
		w.why = 0;
	}
	return w;
}

/* A number as it fits into a column: "1,204", "12.3k", "4.5M". */
static char *brief(char *buf, size_t len, uint64_t n, unsigned int width)
{
	static const char units[] = "kMGTPE";
	double v = n;
	int i = -1;

	fmt_count(buf, len, n);
	if (strlen(buf) < width)
		return buf;
	for (; v >= 999.5; v /= 1000)
		i++;
	if (i < 0)
		snprintf(buf, len, "%" PRIu64, n);
	else
		snprintf(buf, len, "%.*f%c", v < 99.95 ? 1 : 0, v, units[i]);
	return buf;
}

static void put_count(struct cell_line *l, enum cell_style style, int width, uint64_t n, bool about)
{
	char digits[32], text[40];

	if (!width)
		return;
	brief(digits, sizeof(digits), n, width - about);
	snprintf(text, sizeof(text), "%s%s", about ? "~" : "", digits);
	cell_field(l, n ? style : CELL_DIM, -width, text);
}

static char *rate_text(char *buf, size_t len, double rate)
{
	if (rate < 99.95)
		snprintf(buf, len, rate > 0 && rate < 0.05 ? "<0.1" : "%.1f", rate);
	else
		brief(buf, len, (uint64_t)(rate + 0.5), 5);
	return buf;
}

static void put_spark(struct cell_line *l, enum cell_style style, const struct hist *h,
		      const struct hist_scale *s, unsigned int cols)
{
	uint64_t n[HIST_STEPS], most = 0;

	hist_columns(h, s, n, cols);
	for (unsigned int i = 0; i < cols; i++)
		most = n[i] > most ? n[i] : most;
	for (unsigned int i = 0; i < cols; i++)
		cell_add(l, style, "%s", cell_bar(n[i], most));
}

const struct top_tables *top_ui_tables(const struct top_ui *ui)
{
	return ui->paused ?: top_model_tables(ui->model);
}

/* ---- rows ------------------------------------------------------------------------ */

/* "sender → victim", of each as much as there is room for. */
static void put_pair(struct cell_line *l, enum cell_style style, int width, const char *text)
{
	static const char arrow[] = " → ";
	const char *to = strstr(text, arrow);
	int room = width - 3, a, b;
	char from[2 * TOP_NAME];

	if (!to || room < 6 || (int)cell_width(text) <= width) {
		cell_field(l, style, width, text);
		return;
	}
	snprintf(from, sizeof(from), "%.*s", (int)(to - text), text);
	to += strlen(arrow);
	a = cell_width(from);
	b = cell_width(to);
	if (a > room / 2)
		a = b > room / 2 ? room / 2 : room - b;
	cell_field(l, style, a, from);
	cell_add(l, style, "%s", arrow);
	cell_field(l, style, room - a, to);
}

static void put_name(const struct top_ui *ui, const struct top_row *row, struct cell_line *l,
		     enum cell_style style, int width)
{
	char text[TOP_NAME + 32];

	if (ui->view.by == TOP_BY_PROCESS && row->n_pids == 1)
		snprintf(text, sizeof(text), "%s[%" PRId64 "]", row->name, row->first_pid);
	else if (ui->view.by == TOP_BY_PROCESS && row->n_pids > 1)
		snprintf(text, sizeof(text), "%s (several)", row->name);
	else
		snprintf(text, sizeof(text), "%s", row->name);
	put_pair(l, style, width, text);
}

/* The newest incident: port and pair or, when rows are pairs, both addresses. */
static void put_latest(const struct top_ui *ui, const struct top_row *row, struct cell_line *l,
		       enum cell_style style, int width)
{
	const struct incident *inc = row->n_last ? top_kept_incident(row->last[row->n_last - 1]) : NULL;
	char text[2 * TOP_NAME], from[64], to[64];

	if (ui->view.by == TOP_BY_PAIR && inc)
		snprintf(text, sizeof(text), "%s → %s",
			 fmt_addr_port(from, sizeof(from), inc->family, inc->saddr, inc->sport),
			 fmt_addr_port(to, sizeof(to), inc->family, inc->daddr, inc->dport));
	else if (row->latest_port == UNKNOWN || ui->view.by == TOP_BY_PORT)
		snprintf(text, sizeof(text), "%s", row->latest);
	else
		snprintf(text, sizeof(text), ":%" PRId64 " %s", row->latest_port, row->latest);
	put_pair(l, style, width, text);
}

/* The most frequent cause, and how many others there are. */
static void cause_text(char *buf, size_t len, const struct top_row *row)
{
	const struct top_cause *main = top_main_cause(row);
	unsigned int others = 0;

	for (unsigned int i = 0; i < row->n_causes; i++)
		others += row->cause[i].n && &row->cause[i] != main;
	snprintf(buf, len, "%s", main ? main->code : "");
	if (others)
		snprintf(buf + strlen(buf), len - strlen(buf), " +%u", others);
}

/*
 * When rows are causes: the headline, or the newest incident if there is no room for both.
 * Otherwise the cause.
 */
static void put_why(const struct top_ui *ui, const struct top_row *row, struct cell_line *l,
		    const struct widths *w, enum cell_style style)
{
	const struct rule *rule = ui->view.by == TOP_BY_CAUSE ? rule_find(row->name) : NULL;
	char text[TOP_NAME + 32];

	if (ui->view.by == TOP_BY_CAUSE && !(w->latest && rule)) {
		put_latest(ui, row, l, style, w->why);
		return;
	}
	cause_text(text, sizeof(text), row);
	cell_field(l, style, w->why, rule ? rule->headline : text);
}

static void put_ago(const struct top_ui *ui, const struct top_row *row, struct cell_line *l,
		    enum cell_style style, int width)
{
	uint64_t now = top_ui_tables(ui)->now_ns;
	char text[32];

	if (width)
		cell_field(l, style, -width,
			   fmt_duration(text, sizeof(text), now > row->last_ns ? (now - row->last_ns) / 1000 : 0));
}

void top_draw_row(const struct top_ui *ui, const struct top_row *row, struct cell_line *l, unsigned int width)
{
	const struct top_tables *t = top_ui_tables(ui);
	const struct top_counts *c = &row->count;
	struct widths w = widths_of(width, ui->view.by);
	bool quiet = !t->scale.whole && t->now_ns > row->last_ns + QUIET_NS, about = c->sampled;
	enum cell_style plain = quiet ? CELL_DIM : CELL_PLAIN;
	char text[TOP_NAME + 32];

	put_name(ui, row, l, quiet ? CELL_DIM : c->hurt ? CELL_BOLD : CELL_PLAIN, w.name);
	if (w.why) {
		cell_add(l, plain, " ");
		put_why(ui, row, l, &w, plain);
	}
	put_count(l, plain, w.total, c->total, about);
	put_count(l, quiet ? CELL_DIM : CELL_HURT, w.hurt, c->hurt, about);
	put_count(l, quiet ? CELL_DIM : CELL_GOOD, w.harmless, c->harmless, about);
	cell_field(l, plain, -w.rate, rate_text(text, sizeof(text), top_rate(t, &row->hist, c->total)));
	cell_add(l, plain, " ");
	put_spark(l, quiet ? CELL_DIM : CELL_SPARK, &row->hist, &t->scale, w.spark);
	put_ago(ui, row, l, plain, w.ago);
	if (w.latest) {
		cell_add(l, plain, " ");
		put_latest(ui, row, l, plain, w.latest);
	}
	cell_fill(l, plain, width);
}

/* ---- above the rows ---------------------------------------------------------------- */

static const char *const headings[N_TOP_BY] = {
	[TOP_BY_CAUSE] = "CAUSE", [TOP_BY_SITUATION] = "SITUATION", [TOP_BY_PAIR] = "SENDER → VICTIM",
	[TOP_BY_PROCESS] = "PROCESS", [TOP_BY_PORT] = "PORT", [TOP_BY_CONTAINER] = "CONTAINER OR UNIT",
};

static void draw_headings(const struct top_ui *ui, struct cell_line *l, unsigned int width)
{
	struct widths w = widths_of(width, ui->view.by);
	bool by_cause = ui->view.by == TOP_BY_CAUSE;

	cell_field(l, CELL_HEAD, w.name, headings[ui->view.by]);
	if (w.why) {
		cell_add(l, CELL_HEAD, " ");
		cell_field(l, CELL_HEAD, w.why, !by_cause ? "CAUSE" : w.latest ? "IN WORDS" : "LATEST");
	}
	cell_field(l, CELL_HEAD, -w.total, "TOTAL");
	cell_field(l, CELL_HEAD, -w.hurt, "HURT");
	cell_field(l, CELL_HEAD, -w.harmless, w.harmless > 8 ? "HARMLESS" : "HARML.");
	cell_field(l, CELL_HEAD, -w.rate, "/S");
	cell_add(l, CELL_HEAD, " ");
	cell_field(l, CELL_HEAD, w.spark, top_ui_tables(ui)->scale.whole ? "WHOLE RUN" : "LAST MINUTE");
	if (w.ago)
		cell_field(l, CELL_HEAD, -w.ago, "AGO");
	if (w.latest) {
		cell_add(l, CELL_HEAD, " ");
		cell_field(l, CELL_HEAD, w.latest, ui->view.by == TOP_BY_PAIR ? "LATEST CONNECTION" : "LATEST");
	}
	cell_fill(l, CELL_HEAD, width);
}

/* Host, kernel, time and duration; at the right, what the rows are. */
static void draw_title(const struct top_ui *ui, struct cell_line *l, unsigned int width)
{
	const struct top_tables *t = top_ui_tables(ui);
	char text[128], host[96], right[64];
	unsigned int left;
	int64_t wall = ui->meta ? source_wall_ns(ui->meta, t->now_ns) : (int64_t)t->now_ns;

	cell_add(l, CELL_BAR, "rsttrace top");
	if (ui->meta && ui->meta->host[0])
		cell_add(l, CELL_BAR, "  %s", fmt_escape(host, sizeof(host), ui->meta->host, sizeof(ui->meta->host)));
	fmt_time_of_day(text, sizeof(text), t->now_ns ? wall : UNKNOWN);
	cell_add(l, CELL_BAR, "  %.8s", text);
	cell_add(l, CELL_BAR, "  %s %s", ui->replay ? "recording of" : "for",
		 fmt_duration(text, sizeof(text), (int64_t)(t->now_ns - t->begin_ns) / 1000));
	snprintf(right, sizeof(right), "by %s, sorted by %s", top_by_names[ui->view.by],
		 top_sort_names[ui->view.sort]);
	left = width > cell_width(right) ? width - cell_width(right) : 0;
	if (l->cols + 1 <= left)
		cell_fill(l, CELL_BAR, left);
	else
		cell_add(l, CELL_BAR, "  ");
	cell_add(l, CELL_BAR, "%s", right);
	cell_fill(l, CELL_BAR, width);
}

static void draw_totals(const struct top_ui *ui, struct cell_line *l, unsigned int width)
{
	const struct top_tables *t = top_ui_tables(ui);
	const struct top_counts *c = &t->all;
	uint64_t rest = c->total - c->hurt - c->harmless;
	const char *about = c->sampled ? "~" : "";
	char text[32];

	cell_add(l, CELL_BOLD, "%s%s reset%s", about, fmt_count(text, sizeof(text), c->total),
		 c->total == 1 ? "" : "s");
	cell_add(l, CELL_PLAIN, "  %s/s   ", rate_text(text, sizeof(text), top_rate(t, &t->hist, c->total)));
	cell_add(l, c->hurt ? CELL_HURT : CELL_PLAIN, "%s%s hurt", c->hurt ? about : "",
		 fmt_count(text, sizeof(text), c->hurt));
	cell_add(l, CELL_PLAIN, ", %s%s harmless", c->harmless ? about : "",
		 fmt_count(text, sizeof(text), c->harmless));
	if (rest)
		cell_add(l, CELL_PLAIN, ", %s%s not known here", about, fmt_count(text, sizeof(text), rest));
	cell_fill(l, CELL_PLAIN, width);
}

/* What to know about the figures: the exact ones, what they leave out, which filter is set. */
static void draw_note(const struct top_ui *ui, struct cell_line *l, unsigned int width)
{
	const struct top_exact *e = &ui->exact;
	char a[32], b[32];

	if (ui->paused)
		cell_add(l, CELL_NOTE, "PAUSED (p goes on)  ");
	if (ui->view.filtered)
		cell_add(l, CELL_NOTE, "only /%s/: %u of %u rows  ", ui->view.pattern, ui->view.n_shown,
			 ui->view.n);
	if (e->sent || e->received)
		cell_add(l, CELL_PLAIN, "kernel: %s sent, %s received", fmt_count(a, sizeof(a), e->sent),
			 fmt_count(b, sizeof(b), e->received));
	else if (ui->replay)
		cell_add(l, CELL_DIM, "%s%s", ui->replay, ui->over ? "" : " (being read)");
	if (e->silent)
		cell_add(l, CELL_NOTE, "; a storm: %s counted only, ~ is estimated", fmt_count(a, sizeof(a), e->silent));
	if (e->lost)
		cell_add(l, CELL_NOTE, "; %s events lost", fmt_count(a, sizeof(a), e->lost));
	cell_fill(l, CELL_PLAIN, width);
}

void top_head(struct top_ui *ui, struct cell_line lines[TOP_HEAD], unsigned int width)
{
	draw_title(ui, &lines[0], width);
	draw_totals(ui, &lines[1], width);
	draw_note(ui, &lines[2], width);
	draw_headings(ui, &lines[3], width);
}
