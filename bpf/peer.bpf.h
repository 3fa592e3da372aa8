/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What this host knows of the end that a RST came from, told with the receipt:
 * the event of the sending may be lost, and no hook may show what a REJECT rule
 * sends. Then this is all there is to go by.
 */
#ifndef RST_PEER_BPF_H
#define RST_PEER_BPF_H

/* kfree_skb is attached, and no hook shows REJECT rules at work. */
const volatile __u32 cfg_shows_filtered;

/* A received TCP segment; one behind an extension header is taken for none. */
static __always_inline bool skb_is_tcp(struct sk_buff *skb)
{
	unsigned char *ip = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	__u8 h[10] = {};

	if (bpf_probe_read_kernel(h, sizeof(h), ip))
		return false;
	return (h[0] >> 4 == 4 && h[9] == IPPROTO_TCP) || (h[0] >> 4 == 6 && h[6] == IPPROTO_TCP);
}

/* The sequence number after a segment: what acknowledges it. */
static __always_inline __u32 segment_end(const struct segment *s)
{
	return s->seq + s->len + !!(s->flags & TH_SYN) + !!(s->flags & TH_FIN);
}

#define NFCT_REPLY 3		/* IP_CT_IS_REPLY: of the three low bits of skb->_nfct */
#define NFCT_MASK 7UL

/*
 * Where addresses are translated, the RST is on its way back: whom it hits
 * knows the ends by what it had written into its segment itself.
 */
static __noinline void flow_untranslated(struct rst_flow *f, struct sk_buff *skb)
{
	struct nf_conntrack_tuple_hash *h;
	unsigned long nfct = 0;

	if (bpf_core_field_exists(struct sk_buff, _nfct) &&
	    bpf_core_field_exists(struct nf_conn, tuplehash))
		nfct = BPF_CORE_READ(skb, _nfct);
	if (!(nfct & ~NFCT_MASK))
		return;
	h = (void *)(nfct & ~NFCT_MASK) + bpf_core_field_offset(struct nf_conn, tuplehash);
	if ((nfct & NFCT_MASK) >= NFCT_REPLY)
		h = (void *)h + bpf_core_type_size(struct nf_conntrack_tuple_hash);
	if (BPF_CORE_READ(h, tuple.dst.protonum) != IPPROTO_TCP)
		return;
	f->rport = bpf_ntohs(BPF_CORE_READ(h, tuple.src.u.all));
	f->lport = bpf_ntohs(BPF_CORE_READ(h, tuple.dst.u.all));
	bpf_core_read(f->raddr, f->family == 4 ? 4 : 16, &h->tuple.src.u3);
	bpf_core_read(f->laddr, f->family == 4 ? 4 : 16, &h->tuple.dst.u3);
}

/*
 * kfree_skb() by netfilter: a REJECT rule has answered, a DROP rule has not. Only
 * what comes over lo, or leaves this host, can be of a socket here.
 */
static __always_inline int on_filtered(struct sk_buff *skb)
{
	struct filtered rst = {};
	struct segment s = {};
	struct rst_flow f = {};

	if (BPF_CORE_READ(skb, skb_iif) > LOOPBACK_IFINDEX || !skb_is_tcp(skb) ||
	    read_filtered(&s, skb))
		return 0;
	flow_from_skb(&f, &s, (__u64)skb);
	flow_untranslated(&f, skb);
	f.netns = dst_netns(skb_route(skb));
	rst.time_ns = bpf_ktime_get_ns();
	rst.rst_seq = s.ack;
	rst.rst_ack = segment_end(&s);
	bpf_map_update_elem(&filtered, &f, &rst, BPF_ANY);
	return 0;
}

/*
 * A REJECT rule's RST is there at once, but for what holds up the processor or
 * the socket; one of another host's that comes later has come by chance.
 */
#define REJECT_NS 20000000ULL
#define REJECT_HERE_NS 1000000000ULL

static __always_inline bool is_answer(const struct rst_event *e, const struct filtered *rst)
{
	if (e->time_ns - rst->time_ns > (e->flags & EVF_LOOPBACK ? REJECT_HERE_NS : REJECT_NS))
		return false;
	return e->sock.state == TCP_SYN_SENT ? rst->rst_ack == e->sock.snd_nxt :
					       rst->rst_seq == e->seg.rst_seq;
}

VERIFIED_ONCE int event_peer(struct rst_event *e)
{
	struct rst_flow key = {};
	struct filtered *rst;
	struct sk_info *info;

	if (!e)
		return 0;
	__builtin_memcpy(key.laddr, e->flow.raddr, sizeof(key.laddr));
	__builtin_memcpy(key.raddr, e->flow.laddr, sizeof(key.raddr));
	key.lport = e->flow.rport;
	key.rport = e->flow.lport;
	key.family = e->flow.family;
	key.netns = e->flow.netns;
	rst = cfg_shows_filtered ? bpf_map_lookup_elem(&filtered, &key) : NULL;
	if (rst && is_answer(e, rst))
		e->flags |= EVF_FILTERED;
	if (e->sock.state == TCP_SYN_SENT) {
		if (listener_owner(&e->peer.owner, &key))
			e->flags |= EVF_PEER_LISTENS;
		return 0;
	}
	info = bpf_map_lookup_elem(&recent, &key);
	/* one that was itself reset has not sent this one */
	if (!info || info->reset)
		return 0;
	e->peer.owner = info->owner;
	e->peer.birth_ns = info->birth_ns;
	e->peer.old_state = info->old_state;
	e->peer.abort = info->abort;
	e->flags |= EVF_PEER;
	return 0;
}

#endif
