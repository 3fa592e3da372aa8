/* SPDX-License-Identifier: GPL-2.0 */
#include "app/extcap.h"

#include <stdlib.h>
#include <string.h>

#include "cause/rules.h"
#include "output/pcapng.h"

#ifndef RSTTRACE_VERSION
#define RSTTRACE_VERSION "unknown"
#endif

#define INTERFACE "rsttrace"

/* Options that Wireshark may give. A value follows after "=" or as the next word. */
enum word {
	INTERFACES, VERSION_OF_WIRESHARK, INTERFACE_NAME, DLTS, CONFIG, RELOAD, CAPTURE, FIFO, FILTER,
	CONTROL_IN, CONTROL_OUT, CLEANUP, N_WORDS,
};

static const struct {
	const char *name;
	enum { NO_VALUE, MAY_HAVE_VALUE, HAS_VALUE } value;
} words[N_WORDS] = {
	[INTERFACES] = { "--extcap-interfaces", NO_VALUE },
	[VERSION_OF_WIRESHARK] = { "--extcap-version", MAY_HAVE_VALUE },
	[INTERFACE_NAME] = { "--extcap-interface", HAS_VALUE },
	[DLTS] = { "--extcap-dlts", NO_VALUE },
	[CONFIG] = { "--extcap-config", NO_VALUE },
	[RELOAD] = { "--extcap-reload-option", HAS_VALUE },
	[CAPTURE] = { "--capture", NO_VALUE },
	[FIFO] = { "--fifo", HAS_VALUE },
	[FILTER] = { "--extcap-capture-filter", HAS_VALUE },
	[CONTROL_IN] = { "--extcap-control-in", HAS_VALUE },
	[CONTROL_OUT] = { "--extcap-control-out", HAS_VALUE },
	[CLEANUP] = { "--extcap-cleanup-postkill", NO_VALUE },
};

/* The options that were given: NULL where one was not, "" where it has no value. */
struct said {
	const char *value[N_WORDS];
	char **rest;		/* rsttrace's own options, from argv[0] on */
	int n_rest;
};

/* Which word arg is, or N_WORDS; *value is the text after its "=", or NULL. */
static enum word word_of(const char *arg, const char **value)
{
	size_t n = strcspn(arg, "=");

	*value = arg[n] ? arg + n + 1 : NULL;
	for (enum word w = 0; w < N_WORDS; w++)
		if (strlen(words[w].name) == n && !strncmp(arg, words[w].name, n))
			return w;
	return N_WORDS;
}

/*
 * Takes Wireshark's words out of the arguments before a COMMAND. Returns the word that lacks its value,
 * or N_WORDS.
 */
static enum word sort_words(struct said *s, int argc, char **argv)
{
	bool dashes = false;

	for (int i = 0; i < argc; i++) {
		const char *value;
		enum word w = i && !dashes ? word_of(argv[i], &value) : N_WORDS;

		dashes |= !strcmp(argv[i], "--");

		if (w == N_WORDS) {
			s->rest[s->n_rest++] = argv[i];
			continue;
		}
		if (!value && words[w].value == HAS_VALUE) {
			if (i + 1 == argc)
				return w;
			value = argv[++i];
		}
		s->value[w] = value ?: "";
	}
	return N_WORDS;
}

/* ---- answers ---- */

static void tell_interfaces(FILE *out)
{
	fputs("extcap {version=" RSTTRACE_VERSION "}{display=rsttrace}\n"
	      "interface {value=" INTERFACE "}{display=TCP resets, explained}\n", out);
}

static void tell_dlts(FILE *out)
{
	fprintf(out, "dlt {number=%d}{name=RAW}{display=Raw IP}\n", LINKTYPE_RAW);
}

/* What Wireshark's dialog for the interface asks for: options of the command line. */
static const struct {
	const char *option, *display, *type;
} questions[] = {
	{ "comm", "Process", "{type=string}" },
	{ "port", "Port", "{type=unsigned}{range=1,65535}" },
	{ "addr", "Address", "{type=string}" },
	{ "cause", "Causes", "{type=multicheck}" },
	{ "replay", "Recording", "{type=fileselect}{mustexist=true}" },
};

