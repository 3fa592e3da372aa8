/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Calls that fail on a connection. The only programs on the data path: the
 * return value is tested first, and a call that succeeded costs one load and
 * one compare (sock_used).
 */
#ifndef RST_HOOK_CALL_BPF_H
#define RST_HOOK_CALL_BPF_H

#define SIGPIPE 13

/*
 * Takes the task's SIGPIPE mark. It counts only if it was made in this very call: pipes and local
 * sockets raise SIGPIPE as well, and no hook takes those marks away.
 */
static __always_inline void take_sigpipe(struct sock_event *e)
{
	__u32 tid = e->task.tid;
	struct sigpipe_mark *m;

	e->head.flags |= EVF_SIGPIPE_SEEN;
	if (e->head.err != EPIPE || (e->head.flags & (EVF_RECV | EVF_CONNECT)))
		return;
	m = bpf_map_lookup_elem(&sigpipes, &tid);
	if (!m)
		return;
	if (m->call.nr == e->task.call.nr && m->call.arch == e->task.call.arch &&
	    m->call.arg[0] == e->task.call.arg[0] && m->call.arg[1] == e->task.call.arg[1] &&
	    m->call.arg[2] == e->task.call.arg[2])
		e->head.flags |= m->flags;
	bpf_map_delete_elem(&sigpipes, &tid);
}

/* A send failed on a socket that is not followed: the SIGPIPE that it raised is forgotten. */
static __always_inline void drop_sigpipe(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&sigpipes, &tid);
}

#define SOCK_NOSPACE 2	/* include/linux/net.h: a writer found no room, and none has come since */

/*
 * sendfile, splice, sendmmsg and io_uring send in several pieces. When one piece fails after others
 * were sent, the call returns what was sent, and not the error. For sendfile() its pipe shows
 * whether a piece was sent: the kernel sets the tail back to 0 at the end of each call. For the
 * others nothing shows it. But a piece can have been sent only if the call was running when the
 * reset came, and then it was nearly always waiting for room in the send buffer.
 */
static __always_inline __u32 part_sent(struct sock *sk)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct pipe_inode_info *pipe = BPF_CORE_READ(task, splice_pipe);

	if (pipe && BPF_CORE_READ(pipe, tail))
		return EVF_PART;
	return BPF_CORE_READ(sk, sk_socket, flags) & (1UL << SOCK_NOSPACE) ? EVF_PART_GUESS : 0;
}

