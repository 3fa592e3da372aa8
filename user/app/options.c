/* SPDX-License-Identifier: GPL-2.0 */
#include "app/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "app/option_take.h"
#include "base/array.h"

#define DEFAULT_SETTLE_MS 300
#define DEFAULT_RATE 500
#define DEFAULT_INTERVAL_S 2
#define LONG_ONLY 256	/* values of options without a letter begin here */

struct option_row {
	const char *name;
	char letter;
	const char *arg;	/* NULL: a switch; "[=WORD]": the value may be left out */
	const char *help;
	take_fn take;
	size_t at;		/* the member that take() sets */
};

/* For each mode, the last option given that only this mode has; NULL: none. */
struct given {
	const char *of_trace, *of_report, *of_top, *by;
	const char *not_of_top;	/* the last one that a trace takes but "top" does not */
};

#define AT(m) offsetof(struct options, m)

static const struct option_row rows[] = {
	{ "pid", 'p', "PID", "only incidents that this process has a part in", take_pid, AT(filter.pid) },
	{ "comm", 'c', "NAME", "only processes of this name (a shell pattern; not threads)", take_string, AT(filter.comm) },
	{ "port", 0, "PORT", "only connections with this port at either end", take_port, AT(filter.port) },
	{ "lport", 0, "PORT", "... at an end on this host", take_port, AT(filter.lport) },
	{ "rport", 0, "PORT", "... at the end across from it", take_port, AT(filter.rport) },
	{ "addr", 0, "ADDR[/BITS]", "only connections with such an address, v4 or v6", take_addr, AT(filter) },
	{ "netns", 0, "NS", "only this network namespace: a path, an inode or a pid", take_netns, AT(filter.netns) },
	{ "cgroup", 0, "PATH", "only processes in this control group or below", take_string, AT(filter.cgroup) },
	{ "direction", 0, "sent|received", "only resets that this host sent, or received", take_direction, AT(filter) },
	{ "cause", 0, "CODE[,CODE]", "only these causes", take_causes, AT(filter) },
	{ "outcome", 0, "WORD[,WORD]", "only these outcomes: error and eof hurt somebody", take_outcomes, AT(filter) },
	{ "duration", 'd', "SEC", "end after so many seconds", take_seconds, AT(duration_s) },
	{ "count", 'n', "N", "end after so many incidents", take_long, AT(count) },
	{ "settle", 0, "MS", "how long a record waits for the call that fails (300)", take_long, AT(settle_ms) },
	{ "rate", 0, "N", "records of a kind of reset in a second, then samples (500; 0: all)", take_long, AT(rate) },
	{ "stacks", 0, NULL, "also the stacks in the call that reset and in the one that failed", take_switch, AT(stacks) },
	{ "hooks", 0, "auto|fentry|tracepoint|kprobe", "how to attach; auto takes the best of each", take_hooks, AT(hooks) },
	{ "btf", 0, "FILE", "the kernel's types, for a kernel without BTF of its own", take_string, AT(btf) },
	{ "json", 0, NULL, "JSON Lines instead of text", take_switch, AT(json) },
	{ "output", 'o', "FILE", "write records to FILE (SIGHUP reopens it)", take_string, AT(output) },
	{ "json-file", 0, "FILE", "also write JSON Lines to FILE (SIGHUP reopens it)", take_string, AT(json_file) },
	{ "all", 0, NULL, "show each record whole, also those that are alike", take_switch, AT(all) },
	{ "events", 0, NULL, "also show raw events as they come, and resets that ended nothing", take_switch, AT(events) },
	{ "record", 0, "FILE", "also keep the raw events in FILE, for --replay", take_string, AT(record) },
	{ "replay", 0, "FILE", "read events from such a FILE instead of the kernel", take_string, AT(replay) },
	{ "pcapng", 0, "FILE", "also write a capture file for Wireshark, each reset with its story", take_string, AT(pcapng) },
	{ "html", 0, "FILE", "write a report as one page for browsers too", take_string, AT(html) },
	{ "junit", 0, "FILE", "also write a report for CI servers: a case for each kind of reset", take_string, AT(junit) },
	{ "metrics", 0, "ADDR:PORT", "serve metrics by HTTP, for Prometheus; PORT alone: on loopback", take_string, AT(metrics) },
	{ "metrics-by", 0, "WORD[,WORD]", "... also by process, unit, container, port (200 rows each)", take_metrics_by, AT(metrics_by) },
	{ "user", 'u', "USER", "run COMMAND as this user, a name or a number", take_user, AT(user) },
	{ "fail-on-reset", 0, "[=hurt]", "exit with 3 when COMMAND was reset (hurt: and a call saw it)", take_fail_on, AT(fail_on) },
	{ "color", 0, "auto|always|never", "colour; auto means on a terminal", take_color, AT(color) },
	{ "quiet", 'q', NULL, "nothing but records", take_switch, AT(quiet) },
	{ "verbose", 'v', NULL, "say what is attached, and what the kernel answers", take_switch, AT(verbose) },
	{ "by", 0, "cause|situation|pair|process|port|container|unit|host", "report, top: what a row is of", take_by, 0 },
	{ "since", 0, "TIME", "report: not before (2026-11-27T10:00Z; 90m: so long ago)", take_time, AT(report.since_ns) },
	{ "until", 0, "TIME", "report: before that time", take_time, AT(report.until_ns) },
	{ "compare", 0, NULL, "report: of two FILEs or folders, what is new, worse, gone", take_switch, AT(report.compare) },
	{ "top", 0, "N", "report: so many rows (20)", take_long, AT(report.top) },
	{ "skew", 0, "SEC", "report: how far apart the hosts' clocks may be (30)", take_long, AT(report.skew_s) },
	{ "keep", 0, "N", "report: pair at most so many incidents (4000000)", take_long, AT(report.keep) },
	{ "batch", 0, NULL, "top: print the rows every --interval, without a terminal", take_switch, AT(top.batch) },
	{ "once", 0, NULL, "top: print them once, after --duration or one --interval", take_switch, AT(top.once) },
	{ "interval", 0, "SEC", "top: between two printed tables (2)", take_seconds, AT(top.interval_s) },
	{ "help", 'h', NULL, "this text", take_help, 0 },
	{ "version", 'V', NULL, "the version", take_version, 0 },
};

