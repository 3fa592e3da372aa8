/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/explain_message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cause/paragraph.h"

static const char *const callers[] = {
	[WAY_ANY] = "a call", [WAY_READ] = "a read (read, recv, recvmsg)",
	[WAY_WRITE] = "a write (write, send, sendmsg)", [WAY_CONNECT] = "connect()",
	[WAY_EOF] = "a read", [WAY_TIMEOUT] = "no call",
};

_Static_assert(ARRAY_SIZE(callers) == WAY_MAX, "a caller for every way");

const char *meaning_call(const struct meaning *m, char buf[MEANING_TEXT_MAX])
{
	const char *caller = callers[m->way];

	if (m->err)
		snprintf(buf, MEANING_TEXT_MAX, "%s failed with %s (%d, %s)%s", caller,
			 strerrorname_np(m->err), m->err, strerrordesc_np(m->err),
			 m->err == EPIPE ? ": the connection was over before this call" : "");
	else if (m->way == WAY_EOF)
		snprintf(buf, MEANING_TEXT_MAX, "%s returned 0, the end of the stream: the other end's "
			 "FIN, or a reset whose error was given out or swallowed before", caller);
	else if (m->way == WAY_TIMEOUT)
		snprintf(buf, MEANING_TEXT_MAX, "%s failed: a timer of the program's own ran out", caller);
	else
		snprintf(buf, MEANING_TEXT_MAX, "%s failed, or returned 0 for the end of the stream; the "
			 "message does not tell which", caller);
	return buf;
}

const char *meaning_command(const struct meaning *m, char buf[MEANING_TEXT_MAX])
{
	const char *comm = m->row ? m->row->comm : NULL;
	const char *quote = comm && strpbrk(comm, "*[") ? "'" : "";

	if (comm)
		snprintf(buf, MEANING_TEXT_MAX, "rsttrace -c %s%s%s --direction received", quote, comm, quote);
	else
		snprintf(buf, MEANING_TEXT_MAX, "rsttrace --direction received");
	return buf;
}

const char *meaning_sender(const struct meaning *m, char buf[MEANING_TEXT_MAX])
{
	char command[MEANING_TEXT_MAX / 2];
	const char *says = m->way == WAY_EOF ?
		"shows whether there was a reset at all, and whose; if nothing comes, it was a FIN" :
		m->way == WAY_TIMEOUT ?
		"shows the resets that came of it, and connections on which the kernel itself gave up" :
		"names the process that sent the RST, if it runs on this host, and otherwise its "
		"address; over there rsttrace --direction sent tells who and why";
	char whole[MEANING_TEXT_MAX];

	snprintf(command, sizeof(command), "%s", meaning_command(m, whole));
	snprintf(buf, MEANING_TEXT_MAX, "%s %s", command, says);
	return buf;
}

void explain_meaning(FILE *out, const struct meaning *m, unsigned int width)
{
	char text[MEANING_TEXT_MAX];
	int n;

	if (m->row) {
		n = fprintf(out, "%s:", m->row->program);
		fill(out, m->row->headline, n > 0 ? n : 0, PARAGRAPH_INDENT, width);
		fputc('\n', out);
	}
	paragraph(out, m->row ? "In the calls" : "The message", meaning_call(m, text), width);
	if (m->language)
		paragraph(out, "Language", m->language, width);
	if (m->row)
		paragraph(out, "What it does", m->row->then, width);
	paragraph(out, "Who sent it", meaning_sender(m, text), width);
	if (m->row && m->err)
		paragraph(out, "See also", strerrorname_np(m->err), width);
}

/* ---- a log -------------------------------------------------------------------------- */

struct tally {
	struct meaning meaning;
	uint64_t count, first;	/* both in lines */
};

struct log {
	struct tally *tallies;
	size_t n;
	uint64_t lines, told;
};

static int count_line(struct log *log, const char *line)
{
	struct tally *t;
	struct meaning m;

	log->lines++;
	if (message_find(line, &m))
		return 0;
	log->told++;
	for (size_t i = 0; i < log->n; i++) {
		t = &log->tallies[i];
		if (t->meaning.row == m.row && t->meaning.err == m.err && t->meaning.way == m.way) {
			t->count++;
			return 0;
		}
	}
	t = reallocarray(log->tallies, log->n + 1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	log->tallies = t;
	t[log->n++] = (struct tally){ m, 1, log->lines };
	return 0;
}

/* Sorts the greatest count first, equal counts by their first line. */
static int by_count(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->first < y->first ? -1 : 1;
}

static void print_tally(FILE *out, const struct tally *t, unsigned int width)
{
	const struct meaning *m = &t->meaning;
	char text[MEANING_TEXT_MAX];
	int n = fprintf(out, "%8" PRIu64 "  line %-8" PRIu64, t->count, t->first);
	unsigned int left = 10 + 2 * PARAGRAPH_INDENT;

	if (m->row)
		snprintf(text, sizeof(text), "%s: %s%s%s", m->row->program, m->row->headline,
			 m->err ? ", " : "", m->err ? strerrorname_np(m->err) : "");
	else
		snprintf(text, sizeof(text), "%s failed with %s", callers[m->way], strerrorname_np(m->err));
	fprintf(out, "  ");
	fill(out, text, n + 2, left, width);
	fprintf(out, "%*s%s\n", left, "", meaning_command(m, text));
}

int explain_log(FILE *out, FILE *in, unsigned int width)
{
	struct log log = {};
	char *line = NULL;
	size_t cap = 0;
	int err = 0;

	errno = 0;
	while (!err && getline(&line, &cap, in) >= 0)
		err = count_line(&log, line);
	if (!err && ferror(in))
		err = errno ? -errno : -EIO;
	free(line);
	if (!err) {
		if (log.n) {
			qsort(log.tallies, log.n, sizeof(log.tallies[0]), by_count);
			fprintf(out, "%8s  %-13s  %s\n", "count", "first", "meaning, and what shows the sender");
		}
		for (size_t i = 0; i < log.n; i++)
			print_tally(out, &log.tallies[i], width);
		fprintf(out, "%" PRIu64 " of %" PRIu64 " lines tell of connections that failed or ended\n",
			log.told, log.lines);
	}
	free(log.tallies);
	return err;
}
