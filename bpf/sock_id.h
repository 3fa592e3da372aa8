/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The id of a tracked socket. Includes nothing of the kernel's, as unit tests include it too. */
#ifndef RST_SOCK_ID_H
#define RST_SOCK_ID_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/*
 * No two sockets of one boot get the same id in four and a half years of uptime: one CPU cannot
 * make two within 64 ns, and no kernel has more than 8192 CPUs. With whole nanoseconds beside the
 * CPU the ids would begin anew after months.
 */
static inline __attribute__((always_inline)) __u64 sock_id(__u64 mono_ns, __u32 cpu)
{
	return mono_ns >> 6 << 13 | (cpu & 0x1fff);
}

#endif
