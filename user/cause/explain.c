/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/explain.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "incident/names.h"
#include "cause/topic.h"

#define DEFAULT_WIDTH 80
#define MIN_WIDTH 56	/* below it, the longest words would not fit */
#define INDENT 2
#define LABEL 14	/* "What happens" and blanks */

unsigned int explain_width(int fd)
{
	struct winsize ws;

	if (ioctl(fd, TIOCGWINSZ, &ws) || !ws.ws_col)
		return DEFAULT_WIDTH;
	return ws.ws_col;
}

/* A text's words from column `at` on; lines begin at left and end at width. A long word stays whole. */
static void fill(FILE *out, const char *text, unsigned int at, unsigned int left, unsigned int width)
{
	while (*text) {
		size_t n = strcspn(text, " ");

		if (at > left && at + 1 + n > width) {
			fprintf(out, "\n%*s", left, "");
			at = left;
		} else if (at > left) {
			fputc(' ', out);
			at++;
		}
		fwrite(text, 1, n, out);
		at += n;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void paragraph(FILE *out, const char *label, const char *text, unsigned int width)
{
	fprintf(out, "%*s%-*s", INDENT, "", LABEL, label);
	fill(out, text, INDENT + LABEL, INDENT + LABEL, width);
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
	fill(out, t->headline, n > 0 ? n : 0, INDENT, width);
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
	fprintf(l->out, "%*s%-25s %s\n", INDENT, "", t->name, t->headline);
	return 0;
}

/* The operands are one word: messages need no quotes. */
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

	at = snprintf(why, len, "nothing to explain about '%.60s'%s", word, n ? "; nearest: " : "");
	for (size_t i = 0; i < n && at < len; i++)
		at += snprintf(why + at, len - at, "%s%s", i ? ", " : "", names[i]);
	if (!n && at < len)
		snprintf(why + at, len - at, "; rsttrace explain lists what there is");
}

int explain(FILE *out, char *const *words, unsigned int width, char *why, size_t len)
{
	struct listing all = { out, TOPIC_KINDS };
	char word[128];
	struct topic t;

	if (!*words) {
		topic_walk(list_topic, &all);
	} else {
		join(words, word, sizeof(word));
		if (topic_find(word, &t)) {
			say_unknown(word, why, len);
			return -ENOENT;
		}
		print_topic(out, &t, width < MIN_WIDTH ? MIN_WIDTH : width);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}
