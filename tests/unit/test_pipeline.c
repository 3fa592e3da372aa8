/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All stages together: what several sinks get from recordings at once, and how a run ends. Runs in
 * the top folder.
 */
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <unistd.h>

#include "pipeline_bench.h"

/* Each sink writes what it writes alone; tests/golden.sh compares that. */
static void two_sinks_at_once(void **state)
{
	struct tape *t = tape_of("tests/data/closed-port.rec");
	FILE *golden = fopen("tests/data/closed-port.json", "r");
	char want[16384] = "";
	struct works w;

	assert_non_null(golden);
	assert_true(fread(want, 1, sizeof(want) - 1, golden) > 0);
	fclose(golden);
	setenv("TZ", "UTC0", 1);
	works_open(&w, t, 0);
	assert_int_equal(feed(&w, t), 0);
	assert_false(pipeline_over(w.pipeline));
	works_end(&w);
	assert_string_equal(w.text[0], want);

	golden = fopen("tests/data/closed-port.txt", "r");
	assert_non_null(golden);
	memset(want, 0, sizeof(want));
	assert_true(fread(want, 1, sizeof(want) - 1, golden) > w.len[1]);
	fclose(golden);
	want[w.len[1]] = '\0';	/* after this the summary follows */
	assert_string_equal(w.text[1], want);
	works_close(&w);
	tape_free(t);
}

static void enough(void **state)
{
	struct tape *t = tape_of("tests/data/closed-port.rec");
	struct works w;

	works_open(&w, t, 1);
	assert_int_equal(feed(&w, t), 0);	/* no record has settled yet */
	pipeline_tick(w.pipeline, UINT64_MAX - 1);
	assert_true(pipeline_over(w.pipeline));
	assert_int_equal(feed(&w, t), 1);
	works_end(&w);
	assert_int_equal(pipeline_totals(w.pipeline)->incidents, 1);
	works_close(&w);
	tape_free(t);
}

/* How many RSTs a live run counts that is over after so many records; 0: after the last event. */
static uint64_t recorded(const struct tape *t, long count)
{
	struct netns_totals *netns;
	const struct netns_row *row = NULL;
	uint64_t sum = 0;
	struct works w;

	works_begin(&w, t, count, false);
	for (int i = 0; i < t->n; i++) {
		struct rst_head head;

		memcpy(&head, t->event[i], sizeof(head));
		assert_in_range(pipeline_bytes(w.pipeline, t->event[i], t->size[i]), 0, 1);
		if (!pipeline_over(w.pipeline))
			pipeline_tick(w.pipeline, head.time_ns);
	}
	assert_int_equal(pipeline_over(w.pipeline), count > 0);
	works_end(&w);
	if (count)
		assert_int_equal(pipeline_totals(w.pipeline)->incidents, count);
	netns = pipeline_totals(w.pipeline)->netns;
	while ((row = netns_totals_next(netns, row)))
		sum += row->recorded;
	works_close(&w);
	return sum;
}

/* The kernel's counters have the RSTs that come after the last record that is shown, too. */
static void enough_and_all_counted(void **state)
{
	struct tape *t = tape_of("tests/data/haproxy.rec");
	uint64_t all = recorded(t, 0);

	assert_true(all > 1);
	assert_int_equal(recorded(t, 1), all);
	tape_free(t);
}

/* The first sink that fails ends the run, and is named. */
static void a_sink_that_fails(void **state)
{
	struct tape *t = tape_of("tests/data/closed-port.rec");
	struct works w;

	works_open(&w, t, 0);
	w.sinks.one[2] = (struct sink){ .ops = &sink_json, .out = fopen("/dev/full", "w"), .path = "full" };
	assert_non_null(w.sinks.one[2].out);
	w.sinks.n = 3;
	assert_int_equal(feed(&w, t), 0);
	pipeline_finish(w.pipeline);
	assert_int_equal(w.sinks.err, 0);	/* still in the buffer */
	sinks_flush(&w.sinks);
	assert_int_equal(w.sinks.err, -ENOSPC);
	assert_string_equal(w.sinks.failed, "full");
	assert_true(pipeline_over(w.pipeline));
	sinks_end(&w.sinks, pipeline_totals(w.pipeline));
	assert_null(strstr(w.text[0], "\"type\":\"end\""));
	works_close(&w);
	tape_free(t);
}

