/* SPDX-License-Identifier: GPL-2.0 */
#include "report/store.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 65536		/* entries; memory grows by these, so nothing is ever copied */

struct store {
	struct entry **chunk;
	size_t n, max, n_chunks;
	uint32_t *by_id;	/* open addressing: the number of the entry + 1; 0: free */
	size_t slots;		/* a power of two, at least twice the entries */
};

/* What people call the service that a process belongs to. */
static const char *unit_of(const struct endpoint *ep)
{
	return ep->pod[0] ? ep->pod : ep->unit[0] ? ep->unit :
	       ep->container_name[0] ? ep->container_name :
	       ep->container[0] ? ep->container : ep->cgroup;
}

/* Within a range in which differences cannot overflow; an unknown time becomes the epoch. */
static int64_t time_of(const struct incident *inc)
{
	const int64_t max = INT64_MAX / 2;

	return inc->time_ns < 0 ? 0 : inc->time_ns > max ? max : inc->time_ns;
}

void entry_of(struct entry *e, const struct incident *inc, struct strings *strings)
{
	bool kernel = inc->sender.owner == OWNER_KERNEL;

	*e = (struct entry){
		.id = incident_number(inc),
		.time_ns = time_of(inc),
		.seq = inc->rst_seq, .ack = inc->rst_ack,
		.host = strings_put(strings, inc->host),
		.cause = strings_put(strings, inc->cause ?: "unknown"),
		.situation = strings_put(strings, inc->situation ?: ""),
		.sender = strings_put(strings, kernel ? "kernel" : inc->sender.comm),
		.victim = strings_put(strings, inc->victim.comm),
		.sender_unit = strings_put(strings, unit_of(&inc->sender)),
		.victim_unit = strings_put(strings, unit_of(&inc->victim)),
		.sport = inc->sport, .dport = inc->dport,
		.rev = inc->rev < 0 ? 0 : inc->rev > UINT16_MAX ? UINT16_MAX : inc->rev,
		.stands_for = inc->sampled > 1 ? (inc->sampled < UINT32_MAX ? inc->sampled : UINT32_MAX) : 1,
		.family = inc->family, .kind = inc->kind, .outcome = inc->outcome,
		.flags = (inc->sender.seen ? ENTRY_SENT : 0) | (inc->victim.seen ? ENTRY_RECEIVED : 0) |
			 (inc->rst_seq != UNKNOWN ? ENTRY_SEQ : 0) | (inc->rst_ack != UNKNOWN ? ENTRY_ACK : 0) |
			 (inc->sampled > 1 ? ENTRY_SAMPLED : 0) | (kernel ? ENTRY_KERNEL : 0),
	};
	memcpy(e->saddr, inc->saddr, sizeof(e->saddr));
	memcpy(e->daddr, inc->daddr, sizeof(e->daddr));
}

struct store *store_new(size_t max)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->max = max < UINT32_MAX / 2 ? max : UINT32_MAX / 2;
	s->slots = 2 * CHUNK;
	s->by_id = calloc(s->slots, sizeof(*s->by_id));
	s->chunk = calloc(s->max / CHUNK + 1, sizeof(*s->chunk));
	if (s->by_id && s->chunk)
		return s;
	store_free(s);
	return NULL;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_chunks; i++)
		free(s->chunk[i]);
	free(s->chunk);
	free(s->by_id);
	free(s);
}

struct entry *store_at(const struct store *s, size_t i)
{
	return &s->chunk[i / CHUNK][i % CHUNK];
}

size_t store_count(const struct store *s)
{
	return s->n;
}

bool entry_counts(const struct store *s, const struct entry *e)
{
	unsigned int flags = e->flags;

	if (e->partner && !(flags & ENTRY_SENT))
		return false;
	if (e->partner)
		flags |= store_at(s, e->partner - 1)->flags;
	return flags & ENTRY_WANTED;
}

size_t store_bytes(const struct store *s)
{
	return s->n_chunks * CHUNK * sizeof(struct entry) + s->slots * sizeof(*s->by_id);
}

static uint32_t *slot_of(const struct store *s, uint64_t id)
{
	size_t at = id & (s->slots - 1);

	while (s->by_id[at] && store_at(s, s->by_id[at] - 1)->id != id)
		at = (at + 1) & (s->slots - 1);
	return &s->by_id[at];
}

/* Makes room for one more entry and its place in by_id. */
static bool make_room(struct store *s)
{
	uint32_t *more;

	if (s->n == s->max)
		return false;
	if (s->n == s->n_chunks * CHUNK) {
		s->chunk[s->n_chunks] = malloc(CHUNK * sizeof(struct entry));
		if (!s->chunk[s->n_chunks])
			return false;
		s->n_chunks++;
	}
	if (2 * (s->n + 1) <= s->slots)
		return true;
	more = calloc(2 * s->slots, sizeof(*more));
	if (!more)
		return false;
	free(s->by_id);
	s->by_id = more;
	s->slots *= 2;
	for (size_t i = 0; i < s->n; i++)
		*slot_of(s, store_at(s, i)->id) = i + 1;
	return true;
}

uint32_t store_number(const struct store *s, uint64_t id)
{
	return *slot_of(s, id);
}

struct entry *store_find(const struct store *s, uint64_t id)
{
	uint32_t number = store_number(s, id);

	return number ? store_at(s, number - 1) : NULL;
}

enum store_put store_put(struct store *s, const struct entry *e)
{
	uint32_t *slot = slot_of(s, e->id);

	if (*slot) {
		struct entry *old = store_at(s, *slot - 1);

		if (e->rev < old->rev)
			return STORE_OLDER;
		*old = *e;
		return STORE_REPLACED;
	}
	if (!make_room(s))
		return STORE_FULL;
	*store_at(s, s->n) = *e;
	*slot_of(s, e->id) = ++s->n;
	return STORE_NEW;
}
