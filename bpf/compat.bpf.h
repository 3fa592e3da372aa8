/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Everything on the kernel side that depends on the kernel's version or on the architecture. Each
 * accessor names the change and the oldest kernel that needs it. Decisions that cost a search in
 * BTF are made once in user space and arrive as constants, so that the verifier drops the branches
 * not taken.
 */
#ifndef RST_COMPAT_BPF_H
#define RST_COMPAT_BPF_H

/* Set by user/attach/loader.c from the running kernel's BTF; 0: the argument is absent. */

/* tcp_send_active_reset(sk, gfp) up to 6.9, (sk, gfp, reason) from 6.10, (sk, reason) in 6.12.111 */
const volatile __u32 cfg_active_reason_arg;
/* tcp_v4_send_reset(sk, skb) up to 6.9, (sk, skb, reason) from 6.10 */
const volatile __u32 cfg_reply_reason_arg;
/* tracepoint tcp_send_reset(sk, skb) up to 6.9, (sk, skb, reason) from 6.10 */
const volatile __u32 cfg_tp_reason_arg;
/* tcp_reset(sk) up to 5.14, (sk, skb) from 5.15 */
const volatile __u32 cfg_reset_skb_arg;
/* how many arguments stand before fexit's return value: inet_csk_accept has 4 up to 6.9, 2 from 6.10 */
const volatile __u32 cfg_accept_args;

/*
 * Word n of the context. n is one of the constants above, which the verifier knows. In assembly,
 * because the compiler would merge these loads into one at a computed offset, which the verifier
 * refuses in a context.
 */
#define CTX_LOAD(val, ctx, off) \
	asm volatile("%0 = *(u64 *)(%1 + " #off ")" : "=r"(val) : "r"(ctx))

static __always_inline __u64 ctx_word(const unsigned long long *ctx, __u32 n)
{
	__u64 val = 0;

	if (n == 1)
		CTX_LOAD(val, ctx, 8);
	else if (n == 2)
		CTX_LOAD(val, ctx, 16);
	else if (n == 3)
		CTX_LOAD(val, ctx, 24);
	else if (n == 4)
		CTX_LOAD(val, ctx, 32);
	return val;
}

/*
 * A function that is not static: the verifier goes through it once, not again in every state in
 * which it is called. At a call it checks only the arguments: numbers (pointers of the kernel are
 * passed as such), and pointers to memory of the programs' own, or NULL. Such a function returns an
 * int. Kernels up to 5.11 take no pointers there: see object_subprograms() in user/attach/object.c.
 */
#define VERIFIED_ONCE __noinline

/*
 * Reads a member of what a tracepoint passes to a program in a section typed_tp/. Such a program is
 * loaded as tp_btf where the kernel allows that (cfg_typed), and then such a read is a plain load,
 * at a tenth of the cost of a probe read; elsewhere it is loaded as raw_tp.
 */
const volatile __u32 cfg_typed;
#define TYPED_READ(ptr, member) (cfg_typed ? (ptr)->member : BPF_CORE_READ(ptr, member))

/*
 * A kernel pointer as a number to calculate with. The verifier allows no arithmetic on the typed
 * pointers that fentry and fexit get, and forgets the type only of a value that has been through
 * memory it does not follow.
 */
static __always_inline __u64 as_number(const void *ptr)
{
	__u64 n = 0;

	bpf_probe_read_kernel(&n, sizeof(n), &ptr);
	return n;
}

/* bpf_task_pt_regs came in 5.15, bpf_get_current_task_btf in 5.11. */
enum bpf_func_id___regs { BPF_FUNC_task_pt_regs___regs = 1 };
enum bpf_func_id___task { BPF_FUNC_get_current_task_btf___task = 1 };

/*
 * How many references the file has; 0 from 6.13 on, where they are counted otherwise (90ee6ed776c0)
 * and this is not needed.
 */
static __always_inline long file_holders(struct file *file)
{
	return bpf_core_field_exists(file->f_count) && bpf_core_field_exists(file->f_count.counter) ?
		       BPF_CORE_READ(file, f_count.counter) : 0;
}

/* From 5.15 on the registers of the running task can be read by plain loads as well. */
#define HAVE_TASK_REGS \
	bpf_core_enum_value_exists(enum bpf_func_id___regs, BPF_FUNC_task_pt_regs___regs)

/* Reads a member of the running task: by a plain load from 5.11 on. */
#define TASK_READ(member)								\
	(bpf_core_enum_value_exists(enum bpf_func_id___task, BPF_FUNC_get_current_task_btf___task) ? \
		 bpf_get_current_task_btf()->member :					\
		 BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), member))

