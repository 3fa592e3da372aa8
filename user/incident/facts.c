/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/facts.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "events/rst_key.h"
#include "incident/callname.h"
#include "incident/exchange.h"
#include "incident/icmp.h"
#include "incident/names.h"

#define NS_PER_S 1000000000ULL

/* "exit", or the name of the signal that ends the process. exit_code is a wait status. */
static void set_exit(char *dst, size_t len, int32_t exit_code)
{
	int sig = exit_code & 0x7f;
	const char *abbrev = sig ? sigabbrev_np(sig) : NULL;

	if (!sig)
		text_copy(dst, len, "exit");
	else if (abbrev)
		snprintf(dst, len, "SIG%s", abbrev);
	else
		snprintf(dst, len, "signal %d", sig);
}

/* The call with which a task closes. A killed task closes by no call, whichever it was in. */
static void set_closing(struct endpoint *ep, const struct rst_call *call, uint32_t flags,
			int32_t exit_code)
{
	if (flags & TASKF_EXITING) {
		set_exit(ep->exit, sizeof(ep->exit), exit_code);
		if (exit_code & 0x7f)
			return;
	}
	if (flags & TASKF_IO_WORKER) {
		text_copy(ep->syscall, sizeof(ep->syscall), "io_uring");
		return;
	}
	if (!(flags & TASKF_SYSCALL))
		return;
	call_name(call, ep->syscall, sizeof(ep->syscall));
	ep->fd = call_fd(call, false);
}

/* Servers that fork hand what they accept to a child, which is the owner once it makes a call. */
static bool only_accepted(const struct rst_owner *o)
{
	char call[24];

	call_name(&o->used, call, sizeof(call));
	return o->how == OWNER_LISTENER || (o->how == OWNER_SOCKET && !strncmp(call, "accept", strlen("accept")));
}

static void set_owner(struct endpoint *ep, const struct rst_owner *o)
{
	ep->owner = o->how;
	ep->accepted_only = only_accepted(o);
	if (o->how == OWNER_NONE || o->how == OWNER_KERNEL || !o->pid)
		return;
	endpoint_user(ep, o->pid, o->tid, o->comm);
	ep->uid = o->uid;
	ep->cgroup_id = o->cgroup;
}

static void set_state(struct endpoint *ep, const struct rst_event *ev)
{
	uint8_t state = ev->sock.state;

	if (state == TCP_CLOSE)
		state = ev->sock.bits & SOCKF_OLD_STATE ? ev->sock.old_state : 0;
	ep->old_state = state;
	ep->tcp_state = ev->sock.state;
	if (state)
		text_copy(ep->state, sizeof(ep->state), tcp_state_name(state));
}

static void set_idle(struct endpoint *ep, const struct rst_event *ev, unsigned int hz)
{
	const struct rst_extra *x = &ev->extra;
	uint32_t sent = (uint32_t)x->jiffies - x->lsndtime;
	uint32_t got = (uint32_t)x->jiffies - x->lrcvtime;

	if (!hz || !x->jiffies || !x->lrcvtime)	/* not told, or never connected: there was no data */
		return;
	ep->idle_us = (uint64_t)(sent < got ? sent : got) * 1000000 / hz;
	ep->heard_us = (uint64_t)got * 1000000 / hz;
}

static void set_extra(struct endpoint *ep, const struct rst_event *ev, unsigned int hz)
{
	set_idle(ep, ev, hz);
	ep->retransmits = ev->extra.retransmits;
	ep->probes = ev->extra.probes_out;
	if (ev->extra.user_timeout_ms)
		ep->user_timeout_ms = ev->extra.user_timeout_ms;
	if (!ev->extra.msk)
		return;
	ep->mptcp = 1;
	ep->unread = UNKNOWN;	/* a subflow's data waits in the MPTCP socket, which was not read */
}

