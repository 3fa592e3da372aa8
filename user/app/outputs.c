/* SPDX-License-Identifier: GPL-2.0 */
#include "app/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "output/sink_journal.h"
#include "page/sink_html.h"
#include "top/top.h"

#define BUFFER 65536

/* What is written besides the records on standard output, or in the file of --output. */
static const struct output {
	size_t path;	/* offset of the option's member, the file's path; NULL there: not asked for */
	const struct sink_ops *ops;
	bool shared;		/* made to be handed on, so its mode is the umask's to say */
} outputs[] = {
	{ offsetof(struct options, html), &sink_html, true },
	{ offsetof(struct options, json_file), &sink_json, false },
	{ offsetof(struct options, junit), &sink_junit, true },
	{ offsetof(struct options, pcapng), &sink_pcapng, false },
	{ offsetof(struct options, record), &sink_record, false },
};

_Static_assert(3 + sizeof(outputs) / sizeof(outputs[0]) <= MAX_SINKS, "room for these, records, the journal and metrics");

FILE *output_create(const char *path, bool shared, bool append)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), shared ? 0666 : 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, append ? "a" : "w");

	if (fd >= 0 && !f)
		close(fd);
	return f;
}

/* Whether the output can go on in a new file: only if it begins with no header. */
static bool reopens(const struct sink *s)
{
	return s->path && s->out && !s->ops->begin;
}

static bool same_file(const struct sink *a, const struct sink *b)
{
	struct stat x, y;

	return a->out && b->out && !fstat(fileno(a->out), &x) && !fstat(fileno(b->out), &y) && S_ISREG(x.st_mode) &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool colored(const struct sink *s, const struct options *o)
{
	return o->color == COLOR_ALWAYS ||
	       (o->color == COLOR_AUTO && isatty(fileno(s->out)) && !getenv("NO_COLOR"));
}

/* Adds one; path NULL is standard output. */
static int add(struct sinks *s, const struct sink_ops *ops, const char *path, bool shared,
	       const struct options *o, char *why, size_t len)
{
	struct sink *new = &s->one[s->n];

	*new = (struct sink){ .ops = ops, .path = path, .verbose = o->verbose,
			      .runs = !o->verbose && !o->all, .hold_ns = o->settle_ms * 1000000ULL };
	new->out = path ? output_create(path, shared, o->append && !ops->begin) : stdout;
	if (!new->out) {
		snprintf(why, len, "cannot write %s: %s", path, strerror(errno));
		return -1;
	}
	new->color = colored(new, o);
	/* a large buffer: the loop flushes it at each step, so in a storm writes are few */
	setvbuf(new->out, NULL, _IOFBF, BUFFER);
	s->n++;
	for (const struct sink *other = s->one; other < new; other++)
		if (same_file(other, new)) {
			snprintf(why, len, "cannot write %s: it is the file of another output too", path);
			return -1;
		}
	return 0;
}

int outputs_open(struct sinks *s, const struct options *o, char *why, size_t len)
{
	const struct sink_ops *first = o->mode == MODE_TOP ? &sink_top : o->json ? &sink_json : &sink_text;
	/* with a journal nothing is left for standard output, which a service has the journal on, too */
	bool only_others = o->capture_only || (o->journal && !o->output && !o->json && o->mode != MODE_TOP);
	int err = only_others ? 0 : add(s, first, o->output, false, o, why, len);

	if (!err && o->journal)
		s->one[s->n++] = (struct sink){ .ops = &sink_journal, .path = JOURNAL_SOCKET };

	for (size_t i = 0; !err && i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		const char *path = *(const char *const *)((const char *)o + outputs[i].path);

		if (path)
			err = add(s, outputs[i].ops, path, outputs[i].shared, o, why, len);
	}
	return err;
}

void outputs_reopen(struct sinks *s)
{
	for (int i = 0; i < s->n; i++) {
		struct sink *one = &s->one[i];
		FILE *f;

		if (!reopens(one))
			continue;
		f = output_create(one->path, false, true);	/* no shared one can be reopened */
		if (!f) {
			say("cannot reopen %s: %s; going on with the old file", one->path, strerror(errno));
			continue;
		}
		fclose(one->out);
		one->out = f;
	}
}

void outputs_close(struct sinks *s)
{
	for (int i = 0; i < s->n; i++) {
		struct sink *one = &s->one[i];

		if (one->ops->free)
			one->ops->free(one);
		if (one->path && one->out)
			fclose(one->out);
	}
	s->n = 0;
}
