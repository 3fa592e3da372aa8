/* SPDX-License-Identifier: GPL-2.0 */
#include "app/metering.h"

#include <stdlib.h>

#include "app/kernel_totals.h"
#include "attach/ring.h"
#include "attach/tally.h"
#include "host/counters.h"
#include "output/metrics.h"

#ifndef RSTTRACE_VERSION
#define RSTTRACE_VERSION "unknown"
#endif

#define MAX_PROGRAMS 128

struct metering {
	struct metering_of of;
	struct metrics *metrics;
	struct metrics_server *server;
};

static int on_incident(struct sink *s, const struct incident *inc)
{
	metrics_incident(s->state, inc);
	return 0;
}

static const struct sink_ops sink_metrics = { .incident = on_incident };

/* What each program has cost so far, where the kernel counts that. */
static size_t read_programs(const struct loader *l, struct metrics_program *program)
{
	struct program_cost cost[MAX_PROGRAMS];
	size_t n = tally_costs(l, cost, MAX_PROGRAMS);

	for (size_t i = 0; i < n; i++) {
		snprintf(program[i].name, sizeof(program[i].name), "%s", cost[i].name);
		program[i].runs = cost[i].runs;
		program[i].ns = cost[i].ns;
	}
	return n;
}

static void write_now(void *ctx, FILE *out, bool open_metrics)
{
	const struct metering *m = ctx;
	struct totals t = *pipeline_totals(m->of.pipeline);
	struct metrics_program program[MAX_PROGRAMS];
	struct count_row *counts = NULL;
	struct metrics_now now = {
		.version = RSTTRACE_VERSION, .kernel = m->of.source->meta.release,
		.totals = &t, .program = program, .netns = counters_own_netns("/proc"),
	};

	/* without the account of the namespaces: their counters are read at the end of the run only */
	t.netns = NULL;
	kernel_totals(m->of.loader, m->of.pipeline, &m->of.source->meta, &t, &counts);
	source_ring_fill(m->of.source, &now.ring_used, &now.ring_size);
	now.n_programs = read_programs(m->of.loader, program);
	metrics_write(out, m->metrics, &now, open_metrics);
	free(counts);
}

int metering_open(struct metering **out, struct sinks *sinks, const struct metering_of *of, char *why,
		  size_t len)
{
	struct metering *m = calloc(1, sizeof(*m));

	if (m)
		m->metrics = metrics_new(of->o->metrics_by);
	if (!m || !m->metrics || sinks->n == MAX_SINKS) {
		snprintf(why, len, "out of memory");
		metering_close(m);
		return -1;
	}
	m->of = *of;
	if (metrics_server_open(&m->server, of->o->metrics, write_now, m, why, len)) {
		metering_close(m);
		return -1;
	}
	sinks->one[sinks->n++] = (struct sink){ .ops = &sink_metrics, .state = m->metrics };
	*out = m;
	return 0;
}

void metering_close(struct metering *m)
{
	if (!m)
		return;
	metrics_server_close(m->server);
	metrics_free(m->metrics);
	free(m);
}

struct metrics_server *metering_server(const struct metering *m)
{
	return m ? m->server : NULL;
}
