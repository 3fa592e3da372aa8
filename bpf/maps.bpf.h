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
	__u8 reset;		/* a RST has hit it, or it was aborted without a RST */
	__u8 reset_state;	/* in this state */
	__u32 reset_err;	/* ... and this errno was left on it */
	__u8 told;		/* of an MPTCP socket: the error was delivered */
	__u8 ttl;		/* of the SYN-ACK that answered a connect; 0: not seen */
	__u8 abort;		/* PEER_*, with closed */
	__u8 silent;		/* with .reset: its chain is counted only, see rate.bpf.h */
	__u32 closed_place;	/* see closed.bpf.h; 0: not written there */
	__u8 role;		/* enum rst_role */
	__u8 untaken;		/* closed with reset_err noted on it, which no call had taken */
	__u8 pad[6];
	__u32 gone;		/* 0: it lives; see sock_gone(). The last member: not cleared by info_new() */
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
 * Sockets by address. An LRU where the kernel cannot allocate entries in every context that
 * programs run in (before 6.1): a socket that newer ones push out loses its owner, but its reset is
 * seen. Elsewhere a plain hash that grows: see object_sizes() in user/attach/object.c.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct sk_info);
} socks SEC(".maps");

const volatile __u32 cfg_socks_grow;
/* How many sockets found no place in that map, or lost it: nobody is known to own them. */
__u64 socks_unkept;

/* How many sockets in that map have been hit by a RST. */
__u64 reset_alive;

/* The RST that answers a segment which netfilter has dropped. */
struct filtered {
	__u64 time_ns;
	__u32 rst_seq;
	__u32 rst_ack;
};

/*
 * ... by the flow as the receiver of the segment sees it: for REJECT rules, where no hook shows
 * them.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct rst_flow);
	__type(value, struct filtered);
} filtered SEC(".maps");

/* Who listens where: the owner of a child socket until it is accepted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listener_key);
	__type(value, struct rst_owner);
} listeners SEC(".maps");

/* ... and how many listeners there are, as SO_REUSEPORT allows several. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listener_key);
	__type(value, __u32);
} listening SEC(".maps");

/* ... and who closed the last listener there, for a child that comes a moment too late. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, struct listener_key);
	__type(value, struct rst_owner);
} unlistened SEC(".maps");

/* That a task got SIGPIPE, and in which call. */
struct sigpipe_mark {
	struct rst_call call;
	__u32 flags;		/* EVF_SIGPIPE* */
};

/* SIGPIPE that a task raised for itself in a send: tid -> mark */
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
/*
 * Children of those that could not be followed: the map was full, or there was no room for the
 * event.
 */
__u64 unfollowed;

/* The socket that last answered a segment with a challenge ACK, until that segment is freed. */
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
 * Connections that the other end closed first, lately: after that only a repeated ACK comes for
 * them. Direct-mapped by a hash of the flow, so that it costs two stores to remember one.
 */
#define PEACE_SLOTS 1024
__u64 peace_flow[PEACE_SLOTS];	/* the hash; 0: none */
__u64 peace_ns[PEACE_SLOTS];

/*
 * The last user of a socket, direct-mapped, so that a successful send or receive by the known owner
 * costs one load and one compare. A word identifies both: it has 42 bits of the socket's address
 * and the 22 bits of a pid.
 */
#define USE_SLOTS 4096
__u64 use_cache[USE_SLOTS];

static __always_inline __u32 use_slot(__u64 sk)
{
	return ((sk >> 6) ^ (sk >> 18)) & (USE_SLOTS - 1);
}

#endif
