/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Events on their way out; what finds no room is counted. */
#ifndef RST_EMIT_BPF_H
#define RST_EMIT_BPF_H

VERIFIED_ONCE int event_begin(struct rst_event *e, __u32 type)
{
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	e->size = sizeof(*e);
	e->wire = RST_WIRE;
	e->type = type;
	e->cpu = bpf_get_smp_processor_id();
	e->time_ns = bpf_ktime_get_ns();
	e->flags = cfg_second ? EVF_SECOND : 0;
	e->owner.fd = -1;
	fill_task(&e->task);
	return 0;
}

static __always_inline struct rst_event *event_new(enum rst_event_type type)
{
	__u32 zero = 0;
	struct rst_stats *st = bpf_map_lookup_elem(&stats, &zero);
	struct rst_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (st)
		st->seen[type]++;
	if (!e) {
		if (st)
			st->lost[type]++;
		return NULL;
	}
	event_begin(e, type);
	return e;
}

/* The part of an event that any full socket gives. */
VERIFIED_ONCE int event_sock(struct rst_event *e, __u64 sock, const struct sk_info *info)
{
	struct sock *sk = (void *)sock;

	if (!e)
		return 0;
	e->flags |= EVF_SOCK;
	fill_sock(&e->sock, sk, info);
	flow_from_sk(&e->flow, sock);
	if (info) {
		e->owner = info->owner;
		/* tcp_disconnect() clears the peer; what was seen before it stands */
		if (!e->flow.rport)
			e->flow = info->flow;
	} else {
		listener_owner(&e->owner, &e->flow);
	}
	/* a listener has no connection, an MPTCP socket leaves it to its subflows */
	if (e->sock.state != TCP_LISTEN && sk_protocol(sk) == IPPROTO_TCP) {
		fill_evidence(&e->sock, sock);
		fill_extra(&e->extra, sock);
	}
	if (BPF_CORE_READ(sk, sk_dst_cache, dev, ifindex) == LOOPBACK_IFINDEX)
		e->flags |= EVF_LOOPBACK;
	return 0;
}

/* The owner of the last socket with these addresses, where there is none now. */
static __always_inline void reply_owner(struct rst_event *e)
{
	struct rst_flow key = e->flow;	/* up to 6.1 ring buffer memory is no map key */
	struct sk_info *info = bpf_map_lookup_elem(&recent, &key);

	if (info) {
		e->owner = info->owner;
		e->sock.id = info->id;
		e->sock.birth_ns = info->birth_ns;
		e->sock.old_state = info->old_state;
		e->sock.bits |= SOCKF_OLD_STATE;
		e->flags |= EVF_RECENT;
		/* only now is it known whether a FIN is among what was never acknowledged */
		if (e->sock.bits & SOCKF_EVIDENCE)
			fill_evidence(&e->sock, e->sock.sk);
	} else if (!(e->flags & (EVF_SOCK | EVF_TIMEWAIT))) {
		e->owner.how = OWNER_KERNEL;
	}
}

#endif