static void set_sock(struct endpoint *ep, const struct rst_event *ev, unsigned int hz)
{
	const struct rst_sock *s = &ev->sock;

	ep->sock_id = s->id;
	ep->sk = s->sk;
	if (s->birth_ns && s->birth_ns <= ev->time_ns)
		ep->age_us = (ev->time_ns - s->birth_ns) / 1000;
	if (!(ev->flags & EVF_SOCK))
		return;
	ep->have_sock = true;
	ep->bits = s->bits;
	ep->shutdown = s->shutdown;
	ep->linger2 = s->linger2;
	ep->sk_err = s->sk_err;
	ep->linger0 = s->bits & SOCKF_LINGER && !s->lingertime;
	if (!(s->bits & SOCKF_EVIDENCE))
		return;
	ep->unread = s->unread;
	ep->unsent = s->unsent;
	ep->bytes_in = s->bytes_in;
	ep->bytes_out = s->bytes_out;
	ep->retrans = s->retrans;
	set_extra(ep, ev, hz);
	if (s->srtt_us)
		ep->srtt_us = s->srtt_us;
}

static void set_flow(struct incident *inc, const struct rst_event *ev, bool sent)
{
	const struct rst_flow *f = &ev->flow;

	inc->family = f->family;
	memcpy(inc->saddr, sent ? f->laddr : f->raddr, 16);
	memcpy(inc->daddr, sent ? f->raddr : f->laddr, 16);
	inc->sport = sent ? f->lport : f->rport;
	inc->dport = sent ? f->rport : f->lport;
	inc->netns = f->netns;
}

static void set_time(struct incident *inc, const struct rst_event *ev,
		     const struct source_meta *meta)
{
	if (inc->mono_ns && inc->mono_ns <= ev->time_ns)
		return;
	inc->mono_ns = ev->time_ns;
	inc->time_ns = source_wall_ns(meta, ev->time_ns);
	text_copy(inc->host, sizeof(inc->host), meta->host);
}

static void set_numbers(struct incident *inc, const struct rst_event *ev)
{
	if (EV_SEQ_SURE(ev))
		inc->rst_seq = ev->seg.rst_seq;
	if (ev->flags & EVF_ACK)
		inc->rst_ack = ev->seg.rst_ack;
	if (ev->seg.sampled)
		inc->sampled = ev->seg.sampled;
}

/*
 * The TTL of the RST and of one of the connection's own segments. Where two such
 * segments are known, the one with a TTL closer to the RST's counts: a forged RST is
 * suspected only when it fits neither.
 */
static void set_hops(struct incident *inc, const struct rst_event *ev)
{
	const struct rst_seg *s = &ev->seg;
	bool v4 = ev->flow.family == 4;

	if (s->ttl) {
		inc->rst_ttl = s->ttl;
		inc->rst_ip_id = v4 ? s->ip_id : UNKNOWN;
	}
	if (s->flow_ttl)
		inc->flow_ttl = s->flow_ttl;
	if (!s->queued_ttl)
		return;
	if (!s->flow_ttl || (s->ttl && abs(s->queued_ttl - s->ttl) < abs(s->flow_ttl - s->ttl)))
		inc->flow_ttl = s->queued_ttl;
	inc->flow_ip_id = v4 ? s->queued_ip_id : UNKNOWN;
}

static enum kind kind_of(const struct rst_event *ev)
{
	return ev->type == EV_SENT_ACTIVE ? KIND_ACTIVE :
	       ev->type == EV_SENT_REPLY ? KIND_REPLY : KIND_NETFILTER;
}

/* Marks the ends that this host saw. The other one is on another host unless the flow is local. */
static void set_local(struct incident *inc)
{
	inc->sender.local = inc->sender.seen || inc->loopback;
	inc->victim.local = inc->victim.seen || inc->loopback;
}

void facts_lost(struct incident *inc, uint8_t lost)
{
	bool refused = inc->abort_err == ECONNREFUSED && inc->victim.old_state == TCP_SYN_SENT;

	inc->lost = lost;
	if (refused && lost & (LOST_SENDING | LOST_RECEIPT) && !icmp_refused(inc))
		inc->kind = KIND_NONE;	/* an ICMP message would leave the same error as a RST */
	set_local(inc);
	if (!inc->sender.local && lost & LOST_SENDING)
		inc->sender.local = inc->netns = UNKNOWN;
	if (!inc->victim.local && lost & LOST_RECEIPT)
		inc->victim.local = UNKNOWN;
	if (!(lost & LOST_CALLS))
		return;
	inc->victim.tid = UNKNOWN;	/* the thread that called last may be another one */
	if (inc->victim.accepted_only)	/* ... in another process */
		endpoint_forget_user(&inc->victim);
}

