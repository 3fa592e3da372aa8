/* SPDX-License-Identifier: GPL-2.0 */
#include "account/connections.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* A connection's two ends, in the same order for either direction. */
struct flow {
	uint8_t addr[2][16];
	int64_t port[2];
};

struct connection {
	struct flow flow;
	uint64_t sock[2];	/* the ends' sockets, by number; 0: not known */
	uint64_t first;		/* the incident that it is counted by */
	int group;
	bool hurt, hurt_since;	/* a call met that incident; a call met a later one */
	UT_hash_handle hh;
};

/* The namespace that all connections have one side in (all clients, or all servers). */
struct side {
	uint32_t netns;		/* 0: not one, or not known */
	uint64_t oldest_ns;
};

enum { CLIENTS, SERVERS, N_SIDES };

struct connections {
	struct connection *by_flow;
	struct conn_group group[MAX_GROUPS];
	int n_groups;
	uint64_t count;
	bool more;
	struct side side[N_SIDES];
};

struct connections *connections_new(void)
{
	return calloc(1, sizeof(struct connections));
}

void connections_free(struct connections *c)
{
	struct connection *k, *tmp;

	if (!c)
		return;
	HASH_ITER(hh, c->by_flow, k, tmp) {
		HASH_DEL(c->by_flow, k);
		free(k);
	}
	free(c);
}

static void connection_of(struct connection *k, const struct incident *inc)
{
	int order = memcmp(inc->saddr, inc->daddr, 16);
	int s = order > 0 || (!order && inc->sport > inc->dport);

	memset(k, 0, sizeof(*k));
	memcpy(k->flow.addr[s], inc->saddr, 16);
	memcpy(k->flow.addr[!s], inc->daddr, 16);
	k->flow.port[s] = inc->sport;
	k->flow.port[!s] = inc->dport;
	k->sock[s] = inc->sender.sock_id;
	k->sock[!s] = inc->victim.sock_id;
	k->first = incident_number(inc);
}

/* Addresses and ports are used again: another socket is another connection. */
static bool is_same(const struct connection *a, const struct connection *b)
{
	for (int i = 0; i < 2; i++)
		if (a->sock[i] && b->sock[i] && a->sock[i] != b->sock[i])
			return false;
	return true;
}

static enum fate_verb verb_of(const struct incident *inc)
{
	/* of a client on another host only its request is known, here that it was refused */
	if (incident_left_error(inc) == ECONNREFUSED || (inc->cause && !strcmp(inc->cause, "closed-port")))
		return WAS_REFUSED;
	return inc->kind == KIND_TIMEOUT ? WAS_GIVEN_UP : WAS_RESET;
}

