/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/trail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 1024
#define WAYS 4

/*
 * Two times within this are of the same end of a connection: the two hooks that tell of one end are
 * far less apart, two resets of one connection far more.
 */
#define SAME_END_US 100000

struct step {
	char id[sizeof(((struct incident *)0)->id)];
	uint64_t mono_ns;
	int64_t rst_seq;
	uint32_t netns;
	enum kind kind;
	bool sent;			/* its sending was seen */
	uint8_t family, saddr[16], daddr[16];
	int64_t sport, dport;
	int64_t pid;			/* of the victim */
	enum rst_role role;		/* ... the victim's */
	bool followed;			/* another incident of the victim's process follows this one */
};

/* Those whose keys have the same hash; the oldest is replaced. */
struct ring {
	struct step step[WAYS];
	unsigned int next;
};

struct trail {
	struct ring by_seq[SLOTS], by_flow[SLOTS], by_pid[SLOTS];
};

struct trail *trail_new(void)
{
	return calloc(1, sizeof(struct trail));
}

void trail_free(struct trail *t)
{
	free(t);
}

static uint64_t mixed(uint64_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

static uint64_t end_hash(const uint8_t addr[16], int64_t port)
{
	return mixed(mixed(0xcbf29ce484222325ULL, addr, 16), &port, sizeof(port));
}

/* Both directions of a flow have the same slot. */
static size_t flow_slot(const struct step *s)
{
	uint64_t h = end_hash(s->saddr, s->sport) ^ end_hash(s->daddr, s->dport);

	return (mixed(h, &s->netns, sizeof(s->netns)) >> 20) % SLOTS;
}

static size_t seq_slot(int64_t seq)
{
	return (mixed(0xcbf29ce484222325ULL, &seq, sizeof(seq)) >> 20) % SLOTS;
}

static size_t pid_slot(int64_t pid)
{
	return (size_t)pid % SLOTS;
}

static void step_of(struct step *s, const struct incident *inc)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->id, inc->id, sizeof(s->id));
	s->mono_ns = inc->mono_ns;
	s->rst_seq = inc->rst_seq;
	s->kind = inc->kind;
	s->sent = inc->sender.seen;
	s->family = inc->family;
	memcpy(s->saddr, inc->saddr, sizeof(s->saddr));
	memcpy(s->daddr, inc->daddr, sizeof(s->daddr));
	s->sport = inc->sport;
	s->dport = inc->dport;
	s->pid = inc->victim.pid;
	s->role = inc->victim.role;
}

static bool same_end(const uint8_t a[16], int64_t aport, const uint8_t b[16], int64_t bport)
{
	return aport == bport && !memcmp(a, b, 16);
}

/* In either direction. */
static bool same_connection(const struct step *a, const struct step *b)
{
	return a->family == b->family && a->netns == b->netns &&
	       ((same_end(a->saddr, a->sport, b->saddr, b->sport) &&
		 same_end(a->daddr, a->dport, b->daddr, b->dport)) ||
		(same_end(a->saddr, a->sport, b->daddr, b->dport) &&
		 same_end(a->daddr, a->dport, b->saddr, b->sport)));
}

static bool same_number(const struct step *a, const struct step *b)
{
	return a->rst_seq == b->rst_seq;
}

static bool same_incident(const struct step *a, const struct step *b)
{
	return !strcmp(a->id, b->id);
}

typedef bool (*same_fn)(const struct step *a, const struct step *b);

/* The step that has this key, or NULL. */
static struct step *find(struct ring *r, const struct step *key, same_fn same)
{
	for (int i = 0; i < WAYS; i++)
		if (r->step[i].id[0] && same(&r->step[i], key))
			return &r->step[i];
	return NULL;
}

static void note(struct ring *r, struct step s, same_fn same)
{
	struct step *old = find(r, &s, same);

	s.followed = old && old->followed;
	*(old ?: &r->step[r->next++ % WAYS]) = s;
}

static void note_flow(struct trail *t, struct step s, uint32_t netns)
{
	s.netns = netns;
	note(&t->by_flow[flow_slot(&s)], s, same_connection);
}

/*
 * A reset or an error had ended the connection before: later incidents follow that one, not
 * this one.
 */
static bool had_ended(const struct incident *inc)
{
	enum rst_end how = inc->sender.end.how;

	return how == END_RST_SENT || how == END_RST_RECEIVED || how == END_CONNECTING || how == END_FAILED;
}

