/* SPDX-License-Identifier: GPL-2.0 */
#include "top/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "incident/format.h"

#define SHORT_ID 12	/* enough characters of a container's id to find it */

const char *const top_by_names[N_TOP_BY] = {
	[TOP_BY_CAUSE] = "cause", [TOP_BY_SITUATION] = "situation", [TOP_BY_PAIR] = "pair",
	[TOP_BY_PROCESS] = "process", [TOP_BY_PORT] = "port", [TOP_BY_CONTAINER] = "container",
};

/*
 * The server's port. If the roles are not known, the lesser one: clients are given ports from a
 * higher range.
 */
int64_t top_port(const struct incident *inc)
{
	if (inc->sender.role == ROLE_SERVER || inc->victim.role == ROLE_CLIENT)
		return inc->sport;
	if (inc->sender.role == ROLE_CLIENT || inc->victim.role == ROLE_SERVER)
		return inc->dport;
	if (inc->sport == UNKNOWN || inc->dport == UNKNOWN)
		return inc->sport == UNKNOWN ? inc->dport : inc->sport;
	return inc->sport < inc->dport ? inc->sport : inc->dport;
}

/*
 * A server on another host is named by its address, as there are few of them. Clients on other
 * hosts have one name together: they may be very many, and would push everything else out of the
 * table.
 */
static void name_far(char *buf, size_t len, const struct incident *inc, const struct endpoint *ep)
{
	bool sender = ep == &inc->sender;

	if (top_port(inc) != (sender ? inc->sport : inc->dport))
		snprintf(buf, len, "remote clients");
	else
		fmt_addr(buf, len, inc->family, sender ? inc->saddr : inc->daddr);
}

static void name_end(char *buf, size_t len, const struct incident *inc, const struct endpoint *ep)
{
	if (ep->owner == OWNER_KERNEL && ep->local != 0)
		snprintf(buf, len, "kernel");
	else if (*endpoint_name(ep))
		fmt_escape(buf, len, endpoint_name(ep), RST_COMM_LEN);
	else if (ep == &inc->victim && inc->outcome == OUTCOME_NONE)
		snprintf(buf, len, "nobody");
	else if (ep->local == 1)
		snprintf(buf, len, "?");
	else
		name_far(buf, len, inc, ep);
}

void top_process(char buf[TOP_NAME], const struct endpoint *ep)
{
	fmt_escape(buf, TOP_NAME, endpoint_name(ep), RST_COMM_LEN);
}

void top_pair(char buf[TOP_NAME], const struct incident *inc)
{
	char from[TOP_NAME / 2 - 4], to[TOP_NAME / 2 - 4];

	name_end(from, sizeof(from), inc, &inc->sender);
	name_end(to, sizeof(to), inc, &inc->victim);
	snprintf(buf, TOP_NAME, "%s → %s", from, to);
}

/* Where the process of that end lives: in a pod, a container or a unit; empty if in none of these. */
static void name_place(char *buf, size_t len, const struct endpoint *ep)
{
	if (ep->pod[0])
		fmt_escape(buf, len, ep->pod, sizeof(ep->pod));
	else if (ep->container_name[0])
		fmt_escape(buf, len, ep->container_name, sizeof(ep->container_name));
	else if (ep->container[0])
		fmt_escape(buf, len, ep->container, SHORT_ID);
	else
		fmt_escape(buf, len, ep->unit, sizeof(ep->unit));
}

static void add_place(struct top_keys *k, const struct endpoint *ep)
{
	name_place(k->name[k->n], TOP_NAME, ep);
	if (k->name[k->n][0] && (!k->n || strcmp(k->name[0], k->name[1])))
		k->n++;
}

/* Adds the process of that end, if it is on this host and known. */
static void add_process(struct top_keys *k, const struct endpoint *ep)
{
	if (!*endpoint_name(ep))
		return;
	top_process(k->name[k->n], ep);
	if (!k->n || strcmp(k->name[0], k->name[1]))
		k->n++;
}

static void one(struct top_keys *k, const char *name)
{
	snprintf(k->name[0], TOP_NAME, "%s", name);
	k->n = 1;
}

void top_keys(struct top_keys *k, enum top_by by, const struct incident *inc)
{
	k->n = 0;
	switch (by) {
	case TOP_BY_CAUSE:
		one(k, inc->cause ?: "unknown");
		break;
	case TOP_BY_SITUATION:
		one(k, inc->situation ?: "(none named)");
		break;
	case TOP_BY_PAIR:
		top_pair(k->name[0], inc);
		k->n = 1;
		break;
	case TOP_BY_PROCESS:
		add_process(k, &inc->sender);
		add_process(k, &inc->victim);
		if (!k->n) {
			name_end(k->name[0], TOP_NAME, inc, &inc->sender);
			k->n = 1;
		}
		break;
	case TOP_BY_PORT:
		if (top_port(inc) == UNKNOWN)
			one(k, "?");
		else
			k->n = snprintf(k->name[0], TOP_NAME, "%" PRId64, top_port(inc)) > 0;
		break;
	default:
		add_place(k, &inc->sender);
		add_place(k, &inc->victim);
		if (!k->n)
			one(k, "(none)");
		break;
	}
}
