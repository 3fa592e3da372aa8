/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The stack of the running thread, in an event of its own (--stacks). It has the return addresses
 * in the kernel; those in the program as build-ids and offsets, which are valid after the process
 * has ended; and a copy of registers and stack memory, because most libraries are built without
 * frame pointers, so that only tables in the program's files show where a frame ends.
 *
 * It is told right before the event that it belongs to, on the same CPU and with the same time, by
 * which the reader joins the two. Only for events that a call of the thread caused: in an interrupt
 * the stack is another's.
 */
#ifndef RST_STACK_BPF_H
#define RST_STACK_BPF_H

const volatile __u32 cfg_stacks;

/* include/uapi/linux/bpf.h */
#define STACK_OF_USER (1ULL << 8)
#define STACK_BUILD_IDS (1ULL << 11)

#define STACK_PIECE 1024

struct stack_event {
	struct rst_head head;
	SECTION(task);
	SECTION(stack);
};

/*
 * Copies what is above the stack pointer, as far as it can be read: the stack of a thread may end
 * soon.
 */
static __always_inline void copy_stack(struct rst_stack *s)
{
	__u64 sp = s->regs[STACK_REG_SP];
	__u32 i;

	for (i = 0; i < RST_STACK_BYTES / STACK_PIECE; i++)
		if (bpf_probe_read_user(s->memory + i * STACK_PIECE, STACK_PIECE, (void *)(sp + i * STACK_PIECE)))
			break;
	s->n_memory = i * STACK_PIECE;
}

/*
 * Whether there is a program's stack: a kernel thread has no program, and a task that is ending has
 * no memory any more.
 */
static __always_inline bool has_program(const struct rst_task *t)
{
	return (t->flags & (TASKF_SYSCALL | TASKF_EXITING)) == TASKF_SYSCALL;
}

static __always_inline void fill_registers(struct rst_stack *s)
{
	struct pt_regs *regs = current_regs();

	if (in_compat_call(regs))
		return;
	s->arch = ARCH_NATIVE;
	bpf_probe_read_kernel(s->regs, STACK_REGS * sizeof(s->regs[0]), regs);
	copy_stack(s);
}

/*
 * Tells the stack. Returns the time that its event has to get, or 0 if the stack is not told.
 * Stacks are large, so they leave most of the room to other events.
 */
static __noinline __u64 tell_stack(void *ctx)
{
	__u32 zero = 0;
	struct rst_stats *st = bpf_map_lookup_elem(&stats, &zero);
	struct stack_event *e;
	__u64 now_ns;

	if (!st)
		return 0;
	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > EVENTS_BYTES / 4) {
		__sync_fetch_and_add(&st->stackless, 1);
		return 0;
	}
	e = event_room(EV_STACK, sizeof(*e));
	if (!e)
		return 0;
	begin_head(&e->head, EV_STACK, sizeof(*e));
	e->head.err = 0;
	__builtin_memset(&e->task, 0, sizeof(e->task));
	BEGIN_SECTION(e, task, SEC_TASK);
	BEGIN_SECTION(e, stack, SEC_STACK);
	fill_task(&e->task);
	e->stack.arch = 0;
	e->stack.n_memory = 0;
	e->stack.n_kernel = bpf_get_stack(ctx, e->stack.kernel, sizeof(e->stack.kernel), 0);
	e->stack.n_user = 0;
	if (has_program(&e->task)) {
		e->stack.n_user = bpf_get_stack(ctx, e->stack.user, sizeof(e->stack.user),
						STACK_OF_USER | STACK_BUILD_IDS);
		fill_registers(&e->stack);
	}
	now_ns = e->head.time_ns;
	bpf_ringbuf_submit(e, 0);
	return now_ns;
}

#endif
