/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What it is: sockets and segments, read into the sections of an event. */
#ifndef RST_SOCK_BPF_H
#define RST_SOCK_BPF_H

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
#define IFF_UP 1		/* include/uapi/linux/if.h */
#define LOOPBACK_IFINDEX 1	/* include/net/net_namespace.h: in every namespace */

/* include/uapi/asm-generic/errno.h */
#define EACCES 13
#define EPIPE 32
#define ENONET 64
#define EPROTO 71
#define EBADMSG 74
#define ENOPROTOOPT 92
#define ENETDOWN 100
#define ECONNABORTED 103
#define ECONNRESET 104
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EHOSTUNREACH 113

#define SHUTDOWN_BOTH 3
#define SO_EE_ORIGIN_ICMP 2	/* include/uapi/linux/errqueue.h */
#define SO_EE_ORIGIN_ICMP6 3
#define SOCK_DEAD_BIT 0		/* include/net/sock.h, enum sock_flags */
#define SOCK_LINGER_BIT 4

enum {
	TCP_ESTABLISHED = 1, TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT1, TCP_FIN_WAIT2,
	TCP_TIME_WAIT, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_LAST_ACK, TCP_LISTEN, TCP_CLOSING,
	TCP_NEW_SYN_RECV,
};

#define TH_FIN 0x01
#define TH_SYN 0x02
#define TH_RST 0x04
#define TH_ACK 0x10

/* Errors that end a connection (asm-generic/errno.h), not EAGAIN and the like. */
static __always_inline bool fatal_errno(int err)
{
	return (err >= ENETDOWN && err <= ECONNRESET) ||
	       (err >= ETIMEDOUT && err <= EHOSTUNREACH) ||
	       err == EPIPE || err == EPROTO || err == ENOPROTOOPT ||
	       err == EACCES || err == ENONET;	/* only ICMP messages cause these */
}

static __always_inline __u16 sk_protocol(struct sock *sk)
{
	return BPF_CORE_READ_BITFIELD_PROBED(sk, sk_protocol);
}

static __always_inline bool sk_is_inet(struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return family == AF_INET || family == AF_INET6;
}

static __always_inline bool sk_is_tcp(struct sock *sk)
{
	return sk_is_inet(sk) && sk_protocol(sk) == IPPROTO_TCP;
}

/* A received segment: its TCP header as it came, what was read of that, and where it came in. */
struct segment {
	__u8 th[20];
	__u8 flags;
	__u8 ttl;
	__u16 pad;
	__u32 seq;
	__u32 ack;
	__u32 len;	/* payload bytes */
	__u32 iif;
};

static __always_inline int parse_tcp(struct segment *s, const void *tcp)
{
	if (bpf_probe_read_kernel(s->th, sizeof(s->th), tcp))
		return -1;
	s->flags = s->th[13];
	s->seq = bpf_ntohl(*(__u32 *)(s->th + 4));
	s->ack = bpf_ntohl(*(__u32 *)(s->th + 8));
	return 0;
}

static __always_inline __u32 less(__u32 a, __u32 b)
{
	return a > b ? a - b : 0;
}

static __always_inline unsigned char *tcp_header(struct sk_buff *skb)
{
	return BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header);
}

VERIFIED_ONCE int read_segment(struct segment *s, __u64 buf)
{
	struct sk_buff *skb = (void *)buf;

	if (!s || parse_tcp(s, tcp_header(skb)))
		return -1;
	s->iif = BPF_CORE_READ(skb, skb_iif);
	/* skb->data is at the TCP header here, so skb->len counts it. */
	s->len = less(BPF_CORE_READ(skb, len), (s->th[12] >> 4) * 4);
	return 0;
}

#define OPT_END 0		/* include/net/tcp.h */
#define OPT_NOP 1
#define MAX_OPTIONS 12

/* The byte after kind and length of this option, of the header at tcp; -1 if it has no such option. */
VERIFIED_ONCE int tcp_option(__u64 tcp, __u32 len, __u32 kind)
{
	__u32 at = 20;
	__u8 opt[3];

	for (int i = 0; i < MAX_OPTIONS && at + sizeof(opt) <= len; i++) {
		if (bpf_probe_read_kernel(opt, sizeof(opt), (void *)(tcp + at)) || opt[0] == OPT_END)
			return -1;
		if (opt[0] == kind)
			return opt[2];
		at += opt[0] == OPT_NOP ? 1 : opt[1];
	}
	return -1;
}

