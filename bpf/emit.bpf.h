/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Events on their way out; what finds no room is counted, and told of by a gap.
 *
 * The ring buffer wants to know how much room an event takes before there is any,
 * and up to 5.18 as a constant: hence a layout for each set of sections that
 * events have in common. A handler finds out first which one it needs.
 */
#ifndef RST_EMIT_BPF_H
#define RST_EMIT_BPF_H

#define SECTION(name) struct rst_section name##_front; struct rst_##name name

/* A segment met no socket, and none that was here lately. */
struct segment_event {
	struct rst_head head;
	SECTION(task);
	SECTION(flow);
	SECTION(seg);
};

/* ... and something more is known: the rule that answered it, what became of it. */
struct noted_event {
	struct rst_head head;
	SECTION(task);
	SECTION(flow);
	SECTION(seg);
	SECTION(extra);
};

/* A socket, and no RST. */
struct sock_event {
	struct rst_head head;
	SECTION(task);
	SECTION(owner);
	SECTION(flow);
	SECTION(sock);
};

/* ... with what tells why it died. */
struct abort_event {
	struct rst_head head;
	SECTION(task);
	SECTION(owner);
	SECTION(flow);
	SECTION(sock);
	SECTION(extra);
	SECTION(icmp);
};

/* One end of a RST. */
struct end_event {
	struct rst_head head;
	SECTION(task);
	SECTION(owner);
	SECTION(flow);
	SECTION(sock);
	SECTION(seg);
	SECTION(extra);
};

/* ... and the other one. */
struct both_event {
	struct end_event end;
	SECTION(peer);
};

/* ... that came with a text, as none of Linux's own does: no other end of this host's. */
struct spoken_event {
	struct end_event end;
	SECTION(payload);
};

/* ... and how the connection had ended before. */
struct past_event {
	struct end_event end;
	SECTION(ending);
};

struct fork_event {
	struct rst_head head;
	SECTION(task);
	SECTION(child);
};

struct exit_event {
	struct rst_head head;
	SECTION(task);
};

struct gap_event {
	struct rst_head head;
	SECTION(gap);
};

#define BEGIN_SECTION(e, name, number) do {					\
	(e)->name##_front.kind = (number);					\
	(e)->name##_front.size = sizeof((e)->name##_front) + sizeof((e)->name);	\
} while (0)

static __always_inline void begin_head(struct rst_head *h, __u32 type, __u32 size)
{
	h->size = size;
	h->wire = RST_WIRE;
	h->type = type;
	h->cpu = bpf_get_smp_processor_id();
	h->time_ns = bpf_ktime_get_ns();
	h->flags = cfg_second ? EVF_SECOND : 0;
}

VERIFIED_ONCE int begin_segment_event(struct segment_event *e, __u32 type)
{
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	begin_head(&e->head, type, sizeof(*e));
	BEGIN_SECTION(e, task, SEC_TASK);
	BEGIN_SECTION(e, flow, SEC_FLOW);
	BEGIN_SECTION(e, seg, SEC_SEG);
	fill_task(&e->task);
	return 0;
}

VERIFIED_ONCE int begin_noted_event(struct noted_event *e, __u32 type)
{
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	begin_head(&e->head, type, sizeof(*e));
	BEGIN_SECTION(e, task, SEC_TASK);
	BEGIN_SECTION(e, flow, SEC_FLOW);
	BEGIN_SECTION(e, seg, SEC_SEG);
	BEGIN_SECTION(e, extra, SEC_EXTRA);
	fill_task(&e->task);
	return 0;
}

VERIFIED_ONCE int begin_sock_event(struct sock_event *e, __u32 type)
{
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	begin_head(&e->head, type, sizeof(*e));
	BEGIN_SECTION(e, task, SEC_TASK);
	BEGIN_SECTION(e, owner, SEC_OWNER);
	BEGIN_SECTION(e, flow, SEC_FLOW);
	BEGIN_SECTION(e, sock, SEC_SOCK);
	e->owner.fd = -1;
	fill_task(&e->task);
	return 0;
}

VERIFIED_ONCE int begin_abort_event(struct abort_event *e, __u32 type)
{
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	begin_head(&e->head, type, sizeof(*e));
	BEGIN_SECTION(e, task, SEC_TASK);
	BEGIN_SECTION(e, owner, SEC_OWNER);
	BEGIN_SECTION(e, flow, SEC_FLOW);
	BEGIN_SECTION(e, sock, SEC_SOCK);
	BEGIN_SECTION(e, extra, SEC_EXTRA);
	BEGIN_SECTION(e, icmp, SEC_ICMP);
	e->owner.fd = -1;
	fill_task(&e->task);
	return 0;
}

VERIFIED_ONCE int begin_end_event(struct end_event *e, __u32 type)
{
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	begin_head(&e->head, type, sizeof(*e));
	BEGIN_SECTION(e, task, SEC_TASK);
	BEGIN_SECTION(e, owner, SEC_OWNER);
	BEGIN_SECTION(e, flow, SEC_FLOW);
	BEGIN_SECTION(e, sock, SEC_SOCK);
	BEGIN_SECTION(e, seg, SEC_SEG);
	BEGIN_SECTION(e, extra, SEC_EXTRA);
	e->owner.fd = -1;
	fill_task(&e->task);
	return 0;
}

