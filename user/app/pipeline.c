/* SPDX-License-Identifier: GPL-2.0 */
#include "app/pipeline.h"

#include <errno.h>
#include <stdlib.h>

#include "account/connections.h"
#include "cause/rules.h"
#include "events/clock_step.h"
#include "events/decode.h"
#include "events/order.h"
#include "events/repeat.h"
#include "events/stacks.h"
#include "incident/chain.h"
#include "incident/lookups.h"

#define KEPT_BACK 4096		/* events that wait for older ones */

struct pipeline {
	struct pipeline_config cfg;
	struct pipeline_ops ops;
	void *ctx;
	struct order *order;
	struct chain *chain;
	struct lookups *lookups;
	struct repeats repeats;
	struct stacks *stacks;
	struct totals totals;
	uint64_t event_ns;
	int err;		/* of a callback that cannot return it */
	bool suffered, hurt, enough;
};

/* ---- called by the chain ---------------------------------------------------------- */

/* Whether a call of a followed process met the reset: it failed, or took it for the end of the stream. */
static bool hurts_followed(const struct filter *f, const struct incident *inc)
{
	for (size_t i = 0; i < incident_n_failures(inc); i++)
		if (!inc->failures[i].on_sender && filter_follows(f, inc->failures[i].pid))
			return true;
	return false;
}

static void note_followed(struct pipeline *p, const struct incident *inc)
{
	const struct filter *f = p->cfg.filter;
	bool hurt = hurts_followed(f, inc);

	p->hurt |= hurt;
	p->suffered |= hurt || (inc->victim.pid != UNKNOWN && filter_follows(f, inc->victim.pid));
}

/* Counts an incident that was not shown so far, if it is not to be shown now. */
static bool hidden(struct pipeline *p, const struct incident *inc)
{
	bool by_rule = inc->rev && suppress_uncount(p->cfg.suppress, inc);
	bool by_filter = inc->rev && !by_rule && p->totals.suppressed;

	if (!filter_incident(p->cfg.filter, inc)) {
		p->totals.suppressed += !by_filter;
		return true;
	}
	p->totals.suppressed -= by_filter;
	return suppress_incident(p->cfg.suppress, inc);
}

static bool on_incident(void *ctx, const struct incident *inc)
{
	struct pipeline *p = ctx;

	netns_totals_incident(p->totals.netns, inc);
	if (pipeline_over(p))
		return false;
	p->totals.received += !inc->rev && inc->victim.seen;
	/* all later revisions of a shown record are shown; of a hidden one, those that pass the filter */
	if (!inc->passed && hidden(p, inc))
		return false;
	note_followed(p, inc);
	p->err = totals_add(&p->totals, inc) ?: p->err;
	sinks_incident(p->cfg.sinks, inc);
	p->enough = p->cfg.count && p->totals.incidents >= (uint64_t)p->cfg.count;
	return true;
}

static void on_no_receipt(void *ctx, const struct incident *inc)
{
	netns_totals_no_receipt(((struct pipeline *)ctx)->totals.netns, inc);
}

static void on_unmatched(void *ctx, const struct rst_event *ev)
{
	(void)ev;
	((struct pipeline *)ctx)->totals.unmatched++;
}

/* Records the answer right after the event that it is for, so that a replay has it in time. */
static void record_lookup(struct pipeline *p, const struct endpoint *ep)
{
	uint64_t answer[LOOKUP_MAX / sizeof(uint64_t)];
	int n = lookups_note(p->lookups, ep, p->event_ns, answer);

	if (n > 0)
		sinks_bytes(p->cfg.sinks, answer, n);
	p->err = n < 0 ? n : p->err;
}

static void on_resolve(void *ctx, struct endpoint *ep)
{
	struct pipeline *p = ctx;

	if (p->cfg.replay) {
		lookups_recall(p->lookups, ep, p->event_ns);
		return;
	}
	if (p->ops.resolve)
		p->ops.resolve(p->ctx, ep);
	if (p->ops.resolve && sinks_take_bytes(p->cfg.sinks))
		record_lookup(p, ep);
}

/* ---- events that come in ------------------------------------------------------------ */

/* Counts in a replay what the kernel side counts in a live run. */
static void count_replayed(struct totals *t, const struct rst_event *ev)
{
	t->sent += ev->type == EV_SENT_ACTIVE || ev->type == EV_SENT_REPLY;
	t->ignored[ev->extra.fate] += ev->type == EV_IGNORED;
	t->cancelled += ev->type == EV_CANCELLED;
}

static void show_event(struct pipeline *p, const struct rst_event *ev)
{
	const struct source_meta *meta = p->cfg.meta;

	if (filter_event(p->cfg.filter, ev))
		sinks_event(p->cfg.sinks, ev,
			    ev->flags & EVF_REASON ? source_reason(meta, ev->seg.reason) : NULL);
}

static void tick(struct pipeline *p, uint64_t now_ns)
{
	chain_tick(p->chain, now_ns);
	sinks_tick(p->cfg.sinks, now_ns);
}

/* Forks are told of followed processes only, so the parent is one, even if its own event was lost. */
static int take_process(struct filter *f, const struct rst_event *ev)
{
	if (ev->type == EV_FORK)
		return filter_follow(f, ev->task.pid) ?: filter_follow(f, ev->child);
	if (ev->type == EV_EXIT)
		filter_ended(f, ev->task.pid, ev->time_ns);
	return 0;
}

