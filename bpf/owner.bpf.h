/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Who it is: the running task, and the owner of a socket. */
#ifndef RST_OWNER_BPF_H
#define RST_OWNER_BPF_H

#include "sock_id.h"

#define PF_EXITING	0x00000004
#define PF_IO_WORKER	0x00000010
#define PF_KTHREAD	0x00200000

static __always_inline void fill_call(struct rst_call *call)
{
	struct pt_regs *regs = current_regs();
	bool compat = in_compat_call(regs);

	call->arch = compat ? ARCH_COMPAT : ARCH_NATIVE;
	read_call_regs(call, regs, compat);
}

/* Fills in the running task and its call, but neither its name nor its control group. */
VERIFIED_ONCE int fill_task_call(struct rst_task *t)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 flags = TASK_READ(flags);

	if (!t)
		return 0;
	t->pid = id >> 32;
	t->tid = (__u32)id;
	if (flags & PF_EXITING) {
		t->flags |= TASKF_EXITING;
		t->exit_code = TASK_READ(exit_code);
	}
	if (flags & PF_KTHREAD)
		t->flags |= TASKF_KTHREAD;
	if (flags & PF_IO_WORKER)
		t->flags |= TASKF_IO_WORKER;
	if (flags & (PF_KTHREAD | PF_IO_WORKER))
		return 0;
	t->flags |= TASKF_SYSCALL;
	fill_call(&t->call);
	return 0;
}

static __always_inline void fill_task_name(struct rst_task *t)
{
	t->uid = (__u32)bpf_get_current_uid_gid();
	t->cgroup = bpf_get_current_cgroup_id();
	/* an io_uring worker has a name of its own, but is a thread of the ring's process */
	if (t->flags & TASKF_IO_WORKER) {
		struct task_struct *task = (void *)bpf_get_current_task();

		BPF_CORE_READ_INTO(&t->comm, task, group_leader, comm);
	} else {
		bpf_get_current_comm(t->comm, sizeof(t->comm));
	}
}

VERIFIED_ONCE int fill_task(struct rst_task *t)
{
	if (!t)
		return 0;
	fill_task_call(t);
	fill_task_name(t);
	return 0;
}

static __always_inline void owner_from_task(struct rst_owner *o, const struct rst_task *t,
					    enum rst_owner_how how)
{
	o->pid = t->pid;
	o->tid = t->tid;
	o->uid = t->uid;
	o->how = how;
	o->fd = -1;
	o->cgroup = t->cgroup;
	o->used = t->call;
	__builtin_memcpy(o->comm, t->comm, sizeof(o->comm));
}

static __always_inline void owner_closes(struct rst_owner *o, const struct rst_task *t,
					 __u64 now_ns)
{
	o->close = t->call;
	o->close_flags = t->flags;
	o->close_exit_code = t->exit_code;
	o->close_ns = now_ns;
}

static __always_inline bool task_is_process(const struct rst_task *t)
{
	return t->pid && !(t->flags & TASKF_KTHREAD);
}

/* Whether the running task is of a process: no kernel thread, and not idle. */
static __always_inline bool process_runs(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return bpf_get_current_pid_tgid() >> 32 && !(BPF_CORE_READ(task, flags) & PF_KTHREAD);
}

static __always_inline void listener_key_of(struct listener_key *key, const struct rst_flow *f)
{
	__builtin_memcpy(key->addr, f->laddr, sizeof(key->addr));
	key->netns = f->netns;
	key->port = f->lport;
	key->family = f->family;
}

/*
 * Whether a connection to this local end came through a listener. Writes the listener's owner,
 * unless o is NULL.
 */
VERIFIED_ONCE int listener_owner(struct rst_owner *o, const struct rst_flow *f)
{
	struct listener_key key = {};
	struct rst_owner *found;

	if (!f)
		return false;
	listener_key_of(&key, f);
	found = bpf_map_lookup_elem(&listeners, &key);
	if (!found) {
		__builtin_memset(key.addr, 0, sizeof(key.addr));
		found = bpf_map_lookup_elem(&listeners, &key);
	}
	if (!found && f->family != 6) {
		key.family = 6;	/* a v6 listener takes v4 too, unless it is v6-only */
		found = bpf_map_lookup_elem(&listeners, &key);
	}
	if (!found)
		return false;
	if (o) {
		*o = *found;
		o->how = OWNER_LISTENER;
	}
	return true;
}