#define N_ROWS ARRAY_SIZE(rows)

/* Options that only "report" has, and options of a trace that it takes as well. */
static const char *const of_report[] = { "since", "until", "compare", "top", "skew", "keep" };
static const char *const of_both[] = {
	"pid", "comm", "port", "lport", "rport", "addr", "netns", "cgroup", "direction", "cause", "outcome",
	"settle", "json", "pcapng", "html", "quiet", "help", "version",
};

/* Options that only "top" has, and options of a trace that it does not take. */
static const char *const of_top[] = { "batch", "once", "interval" };
static const char *const not_of_top[] = { "json", "events", "all", "user", "fail-on-reset" };

static bool is_among(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void note_given(struct given *given, const char *name)
{
	if (is_among(not_of_top, ARRAY_SIZE(not_of_top), name))
		given->not_of_top = name;
	if (!strcmp(name, "by"))
		given->by = name;
	else if (is_among(of_report, ARRAY_SIZE(of_report), name))
		given->of_report = name;
	else if (is_among(of_top, ARRAY_SIZE(of_top), name))
		given->of_top = name;
	else if (!is_among(of_both, ARRAY_SIZE(of_both), name))
		given->of_trace = name;
}

/* What to say of a wrong value. For functions not listed, the row's alternatives are printed. */
static const struct { take_fn take; const char *wrong; } wrongs[] = {
	{ take_fail_on, "is not hurt, the only word that may stand there" },
	{ take_user, "is no user of this host, neither by name nor by number" },
	{ take_pid, "is no process id (a number from 1 to 4194304)" },
	{ take_port, "is no port (a number from 1 to 65535)" },
	{ take_long, "is no number (0 to 1000000000)" },
	{ take_seconds, "is no number of seconds above 0" },
	{ take_string, "is empty" },
	{ take_addr, "is no address of IPv4 or IPv6, with /BITS or without" },
	{ take_metrics_by, "is none of process, unit, container, port, nor a list of these" },
	{ take_time, "is no time (2026-11-27T10:00:00Z, without Z local; 90m, 2h, 3d: so long ago)" },
	{ take_netns, "is neither a path, an inode number nor a pid" },
	{ take_outcomes, "is none of error, eof, unnoticed, pending, none, remote, nor a list of these" },
	{ take_causes, "is no cause, nor causes with commas between (rsttrace explain lists them)" },
};

static void say_wrong(const struct option_row *row, const char *arg, char *why, size_t len)
{
	int at = snprintf(why, len, "--%s: '%.120s' ", row->name, arg);

	why += at;
	len -= at;
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++)
		if (wrongs[i].take == row->take) {
			snprintf(why, len, "%s", wrongs[i].wrong);
			return;
		}
	at = snprintf(why, len, "is none of ");
	for (const char *w = row->arg; *w && at + 2 < (int)len; w++)
		at += snprintf(why + at, len - at, *w == '|' ? ", " : "%c", *w);
}

static int row_value(size_t i)
{
	return rows[i].letter ? rows[i].letter : LONG_ONLY + (int)i;
}

static const struct option_row *row_of(int value)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (row_value(i) == value)
			return &rows[i];
	return NULL;
}

