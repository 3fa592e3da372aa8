/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/exchange.h"
#include "incident/facts.h"

#define US_PER_S 1000000ULL

enum { SYN_SENT = 2, SYN_RECV = 3 };	/* include/net/tcp_states.h */

#define TH_SYN 0x02

static int64_t jiffies_us(uint32_t jiffies, unsigned int hz)
{
	return hz ? (int64_t)(jiffies * US_PER_S / hz) : UNKNOWN;
}

static void set_role(struct endpoint *ep, uint8_t role)
{
	uint8_t r = role & ~ROLE_GUESS;

	if (r == ROLE_UNKNOWN || r >= ROLE_MAX)
		return;
	ep->role = r;
	ep->role_guess = role & ROLE_GUESS ? 1 : UNKNOWN;
}

/* How things stood when the connection began to end. Nothing was read after that. */
static void set_ending(struct endpoint *ep, const struct rst_event *ev, unsigned int hz)
{
	const struct rst_ending *x = &ev->ending;

	if (x->how == END_UNKNOWN || x->how >= END_MAX)
		return;
	ep->end.how = x->how;
	set_role(ep, x->role);
	if (x->time_ns && x->time_ns <= ev->time_ns)
		ep->end.ago_us = (ev->time_ns - x->time_ns) / 1000;
	if (x->how == END_RST_RECEIVED)
		ep->end.rst_seq = x->rst_seq;
	if (x->how != END_CLOSED)
		return;
	ep->end.unsent = x->unsent;
	ep->end.heard_us = jiffies_us(x->heard, hz);
	ep->end.said_us = jiffies_us(x->said, hz);
	if (ep->bytes_in == UNKNOWN) {
		ep->bytes_in = x->bytes_in;
		ep->bytes_out = x->bytes_out;
	}
}

/* Silences are measured in ticks, the age by a finer clock: no silence may exceed the age. */
static void clamp_silences(struct endpoint *ep)
{
	int64_t *const silences[] = { &ep->idle_us, &ep->heard_us, &ep->said_us };

	for (size_t i = 0; ep->age_us != UNKNOWN && i < sizeof(silences) / sizeof(silences[0]); i++)
		if (*silences[i] > ep->age_us)
			*silences[i] = ep->age_us;
}

void exchange_of_event(struct endpoint *ep, const struct rst_event *ev, unsigned int hz)
{
	const struct rst_extra *x = &ev->extra;

	set_role(ep, x->role);
	if (x->segs_in || x->segs_out) {
		ep->segs_in = x->segs_in;
		ep->segs_out = x->segs_out;
		ep->data_segs = (int64_t)x->data_segs_in + x->data_segs_out;
	}
	if (x->jiffies && x->lrcvtime)
		ep->said_us = jiffies_us((uint32_t)x->jiffies - x->lsndtime, hz);
	clamp_silences(ep);
	set_ending(ep, ev, hz);
}

static bool in_handshake(const struct endpoint *ep)
{
	return ep->old_state == SYN_SENT || ep->old_state == SYN_RECV;
}

/* Whether the peer itself sent the RST: one that another may have made tells nothing of the peer. */
static bool is_the_peers(const struct incident *inc)
{
	return inc->kind != KIND_NETFILTER && !inc->filtered && !in_handshake(&inc->victim) &&
	       !in_handshake(&inc->sender);
}

static void conclude_role(struct endpoint *ep, const struct endpoint *other)
{
	if (ep->role != ROLE_UNKNOWN || other->role == ROLE_UNKNOWN)
		return;
	ep->role = other->role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
	ep->role_guess = other->role_guess;
}

static enum stage stage_of(const struct incident *inc)
{
	int64_t data = inc->victim.data_segs != UNKNOWN ? inc->victim.data_segs : inc->sender.data_segs;

	if (in_handshake(&inc->victim) || in_handshake(&inc->sender) ||
	    (inc->seg_flags != UNKNOWN && inc->seg_flags & TH_SYN))
		return STAGE_POST_SYN;
	/* without the sending it is not known whether the RST answers a SYN */
	if (data == UNKNOWN || (data == 0 && (inc->unseen || inc->lost & LOST_SENDING)))
		return STAGE_UNKNOWN;
	return data == 0 ? STAGE_POST_ACK : data == 1 ? STAGE_POST_DATA : STAGE_LATER;
}

void exchange_conclude(struct incident *inc)
{
	inc->stage = stage_of(inc);
	if (!is_the_peers(inc))
		return;
	conclude_role(&inc->sender, &inc->victim);
	conclude_role(&inc->victim, &inc->sender);
}

bool facts_may_be_forged(const struct incident *inc)
{
	return inc->kind == KIND_RECEIVED && !inc->loopback && !inc->sender.seen &&
	       inc->victim.sock_id && inc->rst_seq != UNKNOWN && !in_handshake(&inc->victim);
}

static bool is_beyond(const struct incident *inc, uint32_t seq)
{
	return (int32_t)(seq - (uint32_t)inc->rst_seq) > 0;
}

bool facts_peer_goes_on(struct incident *inc, const struct rst_event *ev)
{
	if (!(ev->flags & EVF_SEGMENT) || !ev->seg.len || inc->went_on_us != UNKNOWN ||
	    !is_beyond(inc, ev->seg.seq + ev->seg.len))
		return false;
	inc->went_on_us = (ev->time_ns - inc->mono_ns) / 1000;
	return true;
}

bool facts_another_reset(struct incident *inc, const struct rst_event *ev)
{
	if (!(ev->flags & EVF_SEQ) || !is_beyond(inc, ev->seg.rst_seq))
		return false;
	inc->more_resets++;
	return true;
}
