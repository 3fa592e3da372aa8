/* SPDX-License-Identifier: GPL-2.0 */
#include "app/report_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/filter.h"
#include "app/outputs.h"
#include "app/report_files.h"
#include "base/escape.h"
#include "host/clock.h"
#include "output/sink_pcapng.h"
#include "page/page.h"
#include "report/print.h"

#define NS_PER_S 1000000000LL
#define NS_PER_DAY (86400 * NS_PER_S)
#define DEFAULT_TOP 20
#define DEFAULT_SKEW_S 30
#define DEFAULT_KEEP 4000000

static bool is_wanted(void *ctx, const struct incident *inc)
{
	return filter_incident(ctx, inc);
}

static int to_report(void *ctx, const struct incident *inc)
{
	return report_incident(ctx, inc);
}

static int to_kernels(void *ctx, const struct line_check *check)
{
	return report_check(ctx, check);
}

static void end_of_run(void *ctx, const struct line_end *end)
{
	report_end(ctx, end);
}

/* A question stands for some of the other options. */
static void apply_question(struct options *o, const struct question *q)
{
	o->report.by = q->by;
	if (q->hurt)
		o->filter.outcomes = 1u << OUTCOME_ERROR | 1u << OUTCOME_EOF;
	while (o->filter.n_causes < MAX_QUESTION_CAUSES && q->cause[o->filter.n_causes]) {
		o->filter.cause[o->filter.n_causes] = q->cause[o->filter.n_causes];
		o->filter.n_causes++;
	}
}

/* The same files of two times: from --since (a day ago) to --until (now), and as long before. */
static void compare_times(const struct options *o, struct options times[2])
{
	int64_t now = clock_ns(CLOCK_REALTIME), until = o->report.until_ns ?: now;
	int64_t since = o->report.since_ns ?: until - NS_PER_DAY;

	times[0] = times[1] = *o;
	times[1].report.since_ns = times[0].report.until_ns = since;
	times[1].report.until_ns = until;
	times[0].report.since_ns = 2 * since - until;
}

/* Makes one report of some files, and adds to the counts of files read. NULL: out of memory. */
static struct report *make_report(const struct options *o, struct strings *strings, char **paths,
				  size_t n, struct report_files *f)
{
	const struct report_options *ro = &o->report;
	const struct report_config cfg = {
		.by = ro->by, .strings = strings,
		.since_ns = ro->since_ns ?: INT64_MIN, .until_ns = ro->until_ns ?: INT64_MAX,
		.skew_ns = (ro->skew_s ?: DEFAULT_SKEW_S) * NS_PER_S, .keep = ro->keep ?: DEFAULT_KEEP,
		.wanted = is_wanted, .ctx = (void *)&o->filter,
	};
	struct report *r = report_new(&cfg);
	int err = r ? 0 : -ENOMEM;

	f->incident = to_report;
	f->end = end_of_run;
	f->check = to_kernels;
	f->ctx = r;
	for (size_t i = 0; !err && i < n; i++)
		err = report_files_read(f, paths[i]);
	if (!err)
		err = report_finish(r);
	if (!err)
		return r;
	report_free(r);
	return NULL;
}

/* ---- the capture file, for which the files are read again ---- */

struct capture {
	const struct report *report;
	struct sink sink;
	uint64_t packets;
};

/* Only the last revision of each incident; both records of a RST get the packet id of the sending. */
static int to_capture(void *ctx, const struct incident *inc)
{
	struct capture *c = ctx;
	const struct store *store = report_store(c->report);
	struct entry *e = store_find(store, incident_number(inc));
	const struct entry *sent;

	if (!e || e->written || e->rev != inc->rev)
		return 0;
	sent = e->partner && !(e->flags & ENTRY_SENT) ? store_at(store, e->partner - 1) : e;
	if (!entry_counts(store, sent))
		return 0;
	e->written = true;
	c->packets++;
	return sink_pcapng_put(&c->sink, inc, sent->id);
}

static void no_end(void *ctx, const struct line_end *end)
{
	(void)ctx;
	(void)end;
}