#define N_QUESTIONS (sizeof(questions) / sizeof(questions[0]))

static int tell_question(void *ctx, const struct option_doc *doc)
{
	FILE *out = ctx;

	for (size_t i = 0; i < N_QUESTIONS; i++)
		if (!strcmp(doc->name, questions[i].option))
			fprintf(out, "arg {number=%zu}{call=--%s}{display=%s}{tooltip=%s}%s\n", i,
				doc->name, questions[i].display, doc->help, questions[i].type);
	return 0;
}

static void tell_config(FILE *out)
{
	options_describe(tell_question, out);
	for (size_t i = 0; i < N_QUESTIONS; i++) {
		if (strcmp(questions[i].option, "cause"))
			continue;
		for (const struct rule *r = rules; r < rules + n_rules; r++)
			if (r == rule_find(r->cause))	/* some causes have several rules */
				fprintf(out, "value {arg=%zu}{value=%s}{display=%s: %s}\n", i, r->cause,
					r->cause, r->headline);
	}
}

/* ---- the capture ---- */

static enum extcap capture(struct options *o, const struct said *s, char *why, size_t len)
{
	if (!s->value[FIFO]) {
		snprintf(why, len, "--capture needs --fifo FILE");
		return EXTCAP_WRONG;
	}
	if (options_parse(o, s->n_rest, s->rest, why, len))
		return EXTCAP_WRONG;
	if (o->mode != MODE_TRACE || o->command || o->pcapng) {
		snprintf(why, len, "--capture goes with the options of a trace alone");
		return EXTCAP_WRONG;
	}
	o->pcapng = s->value[FIFO];
	o->capture_only = o->quiet = true;
	return EXTCAP_CAPTURE;
}

static enum extcap of_interface(struct options *o, const struct said *s, FILE *out, char *why,
				size_t len)
{
	const char *name = s->value[INTERFACE_NAME];

	if (!name || strcmp(name, INTERFACE)) {
		snprintf(why, len, "--extcap-interface: '%s' is not %s", name ?: "", INTERFACE);
		return EXTCAP_WRONG;
	}
	if (s->value[FILTER] && *s->value[FILTER]) {
		/* Wireshark shows the printed text as the error of the filter */
		snprintf(why, len, "resets take no capture filter: their own options choose among them");
		if (s->value[CAPTURE])
			return EXTCAP_WRONG;
		fprintf(out, "%s\n", why);
		return EXTCAP_ANSWERED;
	}
	if (s->value[CAPTURE])
		return capture(o, s, why, len);
	if (s->value[DLTS])
		tell_dlts(out);
	else if (s->value[CONFIG])
		tell_config(out);
	return EXTCAP_ANSWERED;
}

static enum extcap serve(struct options *o, struct said *s, int argc, char **argv, FILE *out, char *why,
			 size_t len)
{
	enum word lacks = sort_words(s, argc, argv);

	if (lacks != INTERFACE_NAME && !s->value[INTERFACES] && !s->value[INTERFACE_NAME])
		return EXTCAP_NOT;
	if (lacks != N_WORDS) {
		snprintf(why, len, "option %s needs a value", words[lacks].name);
		return EXTCAP_WRONG;
	}
	if (s->value[INTERFACES]) {
		tell_interfaces(out);
		return EXTCAP_ANSWERED;
	}
	return of_interface(o, s, out, why, len);
}

enum extcap extcap_serve(struct options *o, int argc, char **argv, FILE *out, char *why, size_t len)
{
	struct said s = { .rest = calloc(argc + 1, sizeof(*argv)) };
	enum extcap ret;

	if (!s.rest) {
		snprintf(why, len, "out of memory");
		return EXTCAP_WRONG;
	}
	ret = serve(o, &s, argc, argv, out, why, len);
	free(s.rest);
	return ret;
}
