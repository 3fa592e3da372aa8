/* SPDX-License-Identifier: GPL-2.0 */
/* What a reset does to the calls on its victim's socket. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "incident/callname.h"
#include "incident/facts.h"

bool facts_taken_unseen(struct incident *inc)
{
	for (int i = 0; i < inc->n_failures && i < MAX_FAILURES; i++)
		if (inc->failures[i].err && !inc->failures[i].on_sender)
			return false;
	if (inc->n_failures < MAX_FAILURES) {
		struct failure *f = &inc->failures[inc->n_failures];

		f->err = incident_left_error(inc);
		f->inferred = true;
	}
	inc->n_failures++;
	return true;
}

bool facts_kills_sender(const struct incident *inc, const struct rst_event *ev)
{
	bool closed = ev->sock.state == TCP_CLOSE;

	if (!(ev->flags & EVF_SOCK) || ev->sock.bits & SOCKF_DEAD)
		return false;
	if (ev->type != EV_SENT_ACTIVE)
		return closed;
	return !closed || !strcmp(inc->sender.syscall, "connect");
}

static enum sigpipe_action sigpipe_action(uint32_t flags)
{
	if (!(flags & EVF_SIGPIPE))
		return SIGPIPE_NONE;
	return flags & EVF_SIGPIPE_IGN ? SIGPIPE_IGNORED :
	       flags & EVF_SIGPIPE_DFL ? SIGPIPE_KILLED : SIGPIPE_HANDLED;
}

/* Whether the thread has met the reset in another call: this one began after it. */
static bool met_before(const struct incident *inc, const struct rst_event *ev)
{
	for (size_t i = 0; i < incident_n_failures(inc); i++)
		if (inc->failures[i].tid == ev->task.tid && inc->failures[i].err)
			return true;
	return false;
}

/* What the call returned whose piece met the error. */
static enum returned what_returned(const struct incident *inc, const struct rst_event *ev)
{
	bool receives = ev->flags & EVF_RECV;
	char name[24];

	if (!ev->err || ev->flags & (EVF_CONNECT | EVF_TAKEN))
		return RETURNED_ERROR;
	if (ev->flags & EVF_PART)
		return RETURNED_PART;
	if (!(ev->flags & EVF_PART_GUESS) && !receives)
		return RETURNED_ERROR;
	if (ev->task.flags & TASKF_IO_WORKER)
		strcpy(name, "io_uring");
	else
		call_name(&ev->task.call, name, sizeof(name));
	return call_in_pieces(name, receives) && !met_before(inc, ev) ? RETURNED_EITHER : RETURNED_ERROR;
}

/* A reset leaves one error. Who meets it after recvmmsg() has shows that this put it back, after a part. */
static void was_put_back(struct incident *inc, const struct rst_event *ev)
{
	for (size_t i = 0; i < incident_n_failures(inc); i++) {
		struct failure *f = &inc->failures[i];

		if (f->returned == RETURNED_EITHER && call_in_pieces(f->syscall, true) &&
		    f->err == ev->err && ev->err != EPIPE)
			f->returned = RETURNED_PART;
	}
}

static void fill_failure(struct failure *f, const struct rst_event *ev, uint64_t rst_ns)
{
	bool receives = ev->flags & EVF_RECV;

	f->err = ev->err;
	if (ev->flags & EVF_ERRNO_GUESS)
		f->inferred = true;
	f->pid = ev->task.pid;
	f->tid = ev->task.tid;
	memcpy(f->comm, ev->task.comm, sizeof(f->comm));
	f->delay_us = ev->time_ns > rst_ns ? (ev->time_ns - rst_ns) / 1000 : 0;
	if (ev->flags & EVF_CALL_GUESS) {
		;	/* the errno is known, but another call may have returned it */
	} else if (ev->task.flags & TASKF_IO_WORKER) {
		strcpy(f->syscall, "io_uring");
	} else if (ev->task.flags & TASKF_SYSCALL) {
		call_name(&ev->task.call, f->syscall, sizeof(f->syscall));
		f->fd = call_fd(&ev->task.call, receives);
	}
	if (ev->flags & EVF_SIGPIPE_SEEN)
		f->sigpipe = !!(ev->flags & EVF_SIGPIPE);
	f->action = sigpipe_action(ev->flags);
}

static bool any_on_victim(const struct incident *inc)
{
	for (size_t i = 0; i < incident_n_failures(inc); i++)
		if (!inc->failures[i].on_sender)
			return true;
	return false;
}

static bool differs(int64_t known, uint16_t port)
{
	return known > 0 && port && known != port;
}

