/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * In a storm every reset is counted, and of each kind as many chains are told as the reader can
 * take.
 *
 * A chain is all events of one RST, at both ends. All of them are told, or none: the event that
 * comes first decides, the others find its decision. In each second the first cfg_rate chains of a
 * kind are told, so that a storm of one kind hides none of another; of the rest one in N, by a hash
 * of the flow that is the same at both ends. N is the smaller, the emptier the ring buffer is.
 *
 * Of chains that no filter asks for, the first few in a second are told as well: another record may
 * follow from one of them.
 */
#ifndef RST_RATE_BPF_H
#define RST_RATE_BPF_H

const volatile __u32 cfg_rate;		/* how many chains of a kind are told in a second; 0: all */
#define FILTERED_RATE 16		/* ... of a class and a namespace, if no filter asks for them */

/*
 * Counters by key: see struct rst_count in wire.h. Resets that find no room here are in
 * counts_other.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, RST_COUNT_KEYS);
	__type(key, struct rst_count_key);
	__type(value, struct rst_count);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rst_count);
} counts_other SEC(".maps");

/* A kind of reset: storms are told apart by this. */
struct kind_key {
	__u32 netns;
	__u32 pid;		/* the owner's, or that of the task which most likely caused the reset */
	__u16 port;		/* the service's, if known */
	__u8 class;
	__u8 filtered;		/* no filter asks for it */
};

struct kind_second {
	__u64 begin_ns;
	__u32 chains;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct kind_key);
	__type(value, struct kind_second);
} kinds SEC(".maps");

/*
 * What was decided for recent chains, direct-mapped. A word has the upper 48 bits of the flow's
 * hash, eight bits of the time, which of the two ends have come, and the verdict.
 */
#define CHAIN_SLOTS 16384
__u64 chain_cache[CHAIN_SLOTS];

#define CHAIN_HASH (~0ULL << 16)
#define CHAIN_TIME(now_ns) ((now_ns) >> 32 & 0xff)	/* in units of 4.3 s */
#define CHAIN_SENT 0x80
#define CHAIN_RECEIVED 0x40
#define VERDICT_MASK 0x3f
#define VERDICT_SILENT 0x3f	/* counted only; any other verdict: 1 in (1 << verdict) is told */

/* The verdict for the rest of a kind, by how full the ring buffer is. */
static __always_inline __u32 sampled_bits(void)
{
	__u64 full = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	if (full < EVENTS_BYTES / 4)
		return 6;
	if (full < EVENTS_BYTES / 2)
		return 9;
	return full < EVENTS_BYTES / 4 * 3 ? 12 : VERDICT_SILENT;
}

