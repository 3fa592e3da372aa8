/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * How events are written. An event that finds no room is counted, and a later gap event says so.
 *
 * The ring buffer must know the size of an event before it gives room, and up to 5.18 as a
 * constant: so there is a layout for each set of sections that events have. A handler first finds
 * out which layout it needs.
 */
#ifndef RST_EMIT_BPF_H
#define RST_EMIT_BPF_H

#define SECTION(name) struct rst_section name##_front; struct rst_##name name

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

/*
 * LAYOUT(sock, SOCK) makes struct sock_event of the sections that SOCK lists, and
 * begin_sock_event(), which fills in its head, the heads of its sections and its task. Each layout
 * has such a function of its own: the verifier takes the size of what a global function gets from
 * the type of the argument.
 */
#define LAYOUT(layout, SECTIONS)						\
struct layout##_event {								\
	struct rst_head head;							\
	SECTIONS(LAYOUT_MEMBER)							\
};										\
VERIFIED_ONCE int begin_##layout##_event(struct layout##_event *e, __u32 type)	\
{										\
	if (!e)									\
		return 0;							\
	__builtin_memset(e, 0, sizeof(*e));					\
	begin_head(&e->head, type, sizeof(*e));					\
	SECTIONS(LAYOUT_BEGIN)							\
	fill_task(&e->task);							\
	return 0;								\
}
#define LAYOUT_MEMBER(name, ...) SECTION(name);
#define LAYOUT_BEGIN(name, number, ...) BEGIN_SECTION(e, name, number); __VA_ARGS__;

/* A layout that has one section more than struct end_event. */
#define LONGER_LAYOUT(layout, name, number)					\
struct layout##_event {								\
	struct end_event end;							\
	SECTION(name);								\
};										\
VERIFIED_ONCE int begin_##layout##_event(struct layout##_event *e, __u32 type)	\
{										\
	if (!e)									\
		return 0;							\
	begin_end_event(&e->end, type);						\
	e->end.head.size = sizeof(*e);						\
	__builtin_memset(&e->name##_front, 0, sizeof(*e) - sizeof(e->end));	\
	BEGIN_SECTION(e, name, number);						\
	return 0;								\
}

/* The lists: the name of a section, its number, and what it begins with if that is not zeroes. */
#define SEGMENT(X) X(task, SEC_TASK) X(flow, SEC_FLOW) X(seg, SEC_SEG)
#define NOTED(X) SEGMENT(X) X(extra, SEC_EXTRA)
#define SOCK(X) X(task, SEC_TASK) X(owner, SEC_OWNER, e->owner.fd = -1) X(flow, SEC_FLOW) X(sock, SEC_SOCK)
#define ABORT(X) SOCK(X) X(extra, SEC_EXTRA) X(icmp, SEC_ICMP)
#define END(X) SOCK(X) X(seg, SEC_SEG) X(extra, SEC_EXTRA)

/* A segment for which there was no socket, now or lately. */
LAYOUT(segment, SEGMENT)
/* ... with the rule that answered it, or what became of it. */
LAYOUT(noted, NOTED)
/* A socket, without a RST. */
LAYOUT(sock, SOCK)
/* ... with what shows why its connection died. */
LAYOUT(abort, ABORT)
/* One end of a RST. */
LAYOUT(end, END)
/* ... with what is known of the other end. */
LONGER_LAYOUT(both, peer, SEC_PEER)
/* ... of a RST that carried a text. Linux sends none, so the other end is on another host. */
LONGER_LAYOUT(spoken, payload, SEC_PAYLOAD)
/* ... with how the connection had ended before. */
LONGER_LAYOUT(past, ending, SEC_ENDING)

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

/*
 * Says what has been lost on this CPU since the last gap. A program that interrupts this one may
 * say the same again, or make another gap: no loss is forgotten.
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

/*
 * Room for an event, or NULL. Programs may interrupt each other on one CPU: so counters are added
 * to atomically.
 */
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

/*
 * EVENT(sock, EV_CALL): room for a struct sock_event, with its head, its sections' heads and its
 * task filled in; or NULL.
 */
#define EVENT(layout, type) ({							\
	struct layout##_event *event_ = event_room(type, sizeof(*event_));	\
										\
	if (event_)								\
		begin_##layout##_event(event_, type);				\
	event_;									\
})

/*
 * The flow of a socket. tcp_disconnect() clears the peer's address: then the flow seen before is
 * taken.
 */
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

/* Fills in all that a full socket gives, except its flow. Returns flags for the event. */
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

/* Fills in the owner of the last socket with these addresses, as there is none now. */
static __always_inline void last_owner(struct end_event *e, const struct sk_info *last)
{
	e->owner = last->owner;
	e->sock.id = last->id;
	e->sock.birth_ns = last->birth_ns;
	e->sock.old_state = last->old_state;
	e->sock.bits |= SOCKF_OLD_STATE;
	e->head.flags |= EVF_RECENT;
	/*
	 * the state before CLOSE, known only now, tells whether a FIN is among what was not
	 * acknowledged
	 */
	if (e->sock.bits & SOCKF_EVIDENCE)
		fill_evidence(&e->sock, e->sock.sk);
}

#endif
