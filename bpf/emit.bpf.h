/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Events on their way out; what finds no room is counted. */
#ifndef RST_EMIT_BPF_H
#define RST_EMIT_BPF_H

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
	__builtin_memset(e, 0, sizeof(*e));
	e->size = sizeof(*e);
	e->wire = RST_WIRE;
	e->type = type;
	e->cpu = bpf_get_smp_processor_id();
	e->time_ns = bpf_ktime_get_ns();
	e->owner.fd = -1;
	fill_task(&e->task);
	return e;
}

/* The part of an event that any full socket gives. */
static __always_inline void event_sock(struct rst_event *e, struct sock *sk, struct sk_info *info)
{
	e->flags |= EVF_SOCK;
	fill_sock(&e->sock, sk, info);
	if (e->sock.bits & SOCKF_EVIDENCE)
		fill_extra(&e->extra, sk);
	flow_from_sk(&e->flow, sk);
	if (info) {
		e->owner = info->owner;
		/* tcp_disconnect() clears the peer; what was seen before it stands */
		if (!e->flow.rport)
			e->flow = info->flow;
	} else {
		struct rst_owner *o = listener_of(&e->flow);

		if (o) {
			e->owner = *o;
			e->owner.how = OWNER_LISTENER;
		}
	}
	if (BPF_CORE_READ(sk, sk_dst_cache, dev, ifindex) == LOOPBACK_IFINDEX)
		e->flags |= EVF_LOOPBACK;
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
	} else if (!(e->flags & (EVF_SOCK | EVF_TIMEWAIT))) {
		e->owner.how = OWNER_KERNEL;
	}
}

#endif
