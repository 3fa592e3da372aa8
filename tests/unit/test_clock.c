/* SPDX-License-Identifier: GPL-2.0 */
/* The clock is set while events come: each record has the time of day that it was then. */
#include "app/pipeline.h"
#include "events.h"
#include "events/clock_step.h"
#include "events/recording.h"
#include "test.h"
#include "wire_bytes.h"

#define DAY_NS 86400000000000LL

/* A pipeline behind a recording, and the times of its records. */
struct works {
	struct source *source;
	struct pipeline *pipeline;
	int64_t time_ns[2];
	int n;
};

static int on_bytes(void *ctx, const void *data, size_t size)
{
	return pipeline_bytes(((struct works *)ctx)->pipeline, data, size);
}

static int on_incident(struct sink *s, const struct incident *inc)
{
	struct works *w = s->state;

	assert_in_range(w->n, 0, 1);
	w->time_ns[w->n++] = inc->time_ns;
	return 0;
}

static void put_reset(FILE *f, uint64_t us)
{
	struct rst_event ev = sent_active(us);
	struct bytes b = section_bytes(&ev, 0);

	assert_int_equal(recording_event(f, b.data, b.size), 0);
}

/* The first reset has not settled when the clock is set, the second comes after that. */
static void a_day_forward(void **state)
{
	static const struct sink_ops ops = { .incident = on_incident };
	struct clock_step step = clock_step_at(AT_US(20), events_meta.boot_offset_ns + DAY_NS), torn = step;
	struct works w = { .n = 0 };
	struct sinks sinks = { .one[0] = { .ops = &ops, .state = &w }, .n = 1 };
	struct filter filter = {};
	struct pipeline_config cfg = { .filter = &filter, .sinks = &sinks, .settle_ns = 300000000, .replay = true };
	FILE *f = tmpfile();
	char why[256];

	torn.offset_ns = 7;
	torn.head.size--;	/* means nothing */
	assert_non_null(f);
	assert_int_equal(recording_begin(f, &events_meta), 0);
	put_reset(f, 10);
	assert_int_equal(recording_event(f, &step, sizeof(step)), 0);
	assert_int_equal(recording_event(f, &torn, sizeof(torn)), 0);
	put_reset(f, 5000000);
	rewind(f);
	assert_int_equal(source_stream(&w.source, f, "f", on_bytes, &w, why, sizeof(why)), 0);
	cfg.meta = &w.source->meta;
	w.pipeline = pipeline_new(&cfg, &(struct pipeline_ops){ NULL }, &w);
	assert_non_null(w.pipeline);
	assert_int_equal(w.source->ops->take(w.source), -ENODATA);
	assert_int_equal(pipeline_finish(w.pipeline), 0);
	assert_int_equal(w.n, 2);
	assert_int_equal(w.time_ns[0], events_meta.boot_offset_ns + AT_US(10));
	assert_int_equal(w.time_ns[1], events_meta.boot_offset_ns + DAY_NS + AT_US(5000000));
	pipeline_free(w.pipeline);
	w.source->ops->close(w.source);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