/* What a rule covers is in no sink, and counted: under the rule, not under the filters. */
static void suppressed(void **state)
{
	struct tape *t = tape_of("tests/data/closed-port.rec");
	struct works all, w;

	works_open(&all, t, 0);
	assert_int_equal(feed(&all, t), 0);
	works_end(&all);
	works_open(&w, t, 0);
	assert_int_equal(suppress_add(&w.suppress, "cause=linger-zero"), 0);
	assert_int_equal(suppress_add(&w.suppress, "cause=closed-port,port=1"), 0);
	assert_int_equal(suppress_add(&w.suppress, "cause=closed-port"), 0);
	assert_int_equal(feed(&w, t), 0);
	works_end(&w);
	fflush(w.sinks.one[0].out);
	assert_true(pipeline_totals(all.pipeline)->incidents > 0);
	assert_int_equal(pipeline_totals(w.pipeline)->incidents, 0);
	assert_int_equal(pipeline_totals(w.pipeline)->suppressed, 0);
	assert_int_equal(w.suppress.counts.row[0].count + w.suppress.counts.row[1].count, 0);
	assert_int_equal(w.suppress.counts.row[2].count, pipeline_totals(all.pipeline)->incidents);
	/* the end line is the only one */
	assert_ptr_equal(strstr(w.text[0], "{\"schema\":\"rsttrace/1\",\"type\":\"end\""), w.text[0]);
	assert_non_null(strstr(w.text[0], "\"suppressed_by_rule\":{\"cause=linger-zero\":0,"));
	works_close(&w);
	works_close(&all);
	tape_free(t);
}

static void tell(struct works *w, enum rst_event_type type, uint64_t us, pid_t pid, pid_t child)
{
	struct rst_event ev = event_at(type, us);
	struct bytes b;

	event_task(&ev, pid, "sh");
	ev.child = child;
	b = section_bytes(&ev, 0);
	assert_int_equal(pipeline_bytes(w->pipeline, b.data, b.size), 0);
}

/*
 * Forks and ends of followed processes, as the kernel side tells them; it tells none of other
 * processes.
 */
static void forks_and_ends(void **state)
{
	struct tape *t = tape_of("tests/data/closed-port.rec");
	uint64_t later = FOLLOW_ENDED_NS / 1000;
	struct works w;

	works_open(&w, t, 0);
	tell(&w, EV_FORK, 1, 100, 101);		/* from a recording, which is shown whole */
	assert_int_equal(pipeline_tick(w.pipeline, UINT64_MAX - 1), 0);
	assert_false(w.filter.follow);
	assert_int_equal(filter_follow(&w.filter, 100), 0);
	tell(&w, EV_FORK, 10, 100, 101);
	tell(&w, EV_FORK, 20, 102, 103);	/* the event of the birth of 102 was lost */
	tell(&w, EV_EXIT, 30, 103, 0);
	tell(&w, EV_EXIT, 30 + later, 102, 0);
	assert_int_equal(pipeline_tick(w.pipeline, UINT64_MAX - 1), 0);
	assert_true(filter_follows(&w.filter, 101));
	assert_true(filter_follows(&w.filter, 102));
	assert_false(filter_follows(&w.filter, 103));
	works_end(&w);
	works_close(&w);
	tape_free(t);
}

static void modules_and_nonsense(void **state)
{
	struct tape *t = tape_of("tests/data/closed-port.rec");
	struct rst_event *ev = (struct rst_event *)t->event[0];
	uint8_t type = ev->type;
	struct works w;

	works_open(&w, t, 0);
	ev->type = EV_TYPE_MAX;		/* from a newer writer: ignored */
	assert_int_equal(pipeline_bytes(w.pipeline, ev, t->size[0]), 0);
	ev->type = EV_MODULE;
	assert_int_equal(pipeline_bytes(w.pipeline, ev, t->size[0]), 0);
	assert_int_equal(w.modules, 1);
	ev->type = type;
	assert_int_equal(pipeline_bytes(w.pipeline, ev, 3), -EPROTO);
	assert_int_equal(pipeline_totals(w.pipeline)->events, 0);
	works_end(&w);
	works_close(&w);
	tape_free(t);
}

static void names_for_everybody(void *ctx, struct endpoint *ep)
{
	int *asked = ctx;

	if (ep->pid == UNKNOWN)
		return;
	/* the host does not know every process, and forgets */
	if (++*asked % 3 == 0)
		return;
	snprintf(ep->process, sizeof(ep->process), "p%u", (unsigned int)ep->pid);
	snprintf(ep->exe, sizeof(ep->exe), "/usr/bin/p%d", *asked);
	snprintf(ep->unit, sizeof(ep->unit), "p.service");
	memset(ep->cgroup, 'g', sizeof(ep->cgroup) - 1);
}