/*
 * From here on the verifier takes this memory on the stack for bytes of any value. Otherwise it
 * would follow to the end each path on which other bytes of it are zero: up to 5.14 in every
 * program that calls the function, not only once.
 */
static __always_inline void forget_values(void *mem, __u32 size)
{
	if (!HAVE_TASK_REGS)
		bpf_probe_read_kernel(mem, size, mem);
}

#if defined(__TARGET_ARCH_x86)

#define ARCH_NATIVE 0xc000003eu		/* AUDIT_ARCH_X86_64 */
#define ARCH_COMPAT 0x40000003u		/* AUDIT_ARCH_I386 */
#define TS_COMPAT 0x0002		/* arch/x86/include/asm/thread_info.h */
#define STACK_REGS 21		/* how many words of struct pt_regs go into rst_stack.regs */
#define STACK_REG_SP 19
#define STACK_BYTES 16384		/* THREAD_SIZE without KASAN, up to 5.14 */

static __always_inline bool in_compat_call(struct pt_regs *regs)
{
	(void)regs;
	return TASK_READ(thread_info.status) & TS_COMPAT;
}

/*
 * Read at once, from bx to orig_ax: the entry code pushes the registers in this order (PUSH_REGS),
 * which will not change.
 */
struct call_regs {
	unsigned long bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
};

static __always_inline void read_call_regs(struct rst_call *call, struct pt_regs *regs, bool compat)
{
	struct call_regs r;

	if (HAVE_TASK_REGS) {
		r.bx = regs->bx;
		r.cx = regs->cx;
		r.dx = regs->dx;
		r.si = regs->si;
		r.di = regs->di;
		r.orig_ax = regs->orig_ax;
	} else {
		bpf_probe_read_kernel(&r, sizeof(r), (void *)regs + bpf_core_field_offset(struct pt_regs, bx));
	}
	call->nr = (__s32)r.orig_ax;
	call->arg[0] = (__s32)(compat ? r.bx : r.di);
	call->arg[1] = (__s32)(compat ? r.cx : r.si);
	call->arg[2] = (__s32)r.dx;
}

static __always_inline __u64 call_arg1(struct pt_regs *regs, bool compat)
{
	return compat ? (__u32)BPF_CORE_READ(regs, cx) : BPF_CORE_READ(regs, si);
}

#elif defined(__TARGET_ARCH_arm64)

#define ARCH_NATIVE 0xc00000b7u		/* AUDIT_ARCH_AARCH64 */
#define ARCH_COMPAT 0x40000028u		/* AUDIT_ARCH_ARM */
#define PSR_MODE32_BIT 0x10		/* of the architecture itself: the call came from AArch32 */
#define STACK_REGS 34
#define STACK_REG_SP 31
#define STACK_BYTES 16384

static __always_inline bool in_compat_call(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, user_regs.pstate) & PSR_MODE32_BIT;
}

/* AArch32's r0 to r14 are x0 to x14; its number of the call (r7) is in syscallno, as for AArch64. */
static __always_inline void read_call_regs(struct rst_call *call, struct pt_regs *regs, bool compat)
{
	(void)compat;
	call->nr = BPF_CORE_READ(regs, syscallno);
	call->arg[0] = (__s32)BPF_CORE_READ(regs, orig_x0);
	call->arg[1] = (__s32)BPF_CORE_READ(regs, user_regs.regs[1]);
	call->arg[2] = (__s32)BPF_CORE_READ(regs, user_regs.regs[2]);
}

static __always_inline __u64 call_arg1(struct pt_regs *regs, bool compat)
{
	__u64 arg = BPF_CORE_READ(regs, user_regs.regs[1]);

	return compat ? (__u32)arg : arg;
}

#else
#error "unknown architecture: add its registers here"
#endif

/*
 * Reads both words and then takes one. As CTX_LOAD's assembly there, the barriers here keep the
 * compiler from merging the reads.
 */
static __always_inline __u64 reg_word(struct pt_regs *regs, __u32 n)
{
	__u64 second = PT_REGS_PARM2(regs), third = PT_REGS_PARM3(regs);

	barrier_var(second);
	barrier_var(third);
	return n == 1 ? second : n == 2 ? third : 0;
}

/* The registers with which the running task entered the kernel. */
static __always_inline struct pt_regs *current_regs(void)
{
	struct task_struct *task;

	if (HAVE_TASK_REGS)
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	task = (void *)bpf_get_current_task();
	return (struct pt_regs *)((__u64)BPF_CORE_READ(task, stack) + STACK_BYTES -
				  bpf_core_type_size(struct pt_regs));
}

#endif
