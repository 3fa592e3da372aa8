/* SPDX-License-Identifier: GPL-2.0 */
#include "output/end_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/json_set.h"
#include "incident/format.h"
#include "incident/names.h"

#define ROW "namespaces[]."
#define COUNT "counts[]."

enum key {
	KEY_INCIDENTS, KEY_EVENTS, KEY_LOST, KEY_MISSED, KEY_STACKLESS, KEY_UNKEPT, KEY_UNFOLLOWED, KEY_SUPPRESSED, KEY_RULES,
	KEY_UNMATCHED, KEY_SENT, KEY_RECEIVED, KEY_SENT_SILENT, KEY_RECEIVED_SILENT,
	KEY_SENT_FILTERED, KEY_RECEIVED_FILTERED, KEY_COUNTS, COUNT_CLASS, COUNT_EVENT,
	COUNT_REASON, COUNT_FAMILY, COUNT_NETNS, COUNT_PORTS, COUNT_PID, COUNT_COMM, COUNT_OTHER,
	COUNT_SEEN, COUNT_SILENT, COUNT_FILTERED, COUNT_LOST, KEY_LOST_PER_CPU, KEY_CAUSES, KEY_OUTCOMES,
	KEY_IGNORED, KEY_CANCELLED, KEY_COUNTERS, KEY_NAMESPACES,
	ROW_NETNS, ROW_RECORDED, ROW_EXPLAINED, ROW_UNTOLD, ROW_NETFILTER, ROW_RECEIVED, ROW_OUT_RSTS,
	ROW_DIFFERENCE, ROW_SOURCES, ROW_COUNTERS, ROW_ACCOUNTED, KEY_EXPLAINED, KEY_OF, N_KEYS,
};