bool facts_other_socket(const struct incident *inc, const struct rst_event *ev, bool on_sender)
{
	const struct rst_flow *f = &ev->flow;

	return !ev->sock.id && (differs(on_sender ? inc->sport : inc->dport, f->lport) ||
				differs(on_sender ? inc->dport : inc->sport, f->rport));
}

void facts_call(struct incident *inc, const struct rst_event *ev, bool on_sender)
{
	struct endpoint *ep = on_sender ? &inc->sender : &inc->victim;
	bool any_before = any_on_victim(inc);

	if (!on_sender && !any_before) {
		ep->stack = ev->stack;
		ep->kstack = ev->kstack;
	}
	/* the first failing call gets the error that the reset left, later ones EPIPE: one came before */
	if (!on_sender && ev->err == EPIPE && ep->old_state != TCP_CLOSE_WAIT)
		facts_taken_unseen(inc);
	was_put_back(inc, ev);
	if (inc->n_failures < MAX_FAILURES) {
		struct failure *f = &inc->failures[inc->n_failures];

		f->returned = what_returned(inc, ev);
		fill_failure(f, ev, inc->mono_ns);
		f->on_sender = on_sender;
	}
	inc->n_failures++;
	/* the process that makes the call is the surest owner */
	if (on_sender || ev->task.flags & TASKF_KTHREAD)
		return;
	if (ep->pid != ev->task.pid) {	/* what was looked up is about another process */
		endpoint_forget_user(ep);
		if (any_before)
			ep->stack = ep->kstack = NULL;
	}
	ep->owner = OWNER_CALLER;
	ep->accepted_only = false;
	endpoint_user(ep, ev->task.pid, ev->task.tid, ev->task.comm);
	ep->uid = ev->task.uid;
	ep->cgroup_id = ev->task.cgroup;
	if (call_fd(&ev->task.call, ev->flags & EVF_RECV) != UNKNOWN)
		ep->fd = call_fd(&ev->task.call, ev->flags & EVF_RECV);
}

/*
 * Whether a call may have met the reset without any probe showing it. Not on an orphaned
 * socket, which no process can call on. Nor on one that is gone with its error still
 * there, as a failing call takes the error away; only where the peer's FIN had come
 * first, reads return 0 and leave the error.
 */
static bool call_unseen(const struct incident *inc, bool gone)
{
	uint8_t st = inc->victim.old_state;

	return (inc->calls_unseen || inc->lost & LOST_CALLS) && !(inc->victim.bits & SOCKF_DEAD) &&
	       (!gone || st == TCP_CLOSE_WAIT || st == TCP_LAST_ACK || st == TCP_CLOSING);
}

static enum outcome outcome_without_call(const struct incident *inc, bool gone)
{
	if (!inc->victim.seen && inc->lost & LOST_RECEIPT)
		return OUTCOME_UNSET;
	if (!inc->victim.seen)
		return inc->loopback ? OUTCOME_NONE : OUTCOME_REMOTE;
	if (call_unseen(inc, gone))
		return OUTCOME_UNSET;
	if (gone)
		return OUTCOME_UNNOTICED;
	return inc->lost & LOST_END ? OUTCOME_UNSET : OUTCOME_PENDING;
}

/* What one call makes of the outcome; OUTCOME_MAX: nothing, OUTCOME_UNSET: that is not known. */
static enum outcome outcome_of(const struct incident *inc, const struct failure *f)
{
	if (!f->err)
		return OUTCOME_EOF;
	/* the program's handler ran, or it died */
	if (f->action == SIGPIPE_HANDLED || f->action == SIGPIPE_KILLED)
		return OUTCOME_ERROR;
	/* one that followed may be lost */
	if (f->returned == RETURNED_PART)
		return inc->lost & LOST_CALLS ? OUTCOME_UNSET : OUTCOME_MAX;
	/* a call that is inferred may have been one that returned a part */
	return f->returned == RETURNED_EITHER || (f->inferred && inc->lost & LOST_CALLS) ? OUTCOME_UNSET :
											   OUTCOME_ERROR;
}

enum outcome facts_outcome(const struct incident *inc, bool gone)
{
	bool eof = false, either = false;

	for (size_t i = 0; i < incident_n_failures(inc); i++) {
		const struct failure *f = &inc->failures[i];
		enum outcome o = f->on_sender ? OUTCOME_MAX : outcome_of(inc, f);

		if (o == OUTCOME_ERROR)
			return o;
		eof |= o == OUTCOME_EOF;
		either |= o == OUTCOME_UNSET;
	}
	if (either)
		return OUTCOME_UNSET;
	if (!eof)
		return outcome_without_call(inc, gone);
	/* a call that failed with an error, before that read or after it, may be lost */
	return inc->lost & LOST_CALLS ? OUTCOME_UNSET : OUTCOME_EOF;
}
