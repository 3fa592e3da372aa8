/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a reset happened: a table of rules, tried in order; the first that
 * matches names the cause. Pure: an incident in, the same incident with
 * cause, cause_text, advice and confidence out.
 */
#ifndef RULES_H
#define RULES_H

#include <stddef.h>

#include "incident.h"

struct rule {
	const char *cause;	/* the contract's code */
	const char *headline;	/* a few words for the text output and the summary */
	const char *advice;	/* one sentence: what to do */
	/* CONFIDENCE_UNSET: does not match. */
	enum confidence (*match)(const struct incident *inc);
	/* One sentence with this incident's figures in it; NULL: the headline says it all. */
	void (*explain)(const struct incident *inc, char *buf, size_t len);
};

/* The table and its length; the last row ("unknown") always matches. */
extern const struct rule rules[];
extern const size_t n_rules;

/* The row of a cause code, or NULL. */
const struct rule *rule_find(const char *cause);

/* Fills cause, cause_text, advice, confidence. */
void diagnose(struct incident *inc);
#endif
