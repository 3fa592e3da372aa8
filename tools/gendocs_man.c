/* SPDX-License-Identifier: GPL-2.0 */
/* The manual page, in the man(7) macros. */
#include <string.h>

#include "gendocs_roff.h"
#include "incident/names.h"
#include "app/options.h"
#include "attach/privileges.h"
#include "cause/message.h"
#include "cause/topic.h"
#include "top/help.h"

#ifndef RSTTRACE_VERSION
#define RSTTRACE_VERSION "unknown"
#endif

static int put_synopsis(void *ctx, const struct command_doc *doc)
{
	FILE *out = ctx;

	fputs(".B rsttrace\n", out);
	roff_line(out, doc->synopsis);
	fputs(".br\n", out);
	return 0;
}

static int put_command(void *ctx, const struct command_doc *doc)
{
	FILE *out = ctx;

	fputs(".TP\n.B rsttrace ", out);
	roff_line(out, doc->synopsis);
	roff_line(out, doc->help);
	return 0;
}

static int put_option(void *ctx, const struct option_doc *doc)
{
	if (doc->of_trace)
		roff_option(ctx, doc);
	return 0;
}

struct chapter {
	FILE *out;
	enum topic_kind kind;
};

static int put_topic(void *ctx, const struct topic *t)
{
	const struct chapter *c = ctx;
	FILE *out = c->out;

	if (t->kind != c->kind)
		return 0;
	fputs(".TP\n.B ", out);
	roff_line(out, t->name);
	roff_text(out, t->headline);
	fputs(".\n", out);
	roff_line(out, t->wire);
	fputs("What to do:\n", out);
	roff_text(out, t->advice);
	fputs(".\n", out);
	for (int sure = CERTAIN; sure > CONFIDENCE_UNSET; sure--) {
		if (!t->why[sure])
			continue;
		fprintf(out, ".br\n\\fI%s\\fR: ", confidence_name(sure));
		roff_line(out, t->why[sure]);
	}
	return 0;
}

static void description(FILE *out)
{
	roff_line(out, "rsttrace watches the kernel's own functions that send, answer with and receive TCP "
		  "resets, and the system calls that fail by them. Of each reset it makes one record: "
		  "who sent it and why, on which connection, and which call of which process failed.");
	fputs(".PP\n", out);
	roff_line(out, "Records go to standard output, everything else to standard error. The line "
		  "\"rsttrace: ready\" there says that every probe is attached. A record waits a "
		  "moment (--settle) for the call that fails; if one fails later, the record comes again "
		  "with the same id and a higher rev; in text a line completes the block.");
	fputs(".PP\n", out);
	roff_line(out, "Text shows blocks in order of time. Of records that are alike in cause, processes and "
		  "port and less than a second apart, it shows the first and counts the others; --all or "
		  "--verbose shows each. JSON has every record.");
	fputs(".PP\n", out);
	roff_line(out, "In a storm every reset is counted in the kernel. Of each kind (class of cause, port of the "
		  "service, owner, network namespace) the first ones of each second have a record (--rate). Of "
		  "the others one in so many has a record, and its key \"sampled\" says for how many it stands; "
		  "while the ring buffer is nearly full, none has. The summary and the end line count all.");
	fputs(".PP\n", out);
	roff_line(out, "SIGINT and SIGTERM show what is pending, print the summary and end the run. SIGHUP "
		  "reopens the files of --output and --json-file, and reads that of --config again: new "
		  "filters by process, control group, direction, cause and outcome and new rules of "
		  "--suppress apply from then on, and one line names other changes, which need a restart.");
}

static void config(FILE *out)
{
	roff_line(out, "The file of --config has the options of a trace by their long names, one a line: \"name = value\", "
		       "or a switch's name alone (also \"name = yes\" and \"name = no\"). A value goes to the end "
		       "of its line. Empty lines and those that begin with # or ; are ignored. The command line overrides the "
		       "file; an option that may be repeated is taken from both. Any mistake "
		       "ends the program before it traces, with the file and the line.");
	fputs(".PP\n", out);
	roff_line(out, "An incident is suppressed if all that a rule of --suppress says is true of it. The keys are");
	roff_line(out, SUPPRESS_KEYS ".");
	roff_line(out, "A cause or a situation may be given several times; one of them has to be true then. "
		       "Suppressed incidents are in no output, and do not count for --count and --fail-on-reset; the "
		       "summary, the end line and the metrics have their number by rule. If a call fails of one "
		       "later, it is judged again, and shown if no rule covers it then (outcome=none).");
}