static __always_inline __u32 tcp_header_len(const struct segment *s)
{
	return (s->th[12] >> 4) * 4;
}

/*
 * The ICMP message in a socket's error queue. IPv4 queues every message that answers a SYN (from
 * 5.9 on), IPv6 only if asked to (IPV6_RECVERR). Returns the errno that the message stands for, or
 * 0. icmp may be NULL.
 */
VERIFIED_ONCE int read_icmp(struct rst_icmp *icmp, __u64 sock)
{
	struct sk_buff_head *queue = __builtin_preserve_access_index(&((struct sock *)sock)->sk_error_queue);
	struct sock_exterr_skb *cb;
	unsigned char *ip;
	struct sk_buff *skb;
	__u8 origin;

	if (!BPF_CORE_READ(queue, qlen))
		return 0;
	skb = BPF_CORE_READ(queue, prev);
	cb = (void *)__builtin_preserve_access_index(&skb->cb);
	origin = BPF_CORE_READ(cb, ee.ee_origin);
	if (origin != SO_EE_ORIGIN_ICMP && origin != SO_EE_ORIGIN_ICMP6)
		return 0;
	if (!icmp)
		return BPF_CORE_READ(cb, ee.ee_errno);
	ip = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	if (origin == SO_EE_ORIGIN_ICMP)
		bpf_probe_read_kernel(icmp->from, 4, ip + 12);
	else
		bpf_probe_read_kernel(icmp->from, 16, ip + 8);
	icmp->family = origin == SO_EE_ORIGIN_ICMP ? 4 : 6;
	icmp->type = BPF_CORE_READ(cb, ee.ee_type);
	icmp->code = BPF_CORE_READ(cb, ee.ee_code);
	return BPF_CORE_READ(cb, ee.ee_errno);
}

/* What an IP header shows of its sender and of the path from there. */
struct hop {
	__u16 ip_id;	/* v4 */
	__u8 ttl;	/* or hop limit */
};

/*
 * Reads that of a segment that TCP has received. One that was put together from several has no IP
 * header any more.
 */
VERIFIED_ONCE int read_hop(struct hop *hop, __u64 buf)
{
	struct sk_buff *skb = (void *)buf;
	__u32 at = BPF_CORE_READ(skb, network_header);
	__u32 len = less(BPF_CORE_READ(skb, transport_header), at);
	__u8 h[10] = {};

	if (!hop || bpf_probe_read_kernel(h, sizeof(h), BPF_CORE_READ(skb, head) + at))
		return -1;
	if (h[0] >> 4 == 4 && (h[0] & 0xf) * 4 == len && h[9] == IPPROTO_TCP) {
		hop->ip_id = bpf_ntohs(*(__u16 *)(h + 4));
		hop->ttl = h[8];
	} else if (h[0] >> 4 == 6 && len >= 40 && len < 0xffff - at) {
		hop->ttl = h[7];
	} else {
		return -1;
	}
	return 0;
}

/*
 * The TTL of the handshake's last ACK, if the connection was accepted: tcp_v{4,6}_syn_recv_sock()
 * leave it where a socket keeps the TTL for multicast, which TCP does not use and setsockopt()
 * refuses to change. All other sockets have the default there, 1.
 */
static __always_inline __u8 accepted_ttl(struct sock *sk)
{
	struct inet_sock *inet = (struct inet_sock *)sk;
	__u8 ttl = BPF_CORE_READ(inet, mc_ttl);
	struct ipv6_pinfo *np;

	if (ttl <= 1 && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6) {
		np = BPF_CORE_READ(inet, pinet6);
		ttl = BPF_CORE_READ_BITFIELD_PROBED(np, mcast_hops);
	}
	return ttl > 1 ? ttl : 0;
}

/* Fills in the TTLs of the connection's own segments, to compare a RST's with. */
static __always_inline void fill_hops(struct rst_seg *seg, struct sock *sk)
{
	struct hop hop = {};

	if (!seg->flow_ttl)
		seg->flow_ttl = accepted_ttl(sk);
	if (!BPF_CORE_READ(sk, sk_receive_queue.qlen) ||
	    read_hop(&hop, (__u64)BPF_CORE_READ(sk, sk_receive_queue.prev)))
		return;
	seg->queued_ttl = hop.ttl;
	seg->queued_ip_id = hop.ip_id;
}

