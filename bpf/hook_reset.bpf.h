/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* RSTs that the TCP stack sends, actively and in reply. */
#ifndef RST_HOOK_RESET_BPF_H
#define RST_HOOK_RESET_BPF_H

/* Which kinds of RST the tracepoint tcp_send_reset has to show; the others have a function hook. */
const volatile __u32 cfg_tp_sends_active;
const volatile __u32 cfg_tp_sends_reply;

static __always_inline void set_reason(struct rst_head *head, struct rst_seg *seg, __u64 reason,
				       bool known)
{
	if (!known)
		return;
	seg->reason = (__u32)reason;
	head->flags |= EVF_REASON;
}

/* MPTCP gives up a subflow that broke its rules, in whatever task the segment arrived. */
static __always_inline bool broke_mptcp(struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_err) == EBADMSG && mptcp_parent(sk);
}

/*
 * Whether this is a child of a handshake that nobody could accept (inet_child_forget()). If its
 * listener closes while the last ACK arrives, inet_csk_reqsk_queue_add() gives the child up, in the
 * task that the ACK interrupted. That may be the task that closes the listener only where Fast Open
 * has queued a child before.
 */
static __always_inline bool forgotten_early(struct sock *sk, __u8 old)
{
	return old == TCP_SYN_RECV && !BPF_CORE_READ(sk, sk_socket) &&
	       !(BPF_CORE_READ(sk, __sk_common.skc_flags) & (1UL << SOCK_DEAD_BIT));
}

/*
 * Writes who aborts, and returns true, unless it is just the owner of the socket. `old` is the
 * state before CLOSE, or 0. In state CLOSE a call of the running task aborts (close, connect, exit,
 * or the close of the listener above). In any other state a timer, netlink, BPF or a worker does,
 * and the running task means nothing.
 */
VERIFIED_ONCE int name_aborter(struct rst_owner *o, const struct rst_flow *f, __u64 sock, __u8 old,
			       __u64 now_ns)
{
	struct sock *sk = (void *)sock;
	struct rst_task t = {};
	bool early;

	if (!o || !f || BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE)
		return false;
	early = forgotten_early(sk, old);
	if (early)
		listener_closer(o, f);
	fill_task_call(&t);
	if (!task_is_process(&t) || broke_mptcp(sk) || (early && o->tid != t.tid))
		return early;
	fill_task_name(&t);
	owner_from_task(o, &t, OWNER_CALLER);
	owner_closes(o, &t, now_ns);
	return true;
}

/*
 * Keeps what is remembered of a socket that sends a RST, whether the RST is told (e) or its chain
 * is counted only.
 */
static __always_inline void keep_sent(struct end_event *e, struct sock *sk, struct sk_info *info,
				      const struct rst_flow *f, bool silent)
{
	struct rst_owner *o = e ? &e->owner : owner_of(info);
	__u64 now_ns = e ? e->head.time_ns : bpf_ktime_get_ns();
	__u8 old = info && info->closed ? info->old_state : 0;
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	if (info)
		ends(info, END_RST_SENT);
	if (state != TCP_CLOSE) {	/* the process of this end gets an error as well */
		if (info) {
			mark_reset(info);
			info->silent = silent;
		}
		if (!process_runs())	/* the peer asked for it, by MPTCP's fast close */
			parent_reset((__u64)sk, state, f, info, silent);
		return;
	}
	if (name_aborter(o, f, (__u64)sk, old, now_ns) && info && e)
		info->owner = e->owner;
	if (info)
		closed_put(info);
}

static __always_inline bool lingers_zero(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_flags) & (1UL << SOCK_LINGER_BIT) &&
	       !BPF_CORE_READ_BITFIELD_PROBED(sk, sk_lingertime);
}

static __always_inline __u32 active_kind(struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE)
		return RESET(EV_SENT_ACTIVE, CLASS_GIVEN_UP);
	return RESET(EV_SENT_ACTIVE, lingers_zero(sk) ? CLASS_LINGER_ZERO : CLASS_ABORT) |
	       (process_runs() ? BY_TASK : 0);
}

/*
 * Whether a call of the running thread aborts: as in name_aborter(), but without the child of a
 * closed listener.
 */
static __always_inline bool task_aborts(struct sock *sk, const struct sk_info *info)
{
	return BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE && process_runs() &&
	       !forgotten_early(sk, info && info->closed ? info->old_state : 0) && !broke_mptcp(sk);
}

