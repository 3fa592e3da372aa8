/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * RSTs that arrive and end no socket: always counted, and told if events were asked for. A RST that
 * tcp_reset() obeys is freed by __kfree_skb(), which no tracepoint shows: so none is both obeyed
 * and seen here.
 */
#ifndef RST_HOOK_IGNORED_BPF_H
#define RST_HOOK_IGNORED_BPF_H

const volatile __u32 cfg_ignored_events;
/* For each number of enum skb_drop_reason, what it means here: enum rst_drop. */
const volatile __u8 cfg_drop[RST_DROP_REASONS];
/* tracepoint kfree_skb(skb, location) up to 5.16, + reason from 5.17, + rx_sk from 6.11 */
const volatile __u32 cfg_drop_reason_arg;
const volatile __u32 cfg_drop_sk_arg;
/* Which hooks are there, so that no RST is counted twice. */
const volatile __u32 cfg_tp_drops;		/* kfree_skb is attached */
const volatile __u32 cfg_tp_handshakes;		/* ... and shows drops for sockets that are no full sock */
const volatile __u32 cfg_sees_challenge;	/* tcp_send_challenge_ack() is hooked */

static __always_inline void ignored_rst(struct rst_head *head, struct rst_seg *seg,
					const struct segment *s)
{
	head->flags |= EVF_SEQ;
	seg->rst_seq = s->seq;
	if (s->flags & TH_ACK) {
		seg->rst_ack = s->ack;
		head->flags |= EVF_ACK;
	}
	if (s->iif == LOOPBACK_IFINDEX)
		head->flags |= EVF_LOOPBACK;
}

/* Tells a RST for which there was no socket, now or lately. */
static __always_inline int ignored_by_nobody(enum rst_fate fate, const struct rst_flow *f,
					     const struct segment *s)
{
	struct noted_event *e = EVENT(noted, EV_IGNORED);

	if (!e)
		return 0;
	e->flow = *f;
	e->head.flags |= EVF_NOBODY;
	e->extra.fate = fate;
	ignored_rst(&e->head, &e->seg, s);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#define TRAIN 4			/* how many are told of a train of resets */

/*
 * Whether to tell one more RST for a connection that a RST has ended. A few are told: if several
 * come, their sender may not be the peer.
 */
static __always_inline bool comes_after(struct sk_info *last)
{
	return last && last->end.how == END_RST_RECEIVED && last->end.told++ < TRAIN;
}

/* Tells a RST. sk may be NULL, a full or a timewait sock; for FATE_HANDSHAKE it is the listener. */
static __noinline int ignored_event(enum rst_fate fate, struct sock *sk, struct sk_buff *skb,
				    const struct segment *s)
{
	__u8 state = sk ? BPF_CORE_READ(sk, __sk_common.skc_state) : 0;
	bool full = sk && state != TCP_TIME_WAIT;
	struct sk_info *last = NULL;
	struct rst_flow f = {};
	struct end_event *e;

	flow_from_skb(&f, s, (__u64)skb);
	f.netns = sk ? BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) :
		       dst_netns(skb_route(skb));
	last = full ? sock_info(sk) : closed_info(&f);
	if (!cfg_ignored_events && !comes_after(last))
		return 0;
	if (!sk && !last)
		return ignored_by_nobody(fate, &f, s);
	e = EVENT(end, EV_IGNORED);
	if (!e)
		return 0;
	e->flow = f;
	e->sock.state = state;
	if (fate == FATE_TIME_WAIT)
		e->head.flags |= EVF_TIMEWAIT;
	if (full) {
		e->head.flags |= event_sock(&e->owner, &e->sock, &e->flow, (__u64)sk, last);
		fill_extra(&e->extra, (__u64)sk);
	} else if (last) {
		last_owner(e, last);
	}
	e->extra.fate = fate;
	if (state == TCP_LISTEN)
		e->head.flags |= fate == FATE_HANDSHAKE ? EVF_REQUEST : EVF_LISTEN;
	ignored_rst(&e->head, &e->seg, s);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

static __always_inline int on_ignored(enum rst_fate fate, struct sock *sk, struct sk_buff *skb,
				      const struct segment *s)
{
	__u32 zero = 0;
	struct rst_stats *st = bpf_map_lookup_elem(&stats, &zero);

	if (st && fate < FATE_MAX)
		__sync_fetch_and_add(&st->ignored[fate], 1);
	return ignored_event(fate, sk, skb, s);
}

/* The fate where the kernel names the socket that dropped the RST: from 6.11 on. */
static __always_inline enum rst_fate fate_by_socket(struct sock *sk, __u8 drop)
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	switch (state) {
	case TCP_TIME_WAIT:
		return FATE_TIME_WAIT;
	case TCP_LISTEN:
		return drop == DROP_RESET || drop == DROP_FLAGS ? FATE_LISTENER : FATE_HANDSHAKE;
	case TCP_SYN_SENT:
		return FATE_CONNECTING;
	case TCP_CLOSE:
		return FATE_CLOSED;
	}
	return drop == DROP_RESET ? FATE_CHALLENGED :
	       drop == DROP_SEQUENCE ? FATE_OUT_OF_WINDOW : FATE_UNKNOWN;
}

