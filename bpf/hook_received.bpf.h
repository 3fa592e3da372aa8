/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* RSTs that end a socket here. */
#ifndef RST_HOOK_RECEIVED_BPF_H
#define RST_HOOK_RECEIVED_BPF_H

/* Fills in the numbers of the RST itself. */
static __always_inline void event_rst(struct end_event *e, const struct segment *s,
				      struct sk_buff *skb)
{
	struct hop hop = {};

	e->seg.rst_seq = s->seq;
	e->seg.rst_ack = s->ack;
	e->head.flags |= EVF_SEQ;
	if (s->flags & TH_ACK)
		e->head.flags |= EVF_ACK;
	if (!(s->flags & TH_RST)) {
		e->head.flags |= EVF_NO_RST;
	} else if (!read_hop(&hop, (__u64)skb)) {
		e->seg.ttl = hop.ttl;
		e->seg.ip_id = hop.ip_id;
	}
}

/* Keeps what is remembered of a socket that a RST hits, whether or not the RST is told. */
static __always_inline void keep_received(struct sock *sk, struct sk_info *info,
					  const struct rst_flow *f, __u8 state, bool silent)
{
	parent_reset((__u64)sk, state, f, info, silent);
	if (!info)
		return;
	mark_reset(info);
	info->silent = silent;
	info->reset_state = state;
	info->reset_err = ECONNREFUSED;
	info->flow = *f;
	/* a tracepoint also shows data for an end that had closed as a RST */
	if (info->end.how)
		return;
	ends(info, END_RST_RECEIVED);
	info->end.rst_seq = state == TCP_SYN_SENT ? 0 : BPF_CORE_READ((struct tcp_sock *)sk, rcv_nxt);
}

/*
 * Fills in the event. Without the segment, the RST's sequence number is taken to be the socket's
 * rcv_nxt; not in SYN_SENT, where a RST is accepted for its ACK of the SYN.
 * tcp_validate_incoming() accepts two other numbers: the one after all that came out of order, and
 * after a FIN that of the FIN, which Linux never sends.
 */
static __always_inline void tell_received(struct end_event *e, struct sock *sk, struct sk_buff *skb,
					  const struct sk_info *info, const struct rst_flow *f)
{
	struct segment s = {};

	e->head.flags |= event_sock(&e->owner, &e->sock, &e->flow, (__u64)sk, info);
	fill_extra(&e->extra, (__u64)sk);
	e->extra.role = sock_role(sk, info, f);
	if (info)
		e->seg.flow_ttl = info->ttl;
	fill_hops(&e->seg, sk);
	if (skb && !read_segment(&s, (__u64)skb)) {
		event_rst(e, &s, skb);
	} else if (e->sock.state != TCP_SYN_SENT) {
		e->seg.rst_seq = e->sock.rcv_nxt;
		e->head.flags |= EVF_SEQ;
		if (BPF_CORE_READ((struct tcp_sock *)sk, rx_opt.num_sacks))
			e->head.flags |= EVF_SEQ_GUESS;
	}
}

/*
 * How much of a RST's payload follows its header in memory; the rest may be in pages, and is not
 * read.
 */
static __always_inline __u32 payload_len(struct sk_buff *skb)
{
	struct segment s = {};
	__u32 head;

	if (!skb || read_segment(&s, (__u64)skb) || !(s.flags & TH_RST) || !s.len)
		return 0;
	head = less(BPF_CORE_READ(skb, len), BPF_CORE_READ(skb, data_len));
	head = less(head, (s.th[12] >> 4) * 4);
	return head < s.len ? head : s.len;
}

VERIFIED_ONCE int fill_payload(struct rst_payload *p, __u64 buf, __u32 len)
{
	unsigned char *tcp = tcp_header((struct sk_buff *)buf);
	__u8 off = 0;

	if (!p)
		return 0;
	p->len = len;
	if (len >= RST_PAYLOAD_MAX)
		len = RST_PAYLOAD_MAX - 1;
	bpf_probe_read_kernel(&off, sizeof(off), tcp + 12);
	barrier_var(len);	/* or the compiler drops the mask that the verifier needs */
	bpf_probe_read_kernel(p->data, len & (RST_PAYLOAD_MAX - 1), tcp + (off >> 4) * 4);
	return 0;
}

static __always_inline struct end_event *receipt_with_text(struct sk_buff *skb, __u32 len)
{
	struct spoken_event *spoken = EVENT(spoken, EV_RECEIVED);

	if (!spoken)
		return NULL;
	fill_payload(&spoken->payload, (__u64)skb, len);
	return &spoken->end;
}

/* An event for a receipt, with room for the other end if that is known; NULL: there is no room. */
static __always_inline struct end_event *receipt(const struct rst_flow *other, __u8 state)
{
	struct both_event *both;

	if (!peer_known(other, state))
		return EVENT(end, EV_RECEIVED);
	both = EVENT(both, EV_RECEIVED);
	if (!both)
		return NULL;
	both->end.head.flags |= fill_peer(&both->peer, other, state);
	return &both->end;
}

/* tcp_reset(sk[, skb]) */
static __always_inline int on_received(struct sock *sk, struct sk_buff *skb)
{
	struct sk_info *info = sock_info(sk);
	struct rst_flow f = {}, other = {};
	struct rst_owner *owner = owner_of(info);
	struct end_event *e = NULL;
	__u32 what, sampled, len;
	__u8 state;

	sk = (void *)as_number(sk);
	skb = (void *)as_number(skb);
	if (!sk_is_tcp(sk))
		return 0;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	sock_flow(&f, (__u64)sk, info);
	what = RESET(EV_RECEIVED, state == TCP_SYN_SENT ? CLASS_REFUSED : CLASS_RECEIVED);
	sampled = reset_seen(what, RST_NO_REASON, &f, owner);
	if (sampled) {
		flow_reverse(&other, &f);
		forget_values(&other, sizeof(other));
		len = payload_len(skb);
		e = len ? receipt_with_text(skb, len) : receipt(&other, state);
		if (!e)
			reset_lost(what, RST_NO_REASON, &f, owner);
	}
	if (e) {
		e->flow = f;
		set_sampled(&e->seg, sampled);
		tell_received(e, sk, skb, info, &f);
		tell_filtered(e, &other);
		bpf_ringbuf_submit(e, 0);
	}
	keep_received(sk, info, &f, state, !sampled);
	return 0;
}

SPARED_TP("raw_tp/tcp_receive_reset", tp_tcp_receive_reset, on_received((void *)ctx[0], NULL))

SPARED_FUNC("fentry/tcp_reset", fentry_tcp_reset,
       on_received((void *)ctx[0], (void *)ctx_word(ctx, cfg_reset_skb_arg)))

SEC("kprobe/tcp_reset")
int kprobe_tcp_reset(struct pt_regs *regs)
{
	return on_received((void *)PT_REGS_PARM1(regs), (void *)reg_word(regs, cfg_reset_skb_arg));
}

#endif