/* tcp_send_active_reset(sk), where sk is always a full socket. */
static __always_inline int on_active(void *ctx, struct sock *sk, __u64 reason, bool has_reason)
{
	__u32 number = has_reason ? reason : RST_NO_REASON;
	struct sk_info *info = sock_info(sk);
	struct rst_flow f = {};
	struct rst_owner *owner = owner_of(info);
	struct end_event *e = NULL;
	__u32 what, sampled;
	__u64 stack_ns = 0;

	sk = (void *)as_number(sk);
	sock_flow(&f, (__u64)sk, info);
	what = active_kind(sk);
	sampled = reset_seen(what, number, &f, owner);
	if (sampled) {
		if (cfg_stacks && task_aborts(sk, info))
			stack_ns = tell_stack(ctx);
		e = EVENT(end, EV_SENT_ACTIVE);
		if (!e)
			reset_lost(what, number, &f, owner);
	}
	if (!e) {
		keep_sent(NULL, sk, info, &f, !sampled);
		return 0;
	}
	if (stack_ns)
		e->head.time_ns = stack_ns;
	e->flow = f;
	e->head.flags |= EVF_SEQ | EVF_ACK |
			 event_sock(&e->owner, &e->sock, &e->flow, (__u64)sk, info);
	fill_extra(&e->extra, (__u64)sk);
	e->extra.role = sock_role(sk, info, &f);
	if ((e->sock.bits & (SOCKF_ORPHAN | SOCKF_DEAD)) == SOCKF_ORPHAN && port_listens(&f))
		e->head.flags |= EVF_STILL_LISTENS;
	set_reason(&e->head, &e->seg, reason, has_reason);
	set_sampled(&e->seg, sampled);
	e->seg.rst_seq = acceptable_seq((struct tcp_sock *)sk);
	e->seg.rst_ack = e->sock.rcv_nxt;
	keep_sent(e, sk, info, &f, false);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* Computes the numbers of the RST that answers a segment: RFC 9293, section 3.10.7. */
static __always_inline void reply_numbers(struct rst_head *head, struct rst_seg *seg,
					  const struct segment *s)
{
	seg->tcp_flags = s->flags;
	seg->len = s->len;
	seg->seq = s->seq;
	head->flags |= EVF_SEGMENT | EVF_SEQ;
	if (s->iif == LOOPBACK_IFINDEX)
		head->flags |= EVF_LOOPBACK;
	if (s->flags & TH_ACK) {
		seg->rst_seq = s->ack;
		return;
	}
	seg->rst_ack = segment_end(s);
	head->flags |= EVF_ACK;
}

/*
 * Reads the first bytes of the payload if they follow the header in memory; mostly they are in a
 * page.
 */
static __always_inline void fill_head(struct rst_seg *seg, const struct segment *s,
				      struct sk_buff *skb)
{
	__u32 at = tcp_header_len(s);
	__u32 linear = less(BPF_CORE_READ(skb, len), BPF_CORE_READ(skb, data_len));

	if (s->len >= sizeof(seg->head) && linear >= at + sizeof(seg->head))
		bpf_probe_read_kernel(seg->head, sizeof(seg->head), tcp_header(skb) + at);
}

/* Tells a reply for which there is no socket, and perhaps was one lately. */
static __always_inline int reply_of_nobody(const struct rst_flow *f, const struct segment *s,
					   struct sk_buff *skb, __u64 reason, bool has_reason)
{
	__u32 number = has_reason ? reason : RST_NO_REASON;
	__u32 what = RESET(EV_SENT_REPLY, (s->flags & (TH_SYN | TH_ACK)) == TH_SYN ?
					  CLASS_CLOSED_PORT : CLASS_STRAY);
	__u32 sampled = reset_seen(s->iif == LOOPBACK_IFINDEX ? what | FOR_TASK : what, number, f, NULL);
	struct segment_event *lone;
	struct sk_info *last;
	struct past_event *past;
	struct end_event *e;

	if (!sampled)
		return 0;
	last = closed_info(f);
	if (!last) {
		lone = EVENT(segment, EV_SENT_REPLY);
		if (!lone)
			return reset_lost(what, number, f, NULL);
		lone->flow = *f;
		lone->head.flags |= EVF_NOBODY;
		set_reason(&lone->head, &lone->seg, reason, has_reason);
		set_sampled(&lone->seg, sampled);
		reply_numbers(&lone->head, &lone->seg, s);
		bpf_ringbuf_submit(lone, 0);
		return 0;
	}
	past = EVENT(past, EV_SENT_REPLY);
	if (!past)
		return reset_lost(what, number, f, NULL);
	e = &past->end;
	e->flow = *f;
	set_reason(&e->head, &e->seg, reason, has_reason);
	set_sampled(&e->seg, sampled);
	reply_numbers(&e->head, &e->seg, s);
	fill_head(&e->seg, s, skb);
	last_owner(e, last);
	past->ending = last->end;
	bpf_ringbuf_submit(past, 0);
	return 0;
}

/* Flags for the state of the socket that the segment came to. */
static __always_inline __u32 state_flags(__u8 state, const struct segment *s, struct sk_buff *skb)
{
	if (state == TCP_TIME_WAIT)
		return EVF_TIMEWAIT;
	if (state == TCP_NEW_SYN_RECV)
		return EVF_REQUEST;
	if (state != TCP_LISTEN)
		return 0;
	return asks_to_join(s, (__u64)tcp_header(skb)) ? EVF_LISTEN | EVF_JOIN : EVF_LISTEN;
}

static __always_inline __u32 reply_kind(__u8 state)
{
	return RESET(EV_SENT_REPLY, state == TCP_TIME_WAIT ? CLASS_TIME_WAIT :
				    state == TCP_LISTEN ? CLASS_LISTENER : CLASS_SOCKET);
}

/* sk may be NULL, a full, a timewait or (never seen so far) a request sock. */
static __always_inline int on_reply(struct sock *sk, struct sk_buff *skb, __u64 reason,
				    bool has_reason)
{
	struct sk_info *info = NULL, *last;
	struct segment s = {};
	struct rst_flow f = {};
	__u32 number = has_reason ? reason : RST_NO_REASON, sampled;
	struct past_event *past;
	struct end_event *e;
	__u8 state;

	sk = (void *)as_number(sk);
	skb = (void *)as_number(skb);
	if (read_segment(&s, (__u64)skb))
		return 0;
	/* from the segment, as a listener has no address of the peer's */
	flow_from_skb(&f, &s, (__u64)skb);
	f.netns = sk ? BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) :
		       dst_netns(skb_route(skb));
	if (!sk)
		return reply_of_nobody(&f, &s, skb, reason, has_reason);
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	sampled = reset_seen(reply_kind(state), number, &f, NULL);
	if (!sampled)
		return 0;
	past = EVENT(past, EV_SENT_REPLY);
	if (!past)
		return reset_lost(reply_kind(state), number, &f, NULL);
	find_ending(&past->ending, &f);
	e = &past->end;
	e->flow = f;
	e->sock.state = state;
	set_reason(&e->head, &e->seg, reason, has_reason);
	set_sampled(&e->seg, sampled);
	reply_numbers(&e->head, &e->seg, &s);
	fill_head(&e->seg, &s, skb);
	e->head.flags |= state_flags(state, &s, skb);
	if (state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV) {
		info = sock_info(sk);
		e->head.flags |= event_sock(&e->owner, &e->sock, &e->flow, (__u64)sk, info);
		fill_extra(&e->extra, (__u64)sk);
		if (state != TCP_LISTEN)
			e->extra.role = sock_role(sk, info, &f);
	}
	/* an orphan is destroyed, and its entry with it, before it answers */
	if (!(e->head.flags & EVF_SOCK) || (state == TCP_CLOSE && !info)) {
		last = closed_info(&f);
		if (last)
			last_owner(e, last);
		else if (state == TCP_NEW_SYN_RECV)
			e->owner.how = OWNER_KERNEL;
	}
	bpf_ringbuf_submit(past, 0);
	return 0;
}