/* The socket that answered this very segment with a challenge ACK, or NULL. */
static __always_inline struct sock *challenger_of(const struct segment *s)
{
	__u32 zero = 0;
	__u64 *last = bpf_map_lookup_elem(&challenger, &zero);
	struct sock *sk = last ? (struct sock *)*last : NULL;

	if (!sk)
		return NULL;
	*last = 0;
	return BPF_CORE_READ(sk, __sk_common.skc_dport) == *(__u16 *)s->th ? sk : NULL;
}

static __always_inline bool is_for_listener(struct sk_buff *skb, const struct segment *s)
{
	struct rst_flow f = {};

	flow_from_skb(&f, s, (__u64)skb);
	f.netns = dst_netns(skb_route(skb));
	return listener_owner(NULL, &f);
}

/*
 * The fate where only the reason is known. The kernel gives TCP_RESET for a challenged RST, with or
 * without an ACK, and for one without an ACK for a socket in LISTEN or SYN_SENT.
 */
static __always_inline enum rst_fate fate_by_reason(struct sock **sk, struct sk_buff *skb,
						    const struct segment *s, __u8 drop)
{
	switch (drop) {
	case DROP_NO_SOCKET:
		return FATE_NO_SOCKET;
	case DROP_SEQUENCE:
		return FATE_OUT_OF_WINDOW;
	case DROP_CLOSED:
		return FATE_CLOSED;
	case DROP_FLAGS:
		return FATE_LISTENER;
	case DROP_ACK:
		return FATE_CONNECTING;
	}
	*sk = challenger_of(s);
	if (*sk || (s->flags & TH_ACK))
		return FATE_CHALLENGED;
	return cfg_sees_challenge && is_for_listener(skb, s) ? FATE_LISTENER : FATE_UNKNOWN;
}

/*
 * Whether a packet may be a RST, by two reads of it, or by one if it is not TCP: floods of other
 * drops end here. What passes is looked at more closely.
 */
static __always_inline bool may_be_rst(struct sk_buff *skb)
{
	unsigned char *head = TYPED_READ(skb, head);
	__u8 ip[10], flags;

	if (bpf_probe_read_kernel(ip, sizeof(ip), head + TYPED_READ(skb, network_header)))
		return false;
	if (ip[ip[0] >> 4 == 4 ? 9 : 6] != IPPROTO_TCP)
		return false;
	return !bpf_probe_read_kernel(&flags, sizeof(flags),
				      head + TYPED_READ(skb, transport_header) + 13) &&
	       flags & TH_RST;
}

/* An ordinary drop returns at the first test, or after its flags were read. */
static __always_inline int on_drop(struct sk_buff *skb, __u64 reason, struct sock *sk)
{
	__u32 n = reason;
	struct segment s = {};
	enum rst_fate fate;
	__u8 drop;

	if (n >= RST_DROP_REASONS)
		return 0;
	drop = cfg_drop[n];
	if (!drop)
		return 0;
	if (drop == DROP_FILTERED)
		return cfg_shows_filtered ? on_filtered((void *)as_number(skb)) : 0;
	/* as a number: up to 6.12.5 the verifier believes that a typed pointer is never NULL */
	if ((drop == DROP_UNSPECIFIED && !as_number(sk)) || !may_be_rst(skb))
		return 0;
	sk = (void *)as_number(sk);
	skb = (void *)as_number(skb);
	if (!skb_is_tcp(skb) || read_segment(&s, (__u64)skb) || !(s.flags & TH_RST))
		return 0;
	if (sk && BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_TIME_WAIT && !sk_is_tcp(sk))
		return 0;
	fate = sk ? fate_by_socket(sk, drop) : fate_by_reason(&sk, skb, &s, drop);
	if (!cfg_tp_handshakes && (fate == FATE_TIME_WAIT || fate == FATE_HANDSHAKE))
		return 0;
	return on_ignored(fate, sk, skb, &s);
}

