/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Ownership and history from state changes: a few for each connection, none of them on the data
 * path. connect, listen, close and shutdown run in the owner's context; the end of a handshake and
 * every change to CLOSE may run in any.
 */
#ifndef RST_HOOK_STATE_BPF_H
#define RST_HOOK_STATE_BPF_H

/*
 * A socket begins: by a call of its owner, or when a handshake ends, in any context. With TCP Fast
 * Open a socket may end before its handshake does; then its age is not known.
 */
static __always_inline void sock_begins(struct sock *sk, __u8 state, __u32 netns)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct sk_info *info = sock_new(sk, now_ns);

	if (!info)
		return;
	info->birth_ns = state == TCP_SYN_RECV ? 0 : now_ns;
	info->role = state == TCP_SYN_SENT ? ROLE_CLIENT :
		     state == TCP_LISTEN ? ROLE_UNKNOWN : ROLE_SERVER;
	if (state != TCP_SYN_SENT)	/* in SYN_SENT it has no port yet */
		flow_from_typed(&info->flow, sk, netns);
	if (state == TCP_ESTABLISHED || state == TCP_SYN_RECV) {
		listener_owner(&info->owner, &info->flow);
	} else {
		struct rst_task t = {};

		fill_task(&t);
		owner_from_task(&info->owner, &t, OWNER_SOCKET);
	}
	info->owner.fd = -1;
	if (state == TCP_LISTEN) {
		struct listener_key key = {};

		listener_key_of(&key, &info->flow);
		if (bpf_map_update_elem(&listeners, &key, &info->owner, BPF_ANY))
			__sync_fetch_and_add(&socks_unkept, 1);
		listening_count(&key, 1);
	}
}

const volatile __u32 cfg_misses_calls;	/* no hook shows who uses a socket */

/*
 * Whether there are descriptors of the socket besides the one that the running call uses: that call
 * holds one reference where threads share their descriptors.
 */
static __always_inline bool is_shared(struct sock *sk)
{
	struct file *file = BPF_CORE_READ(sk, sk_socket, file);
	struct task_struct *task = (void *)bpf_get_current_task();
	int threads = BPF_CORE_READ(task, files, count.counter);

	return file && file_holders(file) > 1 + (threads > 1);
}

/*
 * This task closes the socket, shuts it down or ends. Where several processes hold the socket, the
 * one that shut it down need not be the one that uses it: the next use shows the owner. If no hook
 * shows uses, the owner known before stays, as the new one may be wrong.
 */
static __always_inline void closed_by_task(struct sock *sk, struct sk_info *info, __u64 now_ns)
{
	struct rst_task t = {};

	fill_task_call(&t);
	if (task_is_process(&t) && !(cfg_misses_calls && is_shared(sk)) &&
	    (t.pid != info->owner.pid || info->owner.how != OWNER_SOCKET)) {
		fill_task_name(&t);
		sock_owned(as_number(sk), info, &t);
	}
	owner_closes(&info->owner, &t, now_ns);
}

/* The last listener on this address is gone; the entry of another listener is left alone. */
static __always_inline void listener_gone(struct sock *sk, struct sk_info *info)
{
	struct listener_key key = {};
	struct rst_owner *o;

	listener_key_of(&key, &info->flow);
	o = bpf_map_lookup_elem(&listeners, &key);
	if (o && o->pid == info->owner.pid)
		bpf_map_delete_elem(&listeners, &key);
	listening_count(&key, -1);
	closed_by_task(sk, info, bpf_ktime_get_ns());
	bpf_map_update_elem(&unlistened, &key, &info->owner, BPF_ANY);
}

/*
 * A FIN is about to be sent: by a call of the task's, if the task holds the socket's lock. From 6.9
 * on the FIN of a Fast Open child that was shut down in SYN_RECV is sent when the handshake ends,
 * in whatever task the ACK came. The end that closes first is remembered: data may still come for
 * it, and then a timewait sock answers, or the kernel for no socket.
 */