#define RTN_LOCAL 2
#define RTF_LOCAL 0x80000000u

#define OPT_MD5 19		/* include/net/tcp.h */
#define OPT_AO 29

/* Members of tcp_sock that the kernel has if it was built with these signatures. */
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
 * Whether a RST will be sent: tcp_v{4,6}_send_reset() may be entered and send none, so this makes
 * the tests with which those functions begin. A signed segment for no full socket is answered only
 * if a listener on the sender's port has the key. That is rare and cannot be seen from here, so
 * such a RST is not told. A full socket has checked the signature before.
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

/* The tracepoint's context words: sk, skb (NULL: an active reset) and, on newer kernels, reason. */
static __always_inline int on_send_reset(unsigned long long *ctx)
{
	struct sock *sk = (void *)ctx[0];
	struct sk_buff *skb = (void *)ctx[1];
	__u64 reason = ctx_word(ctx, cfg_tp_reason_arg);

	if (skb)
		return cfg_tp_sends_reply ? on_reply(sk, skb, reason, cfg_tp_reason_arg) : 0;
	return cfg_tp_sends_active && sk ? on_active(ctx, sk, reason, cfg_tp_reason_arg) : 0;
}

SPARED_TP("raw_tp/tcp_send_reset", tp_tcp_send_reset, on_send_reset(ctx))

SPARED_FUNC("fentry/tcp_send_active_reset", fentry_tcp_send_active_reset,
       on_active(ctx, (void *)ctx[0], ctx_word(ctx, cfg_active_reason_arg), cfg_active_reason_arg))

SPARED_FUNC("fentry/tcp_v4_send_reset", fentry_tcp_v4_send_reset,
       on_reply_entry((void *)ctx[0], (void *)ctx[1], ctx_word(ctx, cfg_reply_reason_arg), false))

SPARED_FUNC("fentry/tcp_v6_send_reset", fentry_tcp_v6_send_reset,
       on_reply_entry((void *)ctx[0], (void *)ctx[1], ctx_word(ctx, cfg_reply_reason_arg), true))

SEC("kprobe/tcp_send_active_reset")
int kprobe_tcp_send_active_reset(struct pt_regs *regs)
{
	return on_active(regs, (void *)PT_REGS_PARM1(regs), reg_word(regs, cfg_active_reason_arg),
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

#endif
