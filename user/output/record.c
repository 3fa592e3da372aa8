/* SPDX-License-Identifier: GPL-2.0 */
#include "output/record.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "output/community_id.h"
#include "incident/format.h"
#include "incident/names.h"

/* Which end a row of an endpoint is for. */
#define SENDER (1u << 0)
#define VICTIM (1u << 1)
#define BOTH (SENDER | VICTIM)

/*
 * A row reads its value from the struct its table is about (incident, endpoint
 * or failure), at off. get() returns false when the value is not known; a
 * string may be put into buf, which has RECORD_TEXT_MAX bytes.
 */
struct row {
	const char *key;
	enum record_type type;
	unsigned int sides;		/* endpoint rows only */
	size_t off, size;
	const char *(*name)(unsigned int v);	/* enums */
	bool (*get)(const struct row *row, const void *base, struct record_value *val, char *buf);
	const char *meaning;
};

/* Getters for the types members have. */

static bool get_int(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	(void)buf;
	memcpy(&val->num, (const char *)base + row->off, sizeof(val->num));
	return val->num != UNKNOWN;
}

static bool get_bool(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	if (!get_int(row, base, val, buf))
		return false;
	val->num = !!val->num;
	return true;
}

static bool get_chars(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const char *s = (const char *)base + row->off;
	size_t n = strnlen(s, row->size);

	/* Names from a recording need not end in a NUL. */
	memcpy(buf, s, n);
	buf[n] = '\0';
	val->str = buf;
	return n > 0;
}

static bool get_pointer(const struct row *row, const void *base, struct record_value *val,
			char *buf)
{
	(void)buf;
	memcpy(&val->str, (const char *)base + row->off, sizeof(val->str));
	return val->str && *val->str;
}

static bool get_enum(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	unsigned int v;

	(void)buf;
	memcpy(&v, (const char *)base + row->off, sizeof(v));
	val->str = row->name(v);
	return val->str != NULL;
}

/* Getters for what is worked out. */

static bool get_schema(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	(void)row;
	(void)base;
	(void)buf;
	val->str = RECORD_SCHEMA;
	return true;
}

static bool get_time(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	int64_t ns;

	memcpy(&ns, (const char *)base + row->off, sizeof(ns));
	val->str = fmt_time_utc(buf, RECORD_TEXT_MAX, ns);
	return *val->str != '\0';
}

static bool family_known(const struct incident *inc)
{
	return inc->family == 4 || inc->family == 6;
}

static bool get_family(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct incident *inc = base;

	(void)row;
	(void)buf;
	val->str = inc->family == 4 ? "ipv4" : "ipv6";
	return family_known(inc);
}

static bool get_addr(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct incident *inc = base;

	val->str = fmt_addr(buf, RECORD_TEXT_MAX, inc->family, (const uint8_t *)base + row->off);
	return family_known(inc);
}

static bool is_port(int64_t port)
{
	return port >= 0 && port <= UINT16_MAX;
}

static bool get_community_id(const struct row *row, const void *base, struct record_value *val,
			     char *buf)
{
	const struct incident *inc = base;

	(void)row;
	val->str = buf;
	return is_port(inc->sport) && is_port(inc->dport) &&
	       !community_id_tcp(buf, inc->family, inc->saddr, inc->sport, inc->daddr, inc->dport);
}

/* "none" is something to know only of an end that was seen. */
static bool get_owner(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct endpoint *ep = base;

	if (ep->owner == OWNER_NONE && !ep->seen)
		return false;
	return get_enum(row, base, val, buf);
}

static bool get_errno(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct failure *f = base;

	(void)row;
	val->str = errno_name(f->err, buf, RECORD_TEXT_MAX);
	return f->err != UNKNOWN;
}

/* Only where it is so. */
static bool get_inferred(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	(void)row;
	(void)buf;
	val->num = ((const struct failure *)base)->inferred;
	return val->num;
}

static bool get_side(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct failure *f = base;

	(void)row;
	(void)buf;
	val->str = f->on_sender ? "sender" : "victim";
	return true;
}

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)
#define INC(member) 0, AT(struct incident, member), NULL
#define EP(sides, member) sides, AT(struct endpoint, member), NULL
#define FAIL(member) 0, AT(struct failure, member), NULL
#define ENUM(type, sides, member, name) sides, AT(type, member), name
#define MADE 0, 0, 0, NULL

