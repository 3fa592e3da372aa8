/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Programs that do nothing, on the hooks that rsttrace uses: they show what being
 * attached costs in itself. They read nothing, so they need no header with types.
 *
 * The names tell the loader which ladder a program belongs to: rung1_ where
 * functions can be hooked, rung2_ where only tracepoints can, both_ in either.
 */
#define EMPTY(prefix, hook, where)                                                   \
	__attribute__((section(where "/" #hook), used)) int prefix##hook(void *ctx)  \
	{                                                                            \
		(void)ctx;                                                           \
		return 0;                                                            \
	}

EMPTY(rung1_, inet_sendmsg, "fexit")
EMPTY(rung1_, inet_recvmsg, "fexit")
EMPTY(rung1_, inet6_sendmsg, "fexit")
EMPTY(rung1_, inet6_recvmsg, "fexit")

EMPTY(rung2_, sock_send_length, "raw_tp")
EMPTY(rung2_, sock_recv_length, "raw_tp")

EMPTY(both_, inet_sock_set_state, "raw_tp")
EMPTY(both_, tcp_send_reset, "raw_tp")
EMPTY(both_, tcp_receive_reset, "raw_tp")
EMPTY(both_, tcp_destroy_sock, "raw_tp")
EMPTY(both_, inet_sk_error_report, "raw_tp")
EMPTY(both_, signal_generate, "raw_tp")
EMPTY(both_, kfree_skb, "raw_tp")

__attribute__((section("license"), used)) char _license[] = "Dual BSD/GPL";
