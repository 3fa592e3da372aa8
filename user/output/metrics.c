/* SPDX-License-Identifier: GPL-2.0 */
#include "output/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "incident/names.h"
#include "output/metric_table.h"

#define MAX_FIXED 2048	/* enough rows where all values come from this program's own tables */

enum by { BY_PROCESS, BY_UNIT, BY_CONTAINER, BY_PORT, N_BY };

struct metrics {
	unsigned int by;
	struct metric_table resets, errors, late;
	struct metric_table of[N_BY];
};

static const struct metrics empty = {
	.resets = {
		.name = "rsttrace_records", .max = MAX_FIXED,
		.help = "Resets with a record, as they were when their record was first shown.",
		.label = { "cause", "situation", "kind", "direction", "outcome" },
	},
	.errors = {
		.name = "rsttrace_failed_calls", .max = MAX_FIXED,
		.help = "System calls that a reset made fail, of the resets with a record.",
		.label = { "errno", "call", "side" },
	},
	.late = {
		.name = "rsttrace_late_outcomes", .max = MAX_FIXED,
		.help = "Records whose outcome was another one later, by the later outcome.",
		.label = { "outcome" },
	},
	.of = {
		[BY_PROCESS] = {
			.name = "rsttrace_process_records", .max = METRICS_MAX_ROWS,
			.help = "Resets with a record by process and its part in them.",
			.label = { "process", "part" },
		},
		[BY_UNIT] = {
			.name = "rsttrace_unit_records", .max = METRICS_MAX_ROWS,
			.help = "Resets with a record by systemd unit and its part in them.",
			.label = { "unit", "part" },
		},
		[BY_CONTAINER] = {
			.name = "rsttrace_container_records", .max = METRICS_MAX_ROWS,
			.help = "Resets with a record by container and its part in them.",
			.label = { "container", "pod", "part" },
		},
		[BY_PORT] = {
			.name = "rsttrace_port_records", .max = METRICS_MAX_ROWS,
			.help = "Resets with a record by the lesser port of the two, the server's as a rule.",
			.label = { "port" },
		},
	},
};

struct metrics *metrics_new(unsigned int by)
{
	struct metrics *m = malloc(sizeof(*m));

	if (!m)
		return NULL;
	*m = empty;
	m->by = by;
	return m;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	metric_table_free(&m->resets);
	metric_table_free(&m->errors);
	metric_table_free(&m->late);
	for (int i = 0; i < N_BY; i++)
		metric_table_free(&m->of[i]);
	free(m);
}

/* ---- counting ------------------------------------------------------------------ */

/* If both ends are on this host, the reset counts as sent. */
static const char *direction(const struct incident *inc)
{
	return inc->sender.seen || inc->kind == KIND_ACTIVE || inc->kind == KIND_REPLY ||
	       inc->kind == KIND_NETFILTER ? "sent" : inc->victim.seen ? "received" : "";
}

static void count_failures(struct metrics *m, const struct incident *inc, int64_t from)
{
	char number[16];

	for (int64_t i = from; i < inc->n_failures && i < MAX_FAILURES; i++) {
		const struct failure *f = &inc->failures[i];

		if (f->err && f->returned != RETURNED_PART)
			metric_add(&m->errors, (const char *[]){ errno_name(f->err, number, sizeof(number)),
				f->syscall, f->on_sender ? "sender" : "victim" }, 1);
	}
}

static void count_end(struct metrics *m, const struct endpoint *ep, const char *part)
{
	char name[RST_COMM_LEN + 1];

	if (m->by & METRICS_BY_PROCESS && ep->comm[0]) {
		snprintf(name, sizeof(name), "%.*s", RST_COMM_LEN, endpoint_name(ep));
		metric_add(&m->of[BY_PROCESS], (const char *[]){ name, part }, 1);
	}
	if (m->by & METRICS_BY_UNIT && ep->unit[0])
		metric_add(&m->of[BY_UNIT], (const char *[]){ ep->unit, part }, 1);
	if (m->by & METRICS_BY_CONTAINER && ep->container[0])
		metric_add(&m->of[BY_CONTAINER], (const char *[]){
			ep->container_name[0] ? ep->container_name : ep->container, ep->pod, part }, 1);
}

