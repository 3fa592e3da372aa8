/* SPDX-License-Identifier: GPL-2.0 */
/* Completion for bash, which needs nothing but bash. */
#include <string.h>

#include "base/array.h"
#include "gendocs.h"
#include "app/options.h"
#include "cause/topic.h"

/* What completes the value of an option, by the name that it has in the usage. */
static const struct {
	const char *arg;
	const char *action;	/* of compgen, or a whole command */
} values[] = {
	{ "FILE", "_rsttrace_words -f" },
	{ "PATH", "_rsttrace_words -d" },
	{ "NS", "_rsttrace_words -f" },
	{ "USER", "_rsttrace_words -u" },
	{ "PID", "_rsttrace_words -W \"$(cd /proc && echo [0-9]*)\"" },
	{ "CODE[,CODE]", "_rsttrace_list \"$causes\"" },
};

static void print_names(FILE *out, const struct option_doc *doc, const char *between)
{
	fprintf(out, "--%s", doc->name);
	if (doc->letter)
		fprintf(out, "%s-%c", between, doc->letter);
}

static int print_option(void *ctx, const struct option_doc *doc)
{
	fputc(' ', ctx);
	print_names(ctx, doc, " ");
	return 0;
}

static int print_command(void *ctx, const struct command_doc *doc)
{
	if (doc->synopsis[0] != '[')
		fprintf(ctx, " %.*s", (int)strcspn(doc->synopsis, " "), doc->synopsis);
	return 0;
}

struct separated {
	FILE *out;
	const char *between;
};

static int print_valued(void *ctx, const struct option_doc *doc)
{
	struct separated *s = ctx;

	if (!doc->arg || doc->arg[0] == '[')
		return 0;
	fputs(s->between, s->out);
	print_names(s->out, doc, "|");
	s->between = "|";
	return 0;
}

static int print_value(void *ctx, const struct option_doc *doc)
{
	FILE *out = ctx;

	if (!doc->arg || doc->arg[0] == '[')
		return 0;
	fputs("\t", out);
	print_names(out, doc, "|");
	fputs(") ", out);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (!strcmp(doc->arg, values[i].arg))
			fputs(values[i].action, out);
	if (strchr(doc->arg, '|')) {
		fputs("_rsttrace_words -W '", out);
		for (const char *p = doc->arg; *p; p++)
			fputc(*p == '|' ? ' ' : *p, out);
		fputc('\'', out);
	}
	fputs(" ;;\n", out);
	return 0;
}

static int print_cause(void *ctx, const struct topic *t)
{
	if (t->kind == TOPIC_CAUSE && rule_find(t->name))
		fprintf(ctx, " %s", t->name);
	return 0;
}

static int print_topic(void *ctx, const struct topic *t)
{
	fprintf(ctx, " %s", t->name);
	return 0;
}

static const char head[] =
	"# SPDX-License-Identifier: GPL-2.0\n"
	"# shellcheck shell=bash\n"
	"# Made from the program's tables by \"make docs\": do not edit.\n\n"
	"# compgen's words for what is being typed, $cur\n"
	"_rsttrace_words()\n{\n"
	"\t[[ $1 != -[df] ]] || compopt -o filenames 2>/dev/null\n"
	"\tmapfile -t COMPREPLY < <(compgen \"$@\" -- \"$cur\")\n"
	"}\n\n"
	"# words separated by commas: the last one is completed\n"
	"_rsttrace_list()\n{\n"
	"\tlocal last=${cur##*,}\n"
	"\tmapfile -t COMPREPLY < <(compgen -P \"${cur%\"$last\"}\" -W \"$1\" -- \"$last\")\n"
	"}\n\n"
	"_rsttrace()\n{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i\n";

static const char scan[] =
	"\tCOMPREPLY=()\n"
	"\t# --option=value comes in three words\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $prev == = ]]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n\t\t";

static const char after_dashes[] =
	") i=$((i + 1)) ;;\n"
	"\t\texplain) _rsttrace_words -W \"$topics\"; return ;;\n"
	"\t\tcheck) return ;;\n"
	"\t\t--)\n"
	"\t\t\tif ((i + 1 == COMP_CWORD)); then\n"
	"\t\t\t\t_rsttrace_words -c\n"
	"\t\t\telse\n"
	"\t\t\t\t_rsttrace_words -f\n"
	"\t\t\tfi\n"
	"\t\t\treturn ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tcase $prev in\n";

static const char tail[] =
	"\t*) _rsttrace_words -W \"$options $commands\" ;;\n"
	"\tesac\n"
	"}\n\n"
	"complete -F _rsttrace rsttrace\n";

void gendocs_bash(FILE *out)
{
	struct separated valued = { out, "" };

	fputs(head, out);
	fputs("\tlocal options='", out);
	options_describe(print_option, out);
	fputs("'\n\tlocal commands='", out);
	commands_describe(print_command, out);
	fputs("'\n\tlocal causes='", out);
	topic_walk(print_cause, out);
	fputs("'\n\tlocal topics='", out);
	topic_walk(print_topic, out);
	fputs("'\n\n", out);
	fputs(scan, out);
	options_describe(print_valued, &valued);
	fputs(after_dashes, out);
	options_describe(print_value, out);
	fputs(tail, out);
}
