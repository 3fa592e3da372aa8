/* SPDX-License-Identifier: GPL-2.0 */
#include "output/verdict.h"

#include <inttypes.h>
#include <stdlib.h>

#include "account/connections.h"
#include "cause/rules.h"
#include "cause/situations.h"
#include "incident/format.h"

#define REASONS_SHOWN 5

/* What the sentences of the verdict are made from. */
struct told {
	const struct conn_group *group[MAX_GROUPS];	/* those with a count above 0, largest first */
	int n_groups;
	uint64_t n, hurt, of_verb[FATE_VERBS];
	int n_verbs;
	enum fate_verb verb;		/* of the first group */
};

static const char *const verbs[] = {
	[WAS_REFUSED] = "refused", [WAS_RESET] = "reset", [WAS_GIVEN_UP] = "given up",
};

static int most_first(const void *a, const void *b)
{
	const struct conn_group *x = *(const struct conn_group *const *)a, *y = *(const struct conn_group *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x < y ? -1 : x > y;
}

static void gather(struct told *told, const struct connections *c)
{
	int n;
	const struct conn_group *g = connections_groups(c, &n);

	*told = (struct told){ 0 };
	for (int i = 0; i < n; i++) {
		if (!g[i].count)
			continue;
		told->group[told->n_groups++] = &g[i];
		told->n += g[i].count;
		told->hurt += g[i].hurt;
		told->n_verbs += !told->of_verb[g[i].verb];
		told->of_verb[g[i].verb] += g[i].count;
	}
	qsort(told->group, told->n_groups, sizeof(told->group[0]), most_first);
	told->verb = told->n_groups ? told->group[0]->verb : WAS_RESET;
}

static const char *was(uint64_t n)
{
	return n == 1 ? "was" : "were";
}

/* "early_close, the server", "the server", "early_close"; false: nothing is known. */
static bool put_who(FILE *out, const struct conn_group *g, const char *before)
{
	const char *role = g->role == ROLE_SERVER ? "the server" : g->role == ROLE_CLIENT ? "the client" : NULL;
	char name[4 * RST_COMM_LEN + 1];

	if (!role && !g->sender[0])
		return false;
	fputs(before, out);
	if (g->sender[0])
		fputs(fmt_escape(name, sizeof(name), g->sender, RST_COMM_LEN), out);
	if (role)
		fprintf(out, "%s%s", g->sender[0] ? ", " : "", role);
	return true;
}

/* The cause as a clause with its subject, and in brackets the sender and the situation. */
static void put_reason(FILE *out, const struct conn_group *g, bool situation)
{
	const struct rule *rule = g->cause ? rule_find(g->cause) : NULL;
	const char *sep = " (";

	if (!g->cause) {
		fputs("other reasons, which the table has.\n", out);
		return;
	}
	if (rule && rule->of_sender) {
		if (!put_who(out, g, ""))
			fputs("its owner", out);
		fputs(g->role ? g->sender[0] ? ", " : " " : " ", out);
	}
	fputs(rule ? rule->headline : g->cause, out);
	if (rule && !rule->of_sender && g->sender[0] && put_who(out, g, sep))
		sep = "; ";
	if (situation && g->situation) {
		fprintf(out, "%s%s", sep, g->situation);
		sep = "; ";
	}
	fputs(*sep == ';' ? ").\n" : ".\n", out);
}

static void put_reasons(FILE *out, const struct told *told)
{
	char text[32];
	uint64_t rest = 0;

	for (int i = 0; i < told->n_groups; i++) {
		const struct conn_group *g = told->group[i];

		if (i >= REASONS_SHOWN) {
			rest += g->count;
			continue;
		}
		fprintf(out, "    %s %s %s: ", fmt_count(text, sizeof(text), g->count), was(g->count),
			verbs[g->verb]);
		put_reason(out, g, true);
	}
	if (rest)
		fprintf(out, "    %s for other reasons, which the table has.\n", fmt_count(text, sizeof(text), rest));
}

/* With a single reason there is room for its situation. With several, the table shows those. */
static void put_meaning(FILE *out, const struct conn_group *g)
{
	const struct situation *situation = situation_find(g->situation);

	if (situation)
		fprintf(out, "That is %s: %s.\n", situation->name, situation->headline);
}

/* "At least 40 of 200 connections were reset: …" */
static void put_count(FILE *out, const struct told *told, bool least, uint64_t all)
{
	char n[32], of[32];

	fprintf(out, "%s%s", least ? "At least " : "", fmt_count(n, sizeof(n), told->n));
	if (all)
		fprintf(out, " of %s", fmt_count(of, sizeof(of), all));
	fprintf(out, " connection%s ", (all ? all : told->n) == 1 ? "" : "s");
	if (told->n_verbs > 1)
		fputs("came to a bad end:\n", out);
	else
		fprintf(out, "%s %s:%s", was(told->n), verbs[told->verb], told->n_groups == 1 ? " " : "\n");
	if (told->n_groups == 1) {
		put_reason(out, told->group[0], false);
		put_meaning(out, told->group[0]);
	} else {
		put_reasons(out, told);
	}
}

static void put_hurt(FILE *out, const struct told *told)
{
	char text[32];

	if (!told->hurt)
		fputs("No call was seen to fail by that.\n", out);
	else if (told->n == 1)
		fputs("A call failed by that, or took it for the end of the data.\n", out);
	else
		fprintf(out, "A call failed by that, or took it for the end of the data, in %s of them.\n",
			told->hurt == told->n ? "each" : fmt_count(text, sizeof(text), told->hurt));
}

/* The kernel counts the connections of all processes; the sentence says so. */
static void put_all(FILE *out, enum counter counter, uint64_t all)
{
	char text[32];

	fprintf(out, "The kernel counted %s connection%s that %s %s meanwhile in that network namespace, by any process "
		"(%s).\n", fmt_count(text, sizeof(text), all), all == 1 ? "" : "s", was(all),
		counter == CTR_ACTIVE_OPENS ? "opened" : "accepted", counter_names[counter]);
}

void verdict_print(FILE *out, const struct totals *t)
{
	struct told told;
	uint64_t all = 0;
	bool more;
	int counter;

	if (!t->connections || !connections_count(t->connections, &more))
		return;
	gather(&told, t->connections);
	counter = connections_all(t->connections, t->netns, &all);
	put_count(out, &told, more || t->lost || t->missed || t->sent_silent || t->received_silent ||
		  t->crowded_silent || t->unfollowed, all);
	put_hurt(out, &told);
	if (counter >= 0)
		put_all(out, counter, all);
}
