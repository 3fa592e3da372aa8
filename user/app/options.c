/* SPDX-License-Identifier: GPL-2.0 */
#include "app/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "app/option_table.h"
#include "base/array.h"

#define DEFAULT_SETTLE_MS 300
#define DEFAULT_RATE 500
#define DEFAULT_INTERVAL_S 2
#define LONG_ONLY 256	/* values of options without a letter begin here */

/* For each mode, the last option given that only this mode has; NULL: none. */
struct given {
	const char *of_trace, *of_report, *of_top, *by;
	const char *not_of_top;	/* the last one that a trace takes but "top" does not */
};

/* Options that only "report" has, and options of a trace that it takes as well. */
static const char *const of_report[] = { "since", "until", "compare", "ask", "top", "skew", "keep" };
static const char *const of_both[] = {
	"pid", "comm", "port", "lport", "rport", "addr", "netns", "cgroup", "direction", "cause", "outcome",
	"settle", "json", "pcapng", "html", "quiet", "help", "version",
};

/* Options that only "top" has, and options of a trace that it does not take. */
static const char *const of_top[] = { "batch", "once", "interval" };
static const char *const not_of_top[] = { "json", "events", "all", "user", "fail-on-reset", "config", "confine" };

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

static int row_value(size_t i)
{
	return option_rows[i].letter ? option_rows[i].letter : LONG_ONLY + (int)i;
}

static const struct option_row *row_of(int value)
{
	for (size_t i = 0; i < n_option_rows; i++)
		if (row_value(i) == value)
			return &option_rows[i];
	return NULL;
}

/* The rows in getopt_long's two forms. */
static void make_getopt(struct option *longs, char *shorts)
{
	*shorts++ = '+';	/* stop at COMMAND */
	*shorts++ = ':';	/* tell a missing argument from an unknown option */
	for (size_t i = 0; i < n_option_rows; i++) {
		int takes = !option_rows[i].arg ? no_argument :
			    option_rows[i].arg[0] == '[' ? optional_argument : required_argument;

		longs[i] = (struct option){ option_rows[i].name, takes, NULL, row_value(i) };
		if (!option_rows[i].letter)
			continue;
		*shorts++ = option_rows[i].letter;
		if (option_rows[i].arg)
			*shorts++ = ':';
	}
	*shorts = '\0';
}

