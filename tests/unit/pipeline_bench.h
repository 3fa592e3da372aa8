/* SPDX-License-Identifier: GPL-2.0 */
/* A recording's events, and a pipeline with two sinks to feed them to, for the tests of the pipeline. */
#ifndef PIPELINE_BENCH_H
#define PIPELINE_BENCH_H

#include "app/pipeline.h"
#include "capture.h"
#include "events.h"
#include "events/recording.h"
#include "test.h"
#include "wire_bytes.h"

#define MAX_EVENTS 64
#define MAX_EVENT 1024

/* The events of a recording, to be fed any number of times. */
struct tape {
	struct source *source;
	uint8_t event[MAX_EVENTS][MAX_EVENT];
	size_t size[MAX_EVENTS];
	int n;
};

static inline int on_bytes(void *ctx, const void *data, size_t size)
{
	struct tape *t = ctx;

	if (t->n == MAX_EVENTS || size > MAX_EVENT)
		return 0;
	memcpy(t->event[t->n], data, size);
	t->size[t->n++] = size;
	return 0;
}

static inline struct tape *tape_of(const char *path)
{
	struct tape *t = calloc(1, sizeof(*t));
	char why[256];

	assert_non_null(t);
	if (source_file(&t->source, path, on_bytes, t, why, sizeof(why)))
		fail_msg("%s", why);
	assert_int_equal(t->source->ops->take(t->source), -ENODATA);
	assert_true(t->n > 0);
	return t;
}

static inline void tape_free(struct tape *t)
{
	t->source->ops->close(t->source);
	free(t);
}

/* A pipeline, and two sinks that write to memory. */
struct works {
	struct pipeline *pipeline;
	struct filter filter;
	struct suppress suppress;
	struct sinks sinks;
	char *text[2];
	size_t len[2];
	int modules;
};

static inline void on_module(void *ctx)
{
	((struct works *)ctx)->modules++;
}

static inline void works_begin(struct works *w, const struct tape *t, long count, bool replay)
{
	static const struct sink_ops *const ops[] = { &sink_json, &sink_text };
	static const struct pipeline_ops outside = { .module = on_module };
	const struct pipeline_config cfg = {
		.meta = &t->source->meta, .filter = &w->filter, .suppress = &w->suppress, .sinks = &w->sinks,
		.settle_ns = 300000000, .count = count, .replay = replay,
	};

	memset(w, 0, sizeof(*w));
	for (; w->sinks.n < 2; w->sinks.n++) {
		int i = w->sinks.n;

		w->sinks.one[i] = (struct sink){ .ops = ops[i], .verbose = true };
		w->sinks.one[i].out = open_memstream(&w->text[i], &w->len[i]);
		assert_non_null(w->sinks.one[i].out);
	}
	w->pipeline = pipeline_new(&cfg, &outside, w);
	assert_non_null(w->pipeline);
	sinks_begin(&w->sinks, &t->source->meta);
}

static inline void works_open(struct works *w, const struct tape *t, long count)
{
	works_begin(w, t, count, true);
}

static inline void works_end(struct works *w)
{
	pipeline_finish(w->pipeline);
	sinks_end(&w->sinks, pipeline_totals(w->pipeline));
}

static inline void works_close(struct works *w)
{
	for (int i = 0; i < w->sinks.n; i++)
		fclose(w->sinks.one[i].out);
	free(w->text[0]);
	free(w->text[1]);
	filter_free(&w->filter);
	suppress_free(&w->suppress);
	pipeline_free(w->pipeline);
}

static inline int feed(struct works *w, const struct tape *t)
{
	int answer = 0;

	for (int i = 0; i < t->n && !answer; i++)
		answer = pipeline_bytes(w->pipeline, t->event[i], t->size[i]);
	return answer;
}

#endif
