/* SPDX-License-Identifier: GPL-2.0 */
/* JSON Lines: one object a line, in the order of the record's rows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/array.h"
#include "base/json_line.h"
#include "incident/callname.h"
#include "output/end_line.h"
#include "output/json_out.h"
#include "incident/format.h"
#include "base/json_set.h"
#include "incident/names.h"
#include "output/record.h"
#include "output/sink.h"

/* Writes a line from a walk over the rows. */
struct writer {
	struct record_visitor visitor;
	struct json_out line;
	bool in_item;
};

static struct json_out *line_of(struct record_visitor *v)
{
	return &((struct writer *)v)->line;
}

static int on_value(struct record_visitor *v, const char *key, const struct record_value *val)
{
	struct json_out *line = line_of(v);

	if (val->type == RECORD_STRING)
		json_out_string(line, key, val->str, RECORD_TEXT_MAX);
	else if (val->type == RECORD_STRINGS)
		json_out_strings(line, key, val->strs, val->num);
	else if (val->type == RECORD_BOOL)
		json_out_bool(line, key, val->num);
	else
		json_out_int(line, key, val->num);
	return 0;
}

static int on_list(struct record_visitor *v, const char *key)
{
	json_out_list(line_of(v), key);
	return 0;
}

static void end_item(struct writer *w)
{
	if (w->in_item)
		json_out_item_end(&w->line);
	w->in_item = false;
}

static int on_item(struct record_visitor *v)
{
	end_item((struct writer *)v);
	((struct writer *)v)->in_item = true;
	json_out_item(line_of(v));
	return 0;
}

static int on_list_end(struct record_visitor *v)
{
	end_item((struct writer *)v);
	json_out_list_end(line_of(v));
	return 0;
}

static int json_incident(struct sink *s, const struct incident *inc)
{
	struct writer w;

	w.visitor = (struct record_visitor){ on_value, on_list, on_item, on_list_end };
	w.in_item = false;
	json_out_begin(&w.line, s->out);
	record_walk(inc, &w.visitor);
	return json_out_end(&w.line);
}

/* The end line. There is only one in a run, so it may be built as a tree. */
static int json_end(struct sink *s, const struct totals *t)
{
	json_t *obj = json_object();
	int err = set(obj, "schema", json_string(RECORD_SCHEMA)) ?: set(obj, "type", json_string("end")) ?:
		  end_line_fill(obj, t);

	err = err ?: json_line(s->out, obj);
	json_decref(obj);
	return err;
}

/* A key of the event line; skipped when the event does not know it. */
struct event_field {
	const char *key;
	bool known;
	int64_t num;
	const char *str;	/* if not NULL, the value, of at most size bytes */
	size_t size;
};

static void add_fields(struct json_out *line, const struct event_field *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!f[i].known)
			continue;
		if (f[i].str)
			json_out_string(line, f[i].key, f[i].str, f[i].size);
		else
			json_out_int(line, f[i].key, f[i].num);
	}
}

#define NUM(key, known, v) { key, known, v, NULL, 0 }
#define STR(key, s, size) { key, (s) != NULL && *(s), 0, s, size }
#define ADD(line, fields) add_fields(line, fields, ARRAY_SIZE(fields))

static void add_flow(struct json_out *line, const struct rst_flow *f)
{
	char laddr[64], raddr[64];
	bool known = f->family == 4 || f->family == 6;
	const struct event_field fields[] = {
		{ "family", known, 0, f->family == 4 ? "ipv4" : "ipv6", 8 },
		{ "laddr", known, 0, fmt_addr(laddr, sizeof(laddr), f->family, f->laddr), 64 },
		NUM("lport", known, f->lport),
		{ "raddr", known, 0, fmt_addr(raddr, sizeof(raddr), f->family, f->raddr), 64 },
		NUM("rport", known, f->rport),
		NUM("netns", f->netns != 0, f->netns),
	};

	ADD(line, fields);
}