static const struct record_doc docs[N_KEYS] = {
	[KEY_INCIDENTS] = { "incidents", "int", "records that were shown, revisions not counted" },
	[KEY_EVENTS] = { "events", "int", "events that the probes told of" },
	[KEY_LOST] = { "lost", "int", "events that found no room in the ring buffer" },
	[KEY_MISSED] = { "missed", "int",
		"runs of a program that the kernel refused because it was at work on that CPU already, and "
		"that no second one did; what they would have told is missing" },
	[KEY_STACKLESS] = { "stacks_left_out", "int",
		"with --stacks: stacks for which there was no room, absent where there are none" },
	[KEY_UNKEPT] = { "owners_unkept", "int",
		"sockets whose owner could not be kept, as the map of sockets, or that of listeners, was "
		"full (rsttrace check has their sizes); a record of one of them may lack its process; absent when there was none" },
	[KEY_UNFOLLOWED] = { "unfollowed", "int",
		"processes that the traced command started and that could not be followed, as there were "
		"too many at once; their resets, or those of what they started, may be missing; absent "
		"when there was none" },
	[KEY_SUPPRESSED] = { "suppressed", "int", "incidents that the filters hid" },
	[KEY_RULES] = { "suppressed_by_rule", "object",
		"incidents that --suppress hid, by rule; absent when there is no rule" },
	[KEY_UNMATCHED] = { "unmatched_errors", "int",
			    "failing calls on sockets no reset was seen for" },
	[KEY_SENT] = { "sent", "int",
		       "RSTs that this host's TCP was seen to send, lost events included" },
	[KEY_RECEIVED] = { "received", "int", "incidents whose victim is on this host" },
	[KEY_SENT_SILENT] = { "sent_counted_only", "int",
		"RSTs sent that have no record, because there were too many of their kind (--rate)" },
	[KEY_RECEIVED_SILENT] = { "received_counted_only", "int", "the same of those received" },
	[KEY_SENT_FILTERED] = { "sent_filtered", "int",
		"RSTs sent that have no record, because no filter by port, address or network namespace "
		"asks for them, so that they were counted only; the first of each kind in a second are "
		"in suppressed" },
	[KEY_RECEIVED_FILTERED] = { "received_filtered", "int", "the same of those received" },
	[KEY_COUNTS] = { "counts", "array of objects",
		"what the kernel side counted, whether or not there was room to tell of it, most "
		"first; absent from a replay" },
	[COUNT_CLASS] = { COUNT "class", "string",
		"as much of the cause as is seen at once: closed-port, stray-segment, time-wait, "
		"listener, connection (what met the segment that was answered), abort, linger-zero "
		"(by a call), given-up (by a timer or somebody else), reject, refused, received, died" },
	[COUNT_EVENT] = { COUNT "event", "string",
		"sent-active, sent-reply, sent-netfilter, received or aborted" },
	[COUNT_REASON] = { COUNT "reason", "string", "the kernel's reason, where it gives one" },
	[COUNT_FAMILY] = { COUNT "family", "string", "ipv4 or ipv6" },
	[COUNT_NETNS] = { COUNT "netns", "int", "inode of the network namespace" },
	[COUNT_PORTS] = { COUNT "ports", "string",
		"the local port: system (below 1024), user (below 32768) or ephemeral" },
	[COUNT_PID] = { COUNT "pid", "int", "the process whose socket it was; absent: not known, or none" },
	[COUNT_COMM] = { COUNT "comm", "string", "its name" },
	[COUNT_OTHER] = { COUNT "other", "bool",
		"true: all for which there were too many different ones of the keys above" },
	[COUNT_SEEN] = { COUNT "count", "int", "how many there were" },
	[COUNT_SILENT] = { COUNT "counted_only", "int", "those that have no record because of --rate" },
	[COUNT_FILTERED] = { COUNT "filtered", "int",
		"those that have no record because no filter asks for them; 0 is left out" },
	[COUNT_LOST] = { COUNT "lost", "int", "those that found no room in the ring buffer" },
	[KEY_LOST_PER_CPU] = { "lost_per_cpu", "object", "lost events by CPU, where there are any" },
	[KEY_CAUSES] = { "causes", "object", "incidents by cause" },
	[KEY_OUTCOMES] = { "outcomes", "object",
		"incidents by outcome, as of their last revision; those without one are not in it" },
	[KEY_IGNORED] = { "ignored", "object",
		"RSTs that arrived and ended no socket, whatever the filters, by what became of "
		"them: challenge-ack (in the window, not exact), out-of-window, handshake (nobody "
		"could accept it yet), connecting (without an ACK of the SYN), listener, time-wait "
		"(the wait may have ended with it), closed-socket, no-socket, unknown (the kernel "
		"does not name the socket); absent when there was none. What this kernel does not "
		"show (rsttrace check) is not counted; a recording has those of a run with "
		"--events" },
	[KEY_CANCELLED] = { "cancelled", "int",
		"connects that their owners gave up before any answer; absent when there was none" },
	[KEY_COUNTERS] = { "counters", "object",
		"growth of the kernel's own counters in the tool's network namespace" },
	[KEY_NAMESPACES] = { "namespaces", "array of objects",
		"the account of each network namespace in which there was a RST" },
	[ROW_NETNS] = { ROW "netns", "int", "its inode; 0 for RSTs whose namespace is not known" },
	[ROW_RECORDED] = { ROW "recorded", "int",
		"RSTs recorded that OutRsts counts, between the readings" },
	[ROW_EXPLAINED] = { ROW "explained", "int",
		"those whose incident has a known cause, and those without a record whose class names one" },
	[ROW_UNTOLD] = { ROW "untold", "int",
		"RSTs that OutRsts counts, seen but without a record: lost, filtered or counted only; 0 is left out" },
	[ROW_NETFILTER] = { ROW "netfilter", "int",
		"RSTs of REJECT rules, which OutRsts does not count" },
	[ROW_RECEIVED] = { ROW "received", "int", "RSTs that ended a socket" },
	[ROW_OUT_RSTS] = { ROW "out_rsts", "int",
		"growth of OutRsts; absent where it could not be read at the end" },
	[ROW_DIFFERENCE] = { ROW "difference", "int", "out_rsts less recorded and untold" },
	[ROW_SOURCES] = { ROW "sources", "array of strings", "where a difference may come from: " },
	[ROW_COUNTERS] = { ROW "counters", "object",
		"growth of the kernel's counters there; TCPAbortFailed: so many RSTs never left (no "
		"route, a firewall's rule, no memory), also of those recorded" },
	[ROW_ACCOUNTED] = { ROW "accounted", "object",
		"what the incidents account for, of the same counters but OutRsts" },
	[KEY_EXPLAINED] = { "explained", "int",
		"explained in all namespaces that could be compared; absent from a replay" },
	[KEY_OF] = { "of", "int", "OutRsts in those namespaces: what explained is a part of" },
};

