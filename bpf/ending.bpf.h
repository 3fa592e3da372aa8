/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Which end connected and which accepted, and how a connection ended. Both are kept after the end,
 * for segments that come when the socket is gone.
 */
#ifndef RST_ENDING_BPF_H
#define RST_ENDING_BPF_H

/*
 * The role of a socket older than the tool. An accepted one shows it by its TTL, see
 * accepted_ttl(); where the handshake came with a TTL of 1, as BGP's does, a socket on the port of
 * a listener is taken for accepted.
 */
static __always_inline __u8 older_role(struct sock *sk, const struct rst_flow *f)
{
	if (accepted_ttl(sk))
		return ROLE_SERVER;
	return (port_listens(f) ? ROLE_SERVER : ROLE_CLIENT) | ROLE_GUESS;
}

static __always_inline __u8 sock_role(struct sock *sk, const struct sk_info *info,
				      const struct rst_flow *f)
{
	return info && info->role ? info->role : older_role(sk, f);
}

static __always_inline void ends_at(struct sk_info *info, __u8 how, __u64 now_ns)
{
	info->end.how = how;
	info->end.role = info->role;
	info->end.time_ns = now_ns;
}

static __always_inline void ends(struct sk_info *info, __u8 how)
{
	ends_at(info, how, bpf_ktime_get_ns());
}

/* Keeps what is gone when a timewait sock answers: read when the end that closes first closes. */
static __always_inline void ends_by_close(struct sk_info *info, struct sock *sk, __u64 now_ns)
{
	struct tcp_sock *tp = cfg_typed ? bpf_skc_to_tcp_sock(sk) : (void *)sk;
	struct rst_ending *end = &info->end;
	__u32 now = bpf_jiffies64(), written;

	ends_at(info, END_CLOSED, now_ns);
	if (!tp)	/* for the verifier alone: every socket in these states is TCP's */
		return;
	written = TYPED_READ(tp, write_seq);
	end->bytes_in = TYPED_READ(tp, bytes_received);
	end->bytes_out = TYPED_READ(tp, bytes_sent) - TYPED_READ(tp, bytes_retrans) +
			 (__u32)(written - TYPED_READ(tp, snd_nxt));
	end->unsent = written - TYPED_READ(tp, snd_una);
	end->heard = now - TYPED_READ(tp, inet_conn.icsk_ack.lrcvtime);
	end->said = now - TYPED_READ(tp, lsndtime);
}

/* A hash of one end of a connection in its namespace. */
static __always_inline __u64 peace_hash(const struct rst_flow *f)
{
	__u64 h = f->lport << 16 | f->rport | (__u64)f->netns << 32;

	for (int i = 0; i < 4; i++)
		h = (h ^ *(__u32 *)(f->laddr + 4 * i)) * 0x9e3779b97f4a7c15ULL;
	for (int i = 0; i < 4; i++)
		h = (h ^ *(__u32 *)(f->raddr + 4 * i)) * 0x9e3779b97f4a7c15ULL;
	return h | 1;
}

static __always_inline void ends_in_peace(const struct rst_flow *f)
{
	__u64 h = peace_hash(f);
	__u32 slot = h >> 40 & (PEACE_SLOTS - 1);

	peace_flow[slot] = h;
	peace_ns[slot] = bpf_ktime_get_ns();
}

/* How the last connection with these addresses ended. */
VERIFIED_ONCE int find_ending(struct rst_ending *end, const struct rst_flow *f)
{
	struct sk_info *last;
	__u32 slot;
	__u64 h;

	if (!end || !f)
		return 0;
	last = closed_info(f);
	if (last) {
		*end = last->end;
		return 0;
	}
	h = peace_hash(f);
	slot = h >> 40 & (PEACE_SLOTS - 1);
	if (peace_flow[slot] != h)
		return 0;
	end->how = END_PEER_CLOSED;
	end->time_ns = peace_ns[slot];
	return 0;
}

#endif
