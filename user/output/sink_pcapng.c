/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A capture file for Wireshark: each reset is a packet on the interface of its network namespace,
 * and tells its story in comments. The first begins with "cause=", then comes the block of the text
 * output; the second has every key of the record, one on a line, for the filters of
 * contrib/wireshark/rsttrace.lua.
 *
 * What was written cannot be taken back, so a later revision of an incident is counted, not written.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include "incident/format.h"
#include "output/pcapng.h"
#include "output/record.h"
#include "output/rst_packet.h"
#include "output/sink.h"
#include "output/sink_pcapng.h"

#ifndef RSTTRACE_VERSION
#define RSTTRACE_VERSION "unknown"
#endif

#define MAX_INTERFACES 4096	/* beyond it, a namespace's resets are on its host's interface */
#define MAX_PROCESSES 65536	/* beyond it, only the comments name the process */
#define NAME_MAX_BYTES (4 * 256 + 1)	/* a name, every byte of it escaped */

/* A network namespace of a host; 0: any namespace of it. Has no padding, as it is a hash key. */
struct where {
	char host[68];
	uint32_t netns;
};

struct interface {
	struct where where;
	uint32_t index;
	uint64_t packets;
	UT_hash_handle hh;
};

/* The process that a process id means in this file. */
struct process {
	uint32_t pid;
	char host[65], exe[256];
	bool written;
	UT_hash_handle hh;
};

struct state {
	struct pcapng file;
	char os[4 * sizeof(((struct source_meta *)0)->release) + 8];
	struct interface *interfaces;
	struct process *processes;
	uint64_t last_ns;
	uint64_t revised, without_rst;
};

/* ---- interfaces ---- */

static struct interface *describe(struct state *st, const struct where *where)
{
	struct interface *i = calloc(1, sizeof(*i));
	char host[NAME_MAX_BYTES], name[NAME_MAX_BYTES + 32], text[NAME_MAX_BYTES + 96];

	if (!i)
		return NULL;
	i->where = *where;
	i->index = HASH_COUNT(st->interfaces);
	HASH_ADD(hh, st->interfaces, where, sizeof(i->where), i);
	fmt_escape(host, sizeof(host), where->host, sizeof(where->host));
	if (where->netns) {
		snprintf(name, sizeof(name), "%s net:[%" PRIu32 "]", host, where->netns);
		snprintf(text, sizeof(text), "network namespace %" PRIu32 " of %s", where->netns, host);
	} else {
		snprintf(name, sizeof(name), "%s", host[0] ? host : "unknown host");
		snprintf(text, sizeof(text), "all of %s: what was lost is counted here", name);
	}
	pcapng_interface(&st->file, &(struct pcapng_interface){
		.name = name, .description = text, .os = st->os });
	return i;
}

static struct interface *interface_of(struct state *st, const char *host, int64_t netns)
{
	struct where where = { .netns = netns == UNKNOWN ? 0 : netns };
	struct interface *i;

	snprintf(where.host, sizeof(where.host), "%s", host);
	HASH_FIND(hh, st->interfaces, &where, sizeof(where), i);
	if (i)
		return i;
	if (!where.netns)
		return describe(st, &where);
	/* the host's own interface comes first, so that there is one to count losses on */
	if (!interface_of(st, host, UNKNOWN))
		return NULL;
	if (HASH_COUNT(st->interfaces) >= MAX_INTERFACES)
		return interface_of(st, host, UNKNOWN);
	return describe(st, &where);
}

/* ---- processes ---- */

/* The name of the process, not of the thread that made the call. */
static const char *process_name(const struct endpoint *ep, char *buf, size_t len)
{
	const char *slash = strrchr(ep->exe, '/');

	if (ep->process[0] || !slash)
		return fmt_escape(buf, len, endpoint_name(ep), RST_COMM_LEN);
	return fmt_escape(buf, len, slash + 1, sizeof(ep->exe));
}

/*
 * The process of this end, as the file has it, or NULL if its id means another process in the file
 * already. A reader takes the last process block of an id for all packets and hosts, so an id must
 * stay with the first process that had it.
 */
static struct process *process_of(struct state *st, const struct incident *inc,
				  const struct endpoint *ep)
{
	uint32_t pid = ep->pid;
	struct process *p;

	if (ep->pid == UNKNOWN || ep->pid <= 0)
		return NULL;
	HASH_FIND(hh, st->processes, &pid, sizeof(pid), p);
	if (p && (strcmp(p->host, inc->host) ||
		  (ep->exe[0] && p->exe[0] && strcmp(p->exe, ep->exe))))
		return NULL;
	if (p || HASH_COUNT(st->processes) >= MAX_PROCESSES)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pid = pid;
	memcpy(p->host, inc->host, sizeof(p->host));
	memcpy(p->exe, ep->exe, sizeof(p->exe));
	HASH_ADD(hh, st->processes, pid, sizeof(p->pid), p);
	return p;
}

