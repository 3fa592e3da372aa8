/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Sockets that are older than the tool: an iterator over all open files finds who holds them. */
#ifndef RST_SNAPSHOT_BPF_H
#define RST_SNAPSHOT_BPF_H

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define SOCKFS_MAGIC 0x534f434b

static __always_inline struct sock *file_sock(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct socket *sock = BPF_CORE_READ(file, private_data);

	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFSOCK ||
	    BPF_CORE_READ(inode, i_sb, s_magic) != SOCKFS_MAGIC)
		return NULL;
	return BPF_CORE_READ(sock, sk);
}

/* Finds who holds sockets older than the tool. If several processes hold one, the youngest counts. */
SEC("open_files")	/* an iterator over task_file, see user/attach/loader.c */
int snapshot(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct listener_key lkey = {};
	struct sk_info info = {}, *old;
	struct sock *sk;
	bool listens;

	if (!task || !file)
		return 0;
	sk = file_sock(file);
	if (!sk || !sk_is_tcp(sk))
		return 0;
	info.owner.pid = BPF_CORE_READ(task, tgid);
	info.owner.tid = BPF_CORE_READ(task, pid);
	info.owner.uid = BPF_CORE_READ(task, cred, euid.val);
	info.owner.cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	info.owner.how = OWNER_SNAPSHOT;
	info.owner.fd = ctx->fd;
	BPF_CORE_READ_INTO(&info.owner.comm, task, comm);
	flow_from_sk(&info.flow, (__u64)sk);
	old = sock_info(sk);
	if (old && old->owner.how != OWNER_SNAPSHOT)
		return 0;
	listens = BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN;
	if (!listens && accepted_ttl(sk))
		info.role = ROLE_SERVER;
	sock_found(sk, &info);
	if (listens) {
		listener_key_of(&lkey, &info.flow);
		if (!old)
			listening_count(&lkey, 1);
		bpf_map_update_elem(&listeners, &lkey, &info.owner, BPF_NOEXIST);
	}
	return 0;
}

#endif
