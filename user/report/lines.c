/* SPDX-License-Identifier: GPL-2.0 */
#include "report/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct lines {
	struct record_reader *reader;
	struct lines_ops ops;
	void *ctx;
	struct record_line line;
	uint64_t number, offset;	/* of the line that is being read */
	uint64_t passed;		/* how many bytes of it have come */
	char *part;			/* the bytes of a line whose end has not come */
	size_t len, room;
	bool too_long;			/* the rest of this line is skipped */
};

struct lines *lines_new(const struct lines_ops *ops, void *ctx)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->ops = *ops;
	l->ctx = ctx;
	l->number = 1;
	l->reader = record_reader_new();
	if (l->reader)
		return l;
	lines_free(l);
	return NULL;
}

void lines_free(struct lines *l)
{
	if (!l)
		return;
	record_reader_free(l->reader);
	free(l->part);
	free(l);
}

static void tell_bad(struct lines *l, size_t at, const char *why)
{
	const struct bad_line b = { l->number, l->offset + at, why };

	l->ops.bad(l->ctx, &b);
}

static int take_line(struct lines *l, const char *line, size_t n)
{
	if (!n)
		return 0;
	switch (record_read(l->reader, &l->line, line, n)) {
	case LINE_INCIDENT:
		return l->ops.incident(l->ctx, &l->line.inc);
	case LINE_END:
		l->ops.end(l->ctx, &l->line.end);
		return 0;
	case LINE_CHECK:
		return l->ops.check ? l->ops.check(l->ctx, &l->line.check) : 0;
	case LINE_OTHER:
		return 0;
	case LINE_WRONG:
		break;
	}
	tell_bad(l, l->line.at, l->line.why);
	return 0;
}

/* Keeps the beginning of a line whose end has not come. */
static int keep(struct lines *l, const char *data, size_t n)
{
	char *more;

	if (l->too_long || !n)
		return 0;
	if (l->len + n > MAX_LINE_BYTES) {
		l->too_long = true;
		tell_bad(l, 0, "the line is longer than any record");
		return 0;
	}
	if (l->len + n > l->room) {
		size_t room = 2 * (l->len + n);

		more = realloc(l->part, room);
		if (!more)
			return -ENOMEM;
		l->part = more;
		l->room = room;
	}
	memcpy(l->part + l->len, data, n);
	l->len += n;
	return 0;
}

/* Reads the line that ends with these n bytes. */
static int end_line(struct lines *l, const char *data, size_t n, uint64_t bytes)
{
	int err = 0;

	if (l->len) {
		err = keep(l, data, n);
		data = l->part;
		n = l->len;
	}
	if (!err && !l->too_long)
		err = take_line(l, data, n);
	l->offset += bytes;
	l->number++;
	l->len = 0;
	l->too_long = false;
	return err;
}

int lines_bytes(struct lines *l, const char *data, size_t n)
{
	const char *newline;
	int err = 0;

	while (!err && (newline = memchr(data, '\n', n))) {
		size_t len = newline - data;

		err = end_line(l, data, len, l->passed + len + 1);
		l->passed = 0;
		data += len + 1;
		n -= len + 1;
	}
	l->passed += n;
	return err ?: keep(l, data, n);
}

int lines_end(struct lines *l)
{
	return l->passed ? end_line(l, "", 0, l->passed) : 0;
}
