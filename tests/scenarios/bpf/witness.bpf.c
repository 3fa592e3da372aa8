/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Counts its runs where sockets change their state and where resets are sent and received. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

__u64 runs;

static int count(void)
{
	__sync_fetch_and_add(&runs, 1);
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int on_state(void *ctx)
{
	(void)ctx;
	return count();
}

SEC("raw_tp/tcp_send_reset")
int on_send_reset(void *ctx)
{
	(void)ctx;
	return count();
}

SEC("raw_tp/tcp_receive_reset")
int on_receive_reset(void *ctx)
{
	(void)ctx;
	return count();
}

char _license[] SEC("license") = "GPL";
