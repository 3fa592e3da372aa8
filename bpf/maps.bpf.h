/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the kernel side remembers between events. */
#ifndef RST_MAPS_BPF_H
#define RST_MAPS_BPF_H

/* What is known of one socket while it lives. */
struct sk_info {
	__u64 id;
	__u64 birth_ns;
	struct rst_owner owner;
	struct rst_flow flow;
	struct rst_ending end;
	__u8 old_state;		/* before CLOSE */
	__u8 closed;		/* old_state is valid */
	__u8 reset;		/* a RST has hit it, or it was aborted without one */
	__u8 reset_state;	/* in this state */
	__u32 reset_err;	/* and left this errno */
	__u8 told;		/* an MPTCP socket has had the error */
	__u8 ttl;		/* of the SYN-ACK that answered a connect; 0: not seen */
	__u8 abort;		/* PEER_*, with closed */
	__u8 silent;		/* with reset: its chain is counted only, see rate.bpf.h */
	__u32 closed_place;	/* see closed.bpf.h; 0: nowhere */
	__u8 role;		/* enum rst_role */
	__u8 untaken;		/* closed with reset_err noted on it, which no call had asked for */
	__u8 pad[6];
	__u32 gone;		/* 0: it lives; see sock_gone(). The last member: info_new() leaves it alone */
};

struct listener_key {
	__u8 addr[16];
	__u32 netns;
	__u16 port;
	__u16 family;
};

#define EVENTS_BYTES (1 << 22)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENTS_BYTES);
} events SEC(".maps");

/*
 * Sockets by address. Where the kernel cannot allocate entries in whatever
 * context the programs run (before 6.1) an LRU: a socket pushed out by newer
 * ones loses its owner, never its reset. Elsewhere a plain hash that grows:
 * see object_sizes() in user/attach/object.c.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct sk_info);
} socks SEC(".maps");

const volatile __u32 cfg_socks_grow;
/* Sockets that found no place there, or lost it, so that nobody is known to own them. */
__u64 socks_unkept;

/* Sockets among them that a RST has hit. */
__u64 reset_alive;

/* The RST that would answer a segment which netfilter has dropped. */
struct filtered {
	__u64 time_ns;
	__u32 rst_seq;
	__u32 rst_ack;
};

/* ... by the flow as the segment's receiver sees it: for REJECT rules that no hook shows at work. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct rst_flow);
	__type(value, struct filtered);
} filtered SEC(".maps");

/* Who listens where: the owner of a child until somebody accepts it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listener_key);
	__type(value, struct rst_owner);
} listeners SEC(".maps");

/* ... and how many listeners there are: SO_REUSEPORT allows several. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listener_key);
	__type(value, __u32);
} listening SEC(".maps");

/* ... and who closed the last one there, for a child that comes a moment too late. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, struct listener_key);
	__type(value, struct rst_owner);
} unlistened SEC(".maps");

/* A SIGPIPE, and the call it was raised in. */
struct sigpipe_mark {
	struct rst_call call;
	__u32 flags;		/* EVF_SIGPIPE* */
};

/* SIGPIPE raised by a task in the send call it is in: tid -> EVF_SIGPIPE* */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct sigpipe_mark);
} sigpipes SEC(".maps");

/* Arguments of a call between its kprobe and its kretprobe: tid -> sk */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} in_call SEC(".maps");

/* The living processes of a traced command (tgid). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RST_FOLLOWED);
	__type(key, __u32);
	__type(value, __u8);
} followed SEC(".maps");
/* Their children that could not be followed: no room there, or none to tell of it. */
__u64 unfollowed;

/* The socket that challenged a segment last, until that segment is freed. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} challenger SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rst_stats);
} stats SEC(".maps");

/*
 * Connections that the other end closed first, lately: nothing comes for them any
 * more but an ACK twice. Direct-mapped by a hash of the flow, so that remembering
 * one costs two stores.
 */
#define PEACE_SLOTS 1024
__u64 peace_flow[PEACE_SLOTS];	/* the hash; 0: none */
__u64 peace_ns[PEACE_SLOTS];

/*
 * The last user of a socket, direct-mapped, so that a successful send or
 * receive by the known owner costs one load and one compare. A word is exact:
 * 42 bits of the socket's address and the 22 bits of a pid.
 */
#define USE_SLOTS 4096
__u64 use_cache[USE_SLOTS];

static __always_inline __u32 use_slot(__u64 sk)
{
	return ((sk >> 6) ^ (sk >> 18)) & (USE_SLOTS - 1);
}

#endif
