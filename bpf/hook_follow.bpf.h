/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The processes of a traced command (-- COMMAND): its children are followed from birth, and each
 * process to its end.
 */
#ifndef RST_HOOK_FOLLOW_BPF_H
#define RST_HOOK_FOLLOW_BPF_H

static __always_inline int tell_fork(__u32 child)
{
	struct fork_event *e = event_room(EV_FORK, sizeof(*e));

	if (!e)
		return -1;
	__builtin_memset(e, 0, sizeof(*e));
	begin_head(&e->head, EV_FORK, sizeof(*e));
	BEGIN_SECTION(e, task, SEC_TASK);
	BEGIN_SECTION(e, child, SEC_CHILD);
	fill_task(&e->task);
	e->child.pid = child;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * A child that finds no room in the map is told as well: then its own resets are shown, but not
 * those of its children.
 */
SEC("raw_tp/sched_process_fork")
int tp_sched_process_fork(unsigned long long *ctx)
{
	__u32 parent = BPF_CORE_READ((struct task_struct *)ctx[0], tgid);
	__u32 child = BPF_CORE_READ((struct task_struct *)ctx[1], tgid);
	__u8 one = 1;
	int err;

	if (parent == child || !bpf_map_lookup_elem(&followed, &parent))
		return 0;
	err = bpf_map_update_elem(&followed, &child, &one, BPF_ANY);
	if (tell_fork(child) || err)
		__sync_fetch_and_add(&unfollowed, 1);
	return 0;
}

/*
 * When several threads end at the same time, each may be the last: the one that finds the entry
 * tells the end.
 */
SEC("raw_tp/sched_process_exit")
int tp_sched_process_exit(unsigned long long *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	__u32 pid = BPF_CORE_READ(task, tgid);
	struct exit_event *e;

	if (BPF_CORE_READ(task, signal, live.counter) || bpf_map_delete_elem(&followed, &pid))
		return 0;
	e = event_room(EV_EXIT, sizeof(*e));
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	begin_head(&e->head, EV_EXIT, sizeof(*e));
	BEGIN_SECTION(e, task, SEC_TASK);
	fill_task(&e->task);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#endif