static void count_port(struct metrics *m, const struct incident *inc)
{
	char port[16];

	snprintf(port, sizeof(port), "%" PRId64, inc->sport < inc->dport ? inc->sport : inc->dport);
	metric_add(&m->of[BY_PORT], (const char *[]){ port }, 1);
}

void metrics_incident(struct metrics *m, const struct incident *inc)
{
	if (inc->passed) {
		if (inc->outcome != inc->was)
			metric_add(&m->late, (const char *[]){ outcome_name(inc->outcome) }, 1);
		count_failures(m, inc, inc->n_told);
		return;
	}
	metric_add(&m->resets, (const char *[]){ inc->cause ?: "unknown", inc->situation,
		kind_name(inc->kind), direction(inc), outcome_name(inc->outcome) }, 1);
	count_failures(m, inc, 0);
	count_end(m, &inc->sender, "sender");
	count_end(m, &inc->victim, "victim");
	if (m->by & METRICS_BY_PORT)
		count_port(m, inc);
}

/* ---- writing ------------------------------------------------------------------- */

/* The value of OpenTelemetry's proposed network.tcp.reset.cause; NULL: none of its values fits. */
static const char *otel_cause(unsigned int class)
{
	switch (class) {
	case CLASS_CLOSED_PORT:
	case CLASS_LISTENER:
	case CLASS_REJECT:
		return "refused";
	case CLASS_ABORT:
	case CLASS_LINGER_ZERO:
	case CLASS_STRAY:
	case CLASS_TIME_WAIT:
	case CLASS_SOCKET:
		return "application";
	case CLASS_GIVEN_UP:
		return "timeout";
	}
	return NULL;
}

static bool is_sent(const struct rst_count_key *k)
{
	return k->type == EV_SENT_ACTIVE || k->type == EV_SENT_REPLY || k->type == EV_SENT_NETFILTER;
}

static void write_kernel_counts(FILE *out, const struct metrics_now *now, bool open_metrics)
{
	const struct totals *t = now->totals;
	struct metric_table seen = {
		.name = "rsttrace_seen_resets", .max = MAX_FIXED,
		.help = "Resets that the kernel side saw, with a record or without.",
		.label = { "class", "event", "reason", "family" },
	}, untold = {
		.name = "rsttrace_unrecorded_resets", .max = MAX_FIXED,
		.help = "Seen resets that have no record: there were too many of their kind, or no room.",
		.label = { "why" },
	}, sent = {
		.name = "rsttrace_sent_resets", .max = MAX_FIXED,
		.help = "Resets sent by this host's TCP, as OutRsts counts them; namespace is host for "
			"those that the host's own counters have.",
		.label = { "namespace" },
	}, otel = {
		.name = "system_network_tcp_resets", .max = MAX_FIXED,
		.help = "Resets sent, by OpenTelemetry's proposed attribute network.tcp.reset.cause.",
		.label = { "network_tcp_reset_cause" },
	};

	/* present from the start with 0, so that a rate sees the first increase */
	metric_add(&sent, (const char *[]){ "host" }, 0);
	for (int i = 0; i < t->n_counts; i++) {
		const struct rst_count *c = &t->counts[i].count;
		const struct rst_count_key *k = &t->counts[i].key;
		bool other = t->counts[i].other;
		const char *reason = !other && t->meta && k->reason != RST_NO_REASON ?
				     source_reason(t->meta, k->reason) : NULL;

		metric_add(&seen, (const char *[]){ other ? "other" : class_name(k->class),
			other ? "other" : event_name(k->type), reason,
			other ? "other" : k->family == 6 ? "ipv6" : "ipv4" }, c->seen);
		metric_add(&untold, (const char *[]){ "rate" }, c->silent);
		metric_add(&untold, (const char *[]){ "no_room" }, c->lost);
		if (other || !is_sent(k))
			continue;
		metric_add(&otel, (const char *[]){ otel_cause(k->class) }, c->seen);
		if (k->type != EV_SENT_NETFILTER)
			metric_add(&sent, (const char *[]){ k->netns == now->netns ? "host" : "other" }, c->seen);
	}
	metric_table_write(out, &seen, open_metrics);
	metric_table_write(out, &untold, open_metrics);
	metric_table_write(out, &sent, open_metrics);
	metric_table_write(out, &otel, open_metrics);
	metric_table_free(&seen);
	metric_table_free(&untold);
	metric_table_free(&sent);
	metric_table_free(&otel);
}

