/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/explain.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cause/explain_message.h"
#include "cause/message.h"
#include "cause/paragraph.h"
#include "cause/topic.h"
#include "incident/format.h"
#include "incident/names.h"

#define DEFAULT_WIDTH 80
#define MIN_WIDTH 56	/* narrower, the longest words would not fit */

unsigned int explain_width(int fd)
{
	struct winsize ws;

	if (ioctl(fd, TIOCGWINSZ, &ws) || !ws.ws_col)
		return DEFAULT_WIDTH;
	return ws.ws_col;
}

static void print_why(FILE *out, const struct topic *t, unsigned int width)
{
	for (int c = CERTAIN; c > CONFIDENCE_UNSET; c--)
		if (t->why[c])
			paragraph(out, confidence_name(c), t->why[c], width);
}

static void print_topic(FILE *out, const struct topic *t, unsigned int width)
{
	const char *message = t->kind == TOPIC_ERRNO ? strerrordesc_np(t->number) : NULL;
	int n = fprintf(out, "%s", t->name);

	if (t->kind == TOPIC_ERRNO || t->kind == TOPIC_SIGNAL)
		n += fprintf(out, " (%d%s%s)", t->number, message ? ", " : "",
			     message ? message : "");
	n += fprintf(out, ":");
	fill(out, t->headline, n > 0 ? n : 0, PARAGRAPH_INDENT, width);
	fputc('\n', out);
	paragraph(out, "What happens", t->wire, width);
	paragraph(out, "In the calls", t->calls, width);
	paragraph(out, "What to do", t->advice, width);
	print_why(out, t, width);
	paragraph(out, "Rests on", t->source, width);
	if (t->see)
		paragraph(out, "See also", t->see, width);
}

struct listing {
	FILE *out;
	enum topic_kind kind;
};

static int list_topic(void *ctx, const struct topic *t)
{
	struct listing *l = ctx;

	if (t->kind != l->kind) {
		fprintf(l->out, "%s%s\n", l->kind == TOPIC_KINDS ? "" : "\n",
			topic_kind_title(t->kind));
		l->kind = t->kind;
	}
	fprintf(l->out, "%*s%-25s %s\n", PARAGRAPH_INDENT, "", t->name, t->headline);
	return 0;
}

static int count_message(void *ctx, const struct message *row)
{
	(void)row;
	++*(int *)ctx;
	return 0;
}

/* Joins the operands to one text, so that a message needs no quotes. */
static void join(char *const *words, char *buf, size_t len)
{
	size_t at = 0;

	*buf = '\0';
	for (; *words && at < len; words++)
		at += snprintf(buf + at, len - at, "%s%s", at ? " " : "", *words);
}

static void say_unknown(const char *word, char *why, size_t len)
{
	const char *names[TOPIC_NEAREST_MAX];
	size_t n = topic_nearest(word, names), at;
	char text[64];

	at = snprintf(why, len, "nothing to explain about '%s'%s",
		      fmt_escape(text, sizeof(text), word, strlen(word)), n ? "; nearest: " : "");
	for (size_t i = 0; i < n && at < len; i++)
		at += snprintf(why + at, len - at, "%s%s", i ? ", " : "", names[i]);
	if (!n && at < len)
		snprintf(why + at, len - at, "; rsttrace explain lists what there is");
}

static void list_all(FILE *out)
{
	struct listing l = { out, TOPIC_KINDS };
	int n = 0;

	topic_walk(list_topic, &l);
	message_walk(count_message, &n);
	fprintf(out, "\nMessages\n%*s%d of programs and languages, and those of libc in %zu languages: "
		"paste one,\n%*sor a line of a log, or give a log to rsttrace explain -\n",
		PARAGRAPH_INDENT, "", n, message_languages(), PARAGRAPH_INDENT, "");
}

int explain(FILE *out, char *const *words, unsigned int width, char *why, size_t len)
{
	char word[4096];
	struct meaning m;
	struct topic t;

	if (width < MIN_WIDTH)
		width = MIN_WIDTH;
	join(words, word, sizeof(word));
	if (!*words) {
		list_all(out);
	} else if (!topic_find(word, &t)) {
		print_topic(out, &t, width);
	} else if (!message_find(word, &m)) {
		/* for a line that names only an error, all that `explain ERROR` prints */
		if (!m.row && !topic_find(strerrorname_np(m.err), &t))
			print_topic(out, &t, width);
		explain_meaning(out, &m, width);
	} else {
		say_unknown(word, why, len);
		return -ENOENT;
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}