static const char *key(enum key k)
{
	const char *dot = strchr(docs[k].key, '.');

	return dot ? dot + 1 : docs[k].key;
}

/* Describes the key of each source from the same table that fills the line, so none is left out. */
static int describe_sources(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx)
{
	struct record_doc doc = docs[ROW_SOURCES];
	char meaning[256];
	size_t len;

	len = snprintf(meaning, sizeof(meaning), "%s", doc.meaning);
	for (int i = 0; i < N_SOURCES && len < sizeof(meaning); i++)
		len += snprintf(meaning + len, sizeof(meaning) - len, "%s%s", i ? ", " : "",
				netns_sources[i].code);
	doc.meaning = meaning;
	return fn(ctx, &doc);
}

int end_line_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx)
{
	int err = 0;

	for (int k = 0; !err && k < N_KEYS; k++)
		err = k == ROW_SOURCES ? describe_sources(fn, ctx) : fn(ctx, &docs[k]);
	return err;
}

struct count {
	enum key key;
	uint64_t v;
};

static int add_counts(json_t *obj, const struct count *c, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = set_count(obj, key(c[i].key), c[i].v);
	return err;
}

#define ADD_COUNTS(obj, counts) add_counts(obj, counts, ARRAY_SIZE(counts))

/* Figures that are 0 on nearly every host: each is left out where it is 0. */
static int add_rare(json_t *obj, const struct totals *t)
{
	int err = t->stackless ? set_count(obj, key(KEY_STACKLESS), t->stackless) : 0;

	if (!err && t->unkept)
		err = set_count(obj, key(KEY_UNKEPT), t->unkept);
	return err || !t->unfollowed ? err : set_count(obj, key(KEY_UNFOLLOWED), t->unfollowed);
}

static int add_lost(json_t *obj, const struct totals *t)
{
	json_t *cpus = json_object();
	int i, err = set(obj, key(KEY_LOST_PER_CPU), cpus);

	for (i = 0; !err && i < t->n_lost_cpu; i++) {
		char cpu[16];

		snprintf(cpu, sizeof(cpu), "%d", t->lost_cpu[i].cpu);
		err = set_count(cpus, cpu, t->lost_cpu[i].lost);
	}
	return err;
}

static int add_causes(json_t *obj, const struct totals *t)
{
	json_t *causes = json_object();
	int i, err = set(obj, key(KEY_CAUSES), causes);

	for (i = 0; !err && i < t->n_cause; i++)
		if (t->cause[i].count)
			err = set_count(causes, t->cause[i].cause, t->cause[i].count);
	return err;
}

static int add_outcomes(json_t *obj, const struct totals *t)
{
	json_t *outcomes = json_object();
	int err = set(obj, key(KEY_OUTCOMES), outcomes);

	for (int o = OUTCOME_UNSET + 1; !err && o < OUTCOME_MAX; o++)
		if (t->outcome[o])
			err = set_count(outcomes, outcome_name(o), t->outcome[o]);
	return err;
}

static int add_cancelled(json_t *obj, const struct totals *t)
{
	return t->cancelled ? set_count(obj, key(KEY_CANCELLED), t->cancelled) : 0;
}

