/* SPDX-License-Identifier: GPL-2.0 */
/* The references in Markdown. */
#include <stdbool.h>
#include <string.h>

#include "output/end_line.h"
#include "attach/check.h"
#include "gendocs.h"
#include "incident/names.h"
#include "output/record.h"
#include "report/print.h"
#include "cause/explain_message.h"
#include "cause/topic.h"

#define GENERATED "<!-- Made from the program's tables by `make docs`: do not edit. -->\n\n"

/* Whether Markdown would take characters of the word for markup: then the word is printed as code. */
static bool is_code(const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr("_*<>[]|", word[i]) || !strncmp(word + i, "()", 2))
			return true;
	return false;
}

/* Whether the last character closes a parenthesis that the word did not open. */
static bool ends_aside(const char *word, size_t n)
{
	int open = 0;

	for (size_t i = 0; i < n; i++)
		open += (word[i] == '(') - (word[i] == ')');
	return open < 0 && word[n - 1] == ')';
}

/* Prints a word; punctuation around it stays outside the code. */
static void print_word(FILE *out, const char *word, size_t n)
{
	size_t begin = 0, end = n;

	while (begin < end && strchr("(\"", word[begin]))
		begin++;
	while (end > begin && (strchr(".,;:\"", word[end - 1]) ||
			       ends_aside(word + begin, end - begin)))
		end--;
	if (!is_code(word + begin, end - begin)) {
		fwrite(word, 1, n, out);
		return;
	}
	fwrite(word, 1, begin, out);
	fputc('`', out);
	for (size_t i = begin; i < end; i++)
		fprintf(out, word[i] == '|' ? "\\%c" : "%c", word[i]);
	fputc('`', out);
	fwrite(word + end, 1, n - end, out);
}

static void print_prose(FILE *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, " ");

		print_word(out, text, n);
		text += n;
		if (*text)
			fputc(*text++, out);
	}
}

/* ---- record.md ---------------------------------------------------------------- */

static int record_row(void *ctx, const struct record_doc *doc)
{
	FILE *out = ctx;

	fprintf(out, "| `%s` | %s | ", doc->key, doc->type);
	print_prose(out, doc->meaning);
	fputs(" |\n", out);
	return 0;
}

void gendocs_record(FILE *out)
{
	fputs("# The record\n\n" GENERATED
	      "With `--json` every incident is one flat JSON object on a line of its own, in UTF-8,\n"
	      "schema `" RECORD_SCHEMA "`. There are no null members: what is not known is absent.\n"
	      "A key never changes its type. New keys may come; take those you know.\n\n"
	      "After the last incident comes a line with `\"type\": \"end\"` and the totals of the run;\n"
	      "with `--events` lines with `\"type\": \"event\"` come in between. Only an incident has\n"
	      "no `type`.\n\n"
	      "| key | type | meaning |\n|---|---|---|\n", out);
	record_describe(record_row, out);
	fputs("\n## The end line\n\n"
	      "Besides `schema` and `type`:\n\n"
	      "| key | type | meaning |\n|---|---|---|\n", out);
	end_line_describe(record_row, out);
	fputs("\n# The check\n\n"
	      "`rsttrace check --json` prints one JSON object on a line; what is not known is absent.\n"
	      "It is printed, too, when tracing is not possible; the exit status is 77 then.\n\n"
	      "| key | type | meaning |\n|---|---|---|\n", out);
	check_describe(record_row, out);
	fputs("\n# The report\n\n"
	      "`rsttrace report --json` prints one JSON object on a line; [report.md](report.md) says what a\n"
	      "report is.\n\n"
	      "| key | type | meaning |\n|---|---|---|\n", out);
	report_describe(record_row, out);
}

/* ---- causes.md ---------------------------------------------------------------- */

struct chapter {
	FILE *out;
	enum topic_kind kind;
};

static void print_item(FILE *out, const char *label, const char *text)
{
	fprintf(out, "- **%s:** ", label);
	print_prose(out, text);
	fputc('\n', out);
}

