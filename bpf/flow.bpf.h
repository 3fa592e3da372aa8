/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which connection it is: the addresses and ports of a socket's two ends. */
#ifndef RST_FLOW_BPF_H
#define RST_FLOW_BPF_H

static __always_inline bool is_v4mapped(const __u8 *a)
{
	const __u32 *w = (const void *)a;

	return !w[0] && !w[1] && w[2] == bpf_htonl(0xffff);
}

/* Makes a v4-mapped pair of addresses plain v4. */
static __always_inline void flow_unmap(struct rst_flow *f)
{
	if (!is_v4mapped(f->laddr) || (!is_v4mapped(f->raddr) && *(__u64 *)f->raddr))
		return;
	f->family = 4;
	*(__u32 *)f->laddr = *(__u32 *)(f->laddr + 12);
	*(__u32 *)f->raddr = *(__u32 *)(f->raddr + 12);
	__builtin_memset(f->laddr + 4, 0, 12);
	__builtin_memset(f->raddr + 4, 0, 12);
}

/*
 * The front of struct sock_common, read at once: it has all that identifies a connection. A read
 * for each member would cost as much as all the rest of the work at a state change.
 */
struct common {
	__u64 word[12];
};

#define COMMON(c, type, member) \
	(*(type *)((void *)(c)->word + bpf_core_field_offset(struct sock_common, member)))

static __always_inline void copy_v6(__u8 *dst, const void *src)
{
	__builtin_memcpy(dst, src, 16);
}

/*
 * The flow of any sock. skc_num becomes 0 when the state becomes CLOSE, inet_sport stays as long as
 * the socket; timewait and request socks are no inet_sock.
 */
VERIFIED_ONCE int flow_from_sk(struct rst_flow *f, __u64 sock)
{
	struct sock *sk = (void *)sock;
	struct common c = {};
	struct net *net;
	__u8 state;

	if (!f)
		return 0;
	bpf_probe_read_kernel(&c, sizeof(c), sk);
	state = COMMON(&c, __u8, skc_state);
	net = COMMON(&c, struct net *, skc_net);
	f->netns = BPF_CORE_READ(net, ns.inum);
	f->rport = bpf_ntohs(COMMON(&c, __u16, skc_dport));
	f->lport = COMMON(&c, __u16, skc_num);
	if (!f->lport && state == TCP_TIME_WAIT)
		f->lport = bpf_ntohs(BPF_CORE_READ((struct inet_timewait_sock *)sk, tw_sport));
	else if (!f->lport && state != TCP_NEW_SYN_RECV)
		f->lport = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	if (COMMON(&c, __u16, skc_family) == AF_INET) {
		f->family = 4;
		*(__u32 *)f->laddr = COMMON(&c, __u32, skc_rcv_saddr);
		*(__u32 *)f->raddr = COMMON(&c, __u32, skc_daddr);
		return 0;
	}
	f->family = 6;
	if (bpf_core_field_exists(struct sock_common, skc_v6_daddr)) {
		copy_v6(f->laddr, &COMMON(&c, __u8, skc_v6_rcv_saddr));
		copy_v6(f->raddr, &COMMON(&c, __u8, skc_v6_daddr));
	}
	flow_unmap(f);
	return 0;
}

static __always_inline void copy_typed_v6(__u8 *dst, const struct in6_addr *src)
{
	for (int i = 0; i < 4; i++)
		((__u32 *)dst)[i] = src->in6_u.u6_addr32[i];
}

/*
 * The network namespace of a typed socket. For each load of a pointer through a typed one the
 * verifier goes through all the kernel's types (four times on 6.18, 4 ms): so a program does it
 * once, before its paths part.
 */
static __always_inline __u32 typed_netns(struct sock *sk)
{
	return cfg_typed ? sk->__sk_common.skc_net.net->ns.inum : 0;
}

/* The flow of a connection whose socket a typed tracepoint passes. */
static __always_inline void flow_from_typed(struct rst_flow *f, struct sock *sk, __u32 netns)
{
	if (!cfg_typed) {
		flow_from_sk(f, (__u64)sk);
		return;
	}
	f->netns = netns;
	f->rport = bpf_ntohs(sk->__sk_common.skc_dport);
	f->lport = sk->__sk_common.skc_num;
	if (!f->lport)
		f->lport = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	if (sk->__sk_common.skc_family == AF_INET) {
		f->family = 4;
		*(__u32 *)f->laddr = sk->__sk_common.skc_rcv_saddr;
		*(__u32 *)f->raddr = sk->__sk_common.skc_daddr;
		return;
	}
	f->family = 6;
	if (bpf_core_field_exists(struct sock_common, skc_v6_daddr)) {
		copy_typed_v6(f->laddr, &sk->__sk_common.skc_v6_rcv_saddr);
		copy_typed_v6(f->raddr, &sk->__sk_common.skc_v6_daddr);
	}
	flow_unmap(f);
}

#endif