static __always_inline void sock_finishes(struct sock *sk, struct sk_info *info, bool first,
					  __u32 netns)
{
	__u64 now_ns = bpf_ktime_get_ns();

	if (TYPED_READ(sk, sk_lock.owned))
		closed_by_task(sk, info, now_ns);
	if (!info->flow.rport)
		flow_from_typed(&info->flow, sk, netns);
	if (!first)
		return;
	ends_by_close(info, sk, now_ns);
	closed_put(info);
}

const volatile __u32 cfg_cancelled_events;

static __always_inline void count_cancelled(void)
{
	__u32 zero = 0;
	struct rst_stats *st = bpf_map_lookup_elem(&stats, &zero);

	if (st)
		__sync_fetch_and_add(&st->seen[EV_CANCELLED], 1);
}

/*
 * The owner gives a connect up while its SYN is out, and no error ends it. A scanner does so all
 * the time: unless each is to be shown or recorded, they are only counted.
 */
static __always_inline void connect_ends(struct sock *sk, struct sk_info *info)
{
	__u64 key = as_number(sk);
	struct sock_event *e;

	if (TYPED_READ(sk, sk_err) || TYPED_READ(sk, sk_err_soft) ||
	    !BPF_CORE_READ((struct tcp_sock *)sk, segs_out))
		return;
	closed_by_task(sk, info, bpf_ktime_get_ns());
	ends(info, END_CONNECTING);
	if (!cfg_cancelled_events) {
		count_cancelled();
		return;
	}
	e = EVENT(sock, EV_CANCELLED);
	if (!e)
		return;
	sock_flow(&e->flow, key, info);
	e->head.flags |= event_sock(&e->owner, &e->sock, &e->flow, key, info);
	bpf_ringbuf_submit(e, 0);
}

/* Tells a connection that died; `old` is the socket's state before. Its flow is known. Returns 0. */
VERIFIED_ONCE int tell_aborted(__u64 sock, __u8 old, int err)
{
	const __u32 what = RESET(EV_ABORTED, CLASS_DIED);
	struct sk_info *info = info_at(sock);
	struct abort_event *e;

	if (!info)
		return 0;
	mark_reset(info);
	info->reset_state = old;
	info->reset_err = err;
	info->silent = !reset_seen(what, RST_NO_REASON, &info->flow, &info->owner);
	if (info->silent)
		return 0;
	e = EVENT(abort, EV_ABORTED);
	if (!e)
		return reset_lost(what, RST_NO_REASON, &info->flow, &info->owner);
	e->flow = info->flow;
	e->head.flags |= event_sock(&e->owner, &e->sock, &e->flow, sock, info);
	fill_extra(&e->extra, sock);
	e->extra.role = sock_role((struct sock *)sock, info, &e->flow);
	if (old == TCP_SYN_SENT)
		read_icmp(&e->icmp, sock);
	e->head.err = err;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/*
 * The ICMP error that the socket has noted, or 0. A message that comes while connect() holds the
 * socket is only noted (tcp_v4_err, tcp_v6_err); so it always is when it comes from this host or
 * through a veth pair. After a non-blocking connect it is left to whoever asks for SO_ERROR or
 * closes the socket. That the socket keeps the message shows it when no hook saw the call that
 * asked.
 */
static __always_inline int noted_error(struct sock *sk, struct sk_info *info)
{
	int err = TYPED_READ(sk, sk_err_soft);

	info->untaken = !!err;
	return err ?: read_icmp(NULL, as_number(sk));
}

/*
 * Whether a connection died without a RST, which is told here: retransmissions or probes were in
 * vain, or an ICMP error answered the SYN (tcp_write_err, tcp_v4_err). On all kernels the error is
 * on the socket before the state changes. An error that was pending when the connection ended in
 * order is recognised by its lack of retransmissions. What a RST or the process itself ended is
 * told elsewhere.
 */
static __always_inline bool sock_aborted(struct sock *sk, struct sk_info *info, __u8 old)
{
	struct inet_connection_sock *icsk = (struct inet_connection_sock *)sk;
	int err = TYPED_READ(sk, sk_err);

	if (!err && old == TCP_SYN_SENT)
		err = noted_error(sk, info);
	if (err == ECONNRESET || err == EPIPE || err == ECONNABORTED || !fatal_errno(err))
		return false;
	if (old != TCP_SYN_SENT && !BPF_CORE_READ(icsk, icsk_retransmits) &&
	    !BPF_CORE_READ(icsk, icsk_probes_out))
		return false;
	tell_aborted(as_number(sk), old, err);
	return true;
}

/* A socket closes without a FIN: keeps when and why a RST is sent, in case that is not seen. */
static __always_inline void sock_aborts(struct sock *sk, struct sk_info *info, __u8 old)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	if (!info->owner.close_ns)
		info->owner.close_ns = bpf_ktime_get_ns();
	/* already now: a segment that crosses the RST may come before its sending is seen */
	ends(info, END_RST_SENT);
	if (BPF_CORE_READ_BITFIELD_PROBED(sk, sk_shutdown) != SHUTDOWN_BOTH)
		return;		/* disconnected, not closed */
	if (data_between(BPF_CORE_READ(tp, copied_seq), BPF_CORE_READ(tp, rcv_nxt),
			 old == TCP_CLOSE_WAIT))
		info->abort |= PEER_UNREAD;
	if (BPF_CORE_READ(sk, __sk_common.skc_flags) & (1UL << SOCK_LINGER_BIT) &&
	    !BPF_CORE_READ_BITFIELD_PROBED(sk, sk_lingertime))
		info->abort |= PEER_LINGER0;
}

