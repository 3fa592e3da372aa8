/* SPDX-License-Identifier: GPL-2.0 */
#include "summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "format.h"
#include "rules.h"

/* An index into the totals with the count to order it by. */
struct entry {
	uint64_t count;
	int index;
};

/* Most first; equals stay in the order they were first seen in. */
static int by_count(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->index - y->index;
}

static void print_causes(FILE *out, const struct totals *t)
{
	struct entry order[MAX_CAUSES];
	int i;

	for (i = 0; i < t->n_cause; i++)
		order[i] = (struct entry){ t->cause[i].count, i };
	qsort(order, t->n_cause, sizeof(order[0]), by_count);
	fprintf(out, "%10s  %s\n", "count", "cause");
	for (i = 0; i < t->n_cause; i++) {
		const char *code = t->cause[order[i].index].cause;
		const struct rule *rule = rule_find(code);

		if (rule)
			fprintf(out, "%10" PRIu64 "  %-22s %s\n", order[i].count, code,
				rule->headline);
		else
			fprintf(out, "%10" PRIu64 "  %s\n", order[i].count, code);
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

/*
 * How far what was recorded is from OutRsts. EstabResets has no such equation:
 * it counts the connections a process aborts as well, and no refused connect.
 */
static int64_t unaccounted(const struct totals *t)
{
	int64_t out_rsts = totals_counter(t, "OutRsts");

	return out_rsts < 0 ? 0 : out_rsts - (int64_t)t->sent;
}

static void print_kernel(FILE *out, const struct totals *t)
{
	static const char *const shown[] = { "OutRsts", "EstabResets" };
	int64_t diff = unaccounted(t);
	const char *sep = "kernel: ";
	size_t i;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		int64_t delta = totals_counter(t, shown[i]);

		if (delta < 0)
			continue;
		fprintf(out, "%s%s +%" PRId64, sep, shown[i], delta);
		sep = ", ";
	}
	fprintf(out, "%s%" PRIu64 " sent, %" PRIu64 " received",
		sep[0] == ',' ? "; recorded " : "recorded ", t->sent, t->received);
	if (diff > 0)
		fprintf(out, "; %" PRId64 " sent but not recorded", diff);
	else if (diff < 0)
		fprintf(out, "; %" PRId64 " more than OutRsts counts (other network namespaces)",
			-diff);
	fputc('\n', out);
}

static void print_rest(FILE *out, const struct totals *t)
{
	int i;

	if (t->unmatched)
		fprintf(out, "unmatched: %" PRIu64 " failing calls on sockets no reset was seen for\n",
			t->unmatched);
	if (!t->lost)
		return;
	fprintf(out, "lost: %" PRIu64 " events found no room in the ring buffer", t->lost);
	for (i = 0; i < t->n_lost_cpu; i++)
		fprintf(out, "%sCPU %d: %" PRIu64, i ? ", " : " (", t->lost_cpu[i].cpu,
			t->lost_cpu[i].lost);
	fputs(t->n_lost_cpu ? ")\n" : "\n", out);
}

static void print_headline(FILE *out, const struct totals *t)
{
	if (!t->incidents)
		fputs("no resets recorded", out);
	else
		fprintf(out, "%" PRIu64 " reset%s", t->incidents, t->incidents == 1 ? "" : "s");
	if (t->suppressed)
		fprintf(out, ", %" PRIu64 " more hidden by the filters", t->suppressed);
	fputc('\n', out);
}

int summary_print(FILE *out, const struct totals *t)
{
	errno = 0;
	print_headline(out, t);
	if (t->incidents) {
		print_causes(out, t);
		print_pairs(out, t);
	}
	if (t->incidents || unaccounted(t))
		print_kernel(out, t);
	print_rest(out, t);
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
