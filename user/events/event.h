/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event as the user side holds it, whichever wire version it came in: every section
 * has a member, which is zero where the section was absent.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>

#include "wire.h"

struct stack_text;

struct rst_event {
	__u16 size;		/* on the wire */
	__u8 wire;		/* the writer's RST_WIRE */
	__u8 type;		/* enum rst_event_type */
	__u32 cpu;
	__u64 time_ns;		/* CLOCK_MONOTONIC */
	__u32 flags;		/* EVF_* */
	__s32 err;		/* EV_CALL: errno, positive; EV_DESTROY: sk_err never delivered */
	struct rst_task task;
	struct rst_owner owner;	/* .fd is -1 where it was not told */
	struct rst_flow flow;
	__u32 child;		/* EV_FORK: pid of the child */
	struct rst_sock sock;
	struct rst_seg seg;
	struct rst_extra extra;
	struct rst_peer peer;
	struct rst_gap gap;
	struct rst_payload payload;
	const struct stack_text *stack, *kstack;	/* of the running thread, as stacks_give() has them; NULL: none */
	struct rst_ending ending;
	struct rst_icmp icmp;
	bool asked_peer;	/* EV_RECEIVED: the writer has looked for the other end */
};

#endif