static void put_rows(FILE *out, const struct top_help *row)
{
	for (; row->what; row++)
		roff_entry(out, row->what, row->text);
}

static void top(FILE *out)
{
	roff_line(out, "rsttrace top counts the incidents that pass the filters, in rows that --by or a key chooses: on the "
		       "whole screen, or with --batch and --once as text, as wide as the variable COLUMNS says "
		       "(160). Rows stay, with their totals, after their processes have ended, and one passes "
		       "another only when it is clearly ahead. A table holds 512 rows; the resets of all others "
		       "are counted in one more. With --replay the time is the recording's. --record, "
		       "--json-file, --pcapng and --junit write at the same time.");
	put_rows(out, top_help_columns);
	fputs(".PP\n", out);
	roff_line(out, "Keys:");
	put_rows(out, top_help_keys);
	fputs(".PP\n", out);
	roff_line(out, "SIGTERM, SIGINT, SIGHUP and SIGQUIT end it and leave the terminal as it was.");
}

static void exit_status(FILE *out)
{
	roff_entry(out, "0", "Done; also after SIGINT and SIGTERM.");
	roff_entry(out, "1", "A failure while running, such as a full disk.");
	roff_entry(out, "2", "The command line was wrong, or explain does not know the word.");
	roff_entry(out, "3", "With --fail-on-reset: COMMAND suffered a reset.");
	roff_entry(out, "77", "This kernel or this user may not trace; one line says what is missing.");
	fputs(".PP\n", out);
	roff_line(out, "With a COMMAND the status is otherwise the command's own.");
}

static void capabilities(FILE *out)
{
	roff_line(out, "Root has all that is needed. Another user needs CAP_BPF and CAP_PERFMON, or "
		  "CAP_SYS_ADMIN in the place of both. The others show more; rsttrace check says which are "
		  "missing here.");
	for (int i = 0; i < n_privileges; i++) {
		const struct privilege *p = &privileges[i];

		fputs(".TP\n.B ", out);
		roff_line(out, p->name);
		roff_text(out, p->required ? "Needed " : "Useful ");
		roff_text(out, p->purpose);
		fputs(".\n", out);
		if (!p->without)
			continue;
		roff_text(out, "Missing without it: ");
		roff_text(out, p->without);
		fputs(".\n", out);
	}
}

static void confinement(FILE *out)
{
	roff_line(out, "With --confine the process has no capability once every probe is attached. It can neither "
		       "execute a program nor load BPF, mount, or trace anybody (seccomp), and can open nothing but "
		       "/proc, /sys/fs/cgroup, the folders in which container engines keep names, that of the file of "
		       "--config, and, for writing, those of --output and --json-file (Landlock; if the kernel has "
		       "none, one line says so). Links in /proc that only a tracer may read, /proc/PID/exe "
		       "and /proc/PID/ns/net, are read by a child that keeps CAP_SYS_PTRACE and can do nothing else. "
		       "Up to Linux 5.18 CAP_BPF stays, for the reading of counters.");
	fputs(".PP\n", out);
	roff_line(out, "What is lost: the counters of network namespaces without a process, and the kprobes on a "
		       "kernel module (nf_reject_ipv4, nf_reject_ipv6) that loads later. A COMMAND and --stacks need "
		       "privileges all the time, so --confine cannot be combined with them.");
}

static void files(FILE *out)
{
	roff_entry(out, "/sys/kernel/btf/vmlinux",
	      "The kernel's types. A kernel without them can be traced with --btf FILE, where FILE is "
	      "BTF or an ELF file with BTF in it and of the very same kernel: from BTFHub, from the "
	      "package with the kernel's debugging symbols (Debian's linux-image-VERSION-dbg), or made "
	      "from a vmlinux with pahole --btf_encode_detached. There is no fentry and no snapshot of "
	      "older sockets on such a kernel.");
	roff_entry(out, "/proc", "Executables, control groups, and the kernel's own counters of resets.");
}