/*
 * As read_segment(), for a segment that netfilter holds: skb->data is at the IP header, and the
 * length is taken from that header.
 */
static __noinline int read_filtered(struct segment *s, struct sk_buff *skb)
{
	unsigned char *ip = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	__u8 h[8] = {};
	__u32 l4, total;

	if (bpf_probe_read_kernel(h, sizeof(h), ip))
		return -1;
	if (h[0] >> 4 == 4) {
		l4 = (h[0] & 0xf) * 4;
		total = bpf_ntohs(*(__u16 *)(h + 2));
	} else {
		/* they are behind extension headers, if there are any */
		l4 = less(BPF_CORE_READ(skb, transport_header), BPF_CORE_READ(skb, network_header));
		total = bpf_ntohs(*(__u16 *)(h + 4)) + 40;
	}
	if (parse_tcp(s, ip + l4))
		return -1;
	s->iif = BPF_CORE_READ(skb, skb_iif);
	s->len = less(total, l4 + (s->th[12] >> 4) * 4);
	return 0;
}

/* The flow of a received segment, as the receiving end sees it. */
VERIFIED_ONCE int flow_from_skb(struct rst_flow *f, const struct segment *s, __u64 buf)
{
	struct sk_buff *skb = (void *)buf;
	unsigned char *ip = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	__u8 version;

	if (!f || !s || bpf_probe_read_kernel(&version, 1, ip))
		return -1;
	if (version >> 4 == 4) {
		f->family = 4;
		bpf_probe_read_kernel(f->raddr, 4, ip + 12);
		bpf_probe_read_kernel(f->laddr, 4, ip + 16);
	} else {
		f->family = 6;
		bpf_probe_read_kernel(f->raddr, 16, ip + 8);
		bpf_probe_read_kernel(f->laddr, 16, ip + 24);
	}
	f->rport = bpf_ntohs(*(__u16 *)s->th);
	f->lport = bpf_ntohs(*(__u16 *)(s->th + 2));
	return 0;
}

static __always_inline struct dst_entry *skb_route(struct sk_buff *skb)
{
	return (struct dst_entry *)(BPF_CORE_READ(skb, _skb_refdst) & ~1UL);
}

static __always_inline __u32 dst_netns(struct dst_entry *dst)
{
	return BPF_CORE_READ(dst, dev, nd_net.net, ns.inum);
}

/* The sequence number that tcp_send_active_reset() puts on the wire (tcp_acceptable_seq). */
static __always_inline __u32 acceptable_seq(struct tcp_sock *tp)
{
	__u32 nxt = BPF_CORE_READ(tp, snd_nxt);
	__u32 end = BPF_CORE_READ(tp, snd_una) + BPF_CORE_READ(tp, snd_wnd);

	if ((__s32)(end - nxt) >= 0)
		return nxt;
	if (BPF_CORE_READ_BITFIELD_PROBED(tp, rx_opt.wscale_ok) &&
	    nxt - end < (1U << (BPF_CORE_READ_BITFIELD_PROBED(tp, rx_opt.rcv_wscale) & 31)))
		return nxt;
	return end;
}

/*
 * Data bytes between two sequence numbers; a SYN or FIN among them (`flag`) counts as one and is
 * left out.
 */
static __always_inline __u32 data_between(__u32 from, __u32 to, bool flag)
{
	__u32 n = to - from;

	return n && flag ? n - 1 : n;
}

