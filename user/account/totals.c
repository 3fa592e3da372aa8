/* SPDX-License-Identifier: GPL-2.0 */
#include "account/totals.h"

#include <string.h>

#include "account/connections.h"
#include "base/text.h"

/* The row of a code, made where there is none yet; NULL: no room for one more. */
static struct cause_row *row_of(struct cause_row *rows, int *n, int max, const char *cause, const char *situation)
{
	for (int i = 0; i < *n; i++)
		if (!strcmp(rows[i].cause, cause) && (!situation || !strcmp(rows[i].situation, situation)))
			return &rows[i];
	if (*n == max)
		return NULL;
	rows[*n] = (struct cause_row){ .cause = cause, .situation = situation };
	return &rows[(*n)++];
}

/* The name of an end in the table of pairs. */
static void pair_name(char name[RST_COMM_LEN], const struct endpoint *ep)
{
	const char *what = ep->owner == OWNER_KERNEL ? "kernel" : ep->comm[0] ? endpoint_name(ep) :
			   ep->local == 1 ? "?" : "remote host";

	text_copy(name, RST_COMM_LEN, what);
}

static void count_pair(struct totals *t, const struct incident *inc)
{
	char sender[RST_COMM_LEN], victim[RST_COMM_LEN];
	int i;

	pair_name(sender, &inc->sender);
	pair_name(victim, &inc->victim);
	for (i = 0; i < t->n_pair; i++) {
		if (!strcmp(t->pair[i].sender, sender) && !strcmp(t->pair[i].victim, victim)) {
			t->pair[i].count++;
			return;
		}
	}
	if (t->n_pair == MAX_PAIRS) {
		t->pairs_rest++;
		return;
	}
	memcpy(t->pair[i].sender, sender, sizeof(sender));
	memcpy(t->pair[i].victim, victim, sizeof(victim));
	t->pair[i].count = 1;
	t->n_pair++;
}

static void count(struct cause_row *row, enum outcome outcome, int sign)
{
	if (!row)
		return;
	row->count += sign;
	row->hurt += outcome_hurts(outcome) ? sign : 0;
}

/* Adds sign (1 or -1) to the counts of a record with this cause, situation and outcome. */
static void count_record(struct totals *t, const char *cause, const char *situation, enum outcome outcome,
			 int sign)
{
	cause = cause ? cause : "unknown";
	t->outcome[outcome] += sign;
	count(row_of(t->cause, &t->n_cause, MAX_CAUSES, cause, NULL), outcome, sign);
	if (situation)
		count(row_of(t->situation, &t->n_situation, MAX_SITUATIONS, cause, situation), outcome, sign);
}

int totals_add(struct totals *t, const struct incident *inc)
{
	int err = t->connections ? connections_add(t->connections, inc) : 0;

	if (inc->passed)
		count_record(t, inc->was_cause, inc->was_situation, inc->was, -1);
	count_record(t, inc->cause, inc->situation, inc->outcome, 1);
	if (inc->passed)
		return err;
	t->incidents++;
	count_pair(t, inc);
	return err;
}

/* Whether the class alone names the cause of the reset, and not only its circumstances. */
static bool class_explains(const struct rst_count_key *key)
{
	switch (key->class) {
	case CLASS_CLOSED_PORT:
	case CLASS_STRAY:
	case CLASS_TIME_WAIT:
	case CLASS_ABORT:
	case CLASS_LINGER_ZERO:
		return true;
	}
	return false;
}

uint64_t count_untold(const struct rst_count *c)
{
	return c->silent + c->lost + c->filtered;
}

void totals_counts(struct totals *t, const struct count_row *counts, int n,
		   const struct source_meta *meta)
{
	t->counts = counts;
	t->n_counts = n;
	t->meta = meta;
	for (int i = 0; i < t->n_counts; i++) {
		const struct rst_count *c = &t->counts[i].count;
		const struct rst_count_key *key = &t->counts[i].key;
		bool sent = key->type == EV_SENT_ACTIVE || key->type == EV_SENT_REPLY;
		uint64_t untold = count_untold(c);

		if (t->counts[i].other) {
			t->crowded_silent = c->silent;
			t->doubts.crowded = untold;
			continue;
		}
		t->sent_silent += sent ? c->silent : 0;
		t->received_silent += key->type == EV_RECEIVED ? c->silent : 0;
		if (sent && t->netns)
			netns_totals_untold(t->netns, key->netns, untold,
					    class_explains(key) ? untold : 0);
	}
}

static void add_lost_cpu(struct totals *t, int cpu, uint64_t lost)
{
	int i;

	for (i = 0; i < t->n_lost_cpu && t->lost_cpu[i].cpu != cpu; i++)
		;
	if (i == MAX_LOST_CPUS)
		return;
	if (i == t->n_lost_cpu) {
		t->lost_cpu[i].cpu = cpu;
		t->lost_cpu[i].lost = 0;
		t->n_lost_cpu++;
	}
	t->lost_cpu[i].lost += lost;
}

void totals_lost(struct totals *t, const struct rst_stats *per_cpu, int n_cpu)
{
	int cpu, type;

	for (cpu = 0; cpu < n_cpu; cpu++) {
		const struct rst_stats *st = &per_cpu[cpu];
		uint64_t lost = 0;

		for (type = 0; type < EV_TYPE_MAX; type++)
			lost += st->lost[type];
		for (int fate = 0; fate < FATE_MAX; fate++)
			t->ignored[fate] += st->ignored[fate];
		t->cancelled += st->seen[EV_CANCELLED];
		t->lost += lost;
		t->stackless += st->stackless + st->lost[EV_STACK];
		/* with counts by namespace, lost RSTs are in them as untold, and no doubt remains */
		if (!t->counts)
			t->doubts.lost += st->lost[EV_SENT_ACTIVE] + st->lost[EV_SENT_REPLY];
		if (lost)
			add_lost_cpu(t, cpu, lost);
		/*
		 * A REJECT rule's RSTs do not go through the TCP stack, so OutRsts does not
		 * count them.
		 */
		t->sent += st->seen[EV_SENT_ACTIVE] + st->seen[EV_SENT_REPLY];
		t->sent_filtered += st->filtered[EV_SENT_ACTIVE] + st->filtered[EV_SENT_REPLY];
		t->received_filtered += st->filtered[EV_RECEIVED];
	}
}
