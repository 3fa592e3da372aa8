/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The number of a tracked socket, without anything of the kernel's: unit tests include it as well. */
#ifndef RST_SOCK_ID_H
#define RST_SOCK_ID_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/*
 * No two sockets of one boot have the same number for four and a half years of uptime: one CPU
 * cannot make two of them within 64 ns, and no kernel has more than 8192 CPUs. Whole nanoseconds
 * beside the CPU would begin anew within months.
 */
static inline __attribute__((always_inline)) __u64 sock_id(__u64 mono_ns, __u32 cpu)
{
	return mono_ns >> 6 << 13 | (cpu & 0x1fff);
}

#endif