/* Counts a listener that came (by 1) or went (by -1). */
static __always_inline void listening_count(const struct listener_key *key, int by)
{
	__u32 one = 1, *n = bpf_map_lookup_elem(&listening, key);

	if (n)
		__sync_fetch_and_add(n, by);
	else if (by > 0)
		bpf_map_update_elem(&listening, key, &one, BPF_ANY);
}

static __always_inline bool key_listens(const struct listener_key *key)
{
	__s32 *n = bpf_map_lookup_elem(&listening, key);

	return n && *n > 0;
}

/*
 * Whether somebody listens where a connection to this local end would come in; looks where
 * listener_owner() does.
 */
VERIFIED_ONCE int port_listens(const struct rst_flow *f)
{
	struct listener_key key = {};

	if (!f)
		return false;
	listener_key_of(&key, f);
	if (key_listens(&key))
		return true;
	__builtin_memset(key.addr, 0, sizeof(key.addr));
	if (key_listens(&key))
		return true;
	key.family = 6;
	return key_listens(&key);
}

static __always_inline void newer_closer(struct rst_owner **last, const struct listener_key *key)
{
	struct rst_owner *o = bpf_map_lookup_elem(&unlistened, key);

	if (o && (!*last || o->close_ns > (*last)->close_ns))
		*last = o;
}

#define LATE_NS 1000000000ULL	/* far longer than the last ACK of a handshake needs to reach the queue */

/* Writes who has just closed a listener for connections to this local end; zeros if nobody has. */
VERIFIED_ONCE int listener_closer(struct rst_owner *o, const struct rst_flow *f)
{
	struct listener_key key = {};
	struct rst_owner *last = NULL;

	if (!o || !f)
		return 0;
	listener_key_of(&key, f);
	newer_closer(&last, &key);
	__builtin_memset(key.addr, 0, sizeof(key.addr));
	newer_closer(&last, &key);
	key.family = 6;
	newer_closer(&last, &key);
	__builtin_memset(o, 0, sizeof(*o));
	if (!last || bpf_ktime_get_ns() - last->close_ns > LATE_NS)
		return 0;
	*o = *last;
	o->how = OWNER_LISTENER;
	return 0;
}

/*
 * Counts reset sockets: while there is none, programs for the end of sockets and for end of file
 * return at once.
 */
static __always_inline void mark_reset(struct sk_info *info)
{
	if (!info->reset)
		__sync_fetch_and_add(&reset_alive, 1);
	info->reset = 1;
}

static __always_inline void unmark_reset(struct sk_info *info)
{
	if (info->reset)
		__sync_fetch_and_add(&reset_alive, -1);
	info->reset = 0;
}

/*
 * Sockets that are gone, by address, direct-mapped. The entry of such a socket is marked and left
 * in the map: the next socket mostly gets the memory of one that has just gone, and taking an entry
 * over costs a fraction of freeing it and allocating another. It is deleted when another socket
 * takes its slot here.
 */
__u64 gone_socks[USE_SLOTS];

#define GONE 1u
#define MAKING_ROOM 0x100u

/*
 * Takes over the entry of a socket that is gone, unless another CPU is about to delete that entry.
 * Each of the two adds to `gone` (on x86 that is a barrier) before it looks whether the other has:
 * so at least one sees the other and leaves the entry alone.
 */
static __always_inline bool take_over(struct sk_info *info)
{
	__sync_fetch_and_add(&info->gone, -GONE);
	if (!*(volatile __u32 *)&info->gone)
		return true;
	__sync_fetch_and_add(&info->gone, GONE);
	return false;
}