/*
 * tcp_v{4,6}_send_reset() is entered for a RST, which it does not answer: used where no hook shows
 * the drop itself.
 */
static __always_inline int on_unanswered(struct sock *sk, struct sk_buff *skb,
					 const struct segment *s)
{
	__u8 state;

	if (cfg_tp_drops && (!sk || cfg_drop_sk_arg))
		return 0;
	if (!sk)
		return on_ignored(FATE_NO_SOCKET, NULL, skb, s);
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	return on_ignored(state == TCP_LISTEN ? FATE_LISTENER :
			  state == TCP_SYN_SENT ? FATE_CONNECTING : FATE_UNKNOWN, sk, skb, s);
}

/*
 * tcp_check_req() sees every ACK that completes a handshake. A RST with a wrong ACK goes on to the
 * listener; one for a Fast Open child is obeyed.
 */
static __always_inline int on_handshake(struct sock *sk, struct sk_buff *skb, void *req,
					bool fastopen)
{
	struct segment s = {};

	sk = (void *)as_number(sk);
	skb = (void *)as_number(skb);
	if (fastopen || read_segment(&s, (__u64)skb) || !(s.flags & TH_RST))
		return 0;
	if ((s.flags & TH_ACK) &&
	    s.ack != BPF_CORE_READ((struct tcp_request_sock *)req, snt_isn) + 1)
		return 0;
	return on_ignored(FATE_HANDSHAKE, sk, skb, &s);
}

static __always_inline int on_timewait(struct sock *sk, struct sk_buff *skb)
{
	struct segment s = {};

	sk = (void *)as_number(sk);
	skb = (void *)as_number(skb);
	if (read_segment(&s, (__u64)skb) || !(s.flags & TH_RST))
		return 0;
	return on_ignored(FATE_TIME_WAIT, sk, skb, &s);
}

static __always_inline int on_challenge(__u64 sk)
{
	__u32 zero = 0;
	__u64 *last = bpf_map_lookup_elem(&challenger, &zero);

	if (last)
		*last = sk;
	return 0;
}

SEC("typed_tp/kfree_skb")
int tp_kfree_skb(unsigned long long *ctx)
{
	__u64 reason = ctx_word(ctx, cfg_drop_reason_arg);
	__u64 sk = ctx_word(ctx, cfg_drop_sk_arg);

	return on_drop((void *)ctx[0], reason, (void *)sk);
}

/* A bool is one byte of its context word; the other bytes may hold anything on old kernels. */
SEC("fentry/tcp_check_req")
int fentry_tcp_check_req(unsigned long long *ctx)
{
	return on_handshake((void *)ctx[0], (void *)ctx[1], (void *)ctx[2], ctx[3] & 0xff);
}

SEC("fentry/tcp_timewait_state_process")
int fentry_tcp_timewait_state_process(unsigned long long *ctx)
{
	return on_timewait((void *)ctx[0], (void *)ctx[1]);
}

SEC("fentry/tcp_send_challenge_ack")
int fentry_tcp_send_challenge_ack(unsigned long long *ctx)
{
	return on_challenge(as_number((void *)ctx[0]));
}

SEC("kprobe/tcp_check_req")
int kprobe_tcp_check_req(struct pt_regs *regs)
{
	return on_handshake((void *)PT_REGS_PARM1(regs), (void *)PT_REGS_PARM2(regs),
			    (void *)PT_REGS_PARM3(regs), PT_REGS_PARM4(regs) & 0xff);
}

SEC("kprobe/tcp_timewait_state_process")
int kprobe_tcp_timewait_state_process(struct pt_regs *regs)
{
	return on_timewait((void *)PT_REGS_PARM1(regs), (void *)PT_REGS_PARM2(regs));
}

SEC("kprobe/tcp_send_challenge_ack")
int kprobe_tcp_send_challenge_ack(struct pt_regs *regs)
{
	return on_challenge(PT_REGS_PARM1(regs));
}

#endif
