/* SPDX-License-Identifier: GPL-2.0 */
/* JSON Lines: one object a line, in the order of the record's rows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/array.h"
#include "incident/callname.h"
#include "output/end_line.h"
#include "incident/format.h"
#include "base/json_set.h"
#include "incident/names.h"
#include "output/record.h"
#include "output/sink.h"

/* A byte that is no UTF-8 takes three in its place. */
#define JSON_TEXT_MAX (3 * RECORD_TEXT_MAX + 1)

/* Builds an object from a walk over the rows. Borrows list and item from top. */
struct builder {
	struct record_visitor visitor;
	json_t *top, *list, *item;
};

static int set_str(json_t *obj, const char *key, const char *s, size_t n)
{
	char text[JSON_TEXT_MAX];

	return set(obj, key, json_string(fmt_utf8(text, sizeof(text), s, n)));
}

static int on_value(struct record_visitor *v, const char *key, const struct record_value *val)
{
	struct builder *b = (struct builder *)v;
	json_t *obj = b->item ? b->item : b->top;

	switch (val->type) {
	case RECORD_STRING:
		return set_str(obj, key, val->str, strlen(val->str));
	case RECORD_BOOL:
		return set(obj, key, json_boolean(val->num));
	default:
		return set_int(obj, key, val->num);
	}
}

static int on_list(struct record_visitor *v, const char *key)
{
	struct builder *b = (struct builder *)v;

	b->list = json_array();
	return set(b->top, key, b->list);
}

static int on_item(struct record_visitor *v)
{
	struct builder *b = (struct builder *)v;

	b->item = json_object();
	return json_array_append_new(b->list, b->item) ? -ENOMEM : 0;
}

static int on_list_end(struct record_visitor *v)
{
	((struct builder *)v)->item = NULL;
	return 0;
}

/* Writes obj as a line unless err is set, and drops it either way. */
static int write_line(struct sink *s, json_t *obj, int err)
{
	char *text = err ? NULL : json_dumps(obj, JSON_COMPACT);

	if (!err && !text)
		err = -ENOMEM;
	errno = 0;
	if (!err && (fputs(text, s->out) == EOF || putc('\n', s->out) == EOF))
		err = errno ? -errno : -EIO;
	free(text);
	json_decref(obj);
	return err;
}

static int json_incident(struct sink *s, const struct incident *inc)
{
	struct builder b = {
		.visitor = { on_value, on_list, on_item, on_list_end },
		.top = json_object(),
	};

	return write_line(s, b.top, record_walk(inc, &b.visitor));
}

static json_t *new_line(const char *type, int *err)
{
	json_t *obj = json_object();

	*err = set(obj, "schema", json_string(RECORD_SCHEMA));
	if (!*err)
		*err = set(obj, "type", json_string(type));
	return obj;
}

static int json_end(struct sink *s, const struct totals *t)
{
	int err;
	json_t *obj = new_line("end", &err);

	return write_line(s, obj, err ?: end_line_fill(obj, t));
}

/* A key of the event line; skipped when the event does not know it. */
struct event_field {
	const char *key;
	bool known;
	int64_t num;
	const char *str;	/* instead of num, of at most size bytes */
	size_t size;
};

static int add_fields(json_t *obj, const struct event_field *f, size_t n)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n; i++) {
		if (!f[i].known)
			continue;
		err = f[i].str ? set_str(obj, f[i].key, f[i].str, f[i].size) :
				 set_int(obj, f[i].key, f[i].num);
	}
	return err;
}

#define NUM(key, known, v) { key, known, v, NULL, 0 }
#define STR(key, s, size) { key, (s) != NULL && *(s), 0, s, size }
#define ADD(obj, fields) add_fields(obj, fields, ARRAY_SIZE(fields))

static int add_flow(json_t *obj, const struct rst_flow *f)
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

	return ADD(obj, fields);
}

static int add_tasks(json_t *obj, const struct rst_event *ev)
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

	return ADD(obj, fields);
}

static int add_sock(json_t *obj, const struct rst_event *ev, const char *reason)
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

	return ADD(obj, fields);
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
	int err;
	json_t *obj = new_line("event", &err);

	if (!err)
		err = ADD(obj, fields);
	if (!err)
		err = add_flow(obj, &ev->flow);
	if (!err)
		err = add_tasks(obj, ev);
	if (!err)
		err = add_sock(obj, ev, reason);
	return write_line(s, obj, err);
}

const struct sink_ops sink_json = {
	.incident = json_incident,
	.event = json_event,
	.end = json_end,
};
