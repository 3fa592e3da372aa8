/* SPDX-License-Identifier: GPL-2.0 */
#include "app/report_files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/pipeline.h"
#include "events/recording.h"
#include "host/clock.h"
#include "incident/format.h"
#include "report/input.h"

#define CHUNK (256 * 1024)
#define NS_PER_MS 1000000ULL
#define SHOW_EVERY_MS 100

/* ---- progress ---- */

static void show_progress(struct report_files *f, const struct input *in)
{
	uint64_t now = clock_mono_ns(), size = input_size(in);
	char count[32], path[1024];

	if (f->o->quiet || !isatty(STDERR_FILENO) || now - f->shown_ns < SHOW_EVERY_MS * NS_PER_MS)
		return;
	f->shown_ns = now;
	fprintf(stderr, "\r\033[K%s", fmt_escape(path, sizeof(path), f->path, sizeof(path)));
	if (size)
		fprintf(stderr, "  %u %%", (unsigned int)(100 * input_done(in) / size));
	fprintf(stderr, "  %s records", fmt_count(count, sizeof(count), f->records));
}

/* Clears the progress line, so that a message does not follow it on the same line. */
static void clear_progress(struct report_files *f)
{
	if (f->shown_ns)
		fputs("\r\033[K", stderr);
	f->shown_ns = 0;
}

/* ---- damage ---- */

static void tell(struct report_files *f, const char *what)
{
	if (f->again)
		return;
	clear_progress(f);
	say("%s", what);
}

/* Messages are printed at the end of the file: one without any record gets a single line. */
static void on_bad_line(void *ctx, const struct bad_line *b)
{
	struct report_files *f = ctx;

	if (f->bad_lines < BAD_LINES_SHOWN)
		f->bad[f->bad_lines] = *b;
	f->bad_lines++;
}

static void tell_bad_lines(struct report_files *f)
{
	uint64_t shown = f->bad_lines < BAD_LINES_SHOWN ? f->bad_lines : BAD_LINES_SHOWN;
	char what[1024];

	if (f->bad_lines && !f->good_lines) {
		snprintf(what, sizeof(what), "%s: there is no record of rsttrace in it; line %" PRIu64
			 ", byte %" PRIu64 ": %s", f->path, f->bad[0].line, f->bad[0].offset, f->bad[0].why);
		tell(f, what);
		return;
	}
	for (uint64_t i = 0; i < shown; i++) {
		snprintf(what, sizeof(what), "%s: line %" PRIu64 " is left out: byte %" PRIu64 ": %s",
			 f->path, f->bad[i].line, f->bad[i].offset, f->bad[i].why);
		tell(f, what);
	}
	if (f->bad_lines == shown)
		return;
	snprintf(what, sizeof(what), "%s: %" PRIu64 " more lines are left out", f->path,
		 f->bad_lines - shown);
	tell(f, what);
}

static void tell_broken(struct report_files *f, const struct input *in)
{
	uint64_t offset;
	const char *why = input_wrong(in, &offset);
	char what[1024];

	snprintf(what, sizeof(what), "%s: %s at byte %" PRIu64 "; what came before it is counted", f->path,
		 why, offset);
	tell(f, what);
}

/* ---- lines ---- */

static int on_incident(void *ctx, const struct incident *inc)
{
	struct report_files *f = ctx;

	f->records++;
	f->good_lines++;
	return f->incident(f->ctx, inc);
}

static void on_end(void *ctx, const struct line_end *end)
{
	struct report_files *f = ctx;

	f->good_lines++;
	f->end(f->ctx, end);
}

static int on_check(void *ctx, const struct line_check *check)
{
	struct report_files *f = ctx;

	f->good_lines++;
	return f->check ? f->check(f->ctx, check) : 0;
}

/* *good is false when the file could not be read in full. */
static int read_lines(struct report_files *f, struct input *in, bool *good)
{
	static const struct lines_ops ops = { on_incident, on_end, on_bad_line, on_check };
	struct lines *l = lines_new(&ops, f);
	char *buf = malloc(CHUNK);
	int err = l && buf ? 0 : -ENOMEM;
	ssize_t n = 0;

	while (!err && (n = input_read(in, buf, CHUNK)) > 0) {
		err = lines_bytes(l, buf, n);
		show_progress(f, in);
	}
	if (n < 0) {
		*good = false;
		tell_broken(f, in);
	} else if (!err) {
		err = lines_end(l);
	}
	tell_bad_lines(f);
	*good = *good && !f->bad_lines;
	free(buf);
	lines_free(l);
	return err;
}

