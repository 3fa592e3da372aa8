/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/halves.h"

#include <errno.h>
#include <netinet/tcp.h>

/* The two come one after the other, on one CPU, which may be taken away in between. */
#define AT_ONCE_NS 50000000ULL

/*
 * A RST acknowledges, or does not: one in answer to an ACK does not, one that was
 * decided upon does. The receipt knows where the segment itself was read.
 */
static bool acks_differ(const struct incident *sending, const struct rst_event *receipt)
{
	return receipt->seg.ttl && (sending->rst_ack != UNKNOWN) != !!(receipt->flags & EVF_ACK);
}

/*
 * Of several sendings alike the first to arrive ends the connection, which draws
 * no more of them: it is the oldest one. But where the victim still sent, longer
 * after it than a RST takes to come, it had not arrived, and will not. One for
 * which there was no route has hardly arrived, if any other can have.
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
 * The first receipt is the first sending's. A reply is told of before it leaves:
 * what arrived long before is another RST. A RST decided upon is told of after
 * it has left, once the task is on its processor again; then nothing has come of
 * one without a route.
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