static void write_rules(FILE *out, const struct totals *t, bool open_metrics)
{
	struct metric_table rules = {
		.name = "rsttrace_suppressed_records", .max = MAX_FIXED,
		.help = "Records that a rule of --suppress hid; no other figure of records has them.",
		.label = { "rule" },
	};

	for (int i = 0; t->rules && i < t->rules->n; i++)
		metric_add(&rules, (const char *[]){ t->rules->row[i].rule }, t->rules->row[i].count);
	metric_table_write(out, &rules, open_metrics);
	metric_table_free(&rules);
}

static void write_health(FILE *out, const struct metrics_now *now, bool open_metrics)
{
	const struct totals *t = now->totals;
	const struct {
		const char *type, *name, *help;
		uint64_t value;
	} figures[] = {
		{ "counter", "rsttrace_events", "Events that the kernel side told of.", t->events },
		{ "counter", "rsttrace_lost_events", "Events that found no room in the ring buffer.", t->lost },
		{ "counter", "rsttrace_missed_runs", "Runs of a program that the kernel refused.", t->missed },
		{ "counter", "rsttrace_hidden_records", "Records that the filters hid.", t->suppressed },
		{ "counter", "rsttrace_unkept_owners", "Sockets whose owner found no room.", t->unkept },
		{ "counter", "rsttrace_unmatched_errors", "Failing calls on sockets no reset was seen for.",
		  t->unmatched },
		{ "gauge", "rsttrace_ring_used_bytes", "What waits in the ring buffer.", now->ring_used },
		{ "gauge", "rsttrace_ring_size_bytes", "The ring buffer's size.", now->ring_size },
	};
	size_t n = ARRAY_SIZE(figures) - (now->ring_size ? 0 : 2);

	for (size_t i = 0; i < n; i++)
		metric_write(out, figures[i].type, figures[i].name, figures[i].help, figures[i].value,
			     open_metrics);
}

static void write_programs(FILE *out, const struct metrics_now *now, bool open_metrics)
{
	static const char *const label[] = { "program", NULL };
	static const char runs[] = "rsttrace_program_runs", seconds[] = "rsttrace_program_seconds";

	if (!now->n_programs)
		return;
	metric_head(out, "counter", runs, "Runs of a program, while kernel.bpf_stats_enabled is 1.",
		    open_metrics);
	for (size_t i = 0; i < now->n_programs; i++)
		metric_sample(out, "counter", runs, label, (const char *[]){ now->program[i].name },
			      now->program[i].runs);
	metric_head(out, "counter", seconds, "Time of these runs.", open_metrics);
	for (size_t i = 0; i < now->n_programs; i++)
		metric_sample(out, "counter", seconds, label, (const char *[]){ now->program[i].name },
			      now->program[i].ns / 1e9);
}

static void write_build(FILE *out, const struct metrics_now *now, bool open_metrics)
{
	static const char *const label[] = { "version", "kernel", NULL };
	static const char help[] = "This program, and the kernel that it runs on.";

	/* the older format has no type "info": there it is a gauge, with "_info" in its name */
	metric_head(out, open_metrics ? "info" : "gauge", open_metrics ? "rsttrace_build" :
		    "rsttrace_build_info", help, open_metrics);
	metric_sample(out, "gauge", "rsttrace_build_info", label,
		      (const char *[]){ now->version, now->kernel }, 1);
}

void metrics_write(FILE *out, const struct metrics *m, const struct metrics_now *now, bool open_metrics)
{
	write_build(out, now, open_metrics);
	metric_table_write(out, &m->resets, open_metrics);
	metric_table_write(out, &m->errors, open_metrics);
	metric_table_write(out, &m->late, open_metrics);
	for (int i = 0; i < N_BY; i++)
		metric_table_write(out, &m->of[i], open_metrics);
	write_rules(out, now->totals, open_metrics);
	write_kernel_counts(out, now, open_metrics);
	write_health(out, now, open_metrics);
	write_programs(out, now, open_metrics);
	if (open_metrics)
		fputs("# EOF\n", out);
}
