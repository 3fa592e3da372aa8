/* SPDX-License-Identifier: GPL-2.0 */
#include "events/repeat.h"

#include <string.h>

/* TCP_RTO_MIN, include/net/tcp.h */
#define SOON_NS 200000000ULL

static bool same_rst(const struct told *a, const struct told *b)
{
	return a->type == b->type && a->tid == b->tid && a->sk == b->sk && a->id == b->id &&
	       !memcmp(&a->key, &b->key, sizeof(a->key));
}

/* Two loads tell one RST twice at most, so each event is matched once. */
static bool told_by_other(struct repeats *r, const struct told *t)
{
	for (int i = 0; i < REPEATS_KEPT; i++) {
		struct told *old = &r->told[i];

		if (old->second == t->second || !same_rst(old, t) ||
		    t->time_ns - old->time_ns >= SOON_NS)
			continue;
		memset(old, 0, sizeof(*old));
		return true;
	}
	return false;
}

bool repeats_find(struct repeats *r, const struct rst_event *ev)
{
	struct told t = {
		.time_ns = ev->time_ns, .sk = ev->sock.sk, .id = ev->sock.id, .type = ev->type,
		.tid = ev->task.tid, .second = ev->flags & EVF_SECOND,
	};

	if (ev->type != EV_SENT_ACTIVE && ev->type != EV_SENT_REPLY && ev->type != EV_RECEIVED)
		return false;
	rst_key_of(&t.key, ev, ev->type != EV_RECEIVED);
	r->second |= t.second;
	if (r->second && told_by_other(r, &t)) {
		r->found[ev->type]++;
		return true;
	}
	r->told[r->next] = t;
	r->next = (r->next + 1) % REPEATS_KEPT;
	return false;
}

void repeats_uncount(const struct repeats *r, struct rst_stats *st)
{
	for (int type = 0; type < EV_TYPE_MAX; type++) {
		st->seen[type] -= r->found[type];
		st->spared -= r->found[type];
	}
}