/*
 * Whether this RST comes of closing an MPTCP socket: that resets the subflows in the
 * closing task, before their state changes. No other hook sees that close.
 */
static bool fast_closes(const struct rst_event *ev)
{
	char name[32];

	if (ev->type != EV_SENT_ACTIVE || !ev->extra.msk || ev->task.pid != ev->owner.pid)
		return false;
	call_name(&ev->task.call, name, sizeof(name));
	return ev->task.flags & TASKF_EXITING || !strcmp(name, "close");
}

/* The call that closed the socket, and how long before the RST. */
static void set_close(struct endpoint *ep, const struct rst_owner *o, uint64_t rst_ns)
{
	if (!o->close_ns || o->close_ns > rst_ns)
		return;
	set_closing(ep, &o->close, o->close_flags, o->close_exit_code);
	if (o->how != OWNER_CALLER)
		ep->closed_us = (rst_ns - o->close_ns) / 1000;
}

/* The process that ran while a socket in a live state was aborted. The rules say whether it did it. */
static void set_killer(struct killer *k, const struct rst_event *ev)
{
	const struct rst_task *t = &ev->task;

	killer_init(k);
	if (ev->type != EV_SENT_ACTIVE || ev->sock.state == TCP_CLOSE || !t->pid ||
	    t->flags & TASKF_KTHREAD)
		return;
	k->pid = t->pid;
	memcpy(k->comm, t->comm, sizeof(k->comm));
	if (t->flags & TASKF_SYSCALL)
		call_name(&t->call, k->syscall, sizeof(k->syscall));
}

void facts_sent(struct incident *inc, const struct rst_event *ev, const struct source_meta *meta)
{
	struct endpoint *ep = &inc->sender;
	const struct rst_owner *o = &ev->owner;

	set_time(inc, ev, meta);
	set_flow(inc, ev, true);
	set_numbers(inc, ev);
	inc->kind = kind_of(ev);
	inc->loopback |= event_is_local(ev);
	inc->unrouted = event_unrouted(ev);
	inc->nf_hook = ev->extra.nf_hook;
	inc->recent = ev->flags & EVF_RECENT;
	inc->listener = ev->flags & EVF_LISTEN;
	inc->join = ev->flags & EVF_JOIN;
	inc->still_listens = ev->flags & EVF_STILL_LISTENS;
	inc->by_kernel = !ev->task.pid || ev->task.flags & TASKF_KTHREAD;
	if (ev->flags & EVF_REASON)
		text_copy(inc->reason, sizeof(inc->reason), source_reason(meta, ev->seg.reason));
	if (ev->flags & EVF_SEGMENT) {
		inc->seg_flags = ev->seg.tcp_flags;
		inc->seg_len = ev->seg.len;
		inc->seg_seq = ev->seg.seq;
		memcpy(inc->seg_head, ev->seg.head, sizeof(inc->seg_head));
	}
	set_killer(&inc->killer, ev);
	endpoint_init(ep);	/* forget what was concluded from the receipt */
	ep->seen = true;
	inc->unseen = false;
	set_local(inc);
	ep->timewait = ev->flags & EVF_TIMEWAIT;
	ep->netns = ev->flow.netns;
	set_owner(ep, o);
	ep->stack = ev->stack;
	ep->kstack = ev->kstack;
	set_state(ep, ev);
	set_sock(ep, ev, meta->hz);
	exchange_of_event(ep, ev, meta->hz);
	if (fast_closes(ev)) {
		ep->owner = OWNER_CALLER;
		set_closing(ep, &ev->task.call, ev->task.flags, ev->task.exit_code);
	} else {
		set_close(ep, o, ev->time_ns);
	}
	if (ev->flags & EVF_LISTEN) {
		inc->accept_queue = ev->sock.accept_queue;
		inc->accept_queue_max = ev->sock.accept_queue_max;
	}
}

/*
 * Whether the other socket belongs to this very connection, not to an earlier one with
 * the same addresses and ports: it does if it was closed, or made, after the victim's
 * socket was made.
 */
