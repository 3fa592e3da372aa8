/* SPDX-License-Identifier: GPL-2.0 */
/* Stacks as they go over the wire: of wire.h, which includes this and has the types for it. */
#ifndef WIRE_STACK_H
#define WIRE_STACK_H

#define RST_STACK_FRAMES 48	/* of a program's; of the kernel's as many */
#define RST_STACK_BYTES 16384

/* A return address of a program's, as the kernel puts it (struct bpf_stack_build_id). */
struct rst_user_frame {
	__s32 status;		/* 1: build-id and offset in the file; 2: an address */
	__u8 build_id[20];
	__u64 ip;		/* the offset, or the address */
};

/* EV_STACK: as it is on the stack, innermost first. It never leaves the tracer. */
struct rst_stack {
	__s32 n_kernel;		/* bytes of .kernel, or a negative errno */
	__s32 n_user;		/* ... of .user; 0: there is no program */
	__u32 arch;		/* AUDIT_ARCH_* of .regs and .memory; 0: they were not read */
	__u32 n_memory;		/* bytes, from the stack pointer on */
	__u64 kernel[RST_STACK_FRAMES];
	struct rst_user_frame user[RST_STACK_FRAMES];
	__u64 regs[34];		/* struct pt_regs of the architecture, as the thread entered the kernel */
	__u8 memory[RST_STACK_BYTES];
};

/* EV_FRAMES: a frame, and behind it its text, up to the next multiple of eight bytes. */
struct rst_frame {
	__u64 offset;		/* in the file with that build-id */
	__u8 build_id[20];	/* zero: not known */
	__u8 flags;		/* FRAMEF_* */
	__u8 pad;
	__u16 n_text;
	__u64 text[];
};

#define FRAMEF_KERNEL	(1u << 0)
#define FRAMEF_NAMED	(1u << 1)	/* the text has the function's name; else only where it lies */
#define FRAMEF_POINTER	(1u << 2)	/* found by frame pointers: it may not be one */
#define FRAMEF_ADDRESS	(1u << 3)	/* .offset is an address as the file is linked; else the place in the file */

#endif