static const struct row head_rows[] = {
	{ "schema", RECORD_STRING, MADE, get_schema, "name and version of this format" },
	{ "id", RECORD_STRING, INC(id), get_chars, "unique on this host and boot" },
	{ "rev", RECORD_INT, INC(rev), get_int,
	  "0 first; a later line with the same id and a higher rev replaces it" },
	{ "time_ns", RECORD_INT, INC(time_ns), get_int,
	  "wall clock of the reset, nanoseconds since the epoch" },
	{ "time", RECORD_STRING, INC(time_ns), get_time, "the same as RFC 3339 in UTC" },
	{ "host", RECORD_STRING, INC(host), get_chars, "name of the host that saw it" },
	{ "kind", RECORD_STRING, ENUM(struct incident, 0, kind, kind_name), get_enum,
	  "active (the sender's stack decided), reply (answer to a segment), netfilter (REJECT "
	  "rule), received (seen only as it arrived), timeout (abort, no RST sent)" },
	{ "family", RECORD_STRING, MADE, get_family, "ipv4 or ipv6" },
	{ "saddr", RECORD_STRING, INC(saddr), get_addr, "address the RST was sent from" },
	{ "sport", RECORD_INT, INC(sport), get_int, "port the RST was sent from" },
	{ "daddr", RECORD_STRING, INC(daddr), get_addr, "address the RST was sent to" },
	{ "dport", RECORD_INT, INC(dport), get_int, "port the RST was sent to" },
	{ "netns", RECORD_INT, INC(netns), get_int,
	  "inode of the network namespace it was seen in (the sender's, if local)" },
	{ "community_id", RECORD_STRING, MADE, get_community_id,
	  "Community ID v1 of the flow, seed 0" },
	{ "rst_seq", RECORD_INT, INC(rst_seq), get_int,
	  "sequence number of the RST; with community_id the same on both hosts. From a hook that "
	  "has no RST (tracepoints, Linux 5.10) the one that the socket expected: not given where "
	  "data is missing before other data, one too high for a RST with the number of a FIN" },
	{ "rst_ttl", RECORD_INT, INC(rst_ttl), get_int,
	  "TTL, or hop limit, with which the RST arrived" },
	{ "flow_ttl", RECORD_INT, INC(flow_ttl), get_int,
	  "the same of another segment from its sender: the handshake's, or the newest not yet "
	  "read if that is more like the RST's" },
	{ "rst_ip_id", RECORD_INT, INC(rst_ip_id), get_int, "identification in the RST's IPv4 header" },
	{ "flow_ip_id", RECORD_INT, INC(flow_ip_id), get_int,
	  "the same of the newest segment not yet read, where there is one" },
	{ "reason", RECORD_STRING, INC(reason), get_chars,
	  "the kernel's sk_rst_reason without its prefix, where the kernel gives one" },
	{ "cause", RECORD_STRING, INC(cause), get_pointer, "code of the cause" },
	{ "cause_text", RECORD_STRING, INC(cause_text), get_chars,
	  "the cause in a sentence, with this incident's figures" },
	{ "advice", RECORD_STRING, INC(advice), get_chars, "what to do" },
	{ "confidence", RECORD_STRING,
	  ENUM(struct incident, 0, confidence, confidence_name), get_enum,
	  "how sure the cause is: certain, likely, guess" },
	{ "outcome", RECORD_STRING, ENUM(struct incident, 0, outcome, outcome_name), get_enum,
	  "what the victim saw: error (a call failed), eof (swallowed as end of file), unnoticed "
	  "(closed without any call seeing it), pending (nothing yet), none (no socket to hurt), "
	  "remote (the victim is on another host); absent where no probe shows its calls" },
	{ "sender_local", RECORD_BOOL, INC(sender.local), get_bool,
	  "whether this host saw the sender" },
	{ "victim_local", RECORD_BOOL, INC(victim.local), get_bool,
	  "whether this host saw the victim" },
};