/* A run over the tape, or over what it recorded: returns its records, to be freed. */
static char *run_of(const struct tape *t, bool replay, FILE *record)
{
	static const struct pipeline_ops outside = { .resolve = names_for_everybody };
	struct filter filter = { .n_causes = 0 };
	struct sinks sinks = { .n = record ? 2 : 1 };
	const struct pipeline_config cfg = { .meta = &t->source->meta, .filter = &filter, .sinks = &sinks,
					     .settle_ns = 300000000, .replay = replay };
	struct pipeline *p;
	char *text, *end;
	size_t len;
	int asked = 0;

	sinks.one[0] = (struct sink){ .ops = &sink_json, .out = open_memstream(&text, &len) };
	sinks.one[1] = (struct sink){ .ops = &sink_record, .out = record };
	p = pipeline_new(&cfg, &outside, &asked);
	assert_non_null(p);
	sinks_begin(&sinks, &t->source->meta);
	for (int i = 0; i < t->n; i++)
		assert_int_equal(pipeline_bytes(p, t->event[i], t->size[i]), 0);
	assert_int_equal(pipeline_finish(p), 0);
	sinks_end(&sinks, pipeline_totals(p));
	assert_int_equal(sinks.err, 0);
	pipeline_free(p);
	fclose(sinks.one[0].out);
	end = strstr(text, "{\"schema\":\"rsttrace/1\",\"type\":\"end\"");
	assert_non_null(end);
	*end = '\0';
	return text;
}

/* What the host answered during a run is in the recording: its replay says the same. */
static void looked_up_once(void **state)
{
	static const char *const cases[] = { "closed-port", "close-with-unread", "write-first", "epipe-default" };

	for (size_t i = 0; i < N(cases); i++) {
		char path[64], kept[] = "/tmp/test_pipeline.XXXXXX";
		struct tape *live, *again;
		char *was, *is;
		FILE *record;

		snprintf(path, sizeof(path), "tests/data/%s.rec", cases[i]);
		live = tape_of(path);
		record = fdopen(mkstemp(kept), "w");
		assert_non_null(record);
		was = run_of(live, false, record);
		fclose(record);
		assert_non_null(strstr(was, "_exe\":\"/usr/bin/p"));
		assert_non_null(strstr(was, "_process\":\"p"));
		again = tape_of(kept);
		unlink(kept);
		assert_true(again->n > live->n);
		is = run_of(again, true, NULL);
		assert_string_equal(is, was);
		free(was);
		free(is);
		tape_free(live);
		tape_free(again);
	}
}

/* Numbers that seem random, but are the same in every run. */
static uint32_t draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void is_json_lines(const char *text)
{
	size_t n;

	for (; *text; text += n + 1) {
		json_t *line;

		n = strcspn(text, "\n");
		assert_int_equal(text[n], '\n');
		line = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
		assert_true(json_is_object(line));
		json_decref(line);
	}
}

/*
 * Bits flipped anywhere in what the kernel or a file delivers: the output stays JSON, and memory
 * intact.
 */
static void bits_turned_over(void **state)
{
	uint32_t seed = 7;
	glob_t found;

	assert_int_equal(glob("tests/data/*.rec", 0, NULL, &found), 0);
	for (size_t f = 0; f < found.gl_pathc; f++) {
		struct tape *t = tape_of(found.gl_pathv[f]);
		struct works w;

		works_open(&w, t, 0);
		for (int round = 0; round < 20; round++)
			for (int i = 0; i < t->n; i++) {
				uint8_t bytes[MAX_EVENT];
				size_t size = draw(&seed) % 16 ? t->size[i] : draw(&seed) % t->size[i];

				memcpy(bytes, t->event[i], sizeof(bytes));
				for (int k = draw(&seed) % 4; k && size > 24; k--)
					bytes[8 + draw(&seed) % (size - 8)] ^= 1 << draw(&seed) % 8;
				pipeline_bytes(w.pipeline, bytes, size);
			}
		works_end(&w);
		is_json_lines(w.text[0]);
		works_close(&w);
		tape_free(t);
	}
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_sinks_at_once),
		cmocka_unit_test(enough),
		cmocka_unit_test(enough_and_all_counted),
		cmocka_unit_test(a_sink_that_fails),
		cmocka_unit_test(suppressed),
		cmocka_unit_test(forks_and_ends),
		cmocka_unit_test(modules_and_nonsense),
		cmocka_unit_test(looked_up_once),
		cmocka_unit_test(bits_turned_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