/* ---- recordings ---- */

/* A replay whose only sink is the report. */
struct replay {
	struct report_files *files;
	struct pipeline *pipeline;
	int err;		/* of the report */
};

static int replay_incident(struct sink *s, const struct incident *inc)
{
	struct replay *r = s->state;

	r->err = on_incident(r->files, inc);
	return r->err;
}

static const struct sink_ops replay_ops = { .incident = replay_incident };

static int replay_bytes(void *ctx, const void *data, size_t size)
{
	return pipeline_bytes(((struct replay *)ctx)->pipeline, data, size);
}

static int run_replay(struct report_files *f, struct source *source, struct replay *r)
{
	struct sinks sinks = { .n = 1, .one[0] = { .ops = &replay_ops, .state = r, .meta = &source->meta } };
	struct filter all = {};
	const struct pipeline_config cfg = {
		.meta = &source->meta, .filter = &all, .sinks = &sinks,
		.settle_ns = f->o->settle_ms * NS_PER_MS, .replay = true,
	};
	int err;

	r->pipeline = pipeline_new(&cfg, &(const struct pipeline_ops){ }, NULL);
	if (!r->pipeline)
		return -ENOMEM;
	do
		err = source->ops->take(source);
	while (err >= 0 && !r->err);
	if (!r->err && pipeline_finish(r->pipeline))
		r->err = -ENOMEM;
	pipeline_free(r->pipeline);
	return r->err ?: err;
}

/* A recording says what host and kernel it is of. */
static struct line_check check_of(const struct source_meta *meta)
{
	struct line_check check = {};

	snprintf(check.host, sizeof(check.host), "%s", meta->host);
	snprintf(check.kernel, sizeof(check.kernel), "%s", meta->release);
	return check;
}

/* The input is closed with the stream. */
static int read_recording(struct report_files *f, struct input *in, bool *good)
{
	struct replay r = { .files = f };
	struct line_check check;
	struct source *source;
	FILE *stream = input_stream(in);
	char why[sizeof(source->why) + 64];
	int err;

	if (!stream) {
		input_close(in);
		return -ENOMEM;
	}
	if (source_stream(&source, stream, f->path, replay_bytes, &r, why, sizeof(why))) {
		*good = false;
		tell(f, why);
		return 0;
	}
	check = check_of(&source->meta);
	if (f->check)
		r.err = f->check(f->ctx, &check);
	err = r.err ?: run_replay(f, source, &r);
	if (source->why[0]) {
		snprintf(why, sizeof(why), "%s; what came before it is counted", source->why);
		tell(f, why);
	}
	source->ops->close(source);
	if (err == -ENOMEM || r.err)
		return err;
	*good = err == -ENODATA;
	return 0;
}

/* ---- files ---- */

static int read_file(struct report_files *f, const char *path)
{
	char why[1024];
	struct input *in = input_open(path, why, sizeof(why));
	bool good = in;
	int err = 0;

	f->path = path;
	f->bad_lines = f->good_lines = 0;
	f->read++;
	if (!in) {
		tell(f, why);
	} else if (input_begins(in, RECORDING_MAGIC)) {
		err = read_recording(f, in, &good);
	} else {
		err = read_lines(f, in, &good);
		input_close(in);
	}
	f->damaged += !good;
	clear_progress(f);
	return err;
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.' && d->d_type != DT_DIR;
}

static int read_directory(struct report_files *f, const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, is_visible, alphasort), err = 0;

	if (n < 0)
		return read_file(f, path);	/* prints the error */
	for (int i = 0; i < n; i++) {
		char *file = NULL;

		if (!err)
			err = asprintf(&file, "%s/%s", path, names[i]->d_name) < 0 ? -ENOMEM : read_file(f, file);
		free(file);
		free(names[i]);
	}
	free(names);
	return err;
}

int report_files_read(struct report_files *f, const char *path)
{
	struct stat st;

	return stat(path, &st) || !S_ISDIR(st.st_mode) ? read_file(f, path) : read_directory(f, path);
}