/* The rows in getopt_long's two forms. */
static void make_getopt(struct option *longs, char *shorts)
{
	*shorts++ = '+';	/* stop at COMMAND */
	*shorts++ = ':';	/* tell a missing argument from an unknown option */
	for (size_t i = 0; i < N_ROWS; i++) {
		int takes = !rows[i].arg ? no_argument :
			    rows[i].arg[0] == '[' ? optional_argument : required_argument;

		longs[i] = (struct option){ rows[i].name, takes, NULL, row_value(i) };
		if (!rows[i].letter)
			continue;
		*shorts++ = rows[i].letter;
		if (rows[i].arg)
			*shorts++ = ':';
	}
	*shorts = '\0';
}

static int parse_rows(struct options *o, struct given *given, int argc, char **argv, char *why, size_t len)
{
	struct option longs[N_ROWS + 1] = {};
	char shorts[3 * N_ROWS + 3];
	int value;

	make_getopt(longs, shorts);
	opterr = 0;
	optind = 0;	/* forget where an earlier parse ended */
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *row = row_of(value);
		const char *word = argv[optind - 1];

		if (value == ':') {
			snprintf(why, len, "option %s needs a value", word);
			return -EINVAL;
		}
		if (!row) {
			row = optopt ? row_of(optopt) : NULL;
			if (row)
				snprintf(why, len, "option --%s takes no value", row->name);
			else if (optopt)
				snprintf(why, len, "unknown option -%c", optopt);
			else
				snprintf(why, len, "unknown option %s", word);
			return -EINVAL;
		}
		note_given(given, row->name);
		if (row->take(o, row->at, optarg)) {
			say_wrong(row, optarg, why, len);
			return -EINVAL;
		}
	}
	return 0;
}

/* Files and options in any order; the files are moved to the front of argv. */
static int parse_report(struct options *o, struct given *given, int argc, char **argv, char *why, size_t len)
{
	char **files = argv, *word;
	int n = 0, err = 0;

	o->mode = MODE_REPORT;
	for (;;) {
		/* getopt skips argv[0], here the word before the options */
		err = parse_rows(o, given, argc, argv, why, len);
		if (err || o->mode != MODE_REPORT)
			return err;
		argc -= optind;
		argv += optind;
		if (!argc)
			break;
		/* the next place in files has a word that was parsed before: swap the two */
		word = files[++n];
		files[n] = argv[0];
		argv[0] = word;
	}
	o->report.files = files + 1;
	o->report.n_files = n;
	if (given->of_trace || given->of_top) {
		snprintf(why, len, "--%s means nothing to report", given->of_trace ?: given->of_top);
		return -EINVAL;
	}
	if (o->report.by == N_BY) {
		snprintf(why, len, "report has no rows by that: cause, situation, pair, process, port, unit or host");
		return -EINVAL;
	}
	if ((o->pcapng || o->html) && o->report.compare) {
		snprintf(why, len, "--%s goes with a report, not with --compare", o->html ? "html" : "pcapng");
		return -EINVAL;
	}
	if (!n || (o->report.compare && n != 2)) {
		snprintf(why, len, o->report.compare ? "--compare needs two FILEs or directories" :
			 "report needs a FILE: JSON Lines or a recording");
		return -EINVAL;
	}
	return 0;
}

static int parse_top(struct options *o, struct given *given, int argc, char **argv, char *why, size_t len)
{
	int err;

	o->mode = MODE_TOP;
	err = parse_rows(o, given, argc, argv, why, len);
	if (err || o->mode != MODE_TOP)
		return err;
	if (optind < argc || !strcmp(argv[optind - 1], "--"))
		snprintf(why, len, "top takes no COMMAND");
	else if (given->not_of_top || given->of_report)
		snprintf(why, len, "--%s means nothing to top", given->not_of_top ?: given->of_report);
	else if (o->top.by == N_TOP_BY)
		snprintf(why, len, "top has no rows by that: cause, situation, pair, process, port or container");
	else if (o->output && !o->top.batch && !o->top.once)
		snprintf(why, len, "top writes to a file with --batch or --once (and with a key)");
	else
		err = 1;
	if (!err)
		return -EINVAL;
	o->top.batch |= o->top.once;
	if (o->top.once && !o->duration_s && !o->replay)
		o->duration_s = o->top.interval_s;
	return 0;
}