VERIFIED_ONCE int begin_both_event(struct both_event *e, __u32 type)
{
	if (!e)
		return 0;
	begin_end_event(&e->end, type);
	e->end.head.size = sizeof(*e);
	__builtin_memset(&e->peer_front, 0, sizeof(*e) - offsetof(struct both_event, peer_front));
	BEGIN_SECTION(e, peer, SEC_PEER);
	return 0;
}

VERIFIED_ONCE int begin_spoken_event(struct spoken_event *e, __u32 type)
{
	if (!e)
		return 0;
	begin_end_event(&e->end, type);
	e->end.head.size = sizeof(*e);
	__builtin_memset(&e->payload_front, 0, sizeof(*e) - offsetof(struct spoken_event, payload_front));
	BEGIN_SECTION(e, payload, SEC_PAYLOAD);
	return 0;
}

VERIFIED_ONCE int begin_past_event(struct past_event *e, __u32 type)
{
	if (!e)
		return 0;
	begin_end_event(&e->end, type);
	e->end.head.size = sizeof(*e);
	__builtin_memset(&e->ending_front, 0, sizeof(*e) - offsetof(struct past_event, ending_front));
	BEGIN_SECTION(e, ending, SEC_ENDING);
	return 0;
}

/*
 * Says what has been lost on this CPU, as soon as there is room to say it. A
 * program that runs in the midst of this may tell the same again, or make another
 * gap: none is forgotten.
 */
VERIFIED_ONCE int tell_gap(struct rst_stats *st)
{
	struct gap_event *e;

	if (!st)
		return 0;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	begin_head(&e->head, EV_GAP, sizeof(*e));
	BEGIN_SECTION(e, gap, SEC_GAP);
	e->gap.from_ns = st->gap_ns;
	st->gap_ns = 0;
	barrier();
	for (int i = 0; i < EV_TYPE_MAX; i++) {
		__u64 lost = st->lost[i];

		e->gap.lost[i] = lost - st->told[i];
		st->told[i] = lost;
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* Room for an event, or NULL. Programs nest, on one CPU too: counters are added to atomically. */
static __always_inline void *event_room(enum rst_event_type type, __u32 size)
{
	__u32 zero = 0;
	struct rst_stats *st = bpf_map_lookup_elem(&stats, &zero);
	void *e;

	if (!st)
		return NULL;
	__sync_fetch_and_add(&st->seen[type], 1);
	e = bpf_ringbuf_reserve(&events, size, 0);
	if (e) {
		if (st->gap_ns)
			tell_gap(st);
		return e;
	}
	__sync_fetch_and_add(&st->lost[type], 1);
	if (!st->gap_ns)
		st->gap_ns = bpf_ktime_get_ns();
	return NULL;
}

/* EVENT(sock, EV_CALL): a struct sock_event that has been begun, or NULL. */
#define EVENT(layout, type) ({							\
	struct layout##_event *event_ = event_room(type, sizeof(*event_));	\
										\
	if (event_)								\
		begin_##layout##_event(event_, type);				\
	event_;									\
})

/* tcp_disconnect() clears the peer; what was seen before it stands. */
VERIFIED_ONCE int sock_flow(struct rst_flow *f, __u64 sock, const struct sk_info *info)
{
	if (!f)
		return 0;
	flow_from_sk(f, sock);
	if (info && !f->rport)
		*f = info->flow;
	forget_values(f, sizeof(*f));
	return 0;
}

/* What any full socket gives, all but its flow: what it means for the event's flags. */
VERIFIED_ONCE int event_sock(struct rst_owner *o, struct rst_sock *s, const struct rst_flow *f,
			     __u64 sock, const struct sk_info *info)
{
	struct sock *sk = (void *)sock;
	struct net_device *dev;
	__u32 flags;

	if (!o || !s || !f)
		return 0;
	fill_sock(s, sk, info);
	if (info)
		*o = info->owner;
	else
		listener_owner(o, f);
	if (has_connection(sk))
		fill_evidence(s, sock);
	dev = BPF_CORE_READ(sk, sk_dst_cache, dev);
	flags = dev && BPF_CORE_READ(dev, flags) & IFF_UP ? EVF_SOCK : EVF_SOCK | EVF_UNROUTED;
	return dev && BPF_CORE_READ(dev, ifindex) == LOOPBACK_IFINDEX ? flags | EVF_LOOPBACK : flags;
}

/* The owner of the last socket with these addresses, where there is none now. */
static __always_inline void last_owner(struct end_event *e, const struct sk_info *last)
{
	e->owner = last->owner;
	e->sock.id = last->id;
	e->sock.birth_ns = last->birth_ns;
	e->sock.old_state = last->old_state;
	e->sock.bits |= SOCKF_OLD_STATE;
	e->head.flags |= EVF_RECENT;
	/* only now is it known whether a FIN is among what was never acknowledged */
	if (e->sock.bits & SOCKF_EVIDENCE)
		fill_evidence(&e->sock, e->sock.sk);
}

#endif
