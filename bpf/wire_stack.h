/* SPDX-License-Identifier: GPL-2.0 */
/* Stacks as they are sent: a part of wire.h, which includes this file and has its types. */
#ifndef WIRE_STACK_H
#define WIRE_STACK_H

#define RST_STACK_FRAMES 48	/* of the program; of the kernel as many */
#define RST_STACK_BYTES 16384

/* A return address in the program, as the kernel writes it (struct bpf_stack_build_id). */
struct rst_user_frame {
	__s32 status;		/* 1: build-id and offset in the file; 2: an address */
	__u8 build_id[20];
	__u64 ip;		/* the offset, or the address */
};

/* EV_STACK: the stack, innermost frame first. The tracer writes it nowhere. */
struct rst_stack {
	__s32 n_kernel;		/* bytes of .kernel, or a negative errno */
	__s32 n_user;		/* ... of .user; 0: a task without a program */
	__u32 arch;		/* AUDIT_ARCH_* of .regs and .memory; 0: they were not read */
	__u32 n_memory;		/* bytes, from the stack pointer on */
	__u64 kernel[RST_STACK_FRAMES];
	struct rst_user_frame user[RST_STACK_FRAMES];
	__u64 regs[34];		/* struct pt_regs of the architecture, as the thread entered the kernel */
	__u8 memory[RST_STACK_BYTES];
};

/* EV_FRAMES: a frame, followed by its text, up to the next multiple of eight bytes. */
struct rst_frame {
	__u64 offset;		/* in the file with this build-id */
	__u8 build_id[20];	/* zero: not known */
	__u8 flags;		/* FRAMEF_* */
	__u8 pad;
	__u16 n_text;
	__u64 text[];
};

#define FRAMEF_KERNEL	(1u << 0)
#define FRAMEF_NAMED	(1u << 1)	/* the text has the function's name; otherwise only the file's */
#define FRAMEF_POINTER	(1u << 2)	/* found by frame pointers: it may be no frame */
#define FRAMEF_ADDRESS	(1u << 3)	/* .offset is the address that the file is linked at; else a place in the file */

#endif