static int parse_rows(struct options *o, struct given *given, int argc, char **argv, char *why, size_t len)
{
	struct option longs[OPTIONS_MAX + 1] = {};
	char shorts[3 * OPTIONS_MAX + 3];
	char wrong[256];
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
		if (option_take(o, row, optarg, wrong, sizeof(wrong))) {
			snprintf(why, len, "--%s: %s", row->name, wrong);
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
		snprintf(why, len, "report has no rows by that: cause, situation, pair, process, port, unit, host,"
			 " kernel, addresses or source");
		return -EINVAL;
	}
	if (o->report.ask && (given->by || o->filter.n_causes || o->filter.outcomes || o->report.compare)) {
		snprintf(why, len, "--ask goes without --by, --cause, --outcome and --compare");
		return -EINVAL;
	}
	if ((o->pcapng || o->html) && (o->report.compare || (o->report.ask && o->report.ask->compare))) {
		snprintf(why, len, "--%s goes with a report, not with %s", o->html ? "html" : "pcapng",
			 o->report.compare ? "--compare" : "this question, which compares");
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

/* What reading the file needs to know of the options so far. */
struct config_ctx {
	struct options *o;
	bool on_line[OPTIONS_MAX];	/* given on the command line, which wins */
	bool in_file[OPTIONS_MAX];
};

/* Takes one line of the file of --config; has the form of a config_fn. */
static int take_setting(void *ctx, const char *name, char *value, char *why, size_t len)
{
	struct config_ctx *c = ctx;
	const struct option_row *row = option_find(name);
	struct options checked_only;
	bool off = false;
	char wrong[256];
	size_t i;

	if (!row || row->flags & NOT_IN_FILE) {
		snprintf(why, len, row ? "%.64s goes on the command line only" :
			 "there is no option '%.64s' (names are those of the long options)", name);
		return -EINVAL;
	}
	if (is_among(of_report, ARRAY_SIZE(of_report), name) || is_among(of_top, ARRAY_SIZE(of_top), name) ||
	    !strcmp(name, "by")) {
		snprintf(why, len, "%s is no option of a trace", name);
		return -EINVAL;
	}
	i = row - option_rows;
	if (c->in_file[i] && !(row->flags & REPEATS)) {
		snprintf(why, len, "%s is given for the second time", name);
		return -EINVAL;
	}
	c->in_file[i] = true;
	if (!row->arg && value) {
		off = !strcmp(value, "no");
		if (!off && strcmp(value, "yes")) {
			snprintf(why, len, "%s: '%.120s' is neither yes nor no", name, value);
			return -EINVAL;
		}
		value = NULL;
	} else if (row->arg && row->arg[0] != '[' && !value) {
		snprintf(why, len, "%s needs a value: %s = %s", name, name, row->arg);
		return -EINVAL;
	}
	if (off)
		return 0;
	checked_only = *c->o;
	if (option_take(c->on_line[i] && !(row->flags & REPEATS) ? &checked_only : c->o, row, value, wrong,
			sizeof(wrong))) {
		snprintf(why, len, "%s: %s", name, wrong);
		return -EINVAL;
	}
	return 0;
}

static int parse_config(struct options *o, char *why, size_t len)
{
	struct config_ctx c = { .o = o };

	for (size_t i = 0; i < n_option_rows; i++)
		c.on_line[i] = o->given[i];
	return config_read(o->config, &o->config_text, take_setting, &c, why, len);
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
	if (!err && o->config && (o->mode == MODE_TRACE || o->mode == MODE_CHECK))
		err = parse_config(o, why, len);
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
	if (o->confine && (o->command || o->stacks || o->replay)) {
		snprintf(why, len, "--confine cannot be combined with a COMMAND or --stacks, which need privileges all the time, nor with --replay, which needs none");
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

	*o = (struct options){ .argc = argc, .argv = argv, .settle_ms = DEFAULT_SETTLE_MS, .rate = DEFAULT_RATE,
			       .top = { .by = TOP_BY_PAIR, .interval_s = DEFAULT_INTERVAL_S } };
	err = parse_rows(o, &given, argc, argv, why, len);
	if (err || o->mode != MODE_TRACE)
		return err;
	return parse_rest(o, &given, argc, argv, why, len);
}

void options_free(struct options *o)
{
	suppress_free(&o->suppress);
	free(o->config_text);
	free(o->reloaded_text);
	o->config_text = o->reloaded_text = NULL;
}

static const struct command_doc commands[] = {
	{ "[OPTIONS]", "trace until ^C" },
	{ "[OPTIONS] -- COMMAND [ARG...]", "trace COMMAND and its children" },
	{ "top [OPTIONS]", "who resets whom, live: a full screen, or text with --batch" },
	{ "report [OPTIONS] FILE...", "sum up the records of one host or many: JSON Lines, recordings" },
	{ "explain [CODE|ERRNO|REASON|MESSAGE|-]", "what a cause, an error or a message means; - counts a log" },
	{ "check [--json]", "what can be seen on this kernel, what not, and how to see more" },
};

#define N_COMMANDS ARRAY_SIZE(commands)

int options_describe(int (*fn)(void *ctx, const struct option_doc *doc), void *ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < n_option_rows; i++) {
		bool own = is_among(of_report, ARRAY_SIZE(of_report), option_rows[i].name);
		bool both = is_among(of_both, ARRAY_SIZE(of_both), option_rows[i].name) || !strcmp(option_rows[i].name, "by");
		const struct option_doc doc = { option_rows[i].name, option_rows[i].letter, option_rows[i].arg,
						option_rows[i].help, !own, own || both };

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
	for (size_t i = 0; i < n_option_rows; i++) {
		char left[96];

		snprintf(left, sizeof(left), "--%s%s%s", option_rows[i].name,
			 option_rows[i].arg && option_rows[i].arg[0] != '[' ? " " : "", option_rows[i].arg ? option_rows[i].arg : "");
		fprintf(out, "  %c%c%c %-37s %s\n", option_rows[i].letter ? '-' : ' ',
			option_rows[i].letter ? option_rows[i].letter : ' ', option_rows[i].letter ? ',' : ' ', left,
			option_rows[i].help);
	}
	fputs("\nExit status: 0 done, 1 failed, 2 usage, 77 this kernel or user may not trace;\n"
	      "with COMMAND its own, or 3 with --fail-on-reset when it suffered a reset.\n", out);
}