/* Tells a call that failed. stack_ns: the time of the stack that was told for it, or 0. */
VERIFIED_ONCE int tell_failed(__u64 sock, int err, __u32 flags, __u64 stack_ns)
{
	struct sock *sk = (void *)sock;
	struct sk_info *info = sock_info(sk);
	__u16 proto = sk_protocol(sk);
	struct sock_event *e;

	/* the call fails on the MPTCP socket, the reset that caused it was on a subflow */
	if (!sk_is_inet(sk) || (proto != IPPROTO_TCP && proto != IPPROTO_MPTCP)) {
		drop_sigpipe();
		return 0;
	}
	if (info && info->silent) {
		if (err == EPIPE)
			drop_sigpipe();
		return 0;
	}
	e = EVENT(sock, EV_CALL);
	if (!e)
		return 0;
	if (stack_ns)
		e->head.time_ns = stack_ns;
	if (info && info->flow.rport)
		e->flow = info->flow;
	else
		flow_from_sk(&e->flow, sock);
	e->head.flags |= flags | event_sock(&e->owner, &e->sock, &e->flow, sock, info);
	e->head.err = err;
	if (!(flags & (EVF_RECV | EVF_CONNECT | EVF_TAKEN)))
		e->head.flags |= part_sent(sk);
	take_sigpipe(e);
	if (info && task_is_process(&e->task)) {
		sock_owned(sock, info, &e->task);
		e->owner = info->owner;
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* Whether to tell a stack: for a call on a connection whose chain is not counted only. */
VERIFIED_ONCE int call_has_stack(__u64 sock)
{
	struct sk_info *info = sock_info((struct sock *)sock);
	__u16 proto = sk_protocol((struct sock *)sock);

	return sk_is_inet((struct sock *)sock) && (proto == IPPROTO_TCP || proto == IPPROTO_MPTCP) &&
	       !(info && info->silent) && process_runs();
}

static __always_inline int call_failed(void *ctx, __u64 sock, int err, __u32 flags)
{
	return tell_failed(sock, err, flags, cfg_stacks && call_has_stack(sock) ? tell_stack(ctx) : 0);
}

static __always_inline int on_send(void *ctx, struct sock *sk, int ret)
{
	if (ret >= 0) {
		sock_used((__u64)sk);
		return 0;
	}
	return fatal_errno(-ret) ? call_failed(ctx, (__u64)sk, -ret, 0) : 0;
}

static __always_inline bool was_reset(struct sock *sk)
{
	struct sk_info *info = reset_alive ? sock_info(sk) : NULL;

	return info && info->reset && (info->reset_state != TCP_SYN_SENT ||
				       BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE);
}

static __always_inline int on_recv(void *ctx, struct sock *sk, int ret)
{
	if (ret > 0) {
		sock_used((__u64)sk);
		return 0;
	}
	/* 0 is of interest only where a reset was swallowed as end of file */
	if (ret ? !fatal_errno(-ret) : !was_reset(sk))
		return 0;
	return call_failed(ctx, (__u64)sk, -ret, ret ? EVF_RECV : EVF_RECV | EVF_EOF);
}

static __always_inline int on_connect(void *ctx, struct sock *sk, int ret)
{
	return ret < 0 && fatal_errno(-ret) ? call_failed(ctx, (__u64)sk, -ret, EVF_CONNECT) : 0;
}

SEC("raw_tp/sock_send_length")
int tp_sock_send_length(unsigned long long *ctx)
{
	return on_send(ctx, (void *)ctx[0], (int)ctx[1]);
}

SEC("raw_tp/sock_recv_length")
int tp_sock_recv_length(unsigned long long *ctx)
{
	return on_recv(ctx, (void *)ctx[0], (int)ctx[1]);
}

/* Calls that take the pending error before they get to any function hooked above. */
static __always_inline int on_take(void *ctx, struct sock *sk, int err, __u32 flags)
{
	return fatal_errno(err) ? call_failed(ctx, as_number(sk), err, EVF_TAKEN | flags) : 0;
}

/*
 * SO_ERROR gives an error that an ICMP message left while connect() held the socket: for its owner
 * the attempt ends with that. Returns whether it does.
 */
VERIFIED_ONCE int tell_noted(__u64 sock, int err)
{
	struct sock *sk = (void *)sock;
	struct sk_info *info = sock_info(sk);

	if (!fatal_errno(err) || !sk_is_tcp(sk) ||
	    BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_SYN_SENT)
		return 0;
	if (info && !info->reset) {
		flow_from_sk(&info->flow, sock);
		tell_aborted(sock, TCP_SYN_SENT, err);
	}
	return 1;
}

#define SOL_SOCKET 1
#define SO_ERROR 4
#define MSG_ERRQUEUE 0x2000

/*
 * Reads what the getter of the option will find, see sk_getsockopt(): in one read where both errors
 * are neighbours, up to 6.7.
 */
static __always_inline int on_getsockopt(void *ctx, struct sock *sk, int level, int name)
{
	struct { int err, soft; } pending = {};

	if (level != SOL_SOCKET || name != SO_ERROR)
		return 0;
	if (bpf_core_field_offset(struct sock, sk_err_soft) ==
	    bpf_core_field_offset(struct sock, sk_err) + sizeof(pending.err)) {
		bpf_probe_read_kernel(&pending, sizeof(pending), __builtin_preserve_access_index(&sk->sk_err));
	} else {
		pending.err = BPF_CORE_READ(sk, sk_err);
		if (!pending.err)
			pending.soft = BPF_CORE_READ(sk, sk_err_soft);
	}
	if (!pending.err && pending.soft && tell_noted(as_number(sk), pending.soft))
		pending.err = pending.soft;
	return on_take(ctx, sk, pending.err, 0);
}

/* The socket behind a descriptor of the running task, or NULL. */
static __always_inline struct sock *fd_sock(__u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file **slot = BPF_CORE_READ(fdt, fd);
	struct file *file = NULL;

	if (fd >= BPF_CORE_READ(fdt, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), slot + fd);
	return file ? file_sock(file) : NULL;
}

static __always_inline int on_recvmmsg(void *ctx, __u32 fd, __u32 flags)
{
	struct sock *sk = flags & MSG_ERRQUEUE ? NULL : fd_sock(fd);

	return sk && sk_is_inet(sk) ? on_take(ctx, sk, BPF_CORE_READ(sk, sk_err), EVF_RECV) : 0;
}

#define O_NONBLOCK 04000	/* include/uapi/asm-generic/fcntl.h */

static __always_inline bool is_nonblocking(struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_socket, file, f_flags) & O_NONBLOCK;
}

/*
 * connect() has no tracepoint, but one that fails ends in tcp_disconnect(), which reports a cleared
 * error in the context of the caller. The errno that it is about to return is what the RST left on
 * the socket. Only if an earlier connect() did not wait for the RST may SO_ERROR have taken that
 * errno, and this call gets another: then the errno was told, but perhaps not by this call.
 */
static __always_inline int connect_gives_up(void *ctx, struct sock *sk)
{
	struct sk_info *info = sock_info(sk);
	struct rst_task t = {};
	__u16 family = 0;

	if (!info || !info->reset || info->reset_state != TCP_SYN_SENT || info->silent)
		return 0;
	fill_task_call(&t);
	if (t.flags & (TASKF_KTHREAD | TASKF_EXITING))
		return 0;
	/*
	 * connect(AF_UNSPEC) on the refused socket does not fail: it dissolves the socket.
	 * io_uring's calls have no address here to read.
	 */
	if (t.flags & TASKF_SYSCALL &&
	    !bpf_probe_read_user(&family, sizeof(family),
				 (void *)call_arg1(current_regs(), t.call.arch == ARCH_COMPAT)) && !family)
		return 0;
	unmark_reset(info);	/* told once; from here on the socket is as new */
	return call_failed(ctx, (__u64)sk, info->reset_err, EVF_CONNECT | EVF_ERRNO_GUESS |
			   (is_nonblocking(sk) ? EVF_CALL_GUESS : 0));
}

static __always_inline int on_error_report(void *ctx, struct sock *sk)
{
	struct sk_info *info = sock_info(sk);

	if (info)
		msk_error(sk, info);
	if (BPF_CORE_READ(sk, sk_err) || BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE)
		return 0;
	return connect_gives_up(ctx, sk);
}

SPARED_TP("raw_tp/inet_sk_error_report", tp_inet_sk_error_report, on_error_report(ctx, (void *)ctx[0]))

/* sk_getsockopt(sk, level, optname, …) from 6.0, sock_getsockopt(sock, …) before. */
SEC("fentry/sk_getsockopt")
int fentry_sk_getsockopt(unsigned long long *ctx)
{
	return on_getsockopt(ctx, (void *)ctx[0], (int)ctx[1], (int)ctx[2]);
}

SEC("fentry/sock_getsockopt")
int fentry_sock_getsockopt(unsigned long long *ctx)
{
	return on_getsockopt(ctx, BPF_CORE_READ((struct socket *)ctx[0], sk), (int)ctx[1], (int)ctx[2]);
}

SEC("kprobe/sk_getsockopt")
int kprobe_sk_getsockopt(struct pt_regs *regs)
{
	return on_getsockopt(regs, (void *)PT_REGS_PARM1(regs), (int)PT_REGS_PARM2(regs),
			     (int)PT_REGS_PARM3(regs));
}

SEC("kprobe/sock_getsockopt")
int kprobe_sock_getsockopt(struct pt_regs *regs)
{
	return on_getsockopt(regs, BPF_CORE_READ((struct socket *)PT_REGS_PARM1(regs), sk),
			     (int)PT_REGS_PARM2(regs), (int)PT_REGS_PARM3(regs));
}

SEC("fentry/do_recvmmsg")
int fentry_do_recvmmsg(unsigned long long *ctx)
{
	return on_recvmmsg(ctx, (__u32)ctx[0], (__u32)ctx[3]);
}

SEC("kprobe/do_recvmmsg")
int kprobe_do_recvmmsg(struct pt_regs *regs)
{
	return on_recvmmsg(regs, (__u32)PT_REGS_PARM1(regs), (__u32)PT_REGS_PARM4(regs));
}

/* A SIGPIPE that a task raises against itself belongs to the send it is in. */
SEC("raw_tp/signal_generate")
int tp_signal_generate(unsigned long long *ctx)
{
	struct task_struct *task = (void *)ctx[2];
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct sigpipe_mark mark = { .flags = EVF_SIGPIPE };
	struct rst_task t = {};
	__sighandler_t handler;

	if ((int)ctx[0] != SIGPIPE || (__u64)task != bpf_get_current_task())
		return 0;
	handler = BPF_CORE_READ(task, sighand, action[SIGPIPE - 1].sa.sa_handler);
	if (handler == (__sighandler_t)1 || (BPF_CORE_READ(task, blocked.sig[0]) & (1UL << (SIGPIPE - 1))))
		mark.flags |= EVF_SIGPIPE_IGN;
	else if (!handler)
		mark.flags |= EVF_SIGPIPE_DFL;
	fill_task_call(&t);
	mark.call = t.call;
	bpf_map_update_elem(&sigpipes, &tid, &mark, BPF_ANY);
	return 0;
}

/*
 * The context of a fexit program has the arguments, then the return value. The first argument is a
 * struct socket.
 */
#define FEXIT_CALL(func, nargs, handler)					\
SEC("fexit/" #func)								\
int fexit_##func(unsigned long long *ctx)					\
{										\
	return handler(ctx, BPF_CORE_READ((struct socket *)ctx[0], sk), (int)ctx[nargs]);	\
}

FEXIT_CALL(inet_sendmsg, 3, on_send)
FEXIT_CALL(inet6_sendmsg, 3, on_send)
FEXIT_CALL(inet_recvmsg, 4, on_recv)
FEXIT_CALL(inet6_recvmsg, 4, on_recv)
FEXIT_CALL(tcp_splice_read, 5, on_recv)
FEXIT_CALL(inet_sendpage, 5, on_send)

SPARED_FUNC_UNLESS((int)ctx[4] >= 0, "fexit/inet_stream_connect", fexit_inet_stream_connect,
       on_connect(ctx, BPF_CORE_READ((struct socket *)ctx[0], sk), (int)ctx[4]))

/* A kprobe keeps the argument, by thread, until the function returns. */
static __always_inline int call_enters(struct pt_regs *regs)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 sk = (__u64)BPF_CORE_READ((struct socket *)PT_REGS_PARM1(regs), sk);

	bpf_map_update_elem(&in_call, &tid, &sk, BPF_ANY);
	return 0;
}

static __always_inline struct sock *call_taken(__u32 tid)
{
	__u64 *sk = bpf_map_lookup_elem(&in_call, &tid);
	struct sock *found = sk ? (void *)*sk : NULL;

	bpf_map_delete_elem(&in_call, &tid);
	return found;
}

static __always_inline struct sock *call_returns(void)
{
	return call_taken((__u32)bpf_get_current_pid_tgid());
}

#define KPROBE_CALL(func, handler)						\
SEC("kprobe/" #func)								\
int kprobe_##func(struct pt_regs *regs)						\
{										\
	return call_enters(regs);						\
}										\
SEC("kretprobe/" #func)								\
int kretprobe_##func(struct pt_regs *regs)					\
{										\
	struct sock *sk = call_returns();					\
										\
	return sk ? handler(regs, sk, (int)PT_REGS_RC(regs)) : 0;			\
}

KPROBE_CALL(inet_sendmsg, on_send)
KPROBE_CALL(inet6_sendmsg, on_send)
KPROBE_CALL(inet_recvmsg, on_recv)
KPROBE_CALL(inet6_recvmsg, on_recv)
KPROBE_CALL(tcp_splice_read, on_recv)
KPROBE_CALL(inet_sendpage, on_send)

#define INNER_CALL 0x80000000u	/* no thread's number */

/* Up to 6.2 connect() of an MPTCP socket calls the same function again for its subflow. */
SEC("kprobe/inet_stream_connect")
int kprobe_inet_stream_connect(struct pt_regs *regs)
{
	__u64 sk = (__u64)BPF_CORE_READ((struct socket *)PT_REGS_PARM1(regs), sk);
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 *outer = bpf_map_lookup_elem(&in_call, &tid);

	if (outer && *outer != sk && sk_protocol((struct sock *)*outer) == IPPROTO_MPTCP)
		tid |= INNER_CALL;
	bpf_map_update_elem(&in_call, &tid, &sk, BPF_ANY);
	return 0;
}

SEC("kretprobe/inet_stream_connect")
int kretprobe_inet_stream_connect(struct pt_regs *regs)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct sock *sk = call_taken(tid | INNER_CALL) ? NULL : call_taken(tid);

	return sk ? on_connect(regs, sk, (int)PT_REGS_RC(regs)) : 0;
}

#endif
