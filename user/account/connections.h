/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connections that were reset or timed out in a run, each counted once, however many records
 * tell of it: both ends may reset it, and segments that were under way provoke further resets. The
 * newest revision of a connection's first record says what it is counted under. Pure.
 */
#ifndef CONNECTIONS_H
#define CONNECTIONS_H

#include "account/netns_totals.h"
#include "incident/incident.h"

#define MAX_CONNECTIONS 100000	/* beyond it the summary says only that there were more */
#define MAX_FATES 64		/* kinds; all others are counted together, by their verb */

enum fate_verb { WAS_REFUSED, WAS_RESET, WAS_GIVEN_UP, FATE_VERBS };

#define MAX_GROUPS (MAX_FATES + FATE_VERBS)

/* Connections alike in what became of them, why, and who did it. */
struct conn_group {
	enum fate_verb verb;
	const char *cause, *situation;	/* codes; .situation may be NULL; both NULL: all other kinds */
	enum rst_role role;		/* the sender's */
	char sender[RST_COMM_LEN];	/* its process; "": not known */
	uint64_t count, hurt;		/* .hurt: a call met it */
};

struct connections;

/* NULL when out of memory. */
struct connections *connections_new(void);
void connections_free(struct connections *c);	/* NULL is allowed */

/* Every record that is shown, and its later revisions. 0 or -ENOMEM. */
int connections_add(struct connections *c, const struct incident *inc);

/* How many there were, and whether some found no room. */
uint64_t connections_count(const struct connections *c, bool *more);

/* The kinds, in the order in which they first came; *n says how many. Some may count none. */
const struct conn_group *connections_groups(const struct connections *c, int *n);

/*
 * How many connections the kernel counted over the same time, in *n. Returns the counter that says
 * so: ActiveOpens if all connections counted here were opened from one network namespace,
 * PassiveOpens if all were accepted in one, after its first reading. -1: neither is so.
 */
int connections_all(const struct connections *c, const struct netns_totals *t, uint64_t *n);

#endif
