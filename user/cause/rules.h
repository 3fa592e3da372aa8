/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a reset happened: a table of rules, tried in order; the first that
 * matches names the cause. Pure: an incident in, the same incident with
 * cause, cause_text, advice and confidence out.
 *
 * A row also holds what there is to say of its cause; `rsttrace explain`, the
 * manual and docs/causes.md are made from it.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "incident/incident.h"

struct rule {
	const char *cause;	/* the contract's code */
	const char *headline;	/* a few words for the text output and the summary */
	const char *advice;	/* one sentence: what to do */
	bool of_sender;		/* the headline says what the sender did, and lacks it for a subject */
	bool by_end;		/* the end of a process does the same: then look at why it ended */
	bool by_other;		/* who ran as it happened did it, not the owner of the socket */
	const char *wire;	/* what happens on the wire and in the sockets: sentences */
	const char *calls;	/* which call gets which error, and why: sentences */
	const char *source;	/* the kernel's functions and the RFC sections it rests on */
	/* By confidence: the evidence that gives it; NULL: the rule never gives it. */
	const char *why[CERTAIN + 1];
	/* CONFIDENCE_UNSET: does not match. */
	enum confidence (*match)(const struct incident *inc);
	/*
	 * One sentence with this incident's figures in it: buf holds the headline, which stays
	 * where there are none. NULL: the headline says it all.
	 */
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
