/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/halves.h"

#include <errno.h>
#include <netinet/tcp.h>

/*
 * On this host a RST is sent and received on one CPU, right after each other. The task may be
 * preempted in between, hardly for longer than this.
 */
#define AT_ONCE_NS 50000000ULL

/*
 * Whether only one of sending and receipt has the ACK flag, so that they are two RSTs: a
 * RST sent in reply to an ACK has none, one sent actively has it. A receipt shows the flag
 * only where the hook has read the segment, which the TTL tells.
 */
static bool acks_differ(const struct incident *sending, const struct rst_event *receipt)
{
	return receipt->seg.ttl && (sending->rst_ack != UNKNOWN) != !!(receipt->flags & EVF_ACK);
}

/*
 * Several RSTs with the same flow and number may have been sent; one of them was received.
 * It is the oldest, since the first to arrive ends the connection and the victim provokes
 * no more. But if another was sent so long after it that it should have arrived by then,
 * the older one never arrived. One that had no route is taken only when there is no other.
 */
static struct node *sending_of(struct node *youngest, const struct rst_event *receipt)
{
	uint64_t trip_ns = AT_ONCE_NS + receipt->sock.srtt_us * 1000ULL;
	struct node *found = NULL, *unrouted = NULL;

	for (struct node *n = youngest; n; n = n->alike) {
		if (n->inc.victim.seen || acks_differ(&n->inc, receipt))
			continue;
		if (n->inc.unrouted) {
			unrouted = n;
			continue;
		}
		if (found && found->inc.mono_ns - n->inc.mono_ns > trip_ns)
			break;
		found = n;
	}
	return found ?: unrouted;
}

/*
 * The oldest receipt belongs to the first sending. The event of a RST sent in reply is
 * written before the RST leaves, so a receipt from long before is another RST's. The event
 * of one sent actively is written afterwards, which may be late if the task was preempted.
 * A RST without a route has no receipt.
 */
static struct node *receipt_of(struct node *youngest, const struct rst_event *sending)
{
	struct node *found = NULL;

	if (event_unrouted(sending))
		return NULL;
	for (struct node *n = youngest; n; n = n->alike) {
		bool at_once = n->inc.mono_ns + AT_ONCE_NS >= sending->time_ns;

		if (!n->inc.sender.seen && (at_once || (!found && sending->type == EV_SENT_ACTIVE)))
			found = n;
	}
	return found;
}

static struct node *look(const struct kept *k, const struct rst_event *ev, bool sent,
			 const struct rst_key *key)
{
	struct node *youngest = kept_find_rst(k, key);

	return sent ? receipt_of(youngest, ev) : sending_of(youngest, ev);
}

struct node *half_of(const struct kept *k, const struct rst_event *ev, bool sent)
{
	struct rst_key key;
	struct node *n;

	rst_key_of(&key, ev, sent);
	n = look(k, ev, sent, &key);
	if (n)
		return n;
	key.netns = key.netns ? 0 : ev->flow.netns;
	return look(k, ev, sent, &key);
}

struct node *half_refused(const struct kept *k, const struct rst_event *aborted)
{
	if (aborted->err != ECONNREFUSED || aborted->sock.state != TCP_SYN_SENT)
		return NULL;
	return half_of(k, aborted, false);
}
