/* SPDX-License-Identifier: GPL-2.0 */
#include "events/rst_key.h"

#include <netinet/tcp.h>
#include <string.h>

bool event_is_local(const struct rst_event *ev)
{
	static const uint8_t v6_loopback[16] = { [15] = 1 };
	const struct rst_flow *f = &ev->flow;

	if (ev->flags & EVF_LOOPBACK)
		return true;
	if (!memcmp(f->laddr, f->raddr, sizeof(f->laddr)))
		return true;
	return f->family == 4 ? f->laddr[0] == 127 && f->raddr[0] == 127 :
	       !memcmp(f->laddr, v6_loopback, 16) || !memcmp(f->raddr, v6_loopback, 16);
}

bool event_unrouted(const struct rst_event *ev)
{
	return ev->type == EV_SENT_ACTIVE && ev->flags & EVF_UNROUTED;
}

void rst_key_of(struct rst_key *k, const struct rst_event *ev, bool sent)
{
	const struct rst_flow *f = &ev->flow;
	bool to_syn = sent ? ev->flags & EVF_SEGMENT && !(ev->seg.tcp_flags & TH_ACK) :
			     ev->sock.state == TCP_SYN_SENT;

	memset(k, 0, sizeof(*k));
	memcpy(k->src, sent ? f->laddr : f->raddr, 16);
	memcpy(k->dst, sent ? f->raddr : f->laddr, 16);
	k->sport = sent ? f->lport : f->rport;
	k->dport = sent ? f->rport : f->lport;
	k->seq = ev->flags & EVF_SEQ ? ev->seg.rst_seq : 0;
	if (to_syn)
		k->ack = ev->flags & EVF_ACK ? ev->seg.rst_ack : ev->sock.snd_nxt;
	if (event_is_local(ev))
		k->netns = f->netns;
}