static __always_inline void sock_closes(struct sock *sk, struct sk_info *info, __u8 old,
					__u32 netns)
{
	struct closed_conn *last;

	info->closed = 1;
	info->old_state = old;
	if (old == TCP_LISTEN) {
		listener_gone(sk, info);
		return;
	}
	if (!info->flow.lport || !info->flow.rport)
		flow_from_typed(&info->flow, sk, netns);
	/* a connect that went on after its ICMP message was told may still be answered */
	if (!info->reset || (info->reset_state == TCP_SYN_SENT && old != TCP_SYN_SENT)) {
		if (sock_aborted(sk, info, old))
			ends(info, END_FAILED);
		else if (old == TCP_ESTABLISHED || old == TCP_CLOSE_WAIT)
			sock_aborts(sk, info, old);
		else if (old == TCP_SYN_SENT)
			connect_ends(sk, info);
	}
	if (old == TCP_LAST_ACK) {	/* the peer closed first: no data comes any more */
		ends_in_peace(&info->flow);
		return;
	}
	last = closed_before(info);
	if (last) {
		last->info.old_state = old;
		last->info.end = info->end;
	} else {
		closed_put(info);
	}
}

#define S(state) (1u << (state))

/*
 * Whether the states alone show that there is nothing to do: so it is for half of a connection's
 * changes.
 */
static __always_inline bool tells_nothing(__u8 old, __u8 new)
{
	/* the peer did it; or a clone that has no address yet; or an answer to connect */
	return S(new) & (S(TCP_FIN_WAIT2) | S(TCP_CLOSE_WAIT) | S(TCP_CLOSING) |
			 S(TCP_TIME_WAIT) | S(TCP_SYN_RECV)) ||
	       (new == TCP_ESTABLISHED && old == TCP_SYN_SENT);
}

