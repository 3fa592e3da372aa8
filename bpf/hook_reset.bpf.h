/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Resets: sent by decision, sent in reply, received. */
#ifndef RST_HOOK_RESET_BPF_H
#define RST_HOOK_RESET_BPF_H

/* Which kinds the tracepoint tcp_send_reset serves; the others have a function hook. */
const volatile __u32 cfg_tp_sends_active;
const volatile __u32 cfg_tp_sends_reply;

static __always_inline void set_reason(struct rst_event *e, __u64 reason, bool known)
{
	if (!known)
		return;
	e->seg.reason = (__u32)reason;
	e->flags |= EVF_REASON;
}

/*
 * Whether a call of the running task aborts: in state CLOSE (close, connect,
 * exit, or the close of the listener above), but not where MPTCP gives up a
 * subflow that broke its rules, in whoever's task the segment came. In any other
 * state a timer, netlink, BPF or a worker acts, and the task means nothing.
 */
static __always_inline bool aborted_by_call(const struct rst_event *e)
{
	bool broken = e->extra.msk && e->sock.sk_err == EBADMSG;

	return e->sock.state == TCP_CLOSE && !broken && task_is_process(&e->task);
}

/*
 * A child of a handshake that nobody could accept (inet_child_forget()). If the
 * listener closes as the last ACK arrives, inet_csk_reqsk_queue_add() gives it up,
 * and the task is the one that the ACK interrupted; it may be the closer's only
 * where Fast Open has queued a child that early.
 */
static __always_inline bool forgotten_early(const struct rst_event *e)
{
	return e->sock.state == TCP_CLOSE && e->sock.old_state == TCP_SYN_RECV &&
	       (e->sock.bits & (SOCKF_ORPHAN | SOCKF_DEAD)) == SOCKF_ORPHAN;
}

/* Who aborts, where that is not just the owner of the socket: true, if so. */
VERIFIED_ONCE int name_aborter(struct rst_event *e)
{
	bool early;

	if (!e)
		return false;
	early = forgotten_early(e);
	if (early)
		listener_closer(&e->owner, &e->flow);
	if (!aborted_by_call(e) || (early && e->owner.tid != e->task.tid))
		return early;
	owner_from_task(&e->owner, &e->task, OWNER_CALLER);
	owner_closes(&e->owner, &e->task, e->time_ns);
	return true;
}

