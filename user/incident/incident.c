/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/incident.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

void endpoint_init(struct endpoint *ep)
{
	memset(ep, 0, sizeof(*ep));
	ep->local = UNKNOWN;
	ep->pid = ep->tid = ep->uid = ep->fd = UNKNOWN;
	ep->unread = ep->unsent = ep->linger0 = UNKNOWN;
	ep->age_us = ep->idle_us = UNKNOWN;
	ep->bytes_in = ep->bytes_out = UNKNOWN;
	ep->srtt_us = ep->retrans = UNKNOWN;
	ep->mptcp = UNKNOWN;
	ep->closed_us = UNKNOWN;
	ep->role_guess = ep->said_us = UNKNOWN;
	ep->segs_in = ep->segs_out = ep->data_segs = UNKNOWN;
	ep->end.ago_us = ep->end.unsent = ep->end.rst_seq = UNKNOWN;
	ep->end.heard_us = ep->end.said_us = UNKNOWN;
	ep->user_timeout_ms = ep->retransmits = ep->probes = ep->heard_us = UNKNOWN;
}

void endpoint_user(struct endpoint *ep, uint32_t pid, uint32_t tid, const char *name)
{
	if (pid == tid)
		memcpy(ep->process, name, sizeof(ep->process));
	else if (ep->pid != pid)
		ep->process[0] = '\0';
	ep->pid = pid;
	ep->tid = tid;
	memcpy(ep->comm, name, sizeof(ep->comm));
}

void endpoint_forget_user(struct endpoint *ep)
{
	ep->owner = OWNER_NONE;
	ep->pid = ep->tid = ep->uid = UNKNOWN;
	ep->cgroup_id = 0;
	ep->comm[0] = ep->process[0] = '\0';
	ep->exe[0] = ep->cgroup[0] = ep->container[0] = ep->unit[0] = '\0';
	ep->container_name[0] = ep->pod[0] = '\0';
}

const char *endpoint_name(const struct endpoint *ep)
{
	return ep->process[0] ? ep->process : ep->comm;
}

bool endpoint_thread(const struct endpoint *ep)
{
	return ep->process[0] && ep->comm[0] && strncmp(ep->process, ep->comm, RST_COMM_LEN);
}

void killer_init(struct killer *k)
{
	memset(k, 0, sizeof(*k));
	k->pid = UNKNOWN;
}

static void failure_init(struct failure *f)
{
	f->err = UNKNOWN;
	f->fd = f->pid = f->tid = UNKNOWN;
	f->delay_us = UNKNOWN;
	f->sigpipe = UNKNOWN;
}

void incident_init(struct incident *inc)
{
	size_t i;

	memset(inc, 0, sizeof(*inc));
	inc->time_ns = UNKNOWN;
	inc->sport = inc->dport = UNKNOWN;
	inc->netns = UNKNOWN;
	inc->rst_seq = inc->rst_ack = inc->sampled = UNKNOWN;
	inc->rst_ttl = inc->flow_ttl = UNKNOWN;
	inc->rst_ip_id = inc->flow_ip_id = UNKNOWN;
	inc->icmp_type = inc->icmp_code = UNKNOWN;
	inc->accept_queue = inc->accept_queue_max = UNKNOWN;
	inc->seg_flags = inc->seg_len = inc->seg_seq = inc->listens = UNKNOWN;
	inc->went_on_us = UNKNOWN;
	endpoint_init(&inc->sender);
	endpoint_init(&inc->victim);
	killer_init(&inc->killer);
	for (i = 0; i < MAX_FAILURES; i++)
		failure_init(&inc->failures[i]);
}

bool outcome_hurts(enum outcome o)
{
	return o == OUTCOME_ERROR || o == OUTCOME_EOF;
}

_Static_assert(sizeof(((struct incident *)0)->id) >= 16 + 1 + 16 + 1 + 8 + 1, "room for an id");

void incident_set_id(struct incident *inc, const char *boot, const struct rst_event *ev)
{
	size_t n = strnlen(boot, 16);
	char *id = inc->id;

	if (n) {
		memcpy(id, boot, n);
		id += n;
		*id++ = '-';
	}
	id = text_hex(id, ev->time_ns);
	*id++ = '-';
	*text_hex(id, ev->cpu) = '\0';
}

/* FNV-1a over a string and its NUL. */
static uint64_t hash(uint64_t h, const char *s)
{
	do
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	while (*s++);
	return h;
}

uint64_t incident_number(const struct incident *inc)
{
	return hash(hash(0xcbf29ce484222325, inc->host), inc->id) ?: 1;
}

int64_t endpoint_read(const struct endpoint *ep)
{
	if (ep->bytes_in == UNKNOWN || ep->unread == UNKNOWN || ep->unread > ep->bytes_in)
		return UNKNOWN;
	return ep->bytes_in - ep->unread;
}

size_t incident_n_failures(const struct incident *inc)
{
	if (inc->n_failures <= 0)
		return 0;
	return inc->n_failures < MAX_FAILURES ? inc->n_failures : MAX_FAILURES;
}

/* tcp_reset() chooses the errno by the socket's state; a timeout has its own. */
int incident_left_error(const struct incident *inc)
{
	uint8_t state = inc->victim.old_state;

	if (inc->abort_err)
		return inc->abort_err;
	return state == TCP_SYN_SENT ? ECONNREFUSED : state == TCP_CLOSE_WAIT ? EPIPE : ECONNRESET;
}

/*
 * Whether a lost call may have failed before this one. The error that the reset left goes
 * to the first failing call only; EPIPE goes to every write, any other error to later calls.
 * A call that is inferred, or works in pieces, may have returned a part of its work and no error.
 */
static bool may_be_later(const struct incident *inc, const struct failure *f)
{
	return inc->lost & LOST_CALLS &&
	       (f->inferred || f->returned == RETURNED_EITHER || f->err == EPIPE || f->err != incident_left_error(inc));
}

const struct failure *incident_first_error(const struct incident *inc)
{
	const struct failure *of_sender = NULL;
	size_t i;

	for (i = 0; i < incident_n_failures(inc); i++) {
		const struct failure *f = &inc->failures[i];

		if (!f->err || f->returned == RETURNED_PART)
			continue;
		if (!f->on_sender)
			return may_be_later(inc, f) ? NULL : f;
		if (!of_sender)
			of_sender = f;
	}
	return inc->lost & (LOST_RECEIPT | LOST_CALLS) ? NULL : of_sender;
}

const struct failure *incident_first_eof(const struct incident *inc)
{
	if (inc->lost & LOST_CALLS)	/* another read may have come before */
		return NULL;
	for (size_t i = 0; i < incident_n_failures(inc); i++)
		if (!inc->failures[i].err && !inc->failures[i].on_sender)
			return &inc->failures[i];
	return NULL;
}