static int add_ignored(json_t *obj, const struct totals *t)
{
	json_t *fates = json_object();
	int err = fates ? 0 : -ENOMEM;

	for (int i = 0; !err && i < FATE_MAX; i++)
		if (t->ignored[i])
			err = set_count(fates, fate_name(i), t->ignored[i]);
	if (!err && json_object_size(fates))
		return set(obj, key(KEY_IGNORED), fates);
	json_decref(fates);
	return err;
}

static int add_counters(json_t *obj, enum key k, const struct counters *c)
{
	json_t *counters = json_object();
	int i, err = set(obj, key(k), counters);

	for (i = 0; !err && i < N_COUNTERS; i++)
		if (c->known[i])
			err = set_count(counters, counter_names[i], c->value[i]);
	return err;
}

/* How much of each counter's growth the incidents account for; OutRsts has keys of its own. */
static int add_claimed(json_t *obj, const struct netns_row *row)
{
	json_t *claimed = json_object();
	int i, err = set(obj, key(ROW_ACCOUNTED), claimed);

	for (i = 0; !err && i < N_CLAIMED; i++)
		if (i != CTR_OUT_RSTS && row->growth.known[i])
			err = set_count(claimed, counter_names[i], row->claimed[i]);
	return err;
}

static int add_sources(json_t *obj, unsigned int likely)
{
	json_t *sources = json_array();
	int i, err = set(obj, key(ROW_SOURCES), sources);

	for (i = 0; !err && i < N_SOURCES; i++)
		if (likely & 1u << i &&
		    json_array_append_new(sources, json_string(netns_sources[i].code)))
			err = -ENOMEM;
	return err;
}

/* What the kernel counted, where its counters could be read at the start and at the end. */
static int add_compared(json_t *obj, const struct netns_row *row, const struct netns_doubts *doubts)
{
	int err = set_count(obj, key(ROW_OUT_RSTS), row->growth.value[CTR_OUT_RSTS]);

	if (!err)
		err = set_int(obj, key(ROW_DIFFERENCE), netns_difference(row));
	if (!err && netns_difference(row))
		err = add_sources(obj, netns_likely(row, doubts));
	return err ?: add_counters(obj, ROW_COUNTERS, &row->growth) ?: add_claimed(obj, row);
}

static int add_netns(json_t *list, const struct netns_row *row, const struct netns_doubts *doubts)
{
	const struct count counts[] = {
		{ ROW_NETNS, row->netns },	   { ROW_RECORDED, row->recorded },
		{ ROW_EXPLAINED, row->explained }, { ROW_NETFILTER, row->netfilter },
		{ ROW_RECEIVED, row->received },
	};
	json_t *obj = json_object();
	int err = json_array_append_new(list, obj) ? -ENOMEM : 0;

	if (!err)
		err = ADD_COUNTS(obj, counts);
	if (!err && row->untold)
		err = set_count(obj, key(ROW_UNTOLD), row->untold);
	if (!err && row->state == NETNS_COMPARED)
		err = add_compared(obj, row, doubts);
	return err;
}

/*
 * "explained" of "of": in the namespaces that could be compared, the resets
 * that have an incident of known cause, of those the kernel says it sent
 * (OutRsts). Absent where nothing was read: a replay.
 */
static int add_namespaces(json_t *obj, const struct totals *t)
{
	json_t *list = json_array();
	const struct netns_row *row = NULL;
	struct netns_sum sum;
	int err = set(obj, key(KEY_NAMESPACES), list);

	while (!err && (row = netns_totals_next(t->netns, row)))
		err = add_netns(list, row, &t->doubts);
	netns_totals_sum(t->netns, &sum);
	if (err || !sum.growth.known[CTR_OUT_RSTS])
		return err;
	err = set_count(obj, key(KEY_EXPLAINED), sum.explained);
	return err ?: set_count(obj, key(KEY_OF), sum.growth.value[CTR_OUT_RSTS]);
}

static int add_text(json_t *obj, enum key k, const char *text)
{
	return text && *text ? set(obj, key(k), json_string(text)) : 0;
}