static __always_inline __u64 mix(__u64 h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

static __always_inline __u64 end_hash(const __u8 *addr, __u16 port)
{
	const __u64 *a = (const void *)addr;

	return mix(mix(a[0] + port) + a[1]);
}

/* The same hash for both directions, and in whatever namespaces the ends are. */
static __always_inline __u64 flow_hash(const struct rst_flow *f)
{
	return mix(end_hash(f->laddr, f->lport) + end_hash(f->raddr, f->rport));
}

#define EPHEMERAL 32768		/* net.ipv4.ip_local_port_range begins there */

/* The port of the service, not the one that a client was given; 0: not known. */
static __always_inline __u16 service_port(const struct rst_flow *f, __u8 class)
{
	if (class == CLASS_CLOSED_PORT)
		return f->lport;
	if (class == CLASS_REFUSED)
		return f->rport;
	if (f->lport < EPHEMERAL)
		return f->lport;
	if (f->rport < EPHEMERAL)
		return f->rport;
	return listener_owner(NULL, f) ? f->lport : 0;
}

/* Whether this is one of the first chains of its kind in this second. */
static __always_inline bool kind_has_room(const struct kind_key *key, __u64 now_ns)
{
	__u32 most = key->filtered && (!cfg_rate || cfg_rate > FILTERED_RATE) ? FILTERED_RATE : cfg_rate;
	struct kind_second *s = bpf_map_lookup_elem(&kinds, key);
	struct kind_second first = { .begin_ns = now_ns, .chains = 1 };

	if (!s) {
		bpf_map_update_elem(&kinds, key, &first, BPF_ANY);
		return true;
	}
	if (now_ns - s->begin_ns > 1000000000ULL) {
		s->begin_ns = now_ns;
		s->chains = 1;
		return true;
	}
	if (s->chains >= most)
		return false;
	__sync_fetch_and_add(&s->chains, 1);
	return true;
}

static __always_inline __u32 decide(const struct kind_key *key, __u64 hash, __u64 now_ns)
{
	__u32 bits;

	if (kind_has_room(key, now_ns))
		return 0;
	if (key->filtered)
		return VERDICT_SILENT;
	bits = sampled_bits();
	if (bits == VERDICT_SILENT || hash >> 48 & ((1u << bits) - 1))
		return VERDICT_SILENT;
	return bits;
}

/* The verdict on the chain of an event: decided here, or found if the other end came first. */
static __always_inline __u32 chain_verdict(const struct kind_key *key, const struct rst_flow *f,
					   __u32 end)
{
	__u64 now_ns = bpf_ktime_get_ns(), hash = flow_hash(f), age;
	__u64 *slot = &chain_cache[hash >> 16 & (CHAIN_SLOTS - 1)], word = *slot;
	__u32 verdict;

	age = (CHAIN_TIME(now_ns) - (word >> 8)) & 0xff;
	if (!((word ^ hash) & CHAIN_HASH) && age <= 1 && !(word & end)) {
		*slot = word | end;
		return word & VERDICT_MASK;
	}
	verdict = decide(key, hash, now_ns);
	*slot = (hash & CHAIN_HASH) | CHAIN_TIME(now_ns) << 8 | end | verdict;
	return verdict;
}

static __always_inline __u8 port_class(__u16 port)
{
	return port < 1024 ? PORTS_SYSTEM : port < EPHEMERAL ? PORTS_USER : PORTS_EPHEMERAL;
}

#define BY_TASK (1u << 16)	/* the running task is the owner */
#define FOR_TASK (1u << 17)	/* ... or it most likely sent, over lo, the segment that is answered */
#define RESET(type, class) ((type) | (class) << 8)

static __always_inline void count_key(struct rst_count_key *key, __u32 what, __u32 reason,
				      const struct rst_flow *f, const struct rst_owner *o)
{
	key->netns = f->netns;
	if (what & BY_TASK)
		key->pid = bpf_get_current_pid_tgid() >> 32;
	else if (o)
		key->pid = o->pid;
	key->reason = reason;
	key->type = what;
	key->class = what >> 8;
	key->family = f->family;
	key->ports = port_class(f->lport);
}

static __always_inline struct rst_count *new_count(const struct rst_count_key *key, __u32 what,
						   const struct rst_owner *o)
{
	struct rst_count none = {};
	__u32 zero = 0;

	if (what & BY_TASK)
		bpf_get_current_comm(none.comm, sizeof(none.comm));
	else if (o)
		__builtin_memcpy(none.comm, o->comm, sizeof(none.comm));
	if (bpf_map_update_elem(&counts, key, &none, BPF_NOEXIST))
		return bpf_map_lookup_elem(&counts, key) ?: bpf_map_lookup_elem(&counts_other, &zero);
	return bpf_map_lookup_elem(&counts, key);
}

/*
 * A reset of this type and class is seen (`what`: RESET() and perhaps BY_TASK or FOR_TASK). Counts
 * it, and returns 0 if it is counted only, otherwise N: of those like it, 1 in N is told.
 */
VERIFIED_ONCE int reset_seen(__u32 what, __u32 reason, const struct rst_flow *f,
			     const struct rst_owner *o)
{
	struct rst_count_key key = {};
	struct kind_key kind = {};
	struct rst_stats *st;
	struct rst_count *c;
	__u32 zero = 0, verdict, type;

	if (!f)
		return 0;
	count_key(&key, what, reason, f, o);
	c = bpf_map_lookup_elem(&counts, &key) ?: new_count(&key, what, o);
	if (c)
		__sync_fetch_and_add(&c->seen, 1);
	kind.filtered = filtered_out(f);
	if (!cfg_rate && !kind.filtered)
		return 1;
	kind.netns = key.netns;
	kind.class = key.class;
	if (!kind.filtered) {
		/*
		 * a program's storm where nobody listens must not hide the refusal of another
		 * program
		 */
		kind.pid = what & FOR_TASK ? bpf_get_current_pid_tgid() >> 32 : key.pid;
		kind.port = service_port(f, kind.class);
	}
	verdict = chain_verdict(&kind, f, key.type < EV_RECEIVED ? CHAIN_SENT : CHAIN_RECEIVED);
	if (verdict != VERDICT_SILENT)
		return 1 << (verdict & 31);
	if (c)
		__sync_fetch_and_add(kind.filtered ? &c->filtered : &c->silent, 1);
	st = bpf_map_lookup_elem(&stats, &zero);
	type = what & 0xff;
	barrier_var(type);
	if (st && type < EV_TYPE_MAX) {
		__sync_fetch_and_add(&st->seen[type], 1);
		if (kind.filtered)
			__sync_fetch_and_add(&st->filtered[type], 1);
	}
	return 0;
}

/* Counts that there was no room to tell it. */
VERIFIED_ONCE int reset_lost(__u32 what, __u32 reason, const struct rst_flow *f,
			     const struct rst_owner *o)
{
	struct rst_count_key key = {};
	struct rst_count *c;
	__u32 zero = 0;

	if (!f)
		return 0;
	count_key(&key, what, reason, f, o);
	c = bpf_map_lookup_elem(&counts, &key) ?: bpf_map_lookup_elem(&counts_other, &zero);
	if (c)
		__sync_fetch_and_add(&c->lost, 1);
	return 0;
}

static __always_inline void set_sampled(struct rst_seg *seg, __u32 sampled)
{
	seg->sampled = sampled > 1 ? sampled : 0;
}

#endif
