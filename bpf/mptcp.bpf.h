/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * MPTCP: a RST hits a subflow, which no process holds; programs call on the socket above it. That
 * socket has an entry from the RST to its end, without an id: the RST's event names it by its
 * address.
 */
#ifndef RST_MPTCP_BPF_H
#define RST_MPTCP_BPF_H

#define OPT_MPTCP 30		/* include/net/tcp.h */
#define MPTCP_JOIN 1		/* RFC 8684, 3.2: the upper four bits of the option's third byte */

/*
 * Whether a segment of a handshake, whose header is at tcp, has the option that joins an MPTCP
 * connection.
 */
static __always_inline bool asks_to_join(const struct segment *s, __u64 tcp)
{
	return tcp_option(tcp, tcp_header_len(s), OPT_MPTCP) >> 4 == MPTCP_JOIN;
}

/* A RST hits the subflow sk, whose flow is f, in this state. `known` is its entry, or NULL. */
VERIFIED_ONCE int parent_reset(__u64 sk, __u8 state, const struct rst_flow *f,
			       const struct sk_info *known, bool silent)
{
	__u64 msk = mptcp_parent((struct sock *)sk);
	struct sk_info *info;

	if (!msk || !f)
		return 0;
	info = info_new(msk);
	if (!info)
		return 0;
	mark_reset(info);
	info->reset_state = state;
	info->silent = silent;
	info->reset_err = state == TCP_SYN_SENT ? ECONNREFUSED : ECONNRESET;
	info->owner.fd = -1;
	if (known)
		info->owner = known->owner;
	else
		listener_owner(&info->owner, f);
	info->flow = *f;
	return 0;
}

/*
 * Notes that the reset became an error of this socket: it does not while another subflow may carry
 * on. A fast close sets the error before the state changes (mptcp_check_fastclose), a fallback to
 * TCP after that.
 */
static __always_inline void msk_error(struct sock *sk, struct sk_info *info)
{
	if (BPF_CORE_READ(sk, sk_err))
		info->told = 1;
}

/* Runs at every change to CLOSE; the last one comes when no process holds the socket any more. */
static __always_inline int msk_closes(struct sock *sk)
{
	struct sk_info *info = sock_info(sk);
	__u64 key = as_number(sk);
	struct sock_event *e;

	if (!info)
		return 0;
	msk_error(sk, info);
	if (!(BPF_CORE_READ(sk, __sk_common.skc_flags) & (1UL << SOCK_DEAD_BIT)))
		return 0;
	e = info->silent ? NULL : EVENT(sock, EV_DESTROY);
	if (e) {
		e->flow = info->flow;
		e->head.flags |= event_sock(&e->owner, &e->sock, &e->flow, key, info);
		e->head.err = info->told ? e->sock.sk_err : (__s32)info->reset_err;
		bpf_ringbuf_submit(e, 0);
	}
	unmark_reset(info);
	use_cache[use_slot(key)] = 0;
	bpf_map_delete_elem(&socks, &key);
	return 0;
}

#endif
