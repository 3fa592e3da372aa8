/* SPDX-License-Identifier: GPL-2.0 */
/* Completion for fish. */
#include <string.h>

#include "app/options.h"
#include "base/array.h"
#include "cause/topic.h"
#include "gendocs.h"

/*
 * What completes the value of an option, by the name that it has in the usage; without a row
 * nothing does.
 */
static const struct {
	const char *arg;
	const char *words;	/* of fish's complete */
} values[] = {
	{ "FILE", "-r -F" },
	{ "NS", "-r -F" },
	{ "PATH", "-x -a '(__fish_complete_directories)'" },
	{ "USER", "-x -a '(__fish_complete_users)'" },
	{ "PID", "-x -a '(__fish_complete_pids)'" },
	{ "CODE[,CODE]", "-x -a '(__fish_append , $__rsttrace_causes)'" },
};

/* Between single quotes fish knows only the escapes \' and \\. */
static void print_quoted(FILE *out, const char *s)
{
	fputc('\'', out);
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			fputc('\\', out);
		fputc(*s, out);
	}
	fputc('\'', out);
}

static void print_value(FILE *out, const char *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (strcmp(arg, values[i].arg))
			continue;
		fprintf(out, " %s", values[i].words);
		return;
	}
	fputs(" -x", out);
	if (!strchr(arg, '|'))
		return;
	fputs(" -a '", out);
	for (; *arg; arg++)
		fputc(*arg == '|' ? ' ' : *arg, out);
	fputc('\'', out);
}

static int print_option(void *ctx, const struct option_doc *doc)
{
	FILE *out = ctx;

	fprintf(out, "complete -c rsttrace -n __rsttrace_options -l %s", doc->name);
	if (doc->letter)
		fprintf(out, " -s %c", doc->letter);
	if (doc->arg && doc->arg[0] != '[')
		print_value(out, doc->arg);
	fputs(" -d ", out);
	print_quoted(out, doc->help);
	fputc('\n', out);
	return 0;
}

static int print_command(void *ctx, const struct command_doc *doc)
{
	if (doc->synopsis[0] == '[')
		return 0;
	fprintf(ctx, "complete -c rsttrace -n __fish_is_first_arg -a %.*s -d ",
		(int)strcspn(doc->synopsis, " "), doc->synopsis);
	print_quoted(ctx, doc->help);
	fputc('\n', ctx);
	return 0;
}

static int print_cause(void *ctx, const struct topic *t)
{
	if (t->kind == TOPIC_CAUSE)
		fprintf(ctx, " %s", t->name);
	return 0;
}

static int print_topic(void *ctx, const struct topic *t)
{
	fputs("complete -c rsttrace -n '__fish_seen_subcommand_from explain' -a ", ctx);
	print_quoted(ctx, t->name);
	fputs(" -d ", ctx);
	print_quoted(ctx, t->headline);
	fputc('\n', ctx);
	return 0;
}

static const char head[] =
	"# SPDX-License-Identifier: GPL-2.0\n"
	"# Made from the program's tables by \"make docs\": do not edit.\n\n"
	"# Behind -- stands a command with options of its own.\n"
	"function __rsttrace_options\n"
	"    not contains -- -- (commandline -opc)\n"
	"end\n\n"
	"complete -c rsttrace -f\n"
	"complete -c rsttrace -n 'not __rsttrace_options' -a '(__fish_complete_subcommand --fcs-skip=(contains -i -- -- (commandline -opc)))'\n";

void gendocs_fish(FILE *out)
{
	fputs(head, out);
	fputs("set -g __rsttrace_causes", out);
	topic_walk(print_cause, out);
	fputc('\n', out);
	options_describe(print_option, out);
	commands_describe(print_command, out);
	topic_walk(print_topic, out);
}
