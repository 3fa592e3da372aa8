/* SPDX-License-Identifier: GPL-2.0 */
/* The manual page of "rsttrace report". */
#include "gendocs_roff.h"
#include "report/print.h"

#ifndef RSTTRACE_VERSION
#define RSTTRACE_VERSION "unknown"
#endif

static int put_option(void *ctx, const struct option_doc *doc)
{
	if (doc->of_report)
		roff_option(ctx, doc);
	return 0;
}

static void description(FILE *out)
{
	roff_line(out, "rsttrace report reads the JSON Lines and the recordings of one host or many, plain or "
		  "packed by gzip or zstd, and directories of them. A RST that both ends recorded is counted once: "
		  "its records are paired by connection and sequence number, or, where addresses were translated "
		  "on the way, by numbers and time. Later revisions replace earlier ones. The clocks may differ "
		  "(--skew). It says what the ends show:");
	for (enum way w = 0; w < N_WAYS; w++)
		roff_entry(out, way_name(w), way_text(w));
	fputs(".PP\n", out);
	roff_line(out, "Then come rows by cause, or by what --by names; a reset counts for both processes, units "
		  "or hosts that had a part in it. A pair passes a filter if one of its ends does. --compare "
		  "takes a file or directory from before and one from after, and tells what is new, worse, "
		  "better or gone: worse and better mean by half at least, and by more than three standard "
		  "deviations; rates an hour are compared if both spans are a minute or longer, else counts.");
	fputs(".PP\n", out);
	roff_line(out, "If something cannot be read, one line says in which file and where, the rest is counted, and "
		  "the exit status is 1.");
}

static void examples(FILE *out)
{
	roff_entry(out, "rsttrace report /var/log/resets/",
		   "All records of all hosts that were collected there.");
	roff_entry(out, "rsttrace report --by pair --since 2h web*.jsonl.gz",
		   "Who resets whom, in the last two hours.");
	roff_entry(out, "rsttrace report --compare before/ after/",
		   "What a deployment has changed.");
}

void gendocs_man_report(FILE *out)
{
	fputs(".\\\" SPDX-License-Identifier: GPL-2.0\n"
	      ".\\\" Made from the program's tables by \"make docs\": do not edit.\n"
	      ".TH RSTTRACE\\-REPORT 1 \"\" \"rsttrace " RSTTRACE_VERSION "\"\n", out);
	roff_section(out, "NAME");
	roff_line(out, "rsttrace-report - sum up the TCP resets of one host or many");
	roff_section(out, "SYNOPSIS");
	fputs(".B rsttrace report\n[\\fIOPTIONS\\fR] \\fIFILE\\fR...\n", out);
	roff_section(out, "DESCRIPTION");
	description(out);
	roff_section(out, "OPTIONS");
	options_describe(put_option, out);
	roff_section(out, "EXIT STATUS");
	roff_entry(out, "0", "Done.");
	roff_entry(out, "1", "Something could not be read, or not written.");
	roff_entry(out, "2", "The command line was wrong.");
	roff_section(out, "EXAMPLES");
	examples(out);
	roff_section(out, "SEE ALSO");
	roff_line(out, "rsttrace(8)");
}
