/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "incident/facts.h"
#include "incident/gaps.h"
#include "incident/halves.h"
#include "incident/kept.h"
#include "incident/trail.h"

#define DEFAULT_KEPT 8192

/* A false receipt and its reply, see is_receipt(), are no further apart, even if preempted in between. */
#define AT_ONCE_NS 50000000ULL

/* The sender may be preempted before its event is written: how long a record waits for it. */
#define UNSEEN_NS 500000000ULL

struct chain {
	const struct source_meta *meta;
	struct chain_config cfg;
	struct chain_ops ops;
	void *ctx;
	struct kept kept;
	struct gaps gaps;
	struct trail *trail;
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
	c->trail = trail_new();
	if (!c->trail || kept_init(&c->kept, c->cfg.max_kept)) {
		trail_free(c->trail);
		free(c);
		return NULL;
	}
	c->ops = *ops;
	c->ctx = ctx;
	return c;
}

/* A socket's identity: its id, or its address where it was never tracked. */
static uint64_t sock_key(const struct rst_sock *s)
{
	return s->id ? s->id : s->sk;
}

void chain_free(struct chain *c)
{
	if (!c)
		return;
	kept_free(&c->kept);
	trail_free(c->trail);
	free(c);
}

/* Shown, and no call can fail of it any more. */
static bool is_over(const struct node *n)
{
	return n->shown && n->due_ns == NOT_DUE && !n->victim && !n->sender;
}

static void drop_if_over(struct chain *c, struct node *n)
{
	if (n && is_over(n))
		kept_drop(&c->kept, n);
}

static void resolve(struct chain *c, struct endpoint *ep)
{
	if (c->ops.resolve && ep->pid != UNKNOWN)
		c->ops.resolve(c->ctx, ep);
}

static void follow(struct chain *c, struct incident *inc)
{
	uint64_t at = inc->mono_ns, window = c->cfg.settle_ns;

	trail_follow(c->trail, inc, window, !gaps_hide_reset(&c->gaps, at > window ? at - window : 0, at));
}

static void show(struct chain *c, struct node *n, uint64_t now_ns)
{
	struct incident *inc = &n->inc;
	unsigned int ends = inc->sender.seen | inc->victim.seen << 1;

	follow(c, inc);
	facts_lost(inc, gaps_lost(&c->gaps, n));

	/* only the receipt tells of this sender, so it was not looked up yet */
	if (inc->unseen && !n->shown)
		resolve(c, &inc->sender);
	inc->was = inc->outcome;
	inc->was_cause = inc->cause;
	inc->was_situation = inc->situation;
	inc->outcome = facts_outcome(inc, n->gone_ns);
	c->ops.diagnose(inc);
	inc->only_outcome = inc->passed && n->shown_ends == ends && inc->cause == inc->was_cause;
	n->watched = facts_may_be_forged(inc);
	kept_due(&c->kept, n, n->watched ? inc->mono_ns + WATCH_NS : NOT_DUE);
	inc->passed |= c->ops.incident(c->ctx, inc);
	n->shown = true;
	n->shown_ns = now_ns;
	n->shown_ends = ends;
	inc->n_told = inc->n_failures;
	inc->rev++;
}

static void take_back(struct chain *c, struct node *n)
{
	if (c->ops.no_receipt)
		c->ops.no_receipt(c->ctx, &n->inc);
	kept_drop(&c->kept, n);
}

/* Room for one more: the one idle for longest goes, or the next due one is shown before its time. */
static void make_room(struct chain *c, uint64_t now_ns)
{
	struct node *n = kept_first_idle(&c->kept);

	if (!kept_full(&c->kept))
		return;
	if (!n) {
		n = kept_first_due(&c->kept);
		if (!n->watched)
			show(c, n, now_ns);
	}
	kept_drop(&c->kept, n);
}

static struct node *node_new(struct chain *c, const struct rst_event *ev)
{
	struct node *n;

	make_room(c, ev->time_ns);
	n = kept_add(&c->kept, ev->time_ns + c->cfg.settle_ns);
	if (n)
		incident_set_id(&n->inc, c->meta->boot, ev);
	return n;
}

/*
 * When data comes for a socket that was shut down for reading, the kernel runs
 * tcp_reset() on that socket although no RST came, then answers with a RST. The
 * tracepoint takes this for a receipt; the function hook knows better by itself.
 */
static bool is_receipt(const struct node *n)
{
	return n && n->inc.kind == KIND_RECEIVED && !n->shown;
}

