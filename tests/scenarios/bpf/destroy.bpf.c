/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Destroys one of the sockets that the iterator shows to its reader (Linux 6.5 and later). */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
} __attribute__((preserve_access_index));

extern int bpf_sock_destroy(struct sock_common *sock) __ksym;

/* The socket's own port in host byte order, and the other end's in network byte order. */
const volatile __u16 own_port;
const volatile __be16 other_port;

SEC("iter/tcp")
int destroy(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;

	if (sk && sk->skc_num == own_port && sk->skc_dport == other_port)
		bpf_sock_destroy(sk);
	return 0;
}

char _license[] SEC("license") = "GPL";
