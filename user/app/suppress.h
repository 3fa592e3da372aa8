/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules for resets that are known to be benign: they are not shown, but counted, by rule. Pure.
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
 * Adds a rule: "situation=probe,port=8080", all of which an incident has to be; a cause or a situation
 * may be given several times, and is then any of these. A rule that is there already counts
 * once. Returns 0, -EINVAL or -ENOMEM.
 */
int suppress_add(struct suppress *s, const char *text);

/* s may be NULL: there are no rules. Whether a rule covers the incident, which is then counted as hidden by the first that does. */
bool suppress_incident(struct suppress *s, const struct incident *inc);

/* Whether an earlier revision was counted as hidden; it no longer is. */
bool suppress_uncount(struct suppress *s, const struct incident *inc);

/* From now on the rules are those of `fresh`, which is emptied. What was counted stays. 0 or -ENOMEM. */
int suppress_replace(struct suppress *s, struct suppress *fresh);

void suppress_free(struct suppress *s);

#endif