static int take(struct pipeline *p, const struct rst_event *ev)
{
	struct filter *f = p->cfg.filter;
	int err;

	if (repeats_find(&p->repeats, ev))
		return 0;
	p->totals.events++;
	p->event_ns = ev->time_ns;
	err = netns_totals_event(p->totals.netns, ev);
	if (err)
		return err;
	if (p->cfg.replay) {
		count_replayed(&p->totals, ev);
		tick(p, ev->time_ns);
	}
	if (f->follow)
		err = take_process(f, ev);
	if (p->cfg.events && !pipeline_over(p))
		show_event(p, ev);
	return err ?: chain_event(p->chain, ev) ?: p->err;
}

static int take_gap(struct pipeline *p, const struct rst_event *ev)
{
	p->totals.events++;
	if (p->cfg.events)
		show_event(p, ev);
	return chain_event(p->chain, ev);
}

/*
 * Takes events until that time, and later ones as long as no older event can come any more. A live run
 * that has shown enough takes them all the same, as the kernel's counters have them.
 */
static int take_until(struct pipeline *p, uint64_t until_ns)
{
	struct rst_event ev;
	int err = 0;

	while (!err && !(p->cfg.replay && pipeline_over(p)) && order_pop(p->order, until_ns, &ev))
		err = take(p, &ev);
	return err;
}

int pipeline_bytes(void *pipeline, const void *data, size_t size)
{
	struct pipeline *p = pipeline;
	struct rst_event ev;
	struct clock_step step;
	int err = lookups_bytes(p->lookups, data, size);

	if (!err)
		return 0;
	if (err == -ENOENT)
		err = stacks_bytes(p->stacks, data, size);
	if (err == -ENOENT && clock_step_read(&step, data, size))
		err = take_until(p, step.head.time_ns);		/* with the time of day that they had */
	if (!err) {
		sinks_bytes(p->cfg.sinks, data, size);
		return 0;
	}
	if (err == -ENOENT)
		err = decode(&ev, data, size);
	if (err)
		return err == -ENOTSUP ? 0 : err == -ENOMEM ? err : -EPROTO;
	if (ev.type == EV_MODULE) {
		if (p->ops.module)
			p->ops.module(p->ctx);
		return 0;
	}
	if (ev.type == EV_STACK)	/* stacks without names are of no use */
		return 0;
	/* first the events that need not wait: their look-ups are recorded before this event */
	err = take_until(p, 0);
	sinks_bytes(p->cfg.sinks, data, size);
	stacks_give(p->stacks, &ev);
	/* a gap does not wait for its turn: records shown from now on have to consider it */
	if (!err)
		err = ev.type == EV_GAP ? take_gap(p, &ev) : order_push(p->order, &ev);
	return err ?: pipeline_over(p);
}

/* ---- called from outside ------------------------------------------------------------- */

struct pipeline *pipeline_new(const struct pipeline_config *cfg, const struct pipeline_ops *ops, void *ctx)
{
	static const struct chain_ops chain_ops = {
		.diagnose = diagnose, .incident = on_incident, .no_receipt = on_no_receipt,
		.unmatched = on_unmatched, .resolve = on_resolve,
	};
	const struct chain_config chain_cfg = { .settle_ns = cfg->settle_ns };
	struct pipeline *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->cfg = *cfg;
	p->ops = *ops;
	p->ctx = ctx;
	p->totals.netns = netns_totals_new();
	p->totals.rules = cfg->suppress ? &cfg->suppress->counts : NULL;
	p->order = order_new(KEPT_BACK);
	p->stacks = stacks_new();
	p->chain = chain_new(cfg->meta, &chain_cfg, &chain_ops, p);
	p->lookups = lookups_new();
	if (cfg->verdict)
		p->totals.connections = connections_new();
	if ((!cfg->verdict || p->totals.connections) && p->totals.netns && p->order && p->chain && p->lookups && p->stacks)
		return p;
	pipeline_free(p);
	return NULL;
}

void pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	chain_free(p->chain);
	lookups_free(p->lookups);
	order_free(p->order);
	stacks_free(p->stacks);
	netns_totals_free(p->totals.netns);
	connections_free(p->totals.connections);
	free(p);
}

int pipeline_tick(struct pipeline *p, uint64_t now_ns)
{
	int err = take_until(p, now_ns);

	tick(p, now_ns);
	return err;
}

uint64_t pipeline_next(const struct pipeline *p)
{
	uint64_t chain = chain_next(p->chain), sinks = sinks_next(p->cfg.sinks);

	if (order_holds(p->order))
		return 0;
	return chain < sinks ? chain : sinks;
}

uint64_t pipeline_event_ns(const struct pipeline *p)
{
	return p->event_ns;
}

int pipeline_finish(struct pipeline *p)
{
	int err = take_until(p, ORDER_ALL);

	chain_finish(p->chain);
	p->totals.stackless += stacks_left_out(p->stacks);
	return err;
}

bool pipeline_over(const struct pipeline *p)
{
	return p->enough || p->cfg.sinks->err;
}

bool pipeline_suffered(const struct pipeline *p)
{
	return p->suffered;
}

bool pipeline_hurt(const struct pipeline *p)
{
	return p->hurt;
}

struct totals *pipeline_totals(struct pipeline *p)
{
	return &p->totals;
}

void pipeline_uncount(const struct pipeline *p, struct rst_stats *st)
{
	repeats_uncount(&p->repeats, st);
}