static void cancel_false_receipt(struct chain *c, const struct rst_event *ev)
{
	uint64_t oldest = ev->time_ns > AT_ONCE_NS ? ev->time_ns - AT_ONCE_NS : 0;
	struct node *n;

	if (!(ev->flags & EVF_SOCK))
		return;
	n = kept_find_victim(&c->kept, sock_key(&ev->sock));
	if (!is_receipt(n)) {
		/* an orphaned socket is destroyed, and its id forgotten, before the kernel replies */
		n = kept_find_receipt(&c->kept, ev->sock.sk);
		if (!is_receipt(n) || n->inc.mono_ns < oldest)
			return;
	}
	take_back(c, n);
}

static void show_again(struct chain *c, struct node *n, uint64_t now_ns)
{
	if (n->due_ns != NOT_DUE && !n->watched)
		return;
	n->watched = false;
	kept_due(&c->kept, n, now_ns + c->cfg.settle_ns);
}

/* The record of this RST: the one that the other end began, or a new one. */
static struct node *node_of_rst(struct chain *c, const struct rst_event *ev, bool sent)
{
	struct node *n = half_of(&c->kept, ev, sent);
	struct rst_key key;

	if (n) {
		kept_unpair(&c->kept, n);
		show_again(c, n, ev->time_ns);
		return n;
	}
	n = node_new(c, ev);
	if (!n)
		return NULL;
	rst_key_of(&key, ev, sent);
	kept_pair(&c->kept, n, &key);
	return n;
}

static struct node *take_sent(struct chain *c, const struct rst_event *ev)
{
	struct node *n = node_of_rst(c, ev, true);

	if (!n)
		return NULL;
	facts_sent(&n->inc, ev, c->meta);
	/* when MPTCP itself resets a subflow, it ends the MPTCP connection above it as well */
	if (facts_kills_sender(&n->inc, ev))
		drop_if_over(c, kept_set_sender(&c->kept, n, n->inc.by_kernel && ev->extra.msk ?
							     ev->extra.msk : sock_key(&ev->sock)));
	resolve(c, &n->inc.sender);
	trail_note(c->trail, &n->inc);
	return n;
}

/* The reset that had ended the connection which ev is of, as long as it is watched. */
static struct node *watched_reset(struct chain *c, const struct rst_event *ev)
{
	struct node *n = ev->sock.id ? kept_find_id(&c->kept, ev->sock.id) : NULL;

	return n && facts_may_be_forged(&n->inc) && ev->time_ns - n->inc.mono_ns <= WATCH_NS ? n : NULL;
}

static int on_sent(struct chain *c, const struct rst_event *ev)
{
	struct node *reset = ev->ending.how == END_RST_RECEIVED ? watched_reset(c, ev) : NULL;

	if (ev->type == EV_SENT_REPLY)
		cancel_false_receipt(c, ev);
	if (reset && facts_peer_goes_on(&reset->inc, ev))
		show_again(c, reset, ev->time_ns);
	return take_sent(c, ev) ? 0 : -ENOMEM;
}

static int on_ignored(struct chain *c, const struct rst_event *ev)
{
	struct node *reset = watched_reset(c, ev);

	if (reset && facts_another_reset(&reset->inc, ev))
		show_again(c, reset, ev->time_ns);
	return 0;
}

/* A RST has arrived: its receipt was seen, or the failed connect shows it. */
static int take_receipt(struct chain *c, struct node *n, const struct rst_event *ev)
{
	if (!n)
		return -ENOMEM;
	facts_received(&n->inc, ev, c->meta);
	/* the process calls on the MPTCP socket, never on a subflow */
	drop_if_over(c, kept_set_victim(&c->kept, n, ev->extra.msk ? ev->extra.msk : sock_key(&ev->sock)));
	kept_set_receipt(&c->kept, n);
	resolve(c, &n->inc.victim);
	trail_note(c->trail, &n->inc);
	return 0;
}

static int on_received(struct chain *c, const struct rst_event *ev)
{
	return ev->flags & EVF_NO_RST ? 0 : take_receipt(c, node_of_rst(c, ev, false), ev);
}

static int on_aborted(struct chain *c, const struct rst_event *ev)
{
	uint64_t key = sock_key(&ev->sock);
	struct rst_event sent;
	struct node *n;

	/* keepalive and tcp_abort() have sent a RST before: it has a record already */
	if (kept_find_sender(&c->kept, key))
		return 0;
	if (facts_keepalive(ev, &sent)) {
		n = take_sent(c, &sent);
		if (n)
			n->inc.unseen = true;
		return n ? 0 : -ENOMEM;
	}
	n = half_refused(&c->kept, ev);
	if (n) {
		kept_unpair(&c->kept, n);
		show_again(c, n, ev->time_ns);
		return take_receipt(c, n, ev);
	}
	n = node_new(c, ev);
	if (!n)
		return -ENOMEM;
	facts_aborted(&n->inc, ev, c->meta);
	drop_if_over(c, kept_set_victim(&c->kept, n, key));
	resolve(c, &n->inc.victim);
	trail_note(c->trail, &n->inc);
	return 0;
}

