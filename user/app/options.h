/* SPDX-License-Identifier: GPL-2.0 */
/* The options of the command line and of the file of --config. One table gives parsing, usage, the manual and the completion. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>

#include "app/command.h"
#include "app/suppress.h"
#include "attach/hooks.h"
#include "report/questions.h"
#include "top/keys.h"

enum mode { MODE_TRACE, MODE_CHECK, MODE_EXPLAIN, MODE_REPORT, MODE_TOP, MODE_HELP, MODE_VERSION };
enum fail_on { FAIL_ON_NOTHING, FAIL_ON_RESET, FAIL_ON_HURT };	/* what makes the exit status 3 */
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER, COLOR_MAX };

/* Options that only "report" has. */
struct report_options {
	enum report_by by;
	int64_t since_ns, until_ns;	/* 0: no bound */
	long top, skew_s, keep;		/* 0: the default */
	bool compare;
	const struct question *ask;	/* NULL: what the other options say */
	char **files;
	int n_files;
};

/* Options that only "top" has. */
struct top_options {
	enum top_by by;
	bool batch, once;	/* text to standard output, or to --output; once implies batch */
	double interval_s;
};

#define OPTIONS_MAX 64	/* rows of the table of options */

struct options {
	enum mode mode;
	const char *given[OPTIONS_MAX];	/* by row of the table: the text of the value; NULL: not given */
	const char *config;	/* a file with more options; NULL: none */
	char *config_text;	/* what it holds; strings below may point into it */
	char *reloaded_text;	/* ... and what it held when it was read last; NULL: it was read once */
	int argc;
	char **argv;		/* to be parsed again; borrowed */
	bool append;		/* files that begin with no header are added to */
	bool confine;		/* privileges go once all is attached */
	bool journal;		/* records go to the systemd journal */
	struct filter filter;
	struct suppress suppress;
	enum ladder hooks;
	enum color color;
	long settle_ms;
	long rate;
	double duration_s;	/* 0: until a signal */
	long count;		/* 0: no limit */
	bool all;		/* show every record whole, even if it is like those before */
	bool json, events, quiet, verbose, stacks;
	enum fail_on fail_on;
	struct command_user user;
	const char *btf;	/* a file with the kernel's types; NULL: the kernel has them */
	const char *output;	/* NULL: standard output */
	const char *json_file;	/* JSON Lines besides; NULL: none */
	const char *record, *replay;
	const char *junit;	/* a report for CI servers; NULL: none */
	const char *metrics;	/* [ADDR:]PORT to answer HTTP on; NULL: none */
	unsigned int metrics_by;	/* METRICS_BY_* */
	const char *pcapng;	/* NULL: no capture file */
	const char *html;	/* a page for browsers; NULL: none */
	bool capture_only;	/* nothing but the capture file */
	char **command;		/* NULL-terminated; NULL: none */
	struct report_options report;	/* MODE_REPORT */
	struct top_options top;	/* MODE_TOP */
	char **words;		/* MODE_EXPLAIN: what to explain, NULL-terminated; none: all */
};

/*
 * Returns 0, or -EINVAL with one line in `why` that names the word it could not
 * take, and the line of the file of --config where it stands. Strings are borrowed
 * from argv and that file's text. options_free() follows either way.
 */
int options_parse(struct options *o, int argc, char **argv, char *why, size_t len);
void options_free(struct options *o);

void options_usage(FILE *out);

/* One option, or one way to call the program, for the documentation. */
struct option_doc {
	const char *name;	/* without its dashes */
	char letter;		/* 0: long only */
	const char *arg;	/* NULL: a switch; "[=WORD]": may be left out; alternatives are separated by '|' */
	const char *help;	/* a line without a full stop */
	bool of_trace, of_report;	/* which modes have it */
};

struct command_doc {
	const char *synopsis;	/* what follows the program's name */
	const char *help;
};

/* Visit all, in the order of the usage. Return 0, or what fn returned, which ends the walk. */
int options_describe(int (*fn)(void *ctx, const struct option_doc *doc), void *ctx);
int commands_describe(int (*fn)(void *ctx, const struct command_doc *doc), void *ctx);

#endif
