/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules for resets that are known to be benign. These are not shown, but counted, by rule. Pure.
 */
#ifndef SUPPRESS_H
#define SUPPRESS_H

#include "account/totals.h"
#include "app/filter.h"

#define SUPPRESS_KEYS "situation, cause, process, port, lport, rport, addr, cgroup, direction, outcome"

struct hidden_id;

/* Zeroes at first. Rules are never removed, so that what they hid stays counted. */
struct suppress {
	struct rule_counts counts;
	struct filter *filter;		/* one for each row of counts */
	struct hidden_id *hidden;	/* which rule hid an incident that may have later revisions */
};

/*
 * Adds a rule, such as "situation=probe,port=8080". It covers an incident of which all of that is
 * true; of several causes, or several situations, one has to be true. A rule that is there already is
 * not added again. Returns 0, -EINVAL or -ENOMEM.
 */
int suppress_add(struct suppress *s, const char *text);

/*
 * Whether a rule covers the incident, which then counts as hidden by the first such rule. s may be
 * NULL: there are no rules.
 */
bool suppress_incident(struct suppress *s, const struct incident *inc);

/* Takes back the count of an earlier revision that was hidden. Returns whether there was one. */
bool suppress_uncount(struct suppress *s, const struct incident *inc);

/* From now on the rules are those of `fresh`, which is emptied. What was counted stays. 0 or -ENOMEM. */
int suppress_replace(struct suppress *s, struct suppress *fresh);

void suppress_free(struct suppress *s);

#endif
