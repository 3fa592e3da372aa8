/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What this host knows of the end that sent a RST, told with the receipt: the event of the sending
 * may be lost, and no hook may show what a REJECT rule sends. Then this is all that is known of the
 * sender.
 */
#ifndef RST_PEER_BPF_H
#define RST_PEER_BPF_H

/* kfree_skb is attached, and no hook shows REJECT rules. */
const volatile __u32 cfg_shows_filtered;

/* Whether this is a received TCP segment; no if extension headers stand before it. */
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
 * The flow of a dropped segment with the addresses that its sender wrote into it, where they were
 * translated since: the RST goes back to that sender, whose socket has these addresses.
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
 * kfree_skb() by netfilter: a REJECT rule has answered the segment, a DROP rule has not. Only
 * segments that come over lo or leave this host can be of a socket here.
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
 * The RST of a REJECT rule comes at once, unless the processor or the socket is held up. A RST of
 * another host that comes later has nothing to do with the rule.
 */
#define REJECT_NS 20000000ULL
#define REJECT_HERE_NS 1000000000ULL

static __always_inline bool is_answer(const struct end_event *e, const struct filtered *rst)
{
	if (e->head.time_ns - rst->time_ns >
	    (e->head.flags & EVF_LOOPBACK ? REJECT_HERE_NS : REJECT_NS))
		return false;
	return e->sock.state == TCP_SYN_SENT ? rst->rst_ack == e->sock.snd_nxt :
					       rst->rst_seq == e->seg.rst_seq;
}

/*
 * Sets EVF_FILTERED if netfilter has just dropped, on its way to the other end, the segment that
 * this RST answers.
 */
static __always_inline void tell_filtered(struct end_event *e, const struct rst_flow *other)
{
	struct filtered *rst = cfg_shows_filtered ? bpf_map_lookup_elem(&filtered, other) : NULL;

	if (rst && is_answer(e, rst))
		e->head.flags |= EVF_FILTERED;
}

static __always_inline void flow_reverse(struct rst_flow *out, const struct rst_flow *f)
{
	__builtin_memcpy(out->laddr, f->raddr, sizeof(out->laddr));
	__builtin_memcpy(out->raddr, f->laddr, sizeof(out->raddr));
	out->lport = f->rport;
	out->rport = f->lport;
	out->family = f->family;
	out->netns = f->netns;
}

/*
 * The entry of the other end, if that has ended or begun to close, and was not itself reset: such
 * an end sent no RST.
 */
static __always_inline struct sk_info *closed_peer(const struct rst_flow *other)
{
	struct rst_flow key = *other;	/* up to 6.1 memory that the caller passed is no map key */
	struct sk_info *info = closed_info(&key);

	return info && !info->reset ? info : NULL;
}

/* Whether there is anything to say of the other end of a socket in this state. */
VERIFIED_ONCE int peer_known(const struct rst_flow *other, __u8 state)
{
	if (!other)
		return false;
	return state == TCP_SYN_SENT ? listener_owner(NULL, other) : !!closed_peer(other);
}

/* Fills in the other end. Returns flags for the event. */
VERIFIED_ONCE int fill_peer(struct rst_peer *p, const struct rst_flow *other, __u8 state)
{
	struct sk_info *info;

	if (!p || !other)
		return 0;
	if (state == TCP_SYN_SENT)
		return listener_owner(&p->owner, other) ? EVF_PEER_LISTENS : 0;
	info = closed_peer(other);
	if (!info)
		return 0;
	p->owner = info->owner;
	p->birth_ns = info->birth_ns;
	p->old_state = info->old_state;
	p->abort = info->abort;
	return EVF_PEER;
}

#endif