VERIFIED_ONCE int fill_evidence(struct rst_sock *s, __u64 sock)
{
	struct tcp_sock *tp = (void *)sock;
	bool fin_in, fin_out;
	__u8 st;

	if (!s)
		return 0;
	st = s->bits & SOCKF_OLD_STATE ? s->old_state : s->state;
	fin_in = st == TCP_CLOSE_WAIT || st == TCP_LAST_ACK || st == TCP_CLOSING;
	fin_out = st == TCP_FIN_WAIT1 || st == TCP_LAST_ACK || st == TCP_CLOSING;
	s->snd_nxt = BPF_CORE_READ(tp, snd_nxt);
	s->rcv_nxt = BPF_CORE_READ(tp, rcv_nxt);
	s->unread = data_between(BPF_CORE_READ(tp, copied_seq), s->rcv_nxt, fin_in);
	s->unsent = data_between(BPF_CORE_READ(tp, snd_una), BPF_CORE_READ(tp, write_seq),
				 fin_out || st == TCP_SYN_SENT);
	/* bytes_received includes the peer's FIN, bytes_sent has data alone */
	s->bytes_in = BPF_CORE_READ(tp, bytes_received);
	if (fin_in && s->bytes_in)
		s->bytes_in--;
	s->bytes_out = BPF_CORE_READ(tp, bytes_sent) - BPF_CORE_READ(tp, bytes_retrans);
	s->srtt_us = BPF_CORE_READ(tp, srtt_us) >> 3;
	s->retrans = BPF_CORE_READ(tp, total_retrans);
	s->linger2 = BPF_CORE_READ(tp, linger2);
	s->bits |= SOCKF_EVIDENCE;
	return 0;
}

/* The MPTCP socket of a subflow: the one that a process holds; 0: it is no subflow. */
static __always_inline __u64 mptcp_parent(struct sock *sk)
{
	struct mptcp_subflow_context *ctx;

	if (!bpf_core_field_exists(struct tcp_sock, is_mptcp) ||
	    !BPF_CORE_READ((struct tcp_sock *)sk, is_mptcp))
		return 0;
	ctx = BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_data);
	return ctx ? (__u64)BPF_CORE_READ(ctx, conn) : 0;
}

/*
 * Whether this socket has a connection of its own: a listener has none, and an MPTCP socket's is
 * its subflows'.
 */
static __always_inline bool has_connection(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_LISTEN && sk_protocol(sk) == IPPROTO_TCP;
}

VERIFIED_ONCE int fill_extra(struct rst_extra *x, __u64 sock)
{
	struct inet_connection_sock *icsk = (void *)sock;
	struct sock *sk = (void *)sock;

	if (!x || !has_connection(sk))
		return 0;
	x->msk = mptcp_parent(sk);
	x->jiffies = bpf_jiffies64();
	x->lsndtime = BPF_CORE_READ((struct tcp_sock *)sk, lsndtime);
	x->lrcvtime = BPF_CORE_READ(icsk, icsk_ack.lrcvtime);
	x->user_timeout_ms = BPF_CORE_READ(icsk, icsk_user_timeout);
	x->retransmits = BPF_CORE_READ(icsk, icsk_retransmits);
	x->probes_out = BPF_CORE_READ(icsk, icsk_probes_out);
	x->segs_in = BPF_CORE_READ((struct tcp_sock *)sk, segs_in);
	x->segs_out = BPF_CORE_READ((struct tcp_sock *)sk, segs_out);
	x->data_segs_in = BPF_CORE_READ((struct tcp_sock *)sk, data_segs_in);
	x->data_segs_out = BPF_CORE_READ((struct tcp_sock *)sk, data_segs_out);
	return 0;
}

/* Fills in the members of a full socket; not for timewait and request socks. */
static __always_inline void fill_sock(struct rst_sock *s, struct sock *sk,
				      const struct sk_info *info)
{
	unsigned long flags = BPF_CORE_READ(sk, __sk_common.skc_flags);

	s->sk = (__u64)sk;
	s->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	s->shutdown = BPF_CORE_READ_BITFIELD_PROBED(sk, sk_shutdown);
	s->sk_err = BPF_CORE_READ(sk, sk_err);
	s->accept_queue = BPF_CORE_READ(sk, sk_ack_backlog);
	s->accept_queue_max = BPF_CORE_READ(sk, sk_max_ack_backlog);
	if (flags & (1UL << SOCK_DEAD_BIT))
		s->bits |= SOCKF_DEAD;
	if (flags & (1UL << SOCK_LINGER_BIT)) {
		s->bits |= SOCKF_LINGER;
		s->lingertime = BPF_CORE_READ_BITFIELD_PROBED(sk, sk_lingertime);
	}
	if (!BPF_CORE_READ(sk, sk_socket))
		s->bits |= SOCKF_ORPHAN;
	if (info) {
		s->id = info->id;
		s->birth_ns = info->birth_ns;
		if (info->closed && s->state == TCP_CLOSE) {
			s->old_state = info->old_state;
			s->bits |= SOCKF_OLD_STATE;
		}
	}
}

#endif