void trail_note(struct trail *t, const struct incident *inc)
{
	uint32_t sender = inc->sender.netns, victim = inc->victim.netns;
	struct step s;

	step_of(&s, inc);
	if (s.pid != UNKNOWN && s.role != ROLE_UNKNOWN)
		note(&t->by_pid[pid_slot(s.pid)], s, same_incident);
	if (s.rst_seq > 0 && s.kind != KIND_RECEIVED)	/* its addresses are those before any NAT */
		note(&t->by_seq[seq_slot(s.rst_seq)], s, same_number);
	if (inc->kind != KIND_NETFILTER && !inc->listener && !had_ended(inc)) {
		if (sender)
			note_flow(t, s, sender);
		if (victim && victim != sender)
			note_flow(t, s, victim);
	}
}

/*
 * The reset or the error that had ended this connection, at the time that the sender's socket
 * noted, or NULL.
 */
static const struct step *that_ended(struct trail *t, const struct incident *inc)
{
	enum rst_end how = inc->sender.end.how;
	const struct step *s;
	struct step self;
	int64_t before;

	if ((how != END_RST_SENT && how != END_RST_RECEIVED && how != END_FAILED) ||
	    inc->sender.end.ago_us == UNKNOWN)
		return NULL;
	step_of(&self, inc);
	self.netns = inc->sender.netns;
	s = find(&t->by_flow[flow_slot(&self)], &self, same_connection);
	if (!s || same_incident(s, &self))
		return NULL;
	before = ((int64_t)inc->mono_ns - (int64_t)s->mono_ns) / 1000 - inc->sender.end.ago_us;
	return before > -SAME_END_US && before < SAME_END_US ? s : NULL;
}

/* The record of this RST's sending, if NAT translated one of its addresses on the way, or NULL. */
static const struct step *translated(struct trail *t, const struct step *got, uint64_t window_ns)
{
	const struct step *s = find(&t->by_seq[seq_slot(got->rst_seq)], got, same_number);
	bool from, to;

	if (!s || got->kind != KIND_RECEIVED || got->rst_seq <= 0 || same_incident(s, got) ||
	    s->family != got->family)
		return NULL;
	from = same_end(s->saddr, s->sport, got->saddr, got->sport);
	to = same_end(s->daddr, s->dport, got->daddr, got->dport);
	if (from == to || (got->mono_ns > s->mono_ns ? got->mono_ns - s->mono_ns :
						       s->mono_ns - got->mono_ns) > window_ns)
		return NULL;
	return s;
}

/* Whether the reset that came to inc's sender, and had ended its connection, was seen being sent. */
static bool was_sent_here(struct trail *t, const struct step *reset, const struct incident *inc,
			  uint64_t window_ns)
{
	return same_end(reset->daddr, reset->dport, inc->saddr, inc->sport) &&
	       (reset->sent || translated(t, reset, window_ns));
}

/*
 * The reset that a proxy passes on: its process was the victim of it on another connection,
 * as server there and client here, or the reverse. NULL if none fits, or more than one.
 */
static struct step *passed_on(struct trail *t, const struct incident *inc, uint64_t window_ns)
{
	const struct endpoint *ep = &inc->sender;
	uint64_t at = inc->mono_ns;
	struct step *found = NULL;
	struct ring *ring;

	if (ep->pid == UNKNOWN || ep->role == ROLE_UNKNOWN)
		return NULL;
	if (ep->closed_us != UNKNOWN && (uint64_t)ep->closed_us * 1000 < at)
		at -= (uint64_t)ep->closed_us * 1000;	/* the process acted when it closed */
	ring = &t->by_pid[pid_slot(ep->pid)];
	for (int i = 0; i < WAYS; i++) {
		struct step *s = &ring->step[i];

		if (!s->id[0] || !strcmp(s->id, inc->id) || s->pid != ep->pid || s->role == ep->role ||
		    s->followed || s->mono_ns > at || at - s->mono_ns > window_ns)
			continue;
		if (found)
			return NULL;
		found = s;
	}
	return found;
}

void trail_follow(struct trail *t, struct incident *inc, uint64_t window_ns, bool all_seen)
{
	const struct step *s;
	struct step *passed, self;

	if (inc->follows[0])
		return;
	s = that_ended(t, inc);
	inc->earlier_sent = s && was_sent_here(t, s, inc, window_ns);
	if (!s) {
		step_of(&self, inc);
		s = translated(t, &self, window_ns);
		inc->translated = s;
	}
	if (!s && all_seen) {
		s = passed = passed_on(t, inc, window_ns);
		inc->passed_on = passed;
		if (passed)
			passed->followed = true;
	}
	if (s)
		memcpy(inc->follows, s->id, sizeof(inc->follows));
}