static bool peer_is_victims(const struct rst_event *ev)
{
	const struct rst_peer *p = &ev->peer;

	if (!(ev->flags & EVF_PEER) || !ev->sock.id)
		return false;
	if (p->owner.close_ns)
		return p->owner.close_ns > ev->sock.birth_ns;
	return ev->sock.birth_ns && p->birth_ns > ev->sock.birth_ns;
}

/*
 * The RST comes from this host, but its sending was not seen: fills the sender from what
 * is known of its socket.
 */
static void set_unseen(struct incident *inc, const struct rst_event *ev)
{
	const struct rst_owner *o = &ev->peer.owner;
	struct endpoint *ep = &inc->sender;
	char call[24];

	inc->unseen = true;
	inc->recent = peer_is_victims(ev);
	if (!inc->recent)
		return;
	set_owner(ep, o);
	ep->tid = UNKNOWN;	/* another thread of the process may have closed */
	ep->process[0] = '\0';
	call_name(&o->close, call, sizeof(call));
	/* the process may have held the socket after that, and reset it by another call */
	if (strcmp(call, "shutdown"))
		set_close(ep, o, ev->time_ns);
	/* no FIN was sent: the close itself sent the RST */
	if (ev->peer.old_state == TCP_ESTABLISHED || ev->peer.old_state == TCP_CLOSE_WAIT)
		ep->closed_us = UNKNOWN;
	inc->abort = ev->peer.abort;
}

/* The text a RST carried. It is not trusted: NULs become dots, the sinks escape the rest. */
static void set_text_of_rst(struct incident *inc, const struct rst_payload *p)
{
	size_t n = p->len < sizeof(inc->rst_text) ? p->len : sizeof(inc->rst_text) - 1;

	for (size_t i = 0; i < n; i++)
		inc->rst_text[i] = p->data[i] ? (char)p->data[i] : '.';
}

void facts_received(struct incident *inc, const struct rst_event *ev,
		    const struct source_meta *meta)
{
	struct endpoint *ep = &inc->victim;

	set_time(inc, ev, meta);
	if (!inc->sender.seen) {
		inc->kind = KIND_RECEIVED;
		set_flow(inc, ev, false);
		set_numbers(inc, ev);
	}
	set_hops(inc, ev);
	set_text_of_rst(inc, &ev->payload);
	inc->filtered = ev->flags & EVF_FILTERED;
	if (ev->asked_peer)
		inc->listens = !!(ev->flags & EVF_PEER_LISTENS);
	/* a segment that a rule of this host rejected on its way out never left the host */
	inc->loopback |= inc->filtered || event_is_local(ev);
	ep->seen = true;
	set_local(inc);
	inc->calls_unseen = meta->misses_calls;
	if (!inc->sender.seen && inc->loopback && meta->sees_sent && !inc->filtered)
		set_unseen(inc, ev);
	ep->netns = ev->flow.netns;
	set_owner(ep, &ev->owner);
	set_state(ep, ev);
	set_sock(ep, ev, meta->hz);
	exchange_of_event(ep, ev, meta->hz);
	/* the descriptor known of a listener's owner is the listener's, not this socket's */
	if (ev->owner.how != OWNER_LISTENER)
		ep->fd = ev->owner.fd >= 0 ? ev->owner.fd : call_fd(&ev->owner.used, true);
}

bool facts_keepalive(const struct rst_event *ev, struct rst_event *sent)
{
	const struct rst_sock *s = &ev->sock;

	if (!(ev->flags & EVF_SOCK) || !(s->bits & SOCKF_EVIDENCE) || ev->err != ETIMEDOUT || s->unsent ||
	    (s->state != TCP_ESTABLISHED && s->state != TCP_CLOSE_WAIT && s->state != TCP_FIN_WAIT2))
		return false;
	*sent = *ev;
	sent->type = EV_SENT_ACTIVE;
	sent->flags |= EVF_SEQ;
	sent->seg.rst_seq = s->snd_nxt;
	return true;
}

void facts_aborted(struct incident *inc, const struct rst_event *ev,
		   const struct source_meta *meta)
{
	facts_received(inc, ev, meta);
	inc->kind = KIND_TIMEOUT;
	inc->unseen = false;
	inc->rst_seq = inc->rst_ack = UNKNOWN;
	inc->abort_err = ev->err;
	icmp_facts(inc, ev);
}
