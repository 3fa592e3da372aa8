/* SPDX-License-Identifier: GPL-2.0 */
#include "output/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "account/claims.h"
#include "incident/format.h"
#include "incident/names.h"
#include "cause/rules.h"
#include "cause/situations.h"
#include "output/verdict.h"

/* An index into the totals with the count to order it by. */
struct entry {
	uint64_t count;
	int index;
};

/* Larger counts first; equal ones in the order in which they were first seen. */
static int by_count(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->index - y->index;
}

static void print_row(FILE *out, const struct cause_row *row, const char *indent, const char *code,
		      const char *headline)
{
	fprintf(out, "%10" PRIu64 "  %6" PRIu64 "  %s", row->count, row->hurt, indent);
	if (headline)
		fprintf(out, "%-*s %s\n", 22 - (int)strlen(indent), code, headline);
	else
		fprintf(out, "%s\n", code);
}

/* The rows with a count above 0, largest first. */
static int order_rows(struct entry *order, const struct cause_row *rows, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++)
		if (rows[i].count)
			order[kept++] = (struct entry){ rows[i].count, i };
	qsort(order, kept, sizeof(order[0]), by_count);
	return kept;
}

/* The situations of a cause are listed under it. */
static void print_causes(FILE *out, const struct totals *t)
{
	struct entry cause[MAX_CAUSES], situation[MAX_SITUATIONS];
	int n = order_rows(cause, t->cause, t->n_cause);
	int n_situation = order_rows(situation, t->situation, t->n_situation);

	fprintf(out, "%10s  %6s  %s\n", "count", "hurt", "cause");
	for (int i = 0; i < n; i++) {
		const struct cause_row *row = &t->cause[cause[i].index];
		const struct rule *rule = rule_find(row->cause);

		print_row(out, row, "", row->cause, rule ? rule->headline : NULL);
		for (int k = 0; k < n_situation; k++) {
			const struct cause_row *under = &t->situation[situation[k].index];
			const struct situation *what = situation_find(under->situation);

			if (!strcmp(under->cause, row->cause))
				print_row(out, under, "  ", under->situation, what ? what->headline : NULL);
		}
	}
}

static void print_pairs(FILE *out, const struct totals *t)
{
	char sender[4 * RST_COMM_LEN + 1], victim[4 * RST_COMM_LEN + 1];
	struct entry order[MAX_PAIRS];
	int i;

	for (i = 0; i < t->n_pair; i++)
		order[i] = (struct entry){ t->pair[i].count, i };
	qsort(order, t->n_pair, sizeof(order[0]), by_count);
	fprintf(out, "%10s  %s\n", "count", "sender → victim");
	for (i = 0; i < t->n_pair; i++) {
		int k = order[i].index;

		fprintf(out, "%10" PRIu64 "  %s → %s\n", order[i].count,
			fmt_escape(sender, sizeof(sender), t->pair[k].sender, RST_COMM_LEN),
			fmt_escape(victim, sizeof(victim), t->pair[k].victim, RST_COMM_LEN));
	}
	if (t->pairs_rest)
		fprintf(out, "%10" PRIu64 "  other pairs\n", t->pairs_rest);
}

static void print_recorded(FILE *out, const char *before, uint64_t sent, uint64_t received)
{
	char a[32], b[32];

	fprintf(out, "%srecorded %s sent, %s received", before, fmt_count(a, sizeof(a), sent),
		fmt_count(b, sizeof(b), received));
}

static void print_compared(FILE *out, const struct netns_sum *sum)
{
	const struct counters *c = &sum->growth;
	char a[32], b[32];

	fprintf(out, "kernel: OutRsts +%s", fmt_count(a, sizeof(a), c->value[CTR_OUT_RSTS]));
	if (c->known[CTR_ESTAB_RESETS])
		fprintf(out, ", EstabResets +%s",
			fmt_count(a, sizeof(a), c->value[CTR_ESTAB_RESETS]));
	if (sum->compared > 1)
		fprintf(out, " in %d network namespaces", sum->compared);
	print_recorded(out, "; ", sum->recorded, sum->received);
	if (sum->netfilter)
		fprintf(out, ", %s by REJECT rules, which OutRsts does not count",
			fmt_count(a, sizeof(a), sum->netfilter));
	if (sum->untold)
		fprintf(out, ", %s sent without a record", fmt_count(a, sizeof(a), sum->untold));
	fprintf(out, "; explained %s of %s\n", fmt_count(a, sizeof(a), sum->explained),
		fmt_count(b, sizeof(b), c->value[CTR_OUT_RSTS]));
}

