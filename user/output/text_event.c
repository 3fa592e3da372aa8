/* SPDX-License-Identifier: GPL-2.0 */
/* Raw events as they come, a line each. */
#include <inttypes.h>
#include <string.h>

#include "incident/callname.h"
#include "incident/format.h"
#include "incident/incident.h"
#include "incident/names.h"
#include "output/text_line.h"

static void add_time(struct line *l, const struct rst_event *ev)
{
	const char *name = event_name(ev->type);

	line_add(l, "%8" PRIu64 ".%06" PRIu64 "  CPU %-3u %-14s", (uint64_t)ev->time_ns / 1000000000,
		 (uint64_t)ev->time_ns / 1000 % 1000000, ev->cpu, name ? name : "unknown");
}

/* This host's end is on the left; the arrow points the way that the RST went. */
static void add_flow(struct line *l, const struct rst_event *ev)
{
	const struct rst_flow *f = &ev->flow;
	const char *arrow = ev->type == EV_RECEIVED || ev->type == EV_IGNORED ? "←" :
			    ev->type <= EV_SENT_NETFILTER ? "→" : "-";
	char laddr[64], raddr[64];

	if (f->family != 4 && f->family != 6)
		return;
	line_add(l, "  %s %s %s", fmt_addr_port(laddr, sizeof(laddr), f->family, f->laddr, f->lport),
		 arrow, fmt_addr_port(raddr, sizeof(raddr), f->family, f->raddr, f->rport));
}

/* "in close(14)" */
static void add_call(struct line *l, const struct rst_call *call, bool receives)
{
	int64_t fd = call_fd(call, receives);
	char name[32];

	call_name(call, name, sizeof(name));
	if (*name)
		line_add(l, " in %s", name);
	else
		line_add(l, " in call %d", call->nr);
	if (fd != UNKNOWN)
		line_add(l, "(%" PRId64 ")", fd);
}

/* The owner of the socket and the running task may differ; both are shown. */
static void add_people(struct line *l, const struct rst_event *ev)
{
	const struct rst_owner *o = &ev->owner;
	const char *how = owner_how_name(o->how);

	if (o->how == OWNER_KERNEL) {
		line_add(l, "  owner kernel");
	} else if (o->how != OWNER_NONE) {
		line_add(l, "  owner ");
		line_escaped(l, o->comm[0] ? o->comm : "?", sizeof(o->comm));
		line_add(l, "[%u] by %s", o->pid, how ? how : "?");
	}
	line_add(l, "  task ");
	line_escaped(l, ev->task.comm[0] ? ev->task.comm : "?", sizeof(ev->task.comm));
	line_add(l, "[%u]", ev->task.pid);
	if (ev->task.flags & TASKF_SYSCALL)
		add_call(l, &ev->task.call, ev->flags & EVF_RECV);
}

static void add_facts(struct line *l, const struct rst_event *ev, const char *reason)
{
	const char *state = tcp_state_name(ev->sock.bits & SOCKF_OLD_STATE ? ev->sock.old_state :
									     ev->sock.state);
	const char *fate = fate_name(ev->extra.fate);
	char text[24];

	if ((ev->flags & EVF_SOCK) && state)
		line_add(l, "  %s", state);
	if (ev->sock.bits & SOCKF_EVIDENCE)
		line_add(l, "  unread %u unsent %u", ev->sock.unread, ev->sock.unsent);
	if (ev->err)
		line_add(l, "  %s", errno_name(ev->err, text, sizeof(text)));
	else if (ev->flags & EVF_EOF)
		line_add(l, "  end of file");
	if (ev->flags & EVF_SIGPIPE)
		line_add(l, "  SIGPIPE");
	if (EV_SEQ_SURE(ev))
		line_add(l, "  seq %u", ev->seg.rst_seq);
	if (ev->seg.ttl)
		line_add(l, "  ttl %u", ev->seg.ttl);
	if (ev->seg.flow_ttl || ev->seg.queued_ttl)
		line_add(l, "  flow ttl %u", ev->seg.flow_ttl ? ev->seg.flow_ttl : ev->seg.queued_ttl);
	if (reason && *reason) {
		line_add(l, "  ");
		line_escaped(l, reason, strlen(reason));
	}
	if (ev->flags & EVF_FILTERED)
		line_add(l, "  filtered");
	if (ev->flags & EVF_PEER_LISTENS)
		line_add(l, "  listened to");
	if (ev->flags & EVF_PEER) {
		line_add(l, "  peer ");
		line_escaped(l, ev->peer.owner.comm, sizeof(ev->peer.owner.comm));
		line_add(l, "[%u] closed", ev->peer.owner.pid);
	}
	if (ev->type == EV_IGNORED && fate)
		line_add(l, "  %s", fate);
	if (ev->type == EV_FORK)
		line_add(l, "  child %u", ev->child);
}

/* "2 received, 1 call lost in 35 µs" */
static void add_gap(struct line *l, const struct rst_event *ev)
{
	const struct rst_gap *g = &ev->gap;
	const char *sep = "  ";

	for (int type = EV_SENT_ACTIVE; type < EV_TYPE_MAX; type++) {
		if (!g->lost[type])
			continue;
		line_add(l, "%s%u %s", sep, g->lost[type], event_name(type));
		sep = ", ";
	}
	line_add(l, " lost in the last %" PRIu64 " µs\n",
		 g->from_ns < ev->time_ns ? (uint64_t)(ev->time_ns - g->from_ns) / 1000 : 0);
}

void text_event_line(struct line *l, const struct rst_event *ev, const char *reason)
{
	add_time(l, ev);
	if (ev->type == EV_GAP) {
		add_gap(l, ev);
		return;
	}
	add_flow(l, ev);
	add_people(l, ev);
	add_facts(l, ev, reason);
	line_add(l, "\n");
}
