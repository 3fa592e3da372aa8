/* SPDX-License-Identifier: GPL-2.0 */
/* A chain that keeps the records it shows, for the tests of the chain. */
#ifndef CHAIN_BENCH_H
#define CHAIN_BENCH_H

#include "cause/rules.h"
#include "incident/chain.h"
#include "events.h"
#include "test.h"

#define SETTLE_US 300
#define MAX_SHOWN 16

/* A chain and what it showed. */
struct bench {
	struct chain *chain;
	struct incident shown[MAX_SHOWN];
	int n, unmatched, resolved, no_receipts;
	pid_t last_resolved;
};

static inline bool on_incident(void *ctx, const struct incident *inc)
{
	struct bench *b = ctx;

	assert_in_range(b->n, 0, MAX_SHOWN - 1);
	b->shown[b->n++] = *inc;
	return true;
}

static inline void on_no_receipt(void *ctx, const struct incident *inc)
{
	assert_true(inc->victim.seen && !inc->sender.seen && !inc->rev);
	((struct bench *)ctx)->no_receipts++;
}

static inline void on_unmatched(void *ctx, const struct rst_event *ev)
{
	assert_int_equal(ev->type, EV_CALL);
	((struct bench *)ctx)->unmatched++;
}

static inline void on_resolve(void *ctx, struct endpoint *ep)
{
	struct bench *b = ctx;

	assert_true(ep->pid != UNKNOWN);
	b->last_resolved = ep->pid;
	b->resolved++;
	strcpy(ep->exe, "/resolved");
}

static inline struct bench *bench_new(size_t max_kept)
{
	static const struct chain_ops ops = { diagnose, on_incident, on_no_receipt, on_unmatched, on_resolve };
	struct chain_config cfg = { .settle_ns = SETTLE_US * 1000, .max_kept = max_kept };
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->chain = chain_new(&events_meta, &cfg, &ops, b);
	assert_non_null(b->chain);
	return b;
}

static inline int setup(void **state)
{
	*state = bench_new(0);
	return 0;
}

static inline int teardown(void **state)
{
	struct bench *b = *state;

	chain_free(b->chain);
	free(b);
	return 0;
}

static inline void feed(struct bench *b, struct rst_event ev)
{
	assert_int_equal(chain_event(b->chain, &ev), 0);
}

static inline void tick(struct bench *b, uint64_t us)
{
	chain_tick(b->chain, AT_US(us));
}

static inline void finish(struct bench *b)
{
	chain_finish(b->chain);
	assert_true(chain_next(b->chain) == UINT64_MAX);
}

/* Checks that this is the reset of the connection in events.h. */
static inline void is_server_to_client(const struct incident *inc)
{
	assert_int_equal(inc->kind, KIND_ACTIVE);
	assert_int_equal(inc->sender.pid, SERVER_PID);
	assert_int_equal(inc->victim.pid, CLIENT_PID);
	assert_int_equal(inc->sport, SERVER_PORT);
	assert_int_equal(inc->dport, CLIENT_PORT);
	assert_int_equal(inc->rst_seq, RST_SEQ);
}

#define CHAIN_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