/* One line for a namespace whose figures differ, with the likely sources of the difference. */
static void print_difference(FILE *out, const struct netns_row *row,
			     const struct netns_doubts *doubts)
{
	unsigned int likely = netns_likely(row, doubts);
	int64_t diff = netns_difference(row);
	const char *sep = ": ";
	char a[32], b[32], c[32];

	fprintf(out, "network namespace %" PRIu32 ": OutRsts +%s, recorded %s, ", row->netns,
		fmt_count(a, sizeof(a), row->growth.value[CTR_OUT_RSTS]),
		fmt_count(b, sizeof(b), row->recorded));
	if (row->untold)
		fprintf(out, "%s without a record, ", fmt_count(c, sizeof(c), row->untold));
	fprintf(out, "%s %s", fmt_count(c, sizeof(c), diff < 0 ? -diff : diff),
		diff < 0 ? "more than counted" : "not recorded");
	for (int i = 0; i < N_SOURCES; i++) {
		if (!(likely & 1u << i))
			continue;
		fprintf(out, "%s%s", sep, netns_sources[i].text);
		sep = "; ";
	}
	fputc('\n', out);
}

/* The other counters of a namespace, where the incidents do not account for all of their growth. */
static void print_unclaimed(FILE *out, const struct netns_row *row)
{
	char a[32], b[32];

	if (row->untold)
		return;		/* untold resets have no incident that could account for the counters */
	for (int c = 0; c < N_COUNTERS; c++) {
		int64_t diff = netns_unclaimed(row, c);
		const char *also = counter_also(c);

		if (!diff)
			continue;
		fprintf(out, "network namespace %" PRIu32 ": %s +%s, accounted for %s%s%s\n",
			row->netns, counter_names[c],
			fmt_count(a, sizeof(a), row->growth.value[c]),
			fmt_count(b, sizeof(b), row->claimed[c]),
			also && diff > 0 ? ": it also counts " : "", also && diff > 0 ? also : "");
	}
}

/*
 * A recorded RST may never have left: when tcp_send_active_reset() cannot send it, only
 * this counter shows that.
 */
static void print_unsent(FILE *out, const struct netns_row *row)
{
	uint64_t n = row->state == NETNS_COMPARED ? row->growth.value[CTR_ABORT_FAILED] : 0;
	char a[32];

	if (n)
		fprintf(out, "network namespace %" PRIu32 ": %s +%s: so many resets never left: no "
			"route, a firewall's rule, or no memory\n", row->netns,
			counter_names[CTR_ABORT_FAILED], fmt_count(a, sizeof(a), n));
}

static void print_kernel(FILE *out, const struct totals *t, const struct netns_sum *sum)
{
	const struct netns_row *row = NULL;
	char a[32];

	if (!sum->growth.known[CTR_OUT_RSTS]) {
		print_recorded(out, "", t->sent, t->received);
		fputc('\n', out);
		return;
	}
	if (sum->compared || !sum->uncompared)
		print_compared(out, sum);
	while ((row = netns_totals_next(t->netns, row)))
		if (netns_likely(row, &t->doubts))
			print_difference(out, row, &t->doubts);
	while ((row = netns_totals_next(t->netns, row))) {
		print_unsent(out, row);
		print_unclaimed(out, row);
	}
	if (sum->uncompared)
		fprintf(out, "not compared: %s sent in %d network namespace%s that ended or cannot "
			"be read\n", fmt_count(a, sizeof(a), sum->uncompared_recorded),
			sum->uncompared, sum->uncompared == 1 ? "" : "s");
}

static uint64_t by_rules(const struct totals *t)
{
	uint64_t sum = 0;

	for (int i = 0; t->rules && i < t->rules->n; i++)
		sum += t->rules->row[i].count;
	return sum;
}

static void print_rules(FILE *out, const struct totals *t)
{
	for (int i = 0; by_rules(t) && i < t->rules->n; i++)
		fprintf(out, "suppressed: %" PRIu64 " by %s\n", t->rules->row[i].count, t->rules->row[i].rule);
}

static void print_rest(FILE *out, const struct totals *t)
{
	int i;

	print_rules(out, t);
	if (t->unmatched)
		fprintf(out, "unmatched: %" PRIu64 " failing calls on sockets no reset was seen for\n",
			t->unmatched);
	if (t->missed)
		fprintf(out, "missed: %" PRIu64 " runs of a program that the kernel refused, as it "
			"was at work on that CPU already\n", t->missed);
	if (t->stackless)
		fprintf(out, "stacks: %" PRIu64 " left out, as they came faster than they could be named (ask for "
			"fewer: --port, --addr, --netns)\n", t->stackless);
	if (t->unkept)
		fprintf(out, "owners: %" PRIu64 " sockets found no room in the map of owners\n",
			t->unkept);
	if (t->unfollowed)
		fprintf(out, "not followed: %" PRIu64 " process%s that the command started, and what "
			"these started: resets of theirs may be missing\n", t->unfollowed,
			t->unfollowed == 1 ? "" : "es");
	if (!t->lost)
		return;
	fprintf(out, "lost: %" PRIu64 " events found no room in the ring buffer", t->lost);
	for (i = 0; i < t->n_lost_cpu; i++)
		fprintf(out, "%sCPU %d: %" PRIu64, i ? ", " : " (", t->lost_cpu[i].cpu,
			t->lost_cpu[i].lost);
	fputs(t->n_lost_cpu ? ")\n" : "\n", out);
}

