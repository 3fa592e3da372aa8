/* SPDX-License-Identifier: GPL-2.0 */
/* Completion for zsh, for its function _arguments. */
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
	const char *action;	/* of _arguments */
} values[] = {
	{ "FILE", "_files" },
	{ "NS", "_files" },
	{ "PATH", "_files -/" },
	{ "USER", "_users" },
	{ "PID", "_pids" },
	{ "CODE[,CODE]", "_sequence compadd - $causes" },
};

/* In single quotes for the shell, and with ':', '[' and ']' escaped for _arguments. */
static void print_escaped(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\'') {
			fputs("'\\''", out);
			continue;
		}
		if (strchr(":[]\\", *s))
			fputc('\\', out);
		fputc(*s, out);
	}
}

static void print_value(FILE *out, const char *arg)
{
	fputc(':', out);
	print_escaped(out, arg);
	fputc(':', out);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (!strcmp(arg, values[i].arg))
			fputs(values[i].action, out);
	if (!strchr(arg, '|'))
		return;
	fputc('(', out);
	for (; *arg; arg++)
		fputc(*arg == '|' ? ' ' : *arg, out);
	fputc(')', out);
}

static int print_option(void *ctx, const struct option_doc *doc)
{
	FILE *out = ctx;

	fputs("\t\t", out);
	if (doc->letter)
		fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", doc->letter, doc->name, doc->letter,
			doc->arg ? "+" : "", doc->name, doc->arg ? "=" : "");
	else
		fprintf(out, "'--%s%s[", doc->name,
			!doc->arg ? "" : doc->arg[0] == '[' ? "=-" : "=");
	print_escaped(out, doc->help);
	fputc(']', out);
	if (doc->arg && doc->arg[0] == '[')
		fprintf(out, "::value:(%.*s)", (int)strcspn(doc->arg + 2, "]"), doc->arg + 2);
	else if (doc->arg)
		print_value(out, doc->arg);
	fputs("' \\\n", out);
	return 0;
}

static void print_described(FILE *out, const char *name, size_t len, const char *help)
{
	fprintf(out, "\t\t'%.*s:", (int)len, name);
	print_escaped(out, help);
	fputs("'\n", out);
}

static int print_command(void *ctx, const struct command_doc *doc)
{
	if (doc->synopsis[0] != '[')
		print_described(ctx, doc->synopsis, strcspn(doc->synopsis, " "), doc->help);
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
	print_described(ctx, t->name, strlen(t->name), t->headline);
	return 0;
}

static const char head[] =
	"#compdef rsttrace\n"
	"# SPDX-License-Identifier: GPL-2.0\n"
	"# Made from the program's tables by \"make docs\": do not edit.\n\n"
	"_rsttrace()\n{\n"
	"\tlocal curcontext=$curcontext state\n"
	"\tlocal -a causes commands topics\n";

static const char tail[] =
	"\t\t'1:command:->first' \\\n"
	"\t\t'*::argument:->rest'\n"
	"\tcase $state in\n"
	"\tfirst) _describe -t commands command commands; _command_names -e ;;\n"
	"\trest)\n"
	"\t\tcase $words[1] in\n"
	"\t\texplain) _describe -t topics topic topics ;;\n"
	"\t\t*) _normal ;;\n"
	"\t\tesac ;;\n"
	"\tesac\n"
	"}\n\n"
	"_rsttrace \"$@\"\n";

void gendocs_zsh(FILE *out)
{
	fputs(head, out);
	fputs("\tcauses=(", out);
	topic_walk(print_cause, out);
	fputs(")\n\tcommands=(\n", out);
	commands_describe(print_command, out);
	fputs("\t)\n\ttopics=(\n", out);
	topic_walk(print_topic, out);
	fputs("\t)\n\t_arguments -s -S -C \\\n", out);
	options_describe(print_option, out);
	fputs(tail, out);
}