static const struct row endpoint_rows[] = {
	{ "pid", RECORD_INT, EP(BOTH, pid), get_int, "process that owned the socket" },
	{ "tid", RECORD_INT, EP(BOTH, tid), get_int, "thread of it that used the socket last" },
	{ "comm", RECORD_STRING, EP(BOTH, comm), get_chars, "name of that thread" },
	{ "uid", RECORD_INT, EP(BOTH, uid), get_int, "its user id" },
	{ "exe", RECORD_STRING, EP(BOTH, exe), get_chars, "path of its program" },
	{ "owner", RECORD_STRING, ENUM(struct endpoint, BOTH, owner, owner_how_name), get_owner,
	  "how the owner is known: caller, socket, snapshot, listener (who owns that; another process "
	  "may have the connection), kernel, none" },
	{ "syscall", RECORD_STRING, EP(SENDER, syscall), get_chars,
	  "system call that caused the RST" },
	{ "fd", RECORD_INT, EP(BOTH, fd), get_int, "descriptor of the socket" },
	{ "state", RECORD_STRING, EP(BOTH, state), get_chars, "TCP state before the RST" },
	{ "unread", RECORD_INT, EP(BOTH, unread), get_int,
	  "bytes received that the process had not read" },
	{ "unsent", RECORD_INT, EP(BOTH, unsent), get_int,
	  "bytes written that the other end had not acknowledged" },
	{ "linger0", RECORD_BOOL, EP(BOTH, linger0), get_bool, "SO_LINGER {1,0} was set" },
	{ "exit", RECORD_STRING, EP(BOTH, exit), get_chars,
	  "the process was ending: exit, or the signal that killed it" },
	{ "cgroup", RECORD_STRING, EP(BOTH, cgroup), get_chars, "path of the control group" },
	{ "container", RECORD_STRING, EP(BOTH, container), get_chars, "id of the container" },
	{ "unit", RECORD_STRING, EP(BOTH, unit), get_chars, "systemd unit" },
	{ "age_us", RECORD_INT, EP(BOTH, age_us), get_int,
	  "age of the connection, microseconds" },
	{ "idle_us", RECORD_INT, EP(BOTH, idle_us), get_int,
	  "time since its last data, microseconds" },
	{ "heard_us", RECORD_INT, EP(BOTH, heard_us), get_int,
	  "time since data last came from the other end, microseconds" },
	{ "bytes_in", RECORD_INT, EP(BOTH, bytes_in), get_int, "bytes received over it" },
	{ "bytes_out", RECORD_INT, EP(BOTH, bytes_out), get_int, "bytes sent over it, retransmissions not counted" },
	{ "srtt_us", RECORD_INT, EP(BOTH, srtt_us), get_int,
	  "smoothed round-trip time, microseconds" },
	{ "retrans", RECORD_INT, EP(BOTH, retrans), get_int, "segments sent again" },
	{ "closed_us", RECORD_INT, EP(BOTH, closed_us), get_int,
	  "how long before the RST the owner had closed or shut down, microseconds" },
	{ "mptcp", RECORD_BOOL, EP(BOTH, mptcp), get_bool, "the socket is an MPTCP subflow" },
};

static const struct row middle_rows[] = {
	{ "killer_pid", RECORD_INT, INC(killer.pid), get_int,
	  "socket-killed: process in whose call the kernel aborted the sender's socket" },
	{ "killer_comm", RECORD_STRING, INC(killer.comm), get_chars, "name of its thread" },
	{ "killer_syscall", RECORD_STRING, INC(killer.syscall), get_chars,
	  "that call: of netlink (SOCK_DESTROY), or a read of the iterator of a BPF program" },
	{ "accept_queue", RECORD_INT, INC(accept_queue), get_int,
	  "connections waiting at the listener, where one is involved" },
	{ "accept_queue_max", RECORD_INT, INC(accept_queue_max), get_int,
	  "room for them: the lesser of listen()'s backlog and net.core.somaxconn" },
};

static const struct row failure_rows[] = {
	{ "errno", RECORD_STRING, FAIL(err), get_errno, "name of the error" },
	{ "syscall", RECORD_STRING, FAIL(syscall), get_chars, "system call that failed" },
	{ "fd", RECORD_INT, FAIL(fd), get_int, "descriptor it was given" },
	{ "pid", RECORD_INT, FAIL(pid), get_int, "process that called" },
	{ "tid", RECORD_INT, FAIL(tid), get_int, "thread that called" },
	{ "comm", RECORD_STRING, FAIL(comm), get_chars, "name of that thread" },
	{ "delay_us", RECORD_INT, FAIL(delay_us), get_int, "time since the RST, microseconds" },
	{ "sigpipe", RECORD_BOOL, FAIL(sigpipe), get_bool, "whether the call raised SIGPIPE" },
	{ "sigpipe_action", RECORD_STRING,
	  ENUM(struct failure, 0, action, sigpipe_action_name), get_enum,
	  "what SIGPIPE did: handled, ignored, killed" },
	{ "inferred", RECORD_BOOL, MADE, get_inferred,
	  "the errno follows from the socket's state; no probe here shows what the call returned" },
	{ "side", RECORD_STRING, MADE, get_side,
	  "whose socket it failed on: victim, or sender (a RST ends both)" },
};

