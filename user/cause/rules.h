/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a reset happened: a table of rules, tried in order; the first that matches names the
 * cause. Pure: it reads an incident and fills in its cause, cause_text, advice and confidence.
 *
 * A row also holds all that is said about its cause: `rsttrace explain`, the manual and
 * docs/causes.md are made from it.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "incident/incident.h"

struct rule {
	const char *cause;	/* the code, as the record has it */
	const char *headline;	/* a few words for the text output and the summary */
	const char *advice;	/* one sentence: what to do */
	bool of_sender;		/* the headline lacks its subject, the sender: "closed with unread data" */
	bool by_end;		/* the end of a process does the same: then the advice is why it ended */
	bool by_other;		/* the running task did it, not the owner of the socket */
	const char *wire;	/* what happens on the wire and in the sockets: sentences */
	const char *calls;	/* which call gets which error, and why: sentences */
	const char *source;	/* the kernel's functions and the RFC sections that say so */
	/* For each confidence, the evidence that gives it; NULL: the rule never gives it. */
	const char *why[CERTAIN + 1];
	/* Returns CONFIDENCE_UNSET when the rule does not match. */
	enum confidence (*match)(const struct incident *inc);
	/*
	 * Writes one sentence with this incident's figures. buf holds the headline, which stays
	 * when there are no figures. NULL: the headline is enough.
	 */
	void (*explain)(const struct incident *inc, char *buf, size_t len);
};

/* The table and its length; the last row ("unknown") always matches. */
extern const struct rule rules[];
extern const size_t n_rules;

/* The first row with this cause code, or NULL. */
const struct rule *rule_find(const char *cause);

/* Fills in cause, cause_text, advice and confidence. */
void diagnose(struct incident *inc);
#endif
