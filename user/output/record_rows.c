/* SPDX-License-Identifier: GPL-2.0 */
#include "output/record_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "events/stacks.h"
#include "incident/format.h"
#include "incident/names.h"
#include "output/community_id.h"

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

static bool get_stack(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct stack_text *stack;

	(void)buf;
	memcpy(&stack, (const char *)base + row->off, sizeof(stack));
	val->strs = stack ? stack->frame : NULL;
	val->num = stack ? stack->n : 0;
	return stack;
}

static bool get_enum(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	unsigned int v;

	(void)buf;
	memcpy(&v, (const char *)base + row->off, sizeof(v));
	val->str = row->name(v);
	return val->str != NULL;
}

/* Getters for values that are computed from members. */

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

static bool get_icmp_from(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct incident *inc = base;

	return inc->icmp_type != UNKNOWN && get_addr(row, base, val, buf);
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

/* "none" is known only of an end that was seen; of another the owner is not known. */
static bool get_owner(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct endpoint *ep = base;

	if (ep->owner == OWNER_NONE && !ep->seen)
		return false;
	return get_enum(row, base, val, buf);
}

static bool get_read(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	(void)row;
	(void)buf;
	val->num = endpoint_read(base);
	return val->num != UNKNOWN;
}

static bool get_errno(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	const struct failure *f = base;

	(void)row;
	val->str = errno_name(f->err, buf, RECORD_TEXT_MAX);
	return f->err != UNKNOWN;
}

/* Present only where it is true. */
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

static bool get_losses(const struct row *row, const void *base, struct record_value *val, char *buf)
{
	static const char *const names[] = { "sending", "receipt", "calls", "end", "later", "earlier" };
	const struct incident *inc = base;
	size_t len = 0;

	(void)row;
	val->str = buf;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (inc->lost & 1u << i)
			len += snprintf(buf + len, RECORD_TEXT_MAX - len, "%s%s", len ? "," : "", names[i]);
	return len;
}

/*
 * A row's columns from type to get, for a member and the getter that reads it. If the member's type
 * is not T, the type that the getter reads, it does not compile.
 */
#define ROW_(T, type, get, name, of, sides, member) type, sides, \
	offsetof(of, member) + 0 * sizeof(_Generic(((of *)0)->member, T: 0)), \
	sizeof(((of *)0)->member), name, get
#define ROW(...) ROW_(__VA_ARGS__)
#define INT(...) ROW(int64_t, RECORD_INT, get_int, NULL, __VA_ARGS__)
#define BOOL(...) ROW(int64_t, RECORD_BOOL, get_bool, NULL, __VA_ARGS__)
#define CHARS(...) ROW(char *, RECORD_STRING, get_chars, NULL, __VA_ARGS__)
#define POINTER(...) ROW(const char *, RECORD_STRING, get_pointer, NULL, __VA_ARGS__)
#define STACK(...) ROW(const struct stack_text *, RECORD_STRINGS, get_stack, NULL, __VA_ARGS__)
#define ENUM(name, ...) ROW(unsigned int, RECORD_STRING, get_enum, name, __VA_ARGS__)

/* The struct that a member belongs to, and for which ends the row is. */
#define INC struct incident, 0
#define EP(sides) struct endpoint, sides
#define FAIL struct failure, 0

/* A value that is computed from several members. */
#define ROW_MADE(sides, type, get) type, sides, 0, 0, NULL, get
#define MADE(type, get) ROW_MADE(0, type, get)

static const struct row head_rows[] = {
	{ "schema", MADE(RECORD_STRING, get_schema), "name and version of this format" },
	{ "id", CHARS(INC, id), "unique over hosts and boots: the boot's id, the monotonic clock and the CPU of its first event" },
	{ "rev", INT(INC, rev),
	  "0 first; a later line with the same id and a higher rev replaces it" },
	{ "time_ns", INT(INC, time_ns),
	  "wall clock of the reset, as it was set then, nanoseconds since the epoch" },
	{ "time", ROW(int64_t, RECORD_STRING, get_time, NULL, INC, time_ns),
	  "the same as RFC 3339 in UTC" },
	{ "host", CHARS(INC, host), "name of the host that saw it" },
	{ "kind", ENUM(kind_name, INC, kind),
	  "active (the sender's stack decided), reply (answer to a segment), netfilter (REJECT "
	  "rule), received (seen only as it arrived), timeout (abort, no RST sent)" },
	{ "family", MADE(RECORD_STRING, get_family), "ipv4 or ipv6" },
	{ "saddr", ROW(uint8_t *, RECORD_STRING, get_addr, NULL, INC, saddr),
	  "address the RST was sent from" },
	{ "sport", INT(INC, sport), "port the RST was sent from" },
	{ "daddr", ROW(uint8_t *, RECORD_STRING, get_addr, NULL, INC, daddr),
	  "address the RST was sent to" },
	{ "dport", INT(INC, dport), "port the RST was sent to" },
	{ "netns", INT(INC, netns),
	  "inode of the network namespace it was seen in (the sender's, if local)" },
	{ "community_id", MADE(RECORD_STRING, get_community_id),
	  "Community ID v1 of the flow, seed 0" },
	{ "rst_seq", INT(INC, rst_seq),
	  "sequence number of the RST; with community_id the same on both hosts. A hook that "
	  "is not given the RST (tracepoints, Linux 5.10) takes the number that the socket expected: absent "
	  "if data is missing before other data, and one too high for a RST with the number of a FIN" },
	{ "rst_ack", INT(INC, rst_ack), "its acknowledgement number, where it has one" },
	{ "rst_text", CHARS(INC, rst_text),
	  "what the RST carried, at most 255 bytes: its sender's own words" },
	{ "rst_ttl", INT(INC, rst_ttl),
	  "TTL, or hop limit, with which the RST arrived" },
	{ "flow_ttl", INT(INC, flow_ttl),
	  "the same of another segment from its sender: the handshake's, or the newest not yet "
	  "read if that is more like the RST's" },
	{ "rst_ip_id", INT(INC, rst_ip_id), "identification in the RST's IPv4 header" },
	{ "flow_ip_id", INT(INC, flow_ip_id),
	  "the same of the newest segment not yet read, where there is one" },
	{ "icmp_type", INT(INC, icmp_type),
	  "of the ICMP message that answered the SYN, where the socket has kept it (IPv4, or IPV6_RECVERR)" },
	{ "icmp_code", INT(INC, icmp_code), "its code" },
	{ "icmp_from", ROW(uint8_t *, RECORD_STRING, get_icmp_from, NULL, INC, icmp_from),
	  "address of its sender" },
	{ "reason", CHARS(INC, reason),
	  "the kernel's sk_rst_reason without its prefix, where the kernel gives one" },
	{ "cause", POINTER(INC, cause), "code of the cause" },
	{ "cause_text", CHARS(INC, cause_text),
	  "the cause in a sentence, with this incident's figures" },
	{ "advice", CHARS(INC, advice), "what to do" },
	{ "confidence", ENUM(confidence_name, INC, confidence),
	  "how sure the cause is: certain, likely, guess" },
	{ "situation", POINTER(INC, situation),
	  "what people would call it, beside the cause; the advice follows it" },
	{ "situation_text", CHARS(INC, situation_text),
	  "the situation in a sentence, with this incident's figures" },
	{ "situation_confidence", ENUM(confidence_name, INC, situation_confidence),
	  "how sure the situation is: certain, likely, guess" },
	{ "follows", CHARS(INC, follows), "id of the incident that this one came from" },
	{ "stage", ENUM(stage_name, INC, stage),
	  "how far the connection had come: post-syn (in the handshake), post-ack (no data yet), "
	  "post-data (one segment of data), later" },
	{ "outcome", ENUM(outcome_name, INC, outcome),
	  "what the victim saw: error (a call failed), eof (swallowed as end of file), unnoticed "
	  "(closed without any call seeing it), pending (nothing yet), none (no socket to hurt), "
	  "remote (the victim is on another host); absent where no probe shows its calls, or where "
	  "losses has what would tell" },
	{ "losses", MADE(RECORD_STRING, get_losses),
	  "events of this reset that may be among those lost around it, so that their absence tells "
	  "nothing: sending, receipt, calls, end (of the victim's socket), later (what came after a "
	  "reset from elsewhere), earlier (the sending of the reset that had ended the connection), "
	  "with commas between; "
	  "absent where nothing that is missing here can have been lost" },
	{ "sampled", INT(INC, sampled),
	  "1 in so many resets of its kind was recorded when this one was, the others were only "
	  "counted (--rate); absent: all" },
	{ "sender_local", BOOL(INC, sender.local),
	  "whether this host saw the sender" },
	{ "victim_local", BOOL(INC, victim.local),
	  "whether this host saw the victim" },
};

static const struct row endpoint_rows[] = {
	{ "role", ENUM(role_name, EP(BOTH), role), "client (it connected) or server (it accepted)" },
	{ "role_guess", BOOL(EP(BOTH), role_guess),
	  "older than the tracer: the role is what a listener on its port, or none, makes likely" },
	{ "pid", INT(EP(BOTH), pid), "process that owned the socket" },
	{ "tid", INT(EP(BOTH), tid), "thread of it that used the socket last" },
	{ "comm", CHARS(EP(BOTH), comm), "name of that thread" },
	{ "process", CHARS(EP(BOTH), process),
	  "name of the process, which is its first thread's; absent where another thread used the "
	  "socket and the process was gone before it could be asked" },
	{ "uid", INT(EP(BOTH), uid), "its user id" },
	{ "exe", CHARS(EP(BOTH), exe), "path of its program" },
	{ "owner", ROW(unsigned int, RECORD_STRING, get_owner, owner_how_name, EP(BOTH), owner),
	  "how the owner is known: caller, socket, snapshot, listener (who owns that; another process "
	  "may have the connection), kernel, none" },
	{ "syscall", CHARS(EP(SENDER), syscall),
	  "system call that caused the RST" },
	{ "fd", INT(EP(BOTH), fd), "descriptor of the socket" },
	{ "state", CHARS(EP(BOTH), state), "TCP state before the RST" },
	{ "unread", INT(EP(BOTH), unread),
	  "bytes received that the process had not read" },
	{ "unsent", INT(EP(BOTH), unsent),
	  "bytes written that the other end had not acknowledged" },
	{ "linger0", BOOL(EP(BOTH), linger0), "SO_LINGER {1,0} was set" },
	{ "exit", CHARS(EP(BOTH), exit),
	  "the process was ending: exit, or the signal that killed it" },
	{ "cgroup", CHARS(EP(BOTH), cgroup), "path of the control group" },
	{ "container", CHARS(EP(BOTH), container), "id of the container" },
	{ "container_name", CHARS(EP(BOTH), container_name),
	  "its name, from the files of docker, podman, containerd or CRI-O; absent where none tells it" },
	{ "pod", CHARS(EP(BOTH), pod),
	  "Kubernetes namespace and name of its pod, from those files or the kubelet's" },
	{ "unit", CHARS(EP(BOTH), unit), "systemd unit" },
	{ "age_us", INT(EP(BOTH), age_us),
	  "age of the connection, microseconds" },
	{ "idle_us", INT(EP(BOTH), idle_us),
	  "time since its last data, microseconds" },
	{ "heard_us", INT(EP(BOTH), heard_us),
	  "time since data last came from the other end, microseconds" },
	{ "said_us", INT(EP(BOTH), said_us),
	  "time since it last sent data, or connected, microseconds" },
	{ "bytes_in", INT(EP(BOTH), bytes_in), "bytes received over it" },
	{ "bytes_out", INT(EP(BOTH), bytes_out), "bytes sent over it, retransmissions not counted" },
	{ "bytes_read", ROW_MADE(BOTH, RECORD_INT, get_read),
	  "of the bytes received, those that the process has read" },
	{ "segs_in", INT(EP(BOTH), segs_in), "segments received, of any kind" },
	{ "segs_out", INT(EP(BOTH), segs_out), "segments sent, of any kind" },
	{ "srtt_us", INT(EP(BOTH), srtt_us),
	  "smoothed round-trip time, microseconds" },
	{ "retrans", INT(EP(BOTH), retrans), "segments sent again" },
	{ "closed_us", INT(EP(BOTH), closed_us),
	  "how long before the RST the owner had closed or shut down, microseconds" },
	{ "ended", ENUM(end_name, EP(BOTH), end.how),
	  "how the connection had ended before: closed (by this end first), peer-closed, reset-sent, "
	  "reset-received, connecting (given up in SYN_SENT), failed" },
	{ "ended_us", INT(EP(BOTH), end.ago_us), "how long before the RST that was, microseconds" },
	{ "ended_unsent", INT(EP(BOTH), end.unsent),
	  "bytes written and not acknowledged at that moment" },
	{ "ended_heard_us", INT(EP(BOTH), end.heard_us),
	  "how long it had heard nothing then, microseconds" },
	{ "ended_said_us", INT(EP(BOTH), end.said_us),
	  "how long it had said nothing then, microseconds" },
	{ "stack", STACK(EP(BOTH), stack),
	  "with --stacks, the program's stack in the call that reset, or in the first that failed: "
	  "function+offset (file), innermost first; ? before a frame that only a frame pointer leads to" },
	{ "kstack", STACK(EP(BOTH), kstack), "... and the kernel's" },
	{ "mptcp", BOOL(EP(BOTH), mptcp), "the socket is an MPTCP subflow" },
};

static const struct row middle_rows[] = {
	{ "killer_pid", INT(INC, killer.pid),
	  "socket-killed: process in whose call the kernel aborted the sender's socket" },
	{ "killer_comm", CHARS(INC, killer.comm), "name of its thread" },
	{ "killer_syscall", CHARS(INC, killer.syscall),
	  "that call: of netlink (SOCK_DESTROY), or a read of the iterator of a BPF program" },
	{ "accept_queue", INT(INC, accept_queue),
	  "connections waiting at the listener, where one is involved" },
	{ "accept_queue_max", INT(INC, accept_queue_max),
	  "room for them: the lesser of listen()'s backlog and net.core.somaxconn" },
};

static const struct row failure_rows[] = {
	{ "errno", MADE(RECORD_STRING, get_errno), "name of the error" },
	{ "syscall", CHARS(FAIL, syscall), "system call that failed" },
	{ "fd", INT(FAIL, fd), "descriptor it was given" },
	{ "pid", INT(FAIL, pid), "process that called" },
	{ "tid", INT(FAIL, tid), "thread that called" },
	{ "comm", CHARS(FAIL, comm), "name of that thread" },
	{ "delay_us", INT(FAIL, delay_us), "time since the RST, microseconds" },
	{ "sigpipe", BOOL(FAIL, sigpipe), "whether the call raised SIGPIPE" },
	{ "sigpipe_action", ENUM(sigpipe_action_name, FAIL, action),
	  "what SIGPIPE did: handled, ignored, killed" },
	{ "returned", ENUM(returned_name, FAIL, returned),
	  "part: the call returned what it had done before the error, and not the error; "
	  "error-or-part: one of the two, not known which; absent: the error" },
	{ "inferred", MADE(RECORD_BOOL, get_inferred),
	  "the errno follows from the socket's state; no probe here shows what the call returned" },
	{ "side", MADE(RECORD_STRING, get_side),
	  "whose socket it failed on: victim, or sender (a RST ends both)" },
};

#define EOF_ROWS 6	/* syscall to delay_us */

const struct section record_sections[N_SECTIONS] = {
	{ "", 0, 0, head_rows, ARRAY_SIZE(head_rows) },
	{ "sender_", offsetof(struct incident, sender), SENDER, endpoint_rows,
	  ARRAY_SIZE(endpoint_rows) },
	{ "", 0, 0, middle_rows, ARRAY_SIZE(middle_rows) },
	{ "victim_", offsetof(struct incident, victim), VICTIM, endpoint_rows,
	  ARRAY_SIZE(endpoint_rows) },
};

const struct section error_section = {
	"error_", 0, 0, failure_rows, ARRAY_SIZE(failure_rows),
};

const struct section eof_section = {
	"eof_", 0, 0, failure_rows + 1, EOF_ROWS,
};

const struct section item_section = {
	"", 0, 0, failure_rows, ARRAY_SIZE(failure_rows),
};