static int parse_rest(struct options *o, struct given *given, int argc, char **argv, char *why, size_t len)
{
	bool dashes = optind > 1 && !strcmp(argv[optind - 1], "--");
	int err = 0;

	if (dashes && optind == argc) {
		snprintf(why, len, "no COMMAND after --");
		return -EINVAL;
	}
	if (dashes) {
		o->command = argv + optind;
	} else if (optind < argc && !strcmp(argv[optind], "check")) {
		o->mode = MODE_CHECK;
		/*
		 * options may follow the mode's name as well; optind is then the first word that
		 * is too many
		 */
		argc -= optind;
		argv += optind;
		err = parse_rows(o, given, argc, argv, why, len);
		if (!err && optind < argc) {
			snprintf(why, len, "check does not know what to do with '%s'", argv[optind]);
			err = -EINVAL;
		}
	} else if (optind < argc && !strcmp(argv[optind], "report")) {
		return parse_report(o, given, argc - optind, argv + optind, why, len);
	} else if (optind < argc && !strcmp(argv[optind], "top")) {
		err = parse_top(o, given, argc - optind, argv + optind, why, len);
	} else if (optind < argc && !strcmp(argv[optind], "explain")) {
		o->mode = MODE_EXPLAIN;
		o->words = argv + optind + 1;
	} else if (optind < argc) {
		snprintf(why, len, "do not know what to do with '%s' (a command to trace comes after --)",
			 argv[optind]);
		err = -EINVAL;
	}
	if (err)
		return err;
	if (given->of_report || (o->mode != MODE_TOP && (given->by || given->of_top))) {
		snprintf(why, len, "--%s goes with %s", given->of_report ?: given->by ?: given->of_top,
			 given->of_report ? "report" : given->by ? "report or top" : "top");
		return -EINVAL;
	}
	if (o->metrics_by && !o->metrics) {
		snprintf(why, len, "--metrics-by goes with --metrics");
		return -EINVAL;
	}
	if (o->replay && o->metrics) {
		snprintf(why, len, "--metrics tells of a trace as it runs: it does not go with --replay");
		return -EINVAL;
	}
	if (o->replay && (o->command || o->record)) {
		snprintf(why, len, "--replay reads what was recorded: it goes with neither a command nor --record");
		return -EINVAL;
	}
	if ((o->fail_on || o->user.name) && !o->command) {
		snprintf(why, len, "--%s needs a COMMAND after --", o->fail_on ? "fail-on-reset" : "user");
		return -EINVAL;
	}
	return 0;
}

int options_parse(struct options *o, int argc, char **argv, char *why, size_t len)
{
	struct given given = {};
	int err;

	*o = (struct options){ .settle_ms = DEFAULT_SETTLE_MS, .rate = DEFAULT_RATE,
			       .top = { .by = TOP_BY_PAIR, .interval_s = DEFAULT_INTERVAL_S } };
	err = parse_rows(o, &given, argc, argv, why, len);
	if (err || o->mode != MODE_TRACE)
		return err;
	return parse_rest(o, &given, argc, argv, why, len);
}

static const struct command_doc commands[] = {
	{ "[OPTIONS]", "trace until ^C" },
	{ "[OPTIONS] -- COMMAND [ARG...]", "trace COMMAND and its children" },
	{ "top [OPTIONS]", "what resets whom, as it goes: a full screen, or text with --batch" },
	{ "report [OPTIONS] FILE...", "what the records of many hosts come to: JSON Lines, recordings" },
	{ "explain [CODE|ERRNO|REASON|MESSAGE|-]", "what a cause, an error or a message means; - counts a log" },
	{ "check [--json]", "what this kernel lets be seen, what not, and what would change that" },
};

#define N_COMMANDS ARRAY_SIZE(commands)

int options_describe(int (*fn)(void *ctx, const struct option_doc *doc), void *ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < N_ROWS; i++) {
		bool own = is_among(of_report, ARRAY_SIZE(of_report), rows[i].name);
		bool both = is_among(of_both, ARRAY_SIZE(of_both), rows[i].name) || !strcmp(rows[i].name, "by");
		const struct option_doc doc = { rows[i].name, rows[i].letter, rows[i].arg,
						rows[i].help, !own, own || both };

		ret = fn(ctx, &doc);
	}
	return ret;
}

int commands_describe(int (*fn)(void *ctx, const struct command_doc *doc), void *ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < N_COMMANDS; i++)
		ret = fn(ctx, &commands[i]);
	return ret;
}

void options_usage(FILE *out)
{
	fputs("rsttrace explains every TCP reset: who sent it, why, and which call it broke.\n\n", out);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  rsttrace %-30s %s\n", commands[i].synopsis, commands[i].help);
	fputc('\n', out);
	for (size_t i = 0; i < N_ROWS; i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name,
			 rows[i].arg && rows[i].arg[0] != '[' ? " " : "", rows[i].arg ? rows[i].arg : "");
		fprintf(out, "  %c%c%c %-37s %s\n", rows[i].letter ? '-' : ' ',
			rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ',' : ' ', left,
			rows[i].help);
	}
	fputs("\nExit status: 0 done, 1 failed, 2 usage, 77 this kernel or user may not trace;\n"
	      "with COMMAND its own, or 3 with --fail-on-reset when it suffered a reset.\n", out);
}