/* tcp_send_active_reset(sk): always a full socket. */
static __always_inline int on_active(struct sock *sk, __u64 reason, bool has_reason)
{
	struct sk_info *info = sock_info(sk);
	struct rst_event *e = event_new(EV_SENT_ACTIVE);

	if (!e)
		return 0;
	event_sock(e, as_number(sk), info);
	set_reason(e, reason, has_reason);
	e->seg.rst_seq = acceptable_seq((struct tcp_sock *)sk);
	e->seg.rst_ack = e->sock.rcv_nxt;
	e->flags |= EVF_SEQ | EVF_ACK;
	if (e->sock.state != TCP_CLOSE) {	/* its own process will get an error too */
		if (info)
			info->reset = 1;
		if (!task_is_process(&e->task))
			parent_reset(e);	/* a fast close that the peer asked for */
	}
	if (name_aborter(e) && info) {
		info->owner = e->owner;
		bpf_map_update_elem(&recent, &info->flow, info, BPF_ANY);
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* The RST that answers a segment: RFC 9293, section 3.10.7. */
static __always_inline void reply_numbers(struct rst_event *e, const struct segment *s)
{
	e->seg.tcp_flags = s->flags;
	e->seg.len = s->len;
	e->flags |= EVF_SEGMENT | EVF_SEQ;
	if (s->flags & TH_ACK) {
		e->seg.rst_seq = s->ack;
		return;
	}
	e->seg.rst_ack = segment_end(s);
	e->flags |= EVF_ACK;
}

/* sk may be NULL, a full, a timewait or (never seen) a request sock. */
static __always_inline int on_reply(struct sock *sk, struct sk_buff *skb, __u64 reason,
				    bool has_reason)
{
	struct sk_info *info = NULL;
	struct segment s = {};
	struct rst_event *e;
	__u8 state = 0;

	sk = (void *)as_number(sk);
	skb = (void *)as_number(skb);
	if (read_segment(&s, (__u64)skb))
		return 0;
	e = event_new(EV_SENT_REPLY);
	if (!e)
		return 0;
	set_reason(e, reason, has_reason);
	reply_numbers(e, &s);
	if (sk)
		state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (sk && state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV) {
		info = sock_info(sk);
		event_sock(e, (__u64)sk, info);
	}
	/* the segment's own addresses: a listener has none of the peer's */
	__builtin_memset(&e->flow, 0, sizeof(e->flow));
	flow_from_skb(&e->flow, &s, (__u64)skb);
	e->flow.netns = sk ? BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) :
			     dst_netns(skb_route(skb));
	if (state == TCP_LISTEN) {
		e->flags |= EVF_LISTEN;
		if (asks_to_join(&s, (__u64)tcp_header(skb)))
			e->flags |= EVF_JOIN;
	}
	if (state == TCP_TIME_WAIT)
		e->flags |= EVF_TIMEWAIT;
	if (state == TCP_NEW_SYN_RECV)
		e->flags |= EVF_REQUEST;
	if (!(e->flags & EVF_SOCK))
		e->sock.state = state;
	/* an orphan is destroyed, and forgotten, before it answers */
	if (!(e->flags & EVF_SOCK) || (state == TCP_CLOSE && !info))
		reply_owner(e);
	if (s.iif == LOOPBACK_IFINDEX)
		e->flags |= EVF_LOOPBACK;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#define RTN_LOCAL 2
#define RTF_LOCAL 0x80000000u

#define OPT_MD5 19		/* include/net/tcp.h */
#define OPT_AO 29

/* Which signatures the kernel has been built to look at. */
struct tcp_sock___signed {
	void *md5sig_info, *ao_info;
} __attribute__((preserve_access_index));

static __always_inline bool is_signed(const struct segment *s, __u64 tcp)
{
	__u32 len = tcp_header_len(s);

	return (bpf_core_field_exists(struct tcp_sock___signed, md5sig_info) &&
		tcp_option(tcp, len, OPT_MD5) >= 0) ||
	       (bpf_core_field_exists(struct tcp_sock___signed, ao_info) &&
		tcp_option(tcp, len, OPT_AO) >= 0);
}

/*
 * Entering tcp_v{4,6}_send_reset() is not yet a RST: the same tests that the
 * functions begin with. A signed segment for no full socket is answered only if
 * a listener on the sender's port has the key, which is rare and cannot be seen
 * from here: of such a RST nothing is said. A socket has checked the signature
 * before.
 */
static __always_inline bool reply_is_sent(struct sock *sk, struct sk_buff *skb,
					  const struct segment *s, bool v6)
{
	__u8 state = sk ? BPF_CORE_READ(sk, __sk_common.skc_state) : 0;
	struct dst_entry *dst;

	if ((!sk || state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV) &&
	    is_signed(s, (__u64)tcp_header(skb)))
		return false;
	if (sk)
		return true;
	dst = skb_route(skb);
	if (v6)
		return BPF_CORE_READ((struct rt6_info *)dst, rt6i_flags) & RTF_LOCAL;
	return BPF_CORE_READ((struct rtable *)dst, rt_type) == RTN_LOCAL;
}

static __always_inline int on_reply_entry(struct sock *sk, struct sk_buff *skb, __u64 reason,
					  bool v6)
{
	struct segment s = {};

	sk = (void *)as_number(sk);
	skb = (void *)as_number(skb);
	if (read_segment(&s, (__u64)skb))
		return 0;
	if (s.flags & TH_RST)
		return on_unanswered(sk, skb, &s);
	if (!reply_is_sent(sk, skb, &s, v6))
		return 0;
	return on_reply(sk, skb, reason, cfg_reply_reason_arg);
}

/* The RST's own numbers. */
static __always_inline void event_rst(struct rst_event *e, const struct segment *s,
				      struct sk_buff *skb)
{
	struct hop hop = {};

	e->seg.rst_seq = s->seq;
	e->seg.rst_ack = s->ack;
	e->flags |= EVF_SEQ;
	if (s->flags & TH_ACK)
		e->flags |= EVF_ACK;
	if (!(s->flags & TH_RST)) {
		e->flags |= EVF_NO_RST;
	} else if (!read_hop(&hop, (__u64)skb)) {
		e->seg.ttl = hop.ttl;
		e->seg.ip_id = hop.ip_id;
	}
}

/*
 * tcp_reset(sk[, skb]). Without the segment, the RST's sequence number is the
 * socket's rcv_nxt, but in SYN_SENT, where the RST acknowledges the SYN instead.
 * tcp_validate_incoming() lets two others through: the one behind all that came
 * out of order, and the FIN's after a FIN, which Linux never sends.
 */
static __always_inline int on_received(struct sock *sk, struct sk_buff *skb)
{
	struct sk_info *info = sock_info(sk);
	struct segment s = {};
	struct rst_event *e;

	sk = (void *)as_number(sk);
	skb = (void *)as_number(skb);
	if (!sk_is_tcp(sk))
		return 0;
	e = event_new(EV_RECEIVED);
	if (!e)
		return 0;
	event_sock(e, (__u64)sk, info);
	if (info)
		e->seg.flow_ttl = info->ttl;
	fill_hops(&e->seg, sk);
	if (skb && !read_segment(&s, (__u64)skb)) {
		event_rst(e, &s, skb);
	} else if (e->sock.state != TCP_SYN_SENT) {
		e->seg.rst_seq = e->sock.rcv_nxt;
		e->flags |= EVF_SEQ;
		if (BPF_CORE_READ((struct tcp_sock *)sk, rx_opt.num_sacks))
			e->flags |= EVF_SEQ_GUESS;
	}
	if (info) {
		info->reset = 1;
		info->reset_state = e->sock.state;
		info->reset_err = ECONNREFUSED;
		info->flow = e->flow;
	}
	parent_reset(e);
	event_peer(e);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#define NF_INET_LOCAL_OUT 3

/*
 * nf_send_reset(net, skb, hook) to 5.14, (net, sk, skb, hook) from 5.15; the
 * same for v6. A hook number is small, a pointer never.
 */
static __always_inline int on_netfilter(__u64 net, __u64 second, __u64 third, __u64 fourth)
{
	bool old = third < 16;
	struct sk_buff *skb = (void *)(old ? second : third);
	struct segment s = {};
	struct rst_event *e;

	/* nf_reject_ip_tcphdr_get(): no RST in answer to a RST */
	if (read_filtered(&s, skb) || (s.flags & TH_RST))
		return 0;
	e = event_new(EV_SENT_NETFILTER);
	if (!e)
		return 0;
	reply_numbers(e, &s);
	flow_from_skb(&e->flow, &s, (__u64)skb);
	flow_untranslated(&e->flow, skb);
	e->flow.netns = BPF_CORE_READ((struct net *)net, ns.inum);
	e->extra.nf_hook = old ? third : fourth;
	e->owner.how = OWNER_KERNEL;
	/* a segment on its way out has come from nowhere: the rule rejects one of our own */
	if (s.iif == LOOPBACK_IFINDEX || e->extra.nf_hook == NF_INET_LOCAL_OUT)
		e->flags |= EVF_LOOPBACK;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* ctx words of the tracepoint: sk, skb (NULL: an active reset)[, reason] */
static __always_inline int on_send_reset(unsigned long long *ctx)
{
	struct sock *sk = (void *)ctx[0];
	struct sk_buff *skb = (void *)ctx[1];
	__u64 reason = ctx_word(ctx, cfg_tp_reason_arg);

	if (skb)
		return cfg_tp_sends_reply ? on_reply(sk, skb, reason, cfg_tp_reason_arg) : 0;
	return cfg_tp_sends_active && sk ? on_active(sk, reason, cfg_tp_reason_arg) : 0;
}

SPARED_TP("raw_tp/tcp_send_reset", tp_tcp_send_reset, on_send_reset(ctx))

SPARED_TP("raw_tp/tcp_receive_reset", tp_tcp_receive_reset, on_received((void *)ctx[0], NULL))

SPARED_FUNC("fentry/tcp_send_active_reset", fentry_tcp_send_active_reset,
       on_active((void *)ctx[0], ctx_word(ctx, cfg_active_reason_arg), cfg_active_reason_arg))

SPARED_FUNC("fentry/tcp_v4_send_reset", fentry_tcp_v4_send_reset,
       on_reply_entry((void *)ctx[0], (void *)ctx[1], ctx_word(ctx, cfg_reply_reason_arg), false))

SPARED_FUNC("fentry/tcp_v6_send_reset", fentry_tcp_v6_send_reset,
       on_reply_entry((void *)ctx[0], (void *)ctx[1], ctx_word(ctx, cfg_reply_reason_arg), true))

SPARED_FUNC("fentry/tcp_reset", fentry_tcp_reset,
       on_received((void *)ctx[0], (void *)ctx_word(ctx, cfg_reset_skb_arg)))

/* Both are read, then one is taken: what CTX_LOAD is assembly for, the barriers do here. */
static __always_inline __u64 reg_word(struct pt_regs *regs, __u32 n)
{
	__u64 second = PT_REGS_PARM2(regs), third = PT_REGS_PARM3(regs);

	barrier_var(second);
	barrier_var(third);
	return n == 1 ? second : n == 2 ? third : 0;
}

/* Modules on most distributions: the loader attaches when they come. */
SEC("kprobe/nf_send_reset")
int kprobe_nf_send_reset(struct pt_regs *regs)
{
	return on_netfilter(PT_REGS_PARM1(regs), PT_REGS_PARM2(regs), PT_REGS_PARM3(regs),
			    PT_REGS_PARM4(regs));
}

SEC("kprobe/nf_send_reset6")
int kprobe_nf_send_reset6(struct pt_regs *regs)
{
	return on_netfilter(PT_REGS_PARM1(regs), PT_REGS_PARM2(regs), PT_REGS_PARM3(regs),
			    PT_REGS_PARM4(regs));
}

/* Wakes the loader, which would see the module a moment late by itself. */
SEC("raw_tp/module_load")
int tp_module_load(void *ctx)
{
	struct rst_event *e = event_new(EV_MODULE);

	(void)ctx;
	if (e)
		bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("kprobe/tcp_send_active_reset")
int kprobe_tcp_send_active_reset(struct pt_regs *regs)
{
	return on_active((void *)PT_REGS_PARM1(regs), reg_word(regs, cfg_active_reason_arg),
			 cfg_active_reason_arg);
}

SEC("kprobe/tcp_v4_send_reset")
int kprobe_tcp_v4_send_reset(struct pt_regs *regs)
{
	return on_reply_entry((void *)PT_REGS_PARM1(regs), (void *)PT_REGS_PARM2(regs),
			      reg_word(regs, cfg_reply_reason_arg), false);
}

SEC("kprobe/tcp_v6_send_reset")
int kprobe_tcp_v6_send_reset(struct pt_regs *regs)
{
	return on_reply_entry((void *)PT_REGS_PARM1(regs), (void *)PT_REGS_PARM2(regs),
			      reg_word(regs, cfg_reply_reason_arg), true);
}

SEC("kprobe/tcp_reset")
int kprobe_tcp_reset(struct pt_regs *regs)
{
	return on_received((void *)PT_REGS_PARM1(regs), (void *)reg_word(regs, cfg_reset_skb_arg));
}

#endif
