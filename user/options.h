/* SPDX-License-Identifier: GPL-2.0 */
/* The command line. One table gives parsing and usage. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>

#include "filter.h"
#include "hooks.h"

enum mode { MODE_TRACE, MODE_CHECK, MODE_HELP, MODE_VERSION };
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	enum mode mode;
	struct filter filter;
	enum ladder hooks;
	enum color color;
	long settle_ms;
	double duration_s;	/* 0: until a signal */
	long count;		/* 0: no limit */
	bool json, events, quiet, verbose, fail_on_reset;
	const char *output;	/* NULL: standard output */
	const char *record, *replay;
	char **command;		/* NULL-terminated; NULL: none */
};

/*
 * Returns 0, or -EINVAL with one line in `why` that names the word it could not
 * take. Strings are borrowed from argv.
 */
int options_parse(struct options *o, int argc, char **argv, char *why, size_t len);

void options_usage(FILE *out);

#endif