static void put_process(struct state *st, struct process *p, const struct endpoint *ep)
{
	char name[NAME_MAX_BYTES], path[NAME_MAX_BYTES];

	if (!p || p->written)
		return;
	p->written = true;
	pcapng_process(&st->file, &(struct pcapng_process){
		.pid = p->pid, .name = process_name(ep, name, sizeof(name)),
		.path = fmt_escape(path, sizeof(path), ep->exe, sizeof(ep->exe)),
		.uid = ep->uid == UNKNOWN ? -1 : ep->uid });
}

/* ---- comments ---- */

static void put_unknown(FILE *out, unsigned int unknown)
{
	static const struct { unsigned int bit; const char *name; } numbers[] = {
		{ RST_NO_SEQ, "the sequence number" }, { RST_NO_ACK, "the acknowledgement" },
		{ RST_NO_TTL, "the TTL" }, { RST_NO_IP_ID, "the IP-ID" },
	};
	const char *sep = "not known, and 0 in this packet: ";

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!(unknown & numbers[i].bit))
			continue;
		fprintf(out, "%s%s", sep, numbers[i].name);
		sep = ", ";
	}
}

/* The block that the text sink writes. */
static int put_story(FILE *out, const struct incident *inc, unsigned int unknown)
{
	struct sink text = { .ops = &sink_text, .out = out };
	int err;

	fprintf(out, "cause=%s\n", inc->cause ? inc->cause : "unknown");
	if (inc->situation)
		fprintf(out, "situation=%s\n", inc->situation);
	err = text.ops->incident(&text, inc);
	put_unknown(out, unknown);
	return err;
}

struct keys {
	struct record_visitor visitor;
	FILE *out;
	bool in_item;		/* in an item of a list, which is skipped: the first has keys of its own */
};

static int on_value(struct record_visitor *v, const char *key, const struct record_value *val)
{
	struct keys *k = (struct keys *)v;
	char text[4 * RECORD_TEXT_MAX + 1];

	if (k->in_item || val->type == RECORD_STRINGS)
		return 0;
	if (val->type == RECORD_STRING)
		fprintf(k->out, "%s=%s\n", key, fmt_escape(text, sizeof(text), val->str, RECORD_TEXT_MAX));
	else
		fprintf(k->out, "%s=%" PRId64 "\n", key, val->num);
	return 0;
}

static int on_list(struct record_visitor *v, const char *key)
{
	(void)v;
	(void)key;
	return 0;
}

static int on_item(struct record_visitor *v)
{
	((struct keys *)v)->in_item = true;
	return 0;
}

static int on_list_end(struct record_visitor *v)
{
	((struct keys *)v)->in_item = false;
	return 0;
}

static int put_keys(FILE *out, const struct incident *inc)
{
	struct keys k = { .visitor = { on_value, on_list, on_item, on_list_end }, .out = out };

	return record_walk(inc, &k.visitor);
}

/* Both comments, the second after the first one's NUL. Returns NULL when out of memory. */
static char *make_comments(const struct incident *inc, unsigned int unknown)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return NULL;
	err = put_story(out, inc, unknown);
	fputc('\0', out);
	err = err ?: put_keys(out, inc);
	if (!fclose(out) && !err)
		return text;
	free(text);
	return NULL;
}

/* ---- the sink ---- */

static void put_processes(struct state *st, const struct incident *inc)
{
	put_process(st, process_of(st, inc, &inc->sender), &inc->sender);
	put_process(st, process_of(st, inc, &inc->victim), &inc->victim);
}

static void fill_sender(struct state *st, struct pcapng_packet *pkt, const struct incident *inc)
{
	if (!process_of(st, inc, &inc->sender))
		return;
	pkt->pid = inc->sender.pid;
	pkt->tid = inc->sender.tid == UNKNOWN ? 0 : inc->sender.tid;
}