static __always_inline void make_room(__u64 key)
{
	struct sk_info *info = bpf_map_lookup_elem(&socks, &key);

	if (!info || info->gone != GONE)
		return;
	__sync_fetch_and_add(&info->gone, MAKING_ROOM);
	if (*(volatile __u32 *)&info->gone == (GONE | MAKING_ROOM))
		bpf_map_delete_elem(&socks, &key);
	else
		__sync_fetch_and_add(&info->gone, -MAKING_ROOM);
}

static __always_inline void sock_gone(__u64 key, struct sk_info *info)
{
	__u32 slot = use_slot(key);
	__u64 other = gone_socks[slot];

	__sync_fetch_and_add(&info->gone, GONE);
	if (other == key)
		return;
	gone_socks[slot] = key;
	if (other)
		make_room(other);
}

static const struct sk_info unknown_sock;

/* An empty entry for a new socket at this address; NULL: there is no room. */
static __always_inline struct sk_info *info_new(__u64 key)
{
	struct sk_info *info = bpf_map_lookup_elem(&socks, &key);

	if (info && (!info->gone || take_over(info))) {
		unmark_reset(info);
		__builtin_memset(info, 0, offsetof(struct sk_info, gone));
		return info;
	}
	if (info || bpf_map_update_elem(&socks, &key, &unknown_sock, BPF_ANY)) {
		__sync_fetch_and_add(&socks_unkept, 1);
		return NULL;
	}
	return bpf_map_lookup_elem(&socks, &key);
}

static __always_inline struct sk_info *sock_new(struct sock *sk, __u64 now_ns)
{
	struct sk_info *info = info_new((__u64)sk);

	use_cache[use_slot(as_number(sk))] = 0;
	if (info)
		info->id = sock_id(now_ns, bpf_get_smp_processor_id());
	return info;
}

/*
 * A socket older than the tool is found. Its entry is written at once, as other CPUs may be reading
 * it.
 */
static __always_inline void sock_found(struct sock *sk, struct sk_info *info)
{
	__u64 key = (__u64)sk;
	struct sk_info *old = bpf_map_lookup_elem(&socks, &key);

	if (old)
		unmark_reset(old);
	info->id = sock_id(bpf_ktime_get_ns(), bpf_get_smp_processor_id());
	use_cache[use_slot(as_number(sk))] = 0;
	if (bpf_map_update_elem(&socks, &key, info, BPF_ANY))
		__sync_fetch_and_add(&socks_unkept, 1);
}

static __always_inline struct sk_info *info_at(__u64 key)
{
	struct sk_info *info = bpf_map_lookup_elem(&socks, &key);

	return info && !info->gone ? info : NULL;
}

static __always_inline struct sk_info *sock_info(struct sock *sk)
{
	return info_at((__u64)sk);
}

/*
 * This task owns the socket now. The cached last user is cleared, or else its next use would seem
 * to change nothing.
 */
static __always_inline void sock_owned(__u64 sk, struct sk_info *info, const struct rst_task *t)
{
	owner_from_task(&info->owner, t, OWNER_SOCKET);
	use_cache[use_slot(sk)] = 0;
}

static __always_inline struct rst_owner *owner_of(struct sk_info *info)
{
	if (!info)
		return NULL;
	barrier_var(info);	/* or the sum comes before the test, which the verifier refuses */
	return &info->owner;
}

/*
 * A call on the socket succeeded: its caller is the owner now (after an accept that no hook shows,
 * or with a descriptor that was passed or inherited). Costs a load and a compare while the user
 * stays the same.
 */
VERIFIED_ONCE int sock_changed_hands(__u64 sk)
{
	struct sk_info *info = info_at(sk);
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct rst_task t = {};

	if (!info || (info->owner.pid == pid && info->owner.how == OWNER_SOCKET))
		return 0;
	fill_task(&t);
	owner_from_task(&info->owner, &t, OWNER_SOCKET);
	return 0;
}

static __always_inline void sock_used(__u64 sk)
{
	__u64 word = (sk >> 6) << 22 | (__u32)(bpf_get_current_pid_tgid() >> 32);
	__u32 slot = use_slot(sk);

	if (use_cache[slot] == word)
		return;
	/* written first, so that a concurrent sock_owned() clears it */
	use_cache[slot] = word;
	sock_changed_hands(sk);
}

#endif