static bool same_code(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static int group_of(struct connections *c, const struct incident *inc)
{
	struct conn_group g = { .verb = verb_of(inc), .cause = inc->cause ? inc->cause : "unknown",
				.situation = inc->situation };
	int i;

	if (inc->sender.role_guess != 1)
		g.role = inc->sender.role;
	memcpy(g.sender, endpoint_name(&inc->sender), RST_COMM_LEN);
	for (i = 0; i < c->n_groups; i++) {
		const struct conn_group *o = &c->group[i];

		if (o->verb == g.verb && same_code(o->cause, g.cause) && same_code(o->situation, g.situation) &&
		    o->role == g.role && !strncmp(o->sender, g.sender, RST_COMM_LEN))
			return i;
	}
	if (i == MAX_FATES) {
		c->group[MAX_FATES + g.verb].verb = g.verb;
		return MAX_FATES + g.verb;
	}
	c->group[i] = g;
	return c->n_groups++;
}

/*
 * Adds an end to its side. The side's namespace becomes unknown if the end's namespace or age is not
 * known, or if the end is in another namespace than those before.
 */
static void look_at_end(struct side *side, const struct incident *inc, enum rst_role role, bool first)
{
	const struct endpoint *ep = inc->sender.role == role ? &inc->sender :
				    inc->victim.role == role ? &inc->victim : NULL;
	uint64_t age_ns;

	if (!ep || ep->local != 1 || ep->age_us == UNKNOWN || (!first && ep->netns != side->netns)) {
		side->netns = 0;
		return;
	}
	age_ns = (uint64_t)ep->age_us * 1000;
	age_ns = age_ns < inc->mono_ns ? inc->mono_ns - age_ns : 0;
	if (first || age_ns < side->oldest_ns)
		side->oldest_ns = age_ns;
	side->netns = ep->netns;
}

static void count_in(struct connections *c, const struct connection *k)
{
	c->group[k->group].count++;
	c->group[k->group].hurt += k->hurt || k->hurt_since;
}

static void count_out(struct connections *c, const struct connection *k)
{
	c->group[k->group].count--;
	c->group[k->group].hurt -= k->hurt || k->hurt_since;
}

/* One more record of a connection that is counted. */
static void update(struct connections *c, struct connection *old, const struct connection *k,
		   const struct incident *inc)
{
	for (int i = 0; i < 2; i++)
		old->sock[i] = old->sock[i] ?: k->sock[i];
	count_out(c, old);
	if (old->first == k->first) {
		old->group = group_of(c, inc);
		old->hurt = outcome_hurts(inc->outcome);
	} else {
		old->hurt_since |= outcome_hurts(inc->outcome);
	}
	count_in(c, old);
}

/* False for a reply to a segment of no connection, or of one that had closed in order. */
static bool ends_one(const struct incident *inc)
{
	return inc->kind != KIND_REPLY || inc->outcome != OUTCOME_NONE;
}

int connections_add(struct connections *c, const struct incident *inc)
{
	struct connection k, *old, *new;

	/* another record has the same connection as it was before a NAT */
	if (inc->translated || !ends_one(inc))
		return 0;
	connection_of(&k, inc);
	HASH_FIND(hh, c->by_flow, &k.flow, sizeof(k.flow), old);
	if (old && is_same(old, &k)) {
		update(c, old, &k, inc);
		return 0;
	}
	if (inc->passed)	/* a revision: its connection's entry has been replaced by another's */
		return 0;
	if (c->count == MAX_CONNECTIONS) {
		c->more = true;
		return 0;
	}
	if (old) {
		HASH_DEL(c->by_flow, old);
		free(old);
	}
	new = malloc(sizeof(*new));
	if (!new)
		return -ENOMEM;
	*new = k;
	HASH_ADD(hh, c->by_flow, flow, sizeof(new->flow), new);
	look_at_end(&c->side[CLIENTS], inc, ROLE_CLIENT, !c->count);
	look_at_end(&c->side[SERVERS], inc, ROLE_SERVER, !c->count);
	c->count++;
	new->group = group_of(c, inc);
	new->hurt = outcome_hurts(inc->outcome);
	count_in(c, new);
	return 0;
}

uint64_t connections_count(const struct connections *c, bool *more)
{
	*more = c->more;
	return c->count;
}

const struct conn_group *connections_groups(const struct connections *c, int *n)
{
	*n = MAX_GROUPS;
	return c->group;
}

int connections_all(const struct connections *c, const struct netns_totals *t, uint64_t *n)
{
	static const enum counter counters[] = { [CLIENTS] = CTR_ACTIVE_OPENS, [SERVERS] = CTR_PASSIVE_OPENS };

	for (int i = 0; t && i < N_SIDES; i++) {
		const struct netns_row *row = c->side[i].netns ? netns_totals_find(t, c->side[i].netns) : NULL;

		if (!row || row->state != NETNS_COMPARED || !row->at_start || !row->growth.known[counters[i]] ||
		    c->side[i].oldest_ns < row->begin_ns || row->growth.value[counters[i]] < c->count)
			continue;
		*n = row->growth.value[counters[i]];
		return counters[i];
	}
	return -1;
}