/* Resets that ended no socket, and so are no incidents. */
static void print_ignored(FILE *out, const struct totals *t)
{
	const char *sep = "ignored: ";

	for (int fate = 0; fate < FATE_MAX; fate++) {
		if (!t->ignored[fate])
			continue;
		fprintf(out, "%s%" PRIu64 " %s", sep, t->ignored[fate], fate_text(fate));
		sep = ", ";
	}
	if (*sep == ',')
		fputs(" (resets that ended no socket)\n", out);
}

/* The incidents by outcome, in the record's words, those that a call met first. */
static void print_outcomes(FILE *out, const struct totals *t)
{
	const char *sep = "outcomes: ";

	for (int o = OUTCOME_UNSET + 1; o < OUTCOME_MAX; o++) {
		if (!t->outcome[o])
			continue;
		fprintf(out, "%s%" PRIu64 " %s", sep, t->outcome[o], outcome_name(o));
		sep = ", ";
	}
	if (t->outcome[OUTCOME_UNSET])
		fprintf(out, "%s%" PRIu64 " not known", sep, t->outcome[OUTCOME_UNSET]);
	fputc('\n', out);
}

#define COUNTS_SHOWN 10

/* "nginx[812]", or as much of it as is known. */
static void print_whose(FILE *out, const struct count_row *row)
{
	char name[4 * RST_COMM_LEN + 1];

	if (row->key.pid)
		fprintf(out, "; %s[%" PRIu32 "]",
			fmt_escape(name, sizeof(name), row->count.comm, RST_COMM_LEN), row->key.pid);
	fputc('\n', out);
}

void summary_counts(FILE *out, const struct totals *t)
{
	uint64_t rest = 0;

	fprintf(out, "%10s  %10s  %s\n", "counted", "no record", "all resets seen");
	for (int i = 0; i < t->n_counts; i++) {
		const struct count_row *row = &t->counts[i];
		const char *reason = NULL;

		if (i >= COUNTS_SHOWN || row->other) {
			rest += row->count.seen;
			continue;
		}
		if (row->key.reason != RST_NO_REASON)
			reason = source_reason(t->meta, row->key.reason);
		fprintf(out, "%10" PRIu64 "  %10" PRIu64 "  %s", (uint64_t)row->count.seen,
			count_untold(&row->count), class_text(row->key.class));
		if (reason)
			fprintf(out, " (%s)", reason);
		print_whose(out, row);
	}
	if (rest)
		fprintf(out, "%10" PRIu64 "  %10s  others\n", rest, "");
}

static bool has_untold(const struct totals *t)
{
	for (int i = 0; i < t->n_counts; i++)
		if (count_untold(&t->counts[i].count))
			return true;
	return false;
}

static void print_headline(FILE *out, const struct totals *t)
{
	if (!t->incidents)
		fputs("no resets recorded", out);
	else
		fprintf(out, "%" PRIu64 " reset%s", t->incidents, t->incidents == 1 ? "" : "s");
	if (t->suppressed)
		fprintf(out, ", %" PRIu64 " more hidden by the filters", t->suppressed);
	if (by_rules(t))
		fprintf(out, ", %" PRIu64 " more suppressed by rule", by_rules(t));
	if (t->sent_silent || t->received_silent)
		fprintf(out, ", %" PRIu64 " sent and %" PRIu64 " received only counted (--rate)",
			t->sent_silent, t->received_silent);
	if (t->crowded_silent)
		fprintf(out, ", %" PRIu64 " sent or received only counted (--rate), of too many kinds to tell them apart",
			t->crowded_silent);
	if (t->sent_filtered || t->received_filtered)
		fprintf(out, ", %" PRIu64 " sent and %" PRIu64 " received only counted (the filters)",
			t->sent_filtered, t->received_filtered);
	fputc('\n', out);
}

int summary_print(FILE *out, const struct totals *t)
{
	struct netns_sum sum = {};

	if (t->netns)
		netns_totals_sum(t->netns, &sum);
	errno = 0;
	verdict_print(out, t);
	print_headline(out, t);
	if (t->incidents) {
		print_outcomes(out, t);
		print_causes(out, t);
		print_pairs(out, t);
	}
	if (has_untold(t))
		summary_counts(out, t);
	if (t->incidents || sum.untold || sum.differs)
		print_kernel(out, t, &sum);
	print_ignored(out, t);
	if (t->cancelled)
		fprintf(out, "%" PRIu64 " connect%s given up before any answer (shown with --events)\n",
			t->cancelled, t->cancelled == 1 ? " was" : "s were");
	print_rest(out, t);
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