/* A process can give itself any name, also one that is not UTF-8. */
static int add_comm(json_t *obj, const char comm[RST_COMM_LEN])
{
	char text[4 * RST_COMM_LEN + 1];

	return *comm ? add_text(obj, COUNT_COMM, fmt_utf8(text, sizeof(text), comm, RST_COMM_LEN)) : 0;
}

static int add_count_key(json_t *obj, const struct count_row *row, const struct source_meta *meta)
{
	const struct rst_count_key *k = &row->key;
	int err;

	if (row->other)
		return set(obj, key(COUNT_OTHER), json_true());
	err = add_text(obj, COUNT_CLASS, class_name(k->class)) ?:
	      add_text(obj, COUNT_EVENT, event_name(k->type)) ?:
	      add_text(obj, COUNT_REASON, meta && k->reason != RST_NO_REASON ?
					  source_reason(meta, k->reason) : NULL) ?:
	      add_text(obj, COUNT_FAMILY, k->family == 4 ? "ipv4" : k->family == 6 ? "ipv6" : NULL);
	if (!err && k->netns)
		err = set_count(obj, key(COUNT_NETNS), k->netns);
	if (!err)
		err = add_text(obj, COUNT_PORTS, ports_name(k->ports));
	if (!err && k->pid)
		err = set_count(obj, key(COUNT_PID), k->pid) ?: add_comm(obj, row->count.comm);
	return err;
}

static int add_kernel_counts(json_t *obj, const struct totals *t)
{
	const struct count untold[] = {
		{ KEY_SENT_SILENT, t->sent_silent }, { KEY_RECEIVED_SILENT, t->received_silent },
		{ KEY_SENT_FILTERED, t->sent_filtered }, { KEY_RECEIVED_FILTERED, t->received_filtered },
	};
	json_t *list;
	int err;

	if (!t->counts)
		return 0;
	list = json_array();
	err = ADD_COUNTS(obj, untold) ?: set(obj, key(KEY_COUNTS), list);
	for (int i = 0; !err && i < t->n_counts; i++) {
		const struct rst_count *c = &t->counts[i].count;
		const struct count figures[] = {
			{ COUNT_SEEN, c->seen }, { COUNT_SILENT, c->silent }, { COUNT_LOST, c->lost },
		};
		json_t *row = json_object();

		err = json_array_append_new(list, row) ? -ENOMEM : 0;
		if (!err)
			err = add_count_key(row, &t->counts[i], t->meta) ?: ADD_COUNTS(row, figures);
		if (!err && c->filtered)
			err = set_count(row, key(COUNT_FILTERED), c->filtered);
	}
	return err;
}

static int add_rules(json_t *obj, const struct totals *t)
{
	json_t *rules;
	int err;

	if (!t->rules || !t->rules->n)
		return 0;
	rules = json_object();
	err = set(obj, key(KEY_RULES), rules);
	for (int i = 0; !err && i < t->rules->n; i++)
		err = set_count(rules, t->rules->row[i].rule, t->rules->row[i].count);
	return err;
}

int end_line_fill(json_t *obj, const struct totals *t)
{
	const struct count counts[] = {
		{ KEY_INCIDENTS, t->incidents },  { KEY_EVENTS, t->events },
		{ KEY_LOST, t->lost },		  { KEY_MISSED, t->missed },
		{ KEY_SUPPRESSED, t->suppressed },
		{ KEY_UNMATCHED, t->unmatched },  { KEY_SENT, t->sent },
		{ KEY_RECEIVED, t->received },
	};
	int err = ADD_COUNTS(obj, counts) ?: add_rules(obj, t) ?: add_rare(obj, t) ?: add_kernel_counts(obj, t) ?:
		  add_lost(obj, t) ?:
		  add_causes(obj, t) ?: add_outcomes(obj, t) ?:
		  add_ignored(obj, t) ?: add_cancelled(obj, t) ?: add_counters(obj, KEY_COUNTERS, &t->own);

	return err || !t->netns ? err : add_namespaces(obj, t);
}
