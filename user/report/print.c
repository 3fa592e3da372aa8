/* SPDX-License-Identifier: GPL-2.0 */
#include "report/print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cause/rules.h"
#include "cause/situations.h"
#include "incident/format.h"
#include "report/change.h"
#include "report/print_json.h"

#define NAME_BYTES 600		/* for two names of a pair, before they are escaped */

static const struct {
	const char *name, *text;
} ways[N_WAYS] = {
	[WAY_HERE] = { "here", "both ends seen, on one host" },
	[WAY_PAIRED] = { "paired", "both ends seen, by two records" },
	[WAY_TRANSLATED] = { "translated", "both ends seen, addresses or ports translated on the way" },
	[WAY_LOST] = { "not-received",
		"sent, never received: lost or filtered on the way, or no socket was left there to end" },
	[WAY_NOT_SENT] = { "not-sent",
		"received, never sent by that address's host: forged, from behind a NAT, or by a sender that eBPF "
		"hooks cannot see" },
	[WAY_ELSEWHERE] = { "elsewhere", "one end seen; no record says that the other's host was traced then" },
	[WAY_NO_RST] = { "no-rst", "given up without a reset" },
};

const char *way_name(enum way way)
{
	return ways[way].name;
}

const char *way_text(enum way way)
{
	return ways[way].text;
}

/* Prints "2026-11-27 10:00:00". */
static void put_time(FILE *out, int64_t ns)
{
	char text[64];

	fmt_time_utc(text, sizeof(text), ns);
	fprintf(out, "%.10s %.8s", text, strlen(text) > 18 ? text + 11 : "");
}

static void put_head(const struct report_print *p, const struct report *r)
{
	const struct report_totals *t = report_totals(r);
	char a[32];

	fprintf(p->out, "%s reset%s", fmt_count(a, sizeof(a), t->resets), t->resets == 1 ? "" : "s");
	if (t->resets) {
		fprintf(p->out, " of %" PRIu64 " host%s, ", t->hosts, t->hosts == 1 ? "" : "s");
		put_time(p->out, t->first_ns);
		fputs(" to ", p->out);
		put_time(p->out, t->last_ns);
		fputs(" UTC", p->out);
	}
	if (t->hidden)
		fprintf(p->out, "; %s left out by the filters", fmt_count(a, sizeof(a), t->hidden));
	fputc('\n', p->out);
	if (t->resets)
		fprintf(p->out, "%s broke a call: it failed, or took the reset for the end of the stream\n",
			fmt_count(a, sizeof(a), t->hurt));
}

static void put_flow(FILE *out, const struct entry *e)
{
	char from[64], to[64];

	fprintf(out, "%s → %s", fmt_addr_port(from, sizeof(from), e->family, e->saddr, e->sport),
		fmt_addr_port(to, sizeof(to), e->family, e->daddr, e->dport));
}

static void put_translated(FILE *out, const struct report *r)
{
	const struct pairs *pairs = &report_totals(r)->pairs;

	for (int i = 0; i < N_EXAMPLES && pairs->translated[i]; i++) {
		const struct entry *sent = store_at(report_store(r), pairs->translated[i] - 1);

		fprintf(out, "%12s", "");
		put_flow(out, sent);
		fputs(" arrived as ", out);
		put_flow(out, store_at(report_store(r), sent->partner - 1));
		fputc('\n', out);
	}
}

static void put_ways(FILE *out, const struct report *r)
{
	const struct report_totals *t = report_totals(r);
	char a[32];

	fprintf(out, "\n%10s  what the ends show\n", "count");
	for (enum way w = 0; w < N_WAYS; w++) {
		if (!t->pairs.count[w])
			continue;
		fprintf(out, "%10s  %s\n", fmt_count(a, sizeof(a), t->pairs.count[w]), way_text(w));
		if (w == WAY_TRANSLATED)
			put_translated(out, r);
	}
	if (t->unkept)
		fprintf(out, "%10s  not paired: more incidents than --keep, or than there is memory for\n",
			fmt_count(a, sizeof(a), t->unkept));
}

static const char *escaped_name(const struct report *r, uint64_t key, char *buf, size_t len)
{
	char name[NAME_BYTES];

	return fmt_escape(buf, len, rows_name(report_rows(r), key, name, sizeof(name)), sizeof(name));
}

/* What a code means, in a few words; NULL: not known, or it is no code. */
static const char *headline_of(enum report_by by, const char *name)
{
	const struct situation *situation = by == BY_SITUATION ? situation_find(name) : NULL;
	const struct rule *rule = by == BY_CAUSE ? rule_find(name) : NULL;

	return situation ? situation->headline : rule ? rule->headline : NULL;
}

