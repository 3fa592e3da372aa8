/* SPDX-License-Identifier: GPL-2.0 */
#include "app/outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *name_of(const struct output *o)
{
	return o->path ?: "standard output";
}

/* Adds one; path NULL is standard output. */
static int add(struct outputs *o, const struct sink_ops *ops, const char *path, char *why, size_t len)
{
	FILE *f = path ? fopen(path, "we") : stdout;

	if (!f) {
		snprintf(why, len, "cannot write %s: %s", path, strerror(errno));
		return -1;
	}
	o->one[o->n++] = (struct output){ .sink = { .ops = ops, .out = f }, .path = path };
	return 0;
}

static int add_records(struct outputs *o, const struct options *opt, char *why, size_t len)
{
	struct output *out = &o->one[o->n];

	if (add(o, opt->json ? &sink_json : &sink_text, opt->output, why, len))
		return -1;
	out->reopens = opt->output;
	out->sink.verbose = opt->verbose;
	out->sink.color = opt->color == COLOR_ALWAYS ||
			  (opt->color == COLOR_AUTO && isatty(fileno(out->sink.out)) &&
			   !getenv("NO_COLOR"));
	return 0;
}

int outputs_open(struct outputs *o, const struct options *opt, char *why, size_t len)
{
	if (!opt->capture_only && add_records(o, opt, why, len))
		return -1;
	return opt->pcapng ? add(o, &sink_pcapng, opt->pcapng, why, len) : 0;
}

static void failed(struct outputs *o, const struct output *out, int err)
{
	if (!err || o->err)
		return;
	o->err = err;
	o->failed = name_of(out);
}

void outputs_begin(struct outputs *o, const struct source_meta *meta)
{
	for (int i = 0; i < o->n; i++) {
		struct sink *s = &o->one[i].sink;

		s->meta = meta;
		if (s->ops->begin)
			failed(o, &o->one[i], s->ops->begin(s));
	}
	outputs_flush(o);
}

void outputs_incident(struct outputs *o, const struct incident *inc)
{
	for (int i = 0; i < o->n && !o->err; i++)
		failed(o, &o->one[i], o->one[i].sink.ops->incident(&o->one[i].sink, inc));
}

void outputs_event(struct outputs *o, const struct rst_event *ev, const char *reason)
{
	for (int i = 0; i < o->n && !o->err; i++)
		if (o->one[i].sink.ops->event)
			failed(o, &o->one[i], o->one[i].sink.ops->event(&o->one[i].sink, ev, reason));
}

void outputs_end(struct outputs *o, const struct totals *t)
{
	for (int i = 0; i < o->n && !o->err; i++)
		if (o->one[i].sink.ops->end)
			failed(o, &o->one[i], o->one[i].sink.ops->end(&o->one[i].sink, t));
	outputs_flush(o);
}

void outputs_flush(struct outputs *o)
{
	for (int i = 0; i < o->n && !o->err; i++)
		failed(o, &o->one[i], sink_flush(&o->one[i].sink));
}

void outputs_reopen(struct outputs *o)
{
	for (int i = 0; i < o->n; i++) {
		struct output *out = &o->one[i];
		FILE *f;

		if (!out->reopens)
			continue;
		f = fopen(out->path, "ae");
		if (!f) {
			fprintf(stderr, "rsttrace: cannot reopen %s: %s; going on with the old file\n",
				out->path, strerror(errno));
			continue;
		}
		fclose(out->sink.out);
		out->sink.out = f;
	}
}

void outputs_close(struct outputs *o)
{
	for (int i = 0; i < o->n; i++) {
		struct output *out = &o->one[i];

		if (out->sink.ops->free)
			out->sink.ops->free(&out->sink);
		if (out->path)
			fclose(out->sink.out);
	}
	o->n = 0;
}
