/* SPDX-License-Identifier: GPL-2.0 */
/* Runs the tables: the rules find the cause, then the situations what it means. */
#include <string.h>

#include "base/text.h"
#include "cause/rules.h"
#include "cause/rules_text.h"
#include "cause/situations.h"
#include "incident/exchange.h"

const struct rule *rule_find(const char *cause)
{
	for (size_t i = 0; i < n_rules; i++)
		if (!strcmp(rules[i].cause, cause))
			return &rules[i];
	return NULL;
}

void diagnose(struct incident *inc)
{
	const struct rule *r = rules;
	enum confidence c;

	while (!(c = r->match(inc)))
		r++;
	inc->cause = r->cause;
	inc->confidence = c;
	if (!r->by_other)
		killer_init(&inc->killer);
	if (!r->by_end || !text_killed(inc, inc->advice, sizeof(inc->advice)))
		text_copy(inc->advice, sizeof(inc->advice), r->advice);
	text_copy(inc->cause_text, sizeof(inc->cause_text), r->headline);
	if (r->explain)
		r->explain(inc, inc->cause_text, sizeof(inc->cause_text));
	exchange_conclude(inc);
	situate(inc);
	if (inc->unseen || (inc->kind == KIND_RECEIVED && inc->lost & LOST_SENDING))
		text_unseen(inc);
}