/* Prints the name and, where known, what it means. */
static void put_name(FILE *out, const struct report *r, uint64_t key)
{
	char name[4 * NAME_BYTES + 1];
	const char *headline;

	escaped_name(r, key, name, sizeof(name));
	headline = headline_of(report_config(r)->by, name);
	if (headline)
		fprintf(out, "%-22s %s\n", name, headline);
	else
		fprintf(out, "%s\n", name);
}

static void put_rows(const struct report_print *p, const struct report *r)
{
	const struct report_totals *t = report_totals(r);
	uint64_t rest = 0;
	size_t n;
	const struct report_row *rows = rows_sorted(report_rows(r), &n);
	char a[32], b[32];

	fprintf(p->out, "\n%10s  %6s  %10s  %s\n", "count", "share", "hurt",
		report_by_names[report_config(r)->by]);
	for (size_t i = 0; i < n && i < p->top; i++) {
		fprintf(p->out, "%10s  %5.1f%%  %10s  ", fmt_count(a, sizeof(a), rows[i].count),
			100.0 * rows[i].count / t->resets, fmt_count(b, sizeof(b), rows[i].hurt));
		put_name(p->out, r, rows[i].key);
	}
	for (size_t i = p->top; i < n; i++)
		rest += rows[i].count;
	if (rest)
		fprintf(p->out, "%10s  %5.1f%%  %10s  in %zu more rows (--top)\n",
			fmt_count(a, sizeof(a), rest), 100.0 * rest / t->resets, "", n - p->top);
}

static void put_doubts(const struct report_print *p, const struct report *r)
{
	const struct report_totals *t = report_totals(r);

	if (t->pairs.ambiguous)
		fprintf(p->out, "%" PRIu64 " ends fit more than one other by their numbers, and were left "
			"alone\n", t->pairs.ambiguous);
	if (t->sampled)
		fprintf(p->out, "%" PRIu64 " of the resets are samples of storms, and stand for about %" PRIu64
			"\n", t->sampled, t->stand_for);
	if (t->lost || t->missed)
		fprintf(p->out, "the runs lost %" PRIu64 " events and missed %" PRIu64 ": a reset may be "
			"missing, or one of its ends\n", t->lost, t->missed);
	if (t->suppressed)
		fprintf(p->out, "the runs' own filters hid %" PRIu64 " incidents\n", t->suppressed);
	if (p->damaged)
		fprintf(p->out, "%zu of %zu files could not be read in full\n", p->damaged, p->files);
}

static int flushed(FILE *out)
{
	errno = 0;
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

int report_print(const struct report_print *p, const struct report *r)
{
	int err;

	if (p->json) {
		err = report_json(p, r);
		return err ?: flushed(p->out);
	}
	put_head(p, r);
	if (report_totals(r)->resets) {
		put_ways(p->out, r);
		put_rows(p, r);
	}
	put_doubts(p, r);
	return flushed(p->out);
}

/* ---- before and after ---- */

static void put_span(FILE *out, const char *label, const struct report *r)
{
	const struct report_totals *t = report_totals(r);
	double hours = report_hours(r);
	char a[32];

	fprintf(out, "%s  %s resets", label, fmt_count(a, sizeof(a), t->resets));
	if (t->resets) {
		fputs(", ", out);
		put_time(out, t->first_ns);
		fputs(" to ", out);
		put_time(out, t->last_ns);
		fputs(" UTC", out);
	}
	if (hours)
		fprintf(out, ", %.1f an hour", t->resets / hours);
	fputc('\n', out);
}

static void put_changes(const struct report_print *p, const struct report *before,
			const struct report *after, const struct change_row *rows, size_t n)
{
	bool rates = report_hours(before) && report_hours(after);
	char a[32], b[32];

	fprintf(p->out, "\n%-6s  %10s  %10s%s  %s\n", "", "before", "after",
		rates ? "    an hour" : "", report_by_names[report_config(after)->by]);
	for (size_t i = 0; i < n && i < p->top; i++) {
		fprintf(p->out, "%-6s  %10s  %10s  ", change_name(rows[i].change),
			fmt_count(a, sizeof(a), rows[i].before), fmt_count(b, sizeof(b), rows[i].after));
		if (rates)
			fprintf(p->out, "%.1f → %.1f  ", rows[i].before_rate, rows[i].after_rate);
		put_name(p->out, after, rows[i].key);
	}
	if (n > p->top)
		fprintf(p->out, "        %zu more rows (--top)\n", n - p->top);
}

int report_compare(const struct report_print *p, const struct report *before, const struct report *after)
{
	size_t n;
	struct change_row *rows = change_rows(before, after, &n);
	int err = 0;

	if (!rows)
		return -ENOMEM;
	if (p->json) {
		err = report_compare_json(p, before, after, rows, n);
	} else {
		put_span(p->out, "before", before);
		put_span(p->out, "after ", after);
		put_changes(p, before, after, rows, n);
		put_doubts(p, after);
	}
	free(rows);
	return err ?: flushed(p->out);
}