static int write_packets(struct capture *c, const struct options *o)
{
	const struct report_totals *t = report_totals(c->report);
	struct report_files f = { .o = o, .incident = to_capture, .end = no_end, .ctx = c, .again = true };
	struct totals totals = { .suppressed = t->hidden + t->suppressed, .lost = t->lost, .missed = t->missed };
	int err = c->sink.ops->begin(&c->sink);

	for (int i = 0; !err && i < o->report.n_files; i++)
		err = report_files_read(&f, o->report.files[i]);
	totals.incidents = c->packets;
	err = err ?: c->sink.ops->end(&c->sink, &totals);
	err = err ?: sink_flush(&c->sink);
	c->sink.ops->free(&c->sink);
	return err;
}

static int write_capture(const struct options *o, const struct report *r)
{
	struct capture c = { .report = r, .sink = { .ops = &sink_pcapng } };
	int err;

	c.sink.out = output_create(o->pcapng, false, false);
	err = c.sink.out ? write_packets(&c, o) : -errno;
	if (c.sink.out && fclose(c.sink.out) && !err)
		err = -errno;
	if (err)
		say("cannot write %s: %s", o->pcapng, strerror(-err));
	return err;
}

/* ---- the page, for which the files are read again, too ---- */

static int to_page(void *ctx, const struct incident *inc)
{
	return page_incident(ctx, inc);
}

static int write_page(const struct options *o, const struct report_files *read, const struct report *r)
{
	const struct page_config cfg = { .report = r, .among = SIZE_MAX, .files = read->read,
					 .damaged = read->damaged };
	struct page *p = page_new(&cfg);
	struct report_files f = { .o = o, .incident = to_page, .end = no_end, .ctx = p, .again = true };
	FILE *out = output_create(o->html, true, false);
	int err = !p ? -ENOMEM : !out ? -errno : 0;

	for (int i = 0; !err && i < o->report.n_files; i++)
		err = report_files_read(&f, o->report.files[i]);
	err = err ?: page_write(p, out);
	if (out && fclose(out) && !err)
		err = -errno;
	if (err)
		say("cannot write %s: %s", o->html, strerror(-err));
	page_free(p);
	return err;
}

/* ---- the run ---- */

static int print(const struct options *o, const struct report_files *f, struct report *const r[2])
{
	const struct report_print p = {
		.out = stdout, .json = o->json, .top = o->report.top ?: DEFAULT_TOP,
		.files = f->read, .damaged = f->damaged,
	};
	int err = r[1] ? report_compare(&p, r[0], r[1]) : report_print(&p, r[0]);

	if (err && err != -EPIPE)
		say("cannot write standard output: %s", strerror(-err));
	return err == -EPIPE ? 0 : err;
}

/* One report, or two to be compared. False: out of memory. */
static bool make_reports(const struct options *o, struct strings *strings, struct report_files *f,
			 struct report *r[2])
{
	char **files = o->report.files;
	struct options times[2];

	if (o->report.compare) {
		r[0] = make_report(o, strings, files, 1, f);
		r[1] = r[0] ? make_report(o, strings, files + 1, 1, f) : NULL;
		return r[1];
	}
	if (!o->report.ask || !o->report.ask->compare) {
		r[0] = make_report(o, strings, files, o->report.n_files, f);
		return r[0];
	}
	compare_times(o, times);
	r[0] = make_report(&times[0], strings, files, o->report.n_files, f);
	f->again = true;
	r[1] = r[0] ? make_report(&times[1], strings, files, o->report.n_files, f) : NULL;
	return r[1];
}

static int run(const struct options *o, struct strings *strings)
{
	struct report_files f = { .o = o };
	struct report *r[2] = {};
	int err = 0;

	if (!make_reports(o, strings, &f, r)) {
		say("out of memory: fewer incidents are kept with --keep");
		err = -ENOMEM;
	}
	err = err ?: print(o, &f, r);
	if (!err && o->pcapng)
		err = write_capture(o, r[0]);
	if (!err && o->html)
		err = write_page(o, &f, r[0]);
	report_free(r[0]);
	report_free(r[1]);
	return err || f.damaged ? EXIT_FAILURE : EXIT_SUCCESS;
}

int report_run(const struct options *given)
{
	struct strings *strings = strings_new();
	struct options o = *given;
	int status = EXIT_FAILURE;

	if (o.report.ask)
		apply_question(&o, o.report.ask);
	if (strings)
		status = run(&o, strings);
	else
		say("out of memory");
	strings_free(strings);
	return status;
}