static int put_packet(struct state *st, const struct incident *inc, uint64_t id, const uint8_t *data,
		      size_t len, unsigned int unknown)
{
	struct interface *i = interface_of(st, inc->host, inc->netns);
	char *comments = make_comments(inc, unknown);
	struct pcapng_packet pkt = { .data = data, .len = len, .id = id };
	bool first = !st->last_ns;

	if (!i || !comments) {
		free(comments);
		return -ENOMEM;
	}
	pkt.interface = i->index;
	pkt.time_ns = inc->time_ns < 0 ? 0 : inc->time_ns;
	pkt.direction = inc->sender.local == 1 ? PCAPNG_OUTBOUND :
			inc->victim.local == 1 ? PCAPNG_INBOUND : PCAPNG_NO_DIRECTION;
	fill_sender(st, &pkt, inc);
	pkt.comments[0] = comments;
	pkt.comments[1] = comments + strlen(comments) + 1;
	/*
	 * Wireshark 4 shows the processes' blocks as frames without a time, and counts time from
	 * the first frame, so the first one has to be a packet.
	 */
	if (!first)
		put_processes(st, inc);
	pcapng_packet(&st->file, &pkt);
	if (first)
		put_processes(st, inc);
	free(comments);
	i->packets++;
	if (pkt.time_ns > st->last_ns)
		st->last_ns = pkt.time_ns;
	return st->file.err;
}

int sink_pcapng_put(struct sink *s, const struct incident *inc, uint64_t id)
{
	struct state *st = s->state;
	uint8_t data[RST_PACKET_MAX];
	unsigned int unknown;
	size_t len = rst_packet(data, inc, &unknown);

	if (len)
		return put_packet(st, inc, id, data, len, unknown);
	st->without_rst++;
	return 0;
}

static int sink_pcapng_incident(struct sink *s, const struct incident *inc)
{
	if (!inc->rev)
		return sink_pcapng_put(s, inc, incident_number(inc));
	((struct state *)s->state)->revised++;
	return 0;
}

static int sink_pcapng_begin(struct sink *s)
{
	const struct source_meta *meta = s->meta;
	struct state *st = calloc(1, sizeof(*st));

	if (!st)
		return -ENOMEM;
	s->state = st;
	strcpy(st->os, meta ? "Linux " : "Linux");
	if (meta)
		fmt_escape(st->os + strlen(st->os), sizeof(st->os) - strlen(st->os), meta->release,
			   sizeof(meta->release));
	pcapng_begin(&st->file, s->out, "rsttrace " RSTTRACE_VERSION, st->os);
	/* the file is to have an interface even if there never is a reset */
	if (meta && !interface_of(st, meta->host, UNKNOWN))
		return -ENOMEM;
	return st->file.err;
}

/* What the file does not show, in words. */
static void tell_missing(char *buf, size_t len, const struct state *st, const struct totals *t)
{
	snprintf(buf, len, "lost: %" PRIu64 " events found no room in the ring buffer; missed: %" PRIu64
		 " runs of programs that the kernel refused; hidden by the filters: %" PRIu64
		 " incidents; not packets: %" PRIu64 " connections given up without a reset; "
		 "revised after they were written: %" PRIu64 " incidents (the JSON has the revisions)",
		 t->lost, t->missed, t->suppressed, st->without_rst, st->revised);
}

static int sink_pcapng_end(struct sink *s, const struct totals *t)
{
	struct state *st = s->state;
	struct interface *i, *tmp;
	char missing[512];

	tell_missing(missing, sizeof(missing), st, t);
	HASH_ITER(hh, st->interfaces, i, tmp) {
		struct pcapng_statistics stat = {
			.interface = i->index, .time_ns = st->last_ns, .received = UINT64_MAX,
			.dropped = UINT64_MAX, .accepted = UINT64_MAX, .delivered = i->packets,
		};

		if (!i->index) {	/* the host's: the namespaces of losses are not known */
			stat.received = t->incidents + t->suppressed;
			stat.accepted = t->incidents;
			stat.dropped = t->lost + t->missed;
			stat.comment = missing;
		}
		pcapng_statistics(&st->file, &stat);
	}
	return st->file.err;
}

static void sink_pcapng_free(struct sink *s)
{
	struct state *st = s->state;
	struct interface *i, *itmp;
	struct process *p, *ptmp;

	if (!st)
		return;
	HASH_ITER(hh, st->interfaces, i, itmp) {
		HASH_DEL(st->interfaces, i);
		free(i);
	}
	HASH_ITER(hh, st->processes, p, ptmp) {
		HASH_DEL(st->processes, p);
		free(p);
	}
	pcapng_free(&st->file);
	free(st);
	s->state = NULL;
}

const struct sink_ops sink_pcapng = {
	.begin = sink_pcapng_begin,
	.incident = sink_pcapng_incident,
	.end = sink_pcapng_end,
	.free = sink_pcapng_free,
};