static void add_tasks(struct json_out *line, const struct rst_event *ev)
{
	const struct rst_task *t = &ev->task;
	const struct rst_owner *o = &ev->owner;
	bool owned = o->how != OWNER_NONE && o->how != OWNER_KERNEL;
	bool call = t->flags & TASKF_SYSCALL;
	int64_t fd = call ? call_fd(&t->call, ev->flags & EVF_RECV) : UNKNOWN;
	char name[32] = "";

	if (call)
		call_name(&t->call, name, sizeof(name));

	const struct event_field fields[] = {
		NUM("task_pid", true, t->pid),
		NUM("task_tid", true, t->tid),
		NUM("task_uid", true, t->uid),
		STR("task_comm", t->comm, sizeof(t->comm)),
		NUM("task_flags", true, t->flags),
		NUM("task_exit_code", t->flags & TASKF_EXITING, t->exit_code),
		STR("syscall", name, sizeof(name)),
		NUM("syscall_fd", fd != UNKNOWN, fd),
		NUM("syscall_arch", call, t->call.arch),
		NUM("syscall_nr", call, t->call.nr),
		STR("owner", owner_how_name(o->how), 16),
		NUM("owner_pid", owned, o->pid),
		NUM("owner_tid", owned, o->tid),
		NUM("owner_uid", owned, o->uid),
		NUM("owner_fd", owned && o->fd >= 0, o->fd),
		{ "owner_comm", owned && o->comm[0], 0, o->comm, sizeof(o->comm) },
		NUM("owner_close_ns", o->close_ns != 0, o->close_ns),
		NUM("child_pid", ev->type == EV_FORK, ev->child),
	};

	ADD(line, fields);
}

static void add_sock(struct json_out *line, const struct rst_event *ev, const char *reason)
{
	const struct rst_sock *sk = &ev->sock;
	const struct rst_seg *seg = &ev->seg;
	bool full = ev->flags & EVF_SOCK, evidence = sk->bits & SOCKF_EVIDENCE;
	bool listen = ev->flags & EVF_LISTEN, segment = ev->flags & EVF_SEGMENT;
	const char *state = tcp_state_name(sk->state), *old = tcp_state_name(sk->old_state);
	const struct event_field fields[] = {
		NUM("sock_id", sk->id != 0, sk->id),
		STR("state", full ? state : NULL, 16),
		STR("old_state", sk->bits & SOCKF_OLD_STATE ? old : NULL, 16),
		NUM("sock_bits", full, sk->bits),
		NUM("sk_err", full, sk->sk_err),
		NUM("unread", evidence, sk->unread),
		NUM("unsent", evidence, sk->unsent),
		NUM("bytes_in", evidence, sk->bytes_in),
		NUM("bytes_out", evidence, sk->bytes_out),
		NUM("srtt_us", evidence && sk->srtt_us, sk->srtt_us),
		NUM("accept_queue", full && listen, sk->accept_queue),
		NUM("accept_queue_max", full && listen, sk->accept_queue_max),
		NUM("rst_seq", EV_SEQ_SURE(ev), seg->rst_seq),
		NUM("rst_ack", ev->flags & EVF_ACK, seg->rst_ack),
		STR("reason", reason, 64),
		NUM("segment_flags", segment, seg->tcp_flags),
		NUM("segment_len", segment, seg->len),
		NUM("ttl", seg->ttl != 0, seg->ttl),
	};

	ADD(line, fields);
}

/* "lost_received":2 for each type of which events are missing. */
static void add_gap(struct json_out *line, const struct rst_gap *gap)
{
	const struct event_field fields[] = { NUM("gap_from_ns", true, gap->from_ns) };
	char name[32];

	ADD(line, fields);
	for (int type = EV_SENT_ACTIVE; type < EV_TYPE_MAX; type++) {
		snprintf(name, sizeof(name), "lost_%s", event_name(type));
		if (gap->lost[type])
			json_out_int(line, name, gap->lost[type]);
	}
}

static int json_event(struct sink *s, const struct rst_event *ev, const char *reason)
{
	const char *name = event_name(ev->type);
	char err_buf[24];
	const struct event_field fields[] = {
		STR("event", name ? name : "unknown", 32),
		NUM("mono_ns", true, ev->time_ns),
		NUM("cpu", true, ev->cpu),
		NUM("flags", true, ev->flags),
		STR("fate", ev->type == EV_IGNORED ? fate_name(ev->extra.fate) : NULL, 32),
		STR("errno", ev->err ? errno_name(ev->err, err_buf, sizeof(err_buf)) : NULL, 32),
	};
	struct json_out line;

	json_out_begin(&line, s->out);
	json_out_string(&line, "schema", RECORD_SCHEMA, sizeof(RECORD_SCHEMA));
	json_out_string(&line, "type", "event", 5);
	ADD(&line, fields);
	if (ev->type == EV_GAP) {
		add_gap(&line, &ev->gap);
		return json_out_end(&line);
	}
	add_flow(&line, &ev->flow);
	add_tasks(&line, ev);
	add_sock(&line, ev, reason);
	return json_out_end(&line);
}

const struct sink_ops sink_json = {
	.incident = json_incident,
	.event = json_event,
	.end = json_end,
};
