/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Connections that ended lately, for RSTs that the kernel sends for no socket.
 *
 * Every connection that ends is written here, and hardly any is ever looked up. An LRU map has to
 * find an entry to evict at each of these writes; that was the largest part of what tracing cost a
 * healthy connection. So this is an array of small sets: the hash of a connection's addresses
 * chooses the set, and in it the place that was written longest ago is overwritten.
 */
#ifndef RST_CLOSED_BPF_H
#define RST_CLOSED_BPF_H

#define CLOSED_WAYS 4
#define CLOSED_SETS 4096

struct closed_conn {
	__u64 begun;		/* the socket's id, written first, ... */
	struct sk_info info;
	__u64 written;		/* ... and written last: unequal if two programs wrote at once */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CLOSED_SETS * CLOSED_WAYS);
	__type(key, __u32);
	__type(value, struct closed_conn);
} recent SEC(".maps");

/* For each set, the place that is written next. */
__u8 closed_next[CLOSED_SETS];

static __always_inline __u32 closed_set(const struct rst_flow *f)
{
	const __u32 *l = (const void *)f->laddr, *r = (const void *)f->raddr;
	__u32 h = (l[0] ^ l[1] ^ l[2] ^ l[3]) * 0x9e3779b1u + (r[0] ^ r[1] ^ r[2] ^ r[3]);

	h = (h ^ h >> 15) * 0x85ebca6bu + ((__u32)f->lport << 16 | f->rport);
	h = (h ^ h >> 13) * 0xc2b2ae35u + f->netns;
	return (h ^ h >> 16) & (CLOSED_SETS - 1);
}

static __always_inline bool same_flow(const struct rst_flow *a, const struct rst_flow *b)
{
	const __u32 *x = (const void *)a, *y = (const void *)b;
	__u32 differ = 0;

	for (unsigned int i = 0; i < sizeof(*a) / sizeof(*x); i++)
		differ |= x[i] ^ y[i];
	return !differ;
}

static __always_inline struct closed_conn *closed_at(__u32 place)
{
	return bpf_map_lookup_elem(&recent, &place);
}

/* The place plus one of the newest connection with these addresses, or 0. */
VERIFIED_ONCE int closed_find(const struct rst_flow *f)
{
	__u64 newest = 0;
	__u32 set, found = 0;

	if (!f)
		return 0;
	set = closed_set(f) * CLOSED_WAYS;
	for (int i = 0; i < CLOSED_WAYS; i++) {
		struct closed_conn *c = closed_at(set + i);

		if (!c || c->begun <= newest || c->begun != c->written ||
		    !same_flow(&c->info.flow, f))
			continue;
		newest = c->begun;
		found = set + i + 1;
	}
	return found;
}

/* What is known of the last connection with these addresses, or NULL. */
static __always_inline struct sk_info *closed_info(const struct rst_flow *f)
{
	__u32 found = closed_find(f);
	struct closed_conn *c = found ? closed_at(found - 1) : NULL;

	return c ? &c->info : NULL;
}

/* The place where this very socket was written before, or NULL if it is there no more. */
static __always_inline struct closed_conn *closed_before(const struct sk_info *info)
{
	struct closed_conn *c = info->closed_place ? closed_at(info->closed_place - 1) : NULL;

	return c && c->begun == info->id ? c : NULL;
}

static __always_inline void closed_put(struct sk_info *info)
{
	struct closed_conn *c = closed_before(info);
	__u32 set;

	if (!c) {
		set = closed_set(&info->flow);
		info->closed_place = set * CLOSED_WAYS +
				     (closed_next[set]++ & (CLOSED_WAYS - 1)) + 1;
		c = closed_at(info->closed_place - 1);
	}
	if (!c)
		return;
	*(volatile __u64 *)&c->begun = info->id;
	c->info = *info;
	barrier();
	*(volatile __u64 *)&c->written = info->id;
}

#endif