static __always_inline int on_state(struct sock *sk, __u8 old, __u8 new)
{
	struct sk_info *info = NULL;
	bool begins;
	__u32 netns;
	__u16 proto;

	proto = cfg_typed ? sk->sk_protocol : sk_protocol(sk);
	if (proto == IPPROTO_MPTCP && new == TCP_CLOSE)
		return msk_closes(sk);
	if (proto != IPPROTO_TCP)
		return 0;
	netns = typed_netns(sk);
	begins = new == TCP_SYN_SENT || new == TCP_LISTEN ||
		 (new == TCP_ESTABLISHED && old == TCP_SYN_RECV);
	if (!begins)
		info = sock_info(sk);
	if (!info) {
		/* a child that a RST ends was told without an entry */
		if (!begins && (old != TCP_SYN_RECV || BPF_CORE_READ(sk, sk_err))) {
			if (new == TCP_CLOSE && old != TCP_SYN_RECV && !cfg_socks_grow)
				__sync_fetch_and_add(&socks_unkept, 1);
			return 0;
		}
		sock_begins(sk, begins ? new : old, netns);
		if (begins)
			return 0;
		info = sock_info(sk);
		if (!info)
			return 0;
	}
	if (new == TCP_CLOSE)
		sock_closes(sk, info, old, netns);
	else if (new == TCP_LAST_ACK || (new == TCP_FIN_WAIT1 && old != TCP_FIN_WAIT1))
		sock_finishes(sk, info, new == TCP_FIN_WAIT1, netns);
	return 0;
}

SPARED_TP_UNLESS(tells_nothing(ctx[1], ctx[2]), "typed_tp/inet_sock_set_state", tp_inet_sock_set_state,
       on_state((void *)ctx[0], ctx[1], ctx[2]))

/*
 * The socket is destroyed, and what is known of it with it. One that was reset says whether its
 * error was read.
 */
static __always_inline int on_destroy(struct sock *sk)
{
	struct sk_info *info = sock_info(sk);
	struct sock_event *e;

	if (!info)
		return 0;
	if (info->reset) {
		unmark_reset(info);
		e = info->silent ? NULL : EVENT(sock, EV_DESTROY);
		if (e) {
			e->flow = info->flow;
			e->head.flags |= event_sock(&e->owner, &e->sock, &e->flow, as_number(sk),
						    info);
			e->head.err = info->untaken ? info->reset_err : e->sock.sk_err;
			bpf_ringbuf_submit(e, 0);
		}
	}
	sock_gone(as_number(sk), info);
	return 0;
}

SPARED_TP("raw_tp/tcp_destroy_sock", tp_tcp_destroy_sock, on_destroy((void *)ctx[0]))

SPARED_FUNC("fentry/tcp_v4_destroy_sock", fentry_tcp_v4_destroy_sock, on_destroy((void *)ctx[0]))

SEC("kprobe/tcp_v4_destroy_sock")
int kprobe_tcp_v4_destroy_sock(struct pt_regs *regs)
{
	return on_destroy((void *)PT_REGS_PARM1(regs));
}

/*
 * A connect has been answered; the answer has the TTL with which the peer's segments come. An
 * accepted socket shows its own, see accepted_ttl(). A restored connection (TCP_REPAIR) has no such
 * segment.
 */
static __always_inline int on_connected(struct sock *sk, struct sk_buff *skb)
{
	struct sk_info *info = sock_info(sk);
	struct hop hop = {};

	if (info && skb && !read_hop(&hop, as_number(skb)))
		info->ttl = hop.ttl;
	return 0;
}

SPARED_FUNC("fentry/tcp_finish_connect", fentry_tcp_finish_connect,
       on_connected((void *)ctx[0], (void *)ctx[1]))

SEC("kprobe/tcp_finish_connect")
int kprobe_tcp_finish_connect(struct pt_regs *regs)
{
	return on_connected((void *)PT_REGS_PARM1(regs), (void *)PT_REGS_PARM2(regs));
}

/* accept() gave the connection to this task. A socket that is not TCP has no entry. */
static __always_inline int on_accept(struct sock *sk)
{
	if (sk)
		sock_used(as_number(sk));
	return 0;
}

SPARED_FUNC("fexit/inet_csk_accept", fexit_inet_csk_accept,
       on_accept((void *)ctx_word(ctx, cfg_accept_args)))

SEC("kretprobe/inet_csk_accept")
int kretprobe_inet_csk_accept(struct pt_regs *regs)
{
	return on_accept((void *)PT_REGS_RC(regs));
}

#endif
