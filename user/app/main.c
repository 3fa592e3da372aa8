/* SPDX-License-Identifier: GPL-2.0 */
/* Parse, wire the stages, loop. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/check.h"
#include "app/extcap.h"
#include "cause/explain.h"
#include "cause/explain_message.h"
#include "attach/loader.h"
#include "app/options.h"
#include "app/report_run.h"
#include "app/session.h"
#include "base/escape.h"

#ifndef RSTTRACE_VERSION
#define RSTTRACE_VERSION "unknown"
#endif

static int fail(int status, const char *why)
{
	say("%s", why);
	return status;
}

static int run_check(const struct options *o)
{
	struct loader_opts lo = { .hooks = o->hooks, .btf = o->btf, .verbose = o->verbose };
	struct check c = {};
	struct loader *l;
	char why[256];
	int err;

	/* loads and attaches all programs, to show what works, not what should */
	err = loader_probe(&l, &lo, why, sizeof(why)) ?: loader_start(l, why, sizeof(why));
	if (!l)
		return fail(EXIT_FAILURE, why);
	c.caps = loader_caps(l);
	c.plan = loader_plan(l);
	c.why = err ? why : NULL;
	if (o->json ? check_json(stdout, &c, RSTTRACE_VERSION) : check_print(stdout, &c))
		err = fail(EXIT_FAILURE, "cannot write to standard output");
	else if (err)
		err = fail(EXIT_CANNOT_TRACE, why);
	loader_stop(l);
	return err;
}

static int run_explain(const struct options *o)
{
	unsigned int width = explain_width(STDOUT_FILENO);
	char why[256];
	int err;

	if (o->words[0] && !strcmp(o->words[0], "-") && !o->words[1]) {
		err = explain_log(stdout, stdin, width);
		if (err) {
			snprintf(why, sizeof(why), "cannot read standard input: %s", strerror(-err));
			return fail(EXIT_FAILURE, why);
		}
		return fflush(stdout) ? fail(EXIT_FAILURE, "cannot write to standard output") : EXIT_SUCCESS;
	}
	err = explain(stdout, o->words, width, why, sizeof(why));

	if (err == -ENOENT)
		return fail(EXIT_USAGE, why);
	return err ? fail(EXIT_FAILURE, "cannot write to standard output") : EXIT_SUCCESS;
}

static int run_session(struct options *o)
{
	struct signals signals;
	struct session *s;
	char why[256] = "";
	bool screen = o->mode == MODE_TOP && !o->top.batch;
	int status, err = signals_open(&signals, (o->output || o->json_file || o->config || getenv("NOTIFY_SOCKET")) && !screen, o->command, screen);

	if (err)
		return fail(EXIT_FAILURE, strerror(-err));
	status = session_open(&s, o, &signals, why, sizeof(why));
	if (status) {
		fail(status, why);
	} else {
		status = session_run(s);
		session_close(s);
	}
	signals_close(&signals);
	return status;
}

static int run(struct options *o)
{
	switch (o->mode) {
	case MODE_HELP:
		options_usage(stdout);
		return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	case MODE_VERSION:
		printf("rsttrace %s\n", RSTTRACE_VERSION);
		return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	case MODE_CHECK:
		return run_check(o);
	case MODE_EXPLAIN:
		return run_explain(o);
	case MODE_REPORT:
		signal(SIGPIPE, SIG_IGN);	/* write() to a closed pipe is to fail with EPIPE instead */
		return report_run(o);
	case MODE_TRACE:
	case MODE_TOP:
		break;
	}
	return run_session(o);
}

int main(int argc, char **argv)
{
	struct options o;
	char why[1024];
	int status;

	switch (extcap_serve(&o, argc, argv, stdout, why, sizeof(why))) {
	case EXTCAP_ANSWERED:
		return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	case EXTCAP_CAPTURE:
		return run_session(&o);
	case EXTCAP_WRONG:
		return fail(EXIT_USAGE, why);
	case EXTCAP_NOT:
		break;
	}
	if (options_parse(&o, argc, argv, why, sizeof(why))) {
		say("%s; rsttrace --help lists what there is", why);
		options_free(&o);
		return EXIT_USAGE;
	}
	status = run(&o);
	options_free(&o);
	return status;
}