#define EOF_ROWS 6	/* syscall to delay_us */

/* The parts of a record before the failing calls. */
static const struct section {
	const char *prefix;
	size_t base;		/* of the struct the rows are about, in an incident */
	unsigned int side;	/* 0: all rows */
	const struct row *rows;
	size_t n;
} sections[] = {
	{ "", 0, 0, head_rows, ARRAY_SIZE(head_rows) },
	{ "sender_", offsetof(struct incident, sender), SENDER, endpoint_rows,
	  ARRAY_SIZE(endpoint_rows) },
	{ "", 0, 0, middle_rows, ARRAY_SIZE(middle_rows) },
	{ "victim_", offsetof(struct incident, victim), VICTIM, endpoint_rows,
	  ARRAY_SIZE(endpoint_rows) },
};

static const struct section error_section = {
	"error_", 0, 0, failure_rows, ARRAY_SIZE(failure_rows),
};

/* The read that swallowed the reset: a failing call's rows without an error. */
static const struct section eof_section = {
	"eof_", 0, 0, failure_rows + 1, EOF_ROWS,
};

static const struct section item_section = {
	"", 0, 0, failure_rows, ARRAY_SIZE(failure_rows),
};

static bool for_side(const struct row *row, unsigned int side)
{
	return !side || (row->sides & side);
}

static int walk_section(const struct section *sec, const void *base, struct record_visitor *v)
{
	char key[RECORD_TEXT_MAX], buf[RECORD_TEXT_MAX];
	size_t i;
	int err;

	for (i = 0; i < sec->n; i++) {
		const struct row *row = &sec->rows[i];
		struct record_value val = { .type = row->type };

		if (!for_side(row, sec->side) ||
		    !row->get(row, (const char *)base + sec->base, &val, buf))
			continue;
		snprintf(key, sizeof(key), "%s%s", sec->prefix, row->key);
		err = v->value(v, key, &val);
		if (err)
			return err;
	}
	return 0;
}

static int walk_errors(const struct incident *inc, struct record_visitor *v)
{
	int err = v->list(v, "errors");
	size_t i;

	for (i = 0; !err && i < incident_n_failures(inc); i++) {
		/* An end of file is an outcome, not an error. */
		if (!inc->failures[i].err)
			continue;
		err = v->item(v);
		if (!err)
			err = walk_section(&item_section, &inc->failures[i], v);
	}
	return err ? err : v->list_end(v);
}

int record_walk(const struct incident *inc, struct record_visitor *v)
{
	const struct failure *first = incident_first_error(inc);
	const struct failure *eof = incident_first_eof(inc);
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		err = walk_section(&sections[i], inc, v);
		if (err)
			return err;
	}
	if (eof) {
		err = walk_section(&eof_section, eof, v);
		if (err)
			return err;
	}
	if (!first)
		return 0;
	err = walk_section(&error_section, first, v);
	return err ? err : walk_errors(inc, v);
}

static int describe_rows(const struct section *sec, const char *prefix,
			 int (*fn)(void *, const struct record_doc *), void *ctx)
{
	static const char *const types[] = { "string", "int", "bool" };
	char key[RECORD_TEXT_MAX];
	size_t i;
	int err;

	for (i = 0; i < sec->n; i++) {
		const struct row *row = &sec->rows[i];
		struct record_doc doc = { key, types[row->type], row->meaning };

		if (!for_side(row, sec->side))
			continue;
		snprintf(key, sizeof(key), "%s%s", prefix, row->key);
		err = fn(ctx, &doc);
		if (err)
			return err;
	}
	return 0;
}

int record_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx)
{
	static const struct record_doc errors = {
		"errors", "array of objects", "every failing call on that socket, first included",
	};
	int err = 0;
	size_t i;

	for (i = 0; !err && i < ARRAY_SIZE(sections); i++)
		err = describe_rows(&sections[i], sections[i].prefix, fn, ctx);
	if (!err)
		err = describe_rows(&eof_section, eof_section.prefix, fn, ctx);
	if (!err)
		err = describe_rows(&error_section, error_section.prefix, fn, ctx);
	if (!err)
		err = fn(ctx, &errors);
	return err ? err : describe_rows(&item_section, "errors[].", fn, ctx);
}
