/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whatever bytes a file of --replay holds, its first line included: it is refused in one line, or
 * told as far as it can be read, by the summary, top and the metrics too.
 */
#include <errno.h>

#include "app/pipeline.h"
#include "events/recording.h"
#include "fuzz.h"
#include "output/metrics.h"
#include "output/summary.h"
#include "top/top.h"

struct reading {
	struct pipeline *pipeline;
	struct metrics *metrics;
	struct top top;
	struct sinks sinks;
	char *text[3];		/* JSON Lines, text, top */
	size_t len[3];
};

static int on_bytes(void *ctx, const void *data, size_t size)
{
	return pipeline_bytes(((struct reading *)ctx)->pipeline, data, size);
}

static int count(struct sink *s, const struct incident *inc)
{
	metrics_incident(s->state, inc);
	return 0;
}

static void begin(struct reading *r, const struct source_meta *meta)
{
	static const struct sink_ops *const kinds[] = { &sink_json, &sink_text, &sink_top };
	static const struct sink_ops counted = { .incident = count };

	MUST(!top_begin(&r->top, "recording"));
	r->top.batch = true;
	r->top.interval_ns = 1000000000;
	r->top.width = 120;
	for (int i = 0; i < 3; i++) {
		r->sinks.one[i] = (struct sink){ .ops = kinds[i], .state = i == 2 ? &r->top : NULL };
		r->sinks.one[i].out = open_memstream(&r->text[i], &r->len[i]);
	}
	r->sinks.one[3] = (struct sink){ .ops = &counted, .state = r->metrics, .out = r->sinks.one[0].out };
	r->sinks.n = 4;
	sinks_begin(&r->sinks, meta);
}

static void end(struct reading *r, const struct source_meta *meta)
{
	const struct totals *t = pipeline_totals(r->pipeline);
	FILE *out = r->sinks.one[1].out;

	pipeline_finish(r->pipeline);
	sinks_end(&r->sinks, t);
	must_be_json_lines(r->text[0]);
	summary_print(out, t);
	for (int open = 0; open < 2; open++)
		metrics_write(out, r->metrics, &(struct metrics_now){ .version = "1", .kernel = meta->release,
			      .totals = t }, open);
	for (int i = 0; i < 3; i++) {
		if (r->sinks.one[i].ops->free)
			r->sinks.one[i].ops->free(&r->sinks.one[i]);
		fclose(r->sinks.one[i].out);
		must_be_printable(r->text[i], r->len[i]);
		free(r->text[i]);
	}
	top_end(&r->top);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pipeline_ops none;
	struct reading r = { .metrics = metrics_new(METRICS_BY_PROCESS | METRICS_BY_UNIT |
						    METRICS_BY_CONTAINER | METRICS_BY_PORT) };
	struct filter filter = {};
	struct source *s;
	char path[32], why[256];
	int fd = file_of(data, size, path), err;

	MUST(r.metrics);
	if (source_file(&s, path, on_bytes, &r, why, sizeof(why))) {
		MUST(!strchr(why, '\n') && strstr(why, ": "));
		metrics_free(r.metrics);
		close(fd);
		return 0;
	}
	r.pipeline = pipeline_new(&(struct pipeline_config){ .meta = &s->meta, .filter = &filter,
				  .sinks = &r.sinks, .settle_ns = 300000000, .events = true, .replay = true },
				  &none, NULL);
	MUST(r.pipeline);
	begin(&r, &s->meta);
	while ((err = s->ops->take(s)) >= 0)
		;
	MUST(!!s->why[0] == (err == -EBADMSG || err == -EPROTO));
	end(&r, &s->meta);
	pipeline_free(r.pipeline);
	metrics_free(r.metrics);
	s->ops->close(s);
	close(fd);
	return 0;
}
