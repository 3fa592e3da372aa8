/* SPDX-License-Identifier: GPL-2.0 */
#include "gendocs_roff.h"

void roff_text(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\'')
			fputs("\\(aq", out);
		else
			fputc(*text, out);
	}
}

void roff_line(FILE *out, const char *text)
{
	roff_text(out, text);
	fputc('\n', out);
}

void roff_section(FILE *out, const char *title)
{
	fprintf(out, ".SH %s\n", title);
}

void roff_entry(FILE *out, const char *tag, const char *text)
{
	fputs(".TP\n.B ", out);
	roff_line(out, tag);
	roff_line(out, text);
}

void roff_option(FILE *out, const struct option_doc *doc)
{
	char names[64];

	if (doc->letter)
		snprintf(names, sizeof(names), "-%c, --%s", doc->letter, doc->name);
	else
		snprintf(names, sizeof(names), "--%s", doc->name);
	fputs(".TP\n\\fB", out);
	roff_text(out, names);
	fputs("\\fR", out);
	if (doc->arg) {
		fputs(doc->arg[0] == '[' ? "\\fI" : " \\fI", out);
		roff_text(out, doc->arg);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	roff_line(out, doc->help);
}
