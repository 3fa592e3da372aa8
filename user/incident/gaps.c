/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/gaps.h"

#include <netinet/tcp.h>
#include <string.h>

#include "incident/facts.h"

#define RCV_SHUTDOWN 1		/* include/net/sock.h */

/*
 * The reply that shows a receipt to be false follows it on the same CPU. The task may be preempted
 * in between, hardly for longer than this.
 */
#define AT_ONCE_NS 50000000ULL

/* No more time than this passes between a RST's sending and its receipt on the same host. */
#define TRIP_NS 1000000000ULL

#define SENDINGS (1u << EV_SENT_ACTIVE | 1u << EV_SENT_REPLY | 1u << EV_SENT_NETFILTER)
#define RECEIPTS (1u << EV_RECEIVED | 1u << EV_ABORTED)

static void span(struct gap *g, const struct gap *other)
{
	if (other->from_ns < g->from_ns)
		g->from_ns = other->from_ns;
	if (other->to_ns > g->to_ns)
		g->to_ns = other->to_ns;
	g->types |= other->types;
}

void gaps_add(struct gaps *g, const struct rst_event *ev)
{
	struct gap new = { .from_ns = ev->gap.from_ns, .to_ns = ev->time_ns };

	for (int type = 1; type < EV_TYPE_MAX; type++)
		if (ev->gap.lost[type])
			new.types |= 1u << type;
	if (g->n == GAPS_KEPT) {
		span(&g->gap[1], &g->gap[0]);
		memmove(g->gap, g->gap + 1, --g->n * sizeof(g->gap[0]));
	}
	g->gap[g->n++] = new;
}

bool gaps_hide(const struct gaps *g, uint32_t types, uint64_t from_ns, uint64_t to_ns)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->gap[i].types & types && g->gap[i].from_ns <= to_ns && g->gap[i].to_ns >= from_ns)
			return true;
	return false;
}

bool gaps_hide_reset(const struct gaps *g, uint64_t from_ns, uint64_t to_ns)
{
	return gaps_hide(g, SENDINGS | RECEIPTS, from_ns, to_ns);
}

/*
 * Whether a reset had ended the connection before, and its sending is not seen but may be missing.
 */
static bool hide_earlier(const struct gaps *g, const struct incident *inc)
{
	const struct ending *end = &inc->sender.end;
	uint64_t at = inc->mono_ns;

	if (end->how != END_RST_RECEIVED || end->ago_us == UNKNOWN || inc->earlier_sent)
		return false;
	at -= (uint64_t)end->ago_us * 1000 < at ? (uint64_t)end->ago_us * 1000 : at;
	return gaps_hide(g, SENDINGS, at > TRIP_NS ? at - TRIP_NS : 0, at + TRIP_NS);
}

uint8_t gaps_lost(const struct gaps *g, const struct node *n)
{
	const struct incident *inc = &n->inc;
	uint64_t at = inc->mono_ns, gone = n->gone_ns ?: UINT64_MAX;
	uint64_t from = at > TRIP_NS ? at - TRIP_NS : 0, to = at + TRIP_NS;
	uint8_t lost = 0;

	if (!inc->sender.seen && gaps_hide(g, SENDINGS, from, to))
		lost |= LOST_SENDING;
	if ((!inc->victim.seen || inc->kind == KIND_TIMEOUT) && gaps_hide(g, RECEIPTS, from, to))
		lost |= LOST_RECEIPT;
	if (inc->victim.seen && gaps_hide(g, 1u << EV_CALL, at, gone))
		lost |= LOST_CALLS;
	if (inc->victim.seen && !n->gone_ns && gaps_hide(g, 1u << EV_DESTROY, at, gone))
		lost |= LOST_END;
	if (facts_may_be_forged(inc) && gaps_hide(g, 1u << EV_SENT_REPLY | 1u << EV_IGNORED, at, at + WATCH_NS))
		lost |= LOST_LATER;
	if (hide_earlier(g, inc))
		lost |= LOST_EARLIER;
	return lost;
}

bool gaps_doubt_receipt(const struct gaps *g, const struct incident *receipt)
{
	const struct endpoint *ep = &receipt->victim;
	uint64_t at = receipt->mono_ns;

	return receipt->rst_ttl == UNKNOWN && ep->shutdown & RCV_SHUTDOWN &&
	       (ep->tcp_state == TCP_FIN_WAIT1 || ep->tcp_state == TCP_FIN_WAIT2) &&
	       gaps_hide(g, 1u << EV_SENT_REPLY, at, at + AT_ONCE_NS);
}