static const char *chapter_words(enum topic_kind kind)
{
	static const char *const words[] = {
		[TOPIC_CAUSE] = "The codes of `cause`, each confidence with the evidence for it.",
		[TOPIC_SITUATION] = "The codes of `situation`: what a cause means for whoever asks, by who was "
				    "client and who server and what had gone over the connection. The advice "
				    "of a record follows its situation.",
		[TOPIC_ERRNO] = "What a socket call returns because a connection ended or never began.",
		[TOPIC_SIGNAL] = "It comes with one of those errors.",
		[TOPIC_REASON] = "What kernels from 6.10 on say of a RST, in `reason`.",
		[TOPIC_BELIEF] = "What is often said of resets, and what is so.",
	};

	return words[kind];
}

static int print_topic(void *ctx, const struct topic *t)
{
	struct chapter *c = ctx;

	if (t->kind != c->kind) {
		fprintf(c->out, "\n## %s\n\n%s\n", topic_kind_title(t->kind), chapter_words(t->kind));
		c->kind = t->kind;
	}
	fprintf(c->out, "\n### %s\n\n*", t->name);
	print_prose(c->out, t->headline);
	fputs("*\n\n", c->out);
	print_item(c->out, "What happens", t->wire);
	print_item(c->out, "In the calls", t->calls);
	print_item(c->out, "What to do", t->advice);
	for (int i = CERTAIN; i > CONFIDENCE_UNSET; i--)
		if (t->why[i])
			print_item(c->out, confidence_name(i), t->why[i]);
	print_item(c->out, "Rests on", t->source);
	if (t->see)
		print_item(c->out, "See also", t->see);
	return 0;
}

void gendocs_causes(FILE *out)
{
	struct chapter c = { out, TOPIC_KINDS };

	fputs("# Causes, errors, reasons\n\n" GENERATED
	      "The same texts as `rsttrace explain WORD`. Kernel functions are named as in Linux 6.18;\n"
	      "most have kept their names since 5.10.\n", out);
	topic_walk(print_topic, &c);
}

/* ---- messages.md ----------------------------------------------------------------- */

/* Prints a pattern as code, with "…" for what may stand between its parts. */
static void print_pattern(FILE *out, const char *match)
{
	fputc('`', out);
	for (; *match; match++)
		if (*match == '*')
			fputs("…", out);
		else if (*match == '#')
			fputs("N", out);
		else
			fprintf(out, *match == '|' ? "\\%c" : "%c", *match);
	fputc('`', out);
}

static int print_message(void *ctx, const struct message *row)
{
	const struct meaning m = { .row = row, .err = row->err > 0 ? row->err : 0, .way = row->way };
	char text[MEANING_TEXT_MAX];
	FILE *out = ctx;

	fprintf(out, "| %s | ", row->program);
	print_pattern(out, row->match);
	fprintf(out, " | ");
	print_prose(out, row->headline);
	fprintf(out, " | %s | ", row->err > 0 ? strerrorname_np(row->err) :
		row->way == WAY_EOF ? "end of file" : row->way == WAY_TIMEOUT ? "none: a timer" :
		"the line's");
	print_prose(out, row->then);
	fprintf(out, " | `%s` |\n", meaning_command(&m, text));
	return 0;
}

void gendocs_messages(FILE *out)
{
	fputs("# Messages\n\n" GENERATED
	      "What `rsttrace explain MESSAGE` knows, and `rsttrace explain - < LOG` counts. A message is\n"
	      "found anywhere in a line and in any case; `…` is any text, `N` a number or an address. Of\n"
	      "HAProxy's states the first two letters count. An error that a line names in libc's words\n"
	      "is found in any language that glibc speaks.\n\n"
	      "| program | message | what it says | error | what the program does | shows the sender |\n"
	      "|---|---|---|---|---|---|\n", out);
	message_walk(print_message, out);
}
