/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/chain.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "incident/facts.h"
#include "events/rst_key.h"

#define DEFAULT_KEPT 8192

/* The two come one after the other, on one CPU, which may be taken away in between. */
#define AT_ONCE_NS 50000000ULL

/* A sender that the kernel has taken off its processor inside the hooked function is waited for. */
#define UNSEEN_NS 500000000ULL

struct node {
	struct incident inc;
	struct rst_key key;
	uint64_t victim, sender;	/* sockets: sock_key() */
	uint64_t due_ns;		/* to be shown then; UINT64_MAX: shown, nothing new */
	bool paired;			/* in by_rst */
	bool shown;
	bool waited;			/* UNSEEN_NS are in due_ns */
	bool victim_gone;
	UT_hash_handle hh_rst, hh_victim, hh_sender;
	struct node *prev, *next;	/* by age */
};

struct chain {
	const struct source_meta *meta;
	struct chain_config cfg;
	struct chain_ops ops;
	void *ctx;
	struct node *by_rst, *by_victim, *by_sender;
	struct node *nodes;
	size_t n;
};

struct chain *chain_new(const struct source_meta *meta, const struct chain_config *cfg,
			const struct chain_ops *ops, void *ctx)
{
	struct chain *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->meta = meta;
	c->cfg = *cfg;
	if (!c->cfg.max_kept)
		c->cfg.max_kept = DEFAULT_KEPT;
	c->ops = *ops;
	c->ctx = ctx;
	return c;
}

/* A socket's identity: its id, or its address where it was never tracked. */
static uint64_t sock_key(const struct rst_sock *s)
{
	return s->id ? s->id : s->sk;
}

static void unpair(struct chain *c, struct node *n)
{
	if (n->paired)
		HASH_DELETE(hh_rst, c->by_rst, n);
	n->paired = false;
}

static void forget_victim(struct chain *c, struct node *n)
{
	if (n->victim)
		HASH_DELETE(hh_victim, c->by_victim, n);
	n->victim = 0;
}

static void forget_sender(struct chain *c, struct node *n)
{
	if (n->sender)
		HASH_DELETE(hh_sender, c->by_sender, n);
	n->sender = 0;
}

static void drop(struct chain *c, struct node *n)
{
	unpair(c, n);
	forget_victim(c, n);
	forget_sender(c, n);
	DL_DELETE(c->nodes, n);
	c->n--;
	free(n);
}

void chain_free(struct chain *c)
{
	while (c && c->nodes)
		drop(c, c->nodes);
	free(c);
}

/* A socket that comes again was made anew at the same address: the old one is history. */
static void index_victim(struct chain *c, struct node *n, uint64_t key)
{
	struct node *old;

	HASH_FIND(hh_victim, c->by_victim, &key, sizeof(key), old);
	if (old)
		forget_victim(c, old);
	n->victim = key;
	if (key)
		HASH_ADD(hh_victim, c->by_victim, victim, sizeof(n->victim), n);
}

static void index_sender(struct chain *c, struct node *n, uint64_t key)
{
	struct node *old;

	HASH_FIND(hh_sender, c->by_sender, &key, sizeof(key), old);
	if (old)
		forget_sender(c, old);
	n->sender = key;
	if (key)
		HASH_ADD(hh_sender, c->by_sender, sender, sizeof(n->sender), n);
}

/* The other end's record. One end may not have known that the flow is local. */
static struct node *find_rst(struct chain *c, const struct rst_key *key, uint32_t netns)
{
	struct rst_key other = *key;
	struct node *n;

	HASH_FIND(hh_rst, c->by_rst, key, sizeof(*key), n);
	if (n)
		return n;
	other.netns = key->netns ? 0 : netns;
	HASH_FIND(hh_rst, c->by_rst, &other, sizeof(other), n);
	return n;
}

static void resolve(struct chain *c, struct endpoint *ep)
{
	if (c->ops.resolve && ep->pid != UNKNOWN)
		c->ops.resolve(c->ctx, ep);
}

static void show(struct chain *c, struct node *n)
{
	struct incident *inc = &n->inc;

	/* on the receipt's word: the sender's own event has not come */
	if (inc->unseen && !n->shown)
		resolve(c, &inc->sender);
	inc->outcome = facts_outcome(inc, n->victim_gone);
	c->ops.diagnose(inc);
	n->due_ns = UINT64_MAX;
	c->ops.incident(c->ctx, inc);
	n->shown = true;
	inc->rev++;
}

