/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The metrics of a recording with hostile names. rsttrace itself has --metrics only for a live trace, and
 * there the test cannot choose all names.
 *
 *   metrics RECORDING [open]
 */
#include <stdio.h>
#include <stdlib.h>

#include "app/pipeline.h"
#include "events/recording.h"
#include "output/metrics.h"

static struct pipeline *pipeline;

static int on_bytes(void *ctx, const void *data, size_t size)
{
	(void)ctx;
	return pipeline_bytes(pipeline, data, size);
}

static int count(struct sink *s, const struct incident *inc)
{
	metrics_incident(s->state, inc);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct sink_ops ops = { .incident = count };
	static const struct pipeline_ops none;
	struct metrics *m = metrics_new(METRICS_BY_PROCESS | METRICS_BY_UNIT | METRICS_BY_CONTAINER |
					METRICS_BY_PORT);
	struct sinks sinks = { .n = 1, .one[0] = { .ops = &ops, .state = m } };
	struct filter filter = {};
	struct source *source;
	char why[1200];

	if (argc < 2 || !m || source_file(&source, argv[1], on_bytes, NULL, why, sizeof(why)))
		return EXIT_FAILURE;
	pipeline = pipeline_new(&(struct pipeline_config){ .meta = &source->meta, .filter = &filter,
				.sinks = &sinks, .settle_ns = 300000000, .replay = true }, &none, NULL);
	if (!pipeline)
		return EXIT_FAILURE;
	while (source->ops->take(source) >= 0)
		;
	pipeline_finish(pipeline);
	metrics_write(stdout, m, &(struct metrics_now){ .version = "1", .kernel = source->meta.release,
		      .totals = pipeline_totals(pipeline) }, argc > 2);
	pipeline_free(pipeline);
	source->ops->close(source);
	metrics_free(m);
	return EXIT_SUCCESS;
}