static int put_message(void *ctx, const struct message *row)
{
	FILE *out = ctx;

	fputs(".TP\n.B ", out);
	roff_line(out, row->match);
	roff_text(out, row->program);
	roff_text(out, ": ");
	roff_text(out, row->headline);
	fputs(".\n", out);
	return 0;
}

static void examples(FILE *out)
{
	roff_entry(out, "rsttrace --port 5432 --direction received",
	      "Resets that arrive on connections to or from a database.");
	roff_entry(out, "rsttrace --json --output resets.jsonl --cause close-with-unread,linger-zero",
	      "Two causes only, for a program to read.");
	roff_entry(out, "rsttrace --suppress situation=probe,port=8080",
	      "Leave out what health checks draw from that port, but count it.");
	roff_entry(out, "rsttrace --fail-on-reset -- ./test.sh",
	      "Run a test and fail when something in it suffered a reset.");
	roff_entry(out, "rsttrace --record resets.rec; rsttrace --replay resets.rec -v",
	      "Keep the raw events, and look at them later, elsewhere, without privileges.");
	roff_entry(out, "rsttrace explain Connection reset by peer",
	      "What an error message means, and which call gets it.");
	roff_entry(out, "journalctl -u nginx | rsttrace explain -",
	      "How often a log tells of connections that failed or ended, by meaning.");
}

void gendocs_man(FILE *out)
{
	fputs(".\\\" SPDX-License-Identifier: GPL-2.0\n"
	      ".\\\" Made from the program's tables by \"make docs\": do not edit.\n"
	      ".TH RSTTRACE 8 \"\" \"rsttrace " RSTTRACE_VERSION "\"\n", out);
	roff_section(out, "NAME");
	roff_line(out, "rsttrace - explain every TCP reset: who sent it, why, and which call it broke");
	roff_section(out, "SYNOPSIS");
	commands_describe(put_synopsis, out);
	roff_section(out, "DESCRIPTION");
	description(out);
	roff_section(out, "COMMANDS");
	commands_describe(put_command, out);
	roff_section(out, "OPTIONS");
	options_describe(put_option, out);
	roff_section(out, "CONFIGURATION");
	config(out);
	roff_section(out, "TOP");
	top(out);
	roff_section(out, "EXIT STATUS");
	exit_status(out);
	roff_section(out, "CAPABILITIES");
	capabilities(out);
	roff_section(out, "CONFINEMENT");
	confinement(out);
	roff_section(out, "ENVIRONMENT");
	roff_entry(out, "NOTIFY_SOCKET, WATCHDOG_USEC",
	      "Set by a service manager: it is told when every probe is attached, what was seen, and that "
	      "rsttrace still runs.");
	roff_entry(out, "NO_COLOR", "Set to anything: no colour, unless --color always is given.");
	roff_section(out, "FILES");
	files(out);
	roff_section(out, "CAUSES");
	roff_line(out, "What the key cause may be. rsttrace explain says more of each, and of errors, the kernel's "
		  "reasons and SIGPIPE.");
	topic_walk(put_topic, &(struct chapter){ out, TOPIC_CAUSE });
	roff_section(out, "SITUATIONS");
	roff_line(out, "What people call it, beside the cause, which is what the kernel did: it depends on who was client "
		       "and who server, and on what had gone over the connection. The advice of a record is that of its "
		       "situation, if it has one.");
	topic_walk(put_topic, &(struct chapter){ out, TOPIC_SITUATION });
	roff_section(out, "MESSAGES");
	roff_line(out, "What rsttrace explain recognises in a line, and rsttrace explain - counts in a log: "
		  "* stands for any text, # for a number or an address. It says, too, which call failed, "
		  "what the program does then and which command shows the sender.");
	message_walk(put_message, out);
	roff_section(out, "EXAMPLES");
	examples(out);
	roff_section(out, "SEE ALSO");
	fputs(".BR rsttrace\\-report (1),\n.BR ss (8),\n.BR nstat (8),\n.BR tcpdump (8),\n.BR tcp (7),\n.BR socket (7)\n", out);
}