/* Shown, and nothing can still happen to it. */
static bool is_over(const struct node *n)
{
	return n->shown && n->due_ns == UINT64_MAX && (!n->victim || n->victim_gone) && !n->sender;
}

/* Room for one more: the oldest shown one goes, or the oldest is shown before its time. */
static void make_room(struct chain *c)
{
	struct node *n, *tmp;

	if (c->n < c->cfg.max_kept)
		return;
	DL_FOREACH_SAFE(c->nodes, n, tmp) {
		if (!n->shown)
			continue;
		drop(c, n);
		return;
	}
	show(c, c->nodes);
	drop(c, c->nodes);
}

static struct node *node_new(struct chain *c, const struct rst_event *ev)
{
	struct node *n;

	make_room(c);
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	incident_init(&n->inc);
	snprintf(n->inc.id, sizeof(n->inc.id), "%llx-%x", (unsigned long long)ev->time_ns, ev->cpu);
	n->due_ns = ev->time_ns + c->cfg.settle_ns;
	DL_APPEND(c->nodes, n);
	c->n++;
	return n;
}

static void pair_later(struct chain *c, struct node *n, const struct rst_key *key)
{
	n->key = *key;
	n->paired = true;
	HASH_ADD(hh_rst, c->by_rst, key, sizeof(n->key), n);
}

/*
 * Data for a socket that was shut down for reading: the kernel runs tcp_reset()
 * on its own socket, then answers with a RST. What looked like a RST received
 * there was none (trap 3 of the tracepoint; the function hook knows by itself).
 */
static bool is_receipt(const struct node *n)
{
	return n && n->inc.victim.seen && !n->inc.sender.seen && !n->shown;
}

static void cancel_false_receipt(struct chain *c, const struct rst_event *ev)
{
	uint64_t oldest = ev->time_ns > AT_ONCE_NS ? ev->time_ns - AT_ONCE_NS : 0;
	uint64_t key = sock_key(&ev->sock);
	struct node *n;

	if (!(ev->flags & EVF_SOCK))
		return;
	HASH_FIND(hh_victim, c->by_victim, &key, sizeof(key), n);
	if (is_receipt(n)) {
		drop(c, n);
		return;
	}
	/* an orphan is destroyed, and its number forgotten, before it answers */
	for (n = c->nodes ? c->nodes->prev : NULL; n && n->inc.mono_ns >= oldest;
	     n = n == c->nodes ? NULL : n->prev)
		if (is_receipt(n) && n->inc.victim.sk == ev->sock.sk) {
			drop(c, n);
			return;
		}
}

/*
 * The RST ends the sender's own socket, which its process still holds: data
 * after shutdown, keepalive, ss -K. Its calls will fail as well.
 */
static bool kills_sender(const struct rst_event *ev)
{
	bool closed = ev->sock.state == TCP_CLOSE;

	if (!(ev->flags & EVF_SOCK) || ev->sock.bits & SOCKF_DEAD)
		return false;
	return ev->type == EV_SENT_ACTIVE ? !closed : closed;
}

static void show_again(struct chain *c, struct node *n, uint64_t now_ns)
{
	if (n->shown && n->due_ns == UINT64_MAX)
		n->due_ns = now_ns + c->cfg.settle_ns;
}

/* The record of this RST: the one that the other end began, or a new one. */
static struct node *node_of_rst(struct chain *c, const struct rst_event *ev, bool sent)
{
	struct rst_key key;
	struct node *n;

	rst_key_of(&key, ev, sent);
	n = find_rst(c, &key, ev->flow.netns);
	if (n && !(sent ? n->inc.sender.seen : n->inc.victim.seen)) {
		unpair(c, n);
		show_again(c, n, ev->time_ns);
		return n;
	}
	n = node_new(c, ev);
	/* an older one of the same number waits first, unless it made room just now */
	if (n && !find_rst(c, &key, ev->flow.netns))
		pair_later(c, n, &key);
	return n;
}

static struct node *take_sent(struct chain *c, const struct rst_event *ev)
{
	struct node *n = node_of_rst(c, ev, true);

	if (!n)
		return NULL;
	facts_sent(&n->inc, ev, c->meta);
	if (kills_sender(ev))	/* by itself MPTCP ends the connection above as well */
		index_sender(c, n, n->inc.by_kernel && ev->extra.msk ? ev->extra.msk :
								       sock_key(&ev->sock));
	resolve(c, &n->inc.sender);
	return n;
}