static int on_call(struct chain *c, const struct rst_event *ev)
{
	uint64_t key = sock_key(&ev->sock);
	bool on_sender = false;
	struct node *n;

	n = kept_find_victim(&c->kept, key);
	if (!n) {
		n = kept_find_sender(&c->kept, key);
		on_sender = true;
	}
	if (!n || facts_other_socket(&n->inc, ev, on_sender)) {
		if (!(ev->flags & EVF_EOF))
			c->ops.unmatched(c->ctx, ev);
		return 0;
	}
	facts_call(&n->inc, ev, on_sender);
	if (!on_sender) {
		resolve(c, &n->inc.victim);
		trail_note(c->trail, &n->inc);
	}
	show_again(c, n, ev->time_ns);
	return 0;
}

static int on_destroy(struct chain *c, const struct rst_event *ev)
{
	uint64_t key = sock_key(&ev->sock), due = ev->time_ns;
	struct node *n;

	n = kept_find_sender(&c->kept, key);
	if (n) {
		kept_forget_sender(&c->kept, n);
		drop_if_over(c, n);
	}
	n = kept_find_victim(&c->kept, key);
	if (!n)
		return 0;
	n->gone_ns = ev->time_ns;
	if (!ev->err && facts_taken_unseen(&n->inc) && !n->inc.calls_unseen)
		due += c->cfg.settle_ns;	/* that its call was lost may still be told */
	kept_forget_victim(&c->kept, n);
	if (n->shown && n->inc.outcome != facts_outcome(&n->inc, true)) {
		n->watched = false;
		kept_due(&c->kept, n, due);
	} else if (n->due_ns != NOT_DUE && !n->sender &&
		   (n->inc.sender.seen || n->inc.kind == KIND_TIMEOUT)) {
		kept_due(&c->kept, n, due);	/* complete: there is nothing else to wait for */
	}
	drop_if_over(c, n);
	return 0;
}

/* Records shown since the gap began may be wrong for want of the missing events. */
static void on_gap(struct chain *c, const struct rst_event *ev)
{
	struct node *n, *before;

	gaps_add(&c->gaps, ev);
	for (n = kept_last_idle(&c->kept); n && n->shown_ns >= ev->gap.from_ns; n = before) {
		before = kept_idle_before(&c->kept, n);
		if (gaps_lost(&c->gaps, n) != n->inc.lost)
			show_again(c, n, ev->time_ns);
	}
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
	case EV_GAP:
		on_gap(c, ev);
		return 0;
	case EV_IGNORED:
		return on_ignored(c, ev);
	}
	return 0;
}

static int by_age(const struct node *a, const struct node *b)
{
	return a->number < b->number ? -1 : a->number > b->number;
}

/* The watch of a reset from elsewhere ends without news. Returns whether to show it once more. */
static bool watch_ends(struct chain *c, struct node *n, uint64_t now_ns)
{
	n->watched = false;
	n->shown_ns = now_ns;	/* the list of idle records is in order of .shown_ns */
	if (gaps_lost(&c->gaps, n) != n->inc.lost)
		return true;
	drop_if_over(c, n);
	return false;
}

void chain_tick(struct chain *c, uint64_t now_ns)
{
	struct node *n, *tmp, *ripe = NULL;

	while ((n = kept_first_due(&c->kept)) && n->due_ns <= now_ns) {
		if (n->inc.unseen && !n->waited) {
			n->waited = true;
			kept_due(&c->kept, n, n->due_ns + UNSEEN_NS);
			continue;
		}
		kept_due(&c->kept, n, NOT_DUE);
		if (n->watched && !watch_ends(c, n, now_ns))
			continue;
		LL_PREPEND2(ripe, n, next_ripe);
	}
	LL_SORT2(ripe, by_age, next_ripe);
	LL_FOREACH_SAFE2(ripe, n, tmp, next_ripe) {
		if (is_receipt(n) && gaps_doubt_receipt(&c->gaps, &n->inc)) {
			take_back(c, n);
			continue;
		}
		show(c, n, now_ns);
		drop_if_over(c, n);
	}
}

uint64_t chain_next(const struct chain *c)
{
	const struct node *n = kept_first_due(&c->kept);

	return n ? n->due_ns : UINT64_MAX;
}

void chain_finish(struct chain *c)
{
	/* a second round ends the watches that the first one began */
	while (chain_next(c) != UINT64_MAX)
		chain_tick(c, UINT64_MAX - 1);
}