static int on_sent(struct chain *c, const struct rst_event *ev)
{
	if (ev->type == EV_SENT_REPLY)
		cancel_false_receipt(c, ev);
	return take_sent(c, ev) ? 0 : -ENOMEM;
}

static int on_received(struct chain *c, const struct rst_event *ev)
{
	struct node *n;

	if (ev->flags & EVF_NO_RST)
		return 0;
	n = node_of_rst(c, ev, false);
	if (!n)
		return -ENOMEM;
	facts_received(&n->inc, ev, c->meta);
	/* the process holds the MPTCP socket above and knows nothing of subflows */
	index_victim(c, n, ev->extra.msk ? ev->extra.msk : sock_key(&ev->sock));
	resolve(c, &n->inc.victim);
	return 0;
}

static int on_aborted(struct chain *c, const struct rst_event *ev)
{
	uint64_t key = sock_key(&ev->sock);
	struct rst_event sent;
	struct node *n;

	/* keepalive and tcp_abort() sent a RST first: that is the record */
	HASH_FIND(hh_sender, c->by_sender, &key, sizeof(key), n);
	if (n)
		return 0;
	if (facts_keepalive(ev, &sent)) {
		n = take_sent(c, &sent);
		if (n)
			n->inc.unseen = true;
		return n ? 0 : -ENOMEM;
	}
	n = node_new(c, ev);
	if (!n)
		return -ENOMEM;
	facts_aborted(&n->inc, ev, c->meta);
	index_victim(c, n, key);
	resolve(c, &n->inc.victim);
	return 0;
}

static int on_call(struct chain *c, const struct rst_event *ev)
{
	uint64_t key = sock_key(&ev->sock);
	bool on_sender = false;
	struct node *n;

	HASH_FIND(hh_victim, c->by_victim, &key, sizeof(key), n);
	if (!n) {
		HASH_FIND(hh_sender, c->by_sender, &key, sizeof(key), n);
		on_sender = true;
	}
	if (!n) {
		if (!(ev->flags & EVF_EOF))
			c->ops.unmatched(c->ctx, ev);
		return 0;
	}
	facts_call(&n->inc, ev, on_sender);
	if (!on_sender)
		resolve(c, &n->inc.victim);
	show_again(c, n, ev->time_ns);
	return 0;
}

static int on_destroy(struct chain *c, const struct rst_event *ev)
{
	uint64_t key = sock_key(&ev->sock);
	struct node *n;

	HASH_FIND(hh_sender, c->by_sender, &key, sizeof(key), n);
	if (n)
		forget_sender(c, n);
	HASH_FIND(hh_victim, c->by_victim, &key, sizeof(key), n);
	if (!n)
		return 0;
	n->victim_gone = true;
	if (!ev->err)
		facts_taken_unseen(&n->inc);
	forget_victim(c, n);
	if (n->shown && n->inc.outcome != facts_outcome(&n->inc, true))
		n->due_ns = ev->time_ns;
	else if (n->due_ns != UINT64_MAX && !n->sender &&
		 (n->inc.sender.seen || n->inc.kind == KIND_TIMEOUT))
		n->due_ns = ev->time_ns;	/* nothing more can come of it */
	return 0;
}

int chain_event(struct chain *c, const struct rst_event *ev)
{
	switch (ev->type) {
	case EV_SENT_ACTIVE:
	case EV_SENT_REPLY:
	case EV_SENT_NETFILTER:
		return on_sent(c, ev);
	case EV_RECEIVED:
		return on_received(c, ev);
	case EV_ABORTED:
		return on_aborted(c, ev);
	case EV_CALL:
		return on_call(c, ev);
	case EV_DESTROY:
		return on_destroy(c, ev);
	}
	return 0;
}

void chain_tick(struct chain *c, uint64_t now_ns)
{
	struct node *n, *tmp;

	DL_FOREACH_SAFE(c->nodes, n, tmp) {
		if (n->due_ns <= now_ns && n->inc.unseen && !n->waited) {
			n->due_ns += UNSEEN_NS;
			n->waited = true;
		}
		if (n->due_ns <= now_ns)
			show(c, n);
		if (is_over(n))
			drop(c, n);
	}
}

uint64_t chain_next(const struct chain *c)
{
	uint64_t next = UINT64_MAX;
	const struct node *n;

	DL_FOREACH(c->nodes, n)
		if (n->due_ns < next)
			next = n->due_ns;
	return next;
}

void chain_finish(struct chain *c)
{
	chain_tick(c, UINT64_MAX - 1);
}
