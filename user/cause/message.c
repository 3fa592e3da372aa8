/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/message.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* ---- a pattern in a line -------------------------------------------------------- */

static bool is_address(unsigned char c)
{
	return isxdigit(c) || c == '.' || c == ':';
}

/*
 * Whether s, in lower case, begins with the n bytes of a part, in which '#' is an address or a
 * number: the end of it in s, or NULL.
 */
static const char *part_at(const char *part, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++) {
		if (part[i] == '#') {
			if (!is_address(*s))
				return NULL;
			while (is_address(*s))
				s++;
		} else if (tolower((unsigned char)part[i]) != (unsigned char)*s++) {
			return NULL;
		}
	}
	return s;
}

/* Each part is taken at the first place where it fits. No part begins with '#'. */
static bool holds(const char *lower, const char *pattern)
{
	while (*pattern) {
		size_t n = strcspn(pattern, "*");
		const char *end = NULL;

		while ((lower = strchr(lower, tolower((unsigned char)*pattern))) &&
		       !(end = part_at(pattern, n, lower)))
			lower++;
		if (!end)
			return false;
		lower = end;
		pattern += n + (pattern[n] == '*');
	}
	return true;
}

/* ---- the error that a line names -------------------------------------------------- */

/* The errors of connections, in the words of programs; other errors are not explained here. */
static const struct { int err; const char *words[4]; } errors[] = {
	{ ECONNRESET, { "connection reset", "econnreset" } },
	{ EPIPE, { "broken pipe", "epipe", "brokenpipe" } },
	{ ECONNREFUSED, { "connection refused", "econnrefused", "actively refused" } },
	{ ETIMEDOUT, { "connection timed out", "etimedout", "operation timed out" } },
	{ ECONNABORTED, { "software caused connection abort", "econnaborted", "connection aborted" } },
	{ EHOSTUNREACH, { "no route to host", "ehostunreach", "host is unreachable" } },
	{ ENETUNREACH, { "network is unreachable", "enetunreach", "network unreachable" } },
};

static bool is_of_connection(long err)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].err == err)
			return true;
	return false;
}

/* "errno 104", "[Errno 32]", "os error 111", "code: 104", "SocketException (104)" */
static int number_in(const char *lower)
{
	static const char *const before[] = { "errno", "os error", "system error", "code", "exception" };

	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		for (const char *s = strstr(lower, before[i]); s; s = strstr(s, before[i])) {
			char *end;
			long n;

			s += strlen(before[i]);
			n = strtol(s + strspn(s, " =:("), &end, 10);
			if (end > s && is_of_connection(n))
				return (int)n;
		}
	}
	return 0;
}

static int error_in(const char *line, const char *lower, const char **language)
{
	/* first, as the German and French texts have the English words in them */
	for (const struct translation *t = translations; t->text; t++)
		if (strstr(line, t->text)) {
			*language = t->language;
			return t->err;
		}
	*language = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (const char *const *word = errors[i].words; *word; word++)
			if (strstr(lower, *word))
				return errors[i].err;
	return number_in(lower);
}

/* ---- HAProxy's states --------------------------------------------------------------- */

/* Whether s begins with the counters that follow the state in a log line: "1/1/0/0/0". */
static bool is_counters(const char *s)
{
	size_t n = strspn(s, "0123456789/");
	int slashes = 0;

	for (size_t i = 0; i < n; i++)
		slashes += s[i] == '/';
	return slashes == 4 && isdigit((unsigned char)*s);
}

/*
 * The row of a state like "SD--", "cD" or "SDNI": the line's only word, or followed by the
 * counters of a log line.
 */
static const struct message *state_in(const char *line)
{
	for (const char *s = line + strspn(line, " "); *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " \n");
		bool alone = s == line && !s[n + strspn(s + n, " \n")];
		bool word = (n == 2 || (n == 4 && strspn(s + 2, "-NIDVEOUR") >= 2)) &&
			    (alone || is_counters(s + n + strspn(s + n, " ")));

		for (const struct message *row = haproxy_states; word && row->match; row++)
			if (!strncmp(s, row->match, 2))
				return row;
		s += n + (s[n] == '\n');
	}
	return NULL;
}

/* ---- all of it ----------------------------------------------------------------------- */

static const struct message *const tables[] = { server_messages, client_messages, language_messages };

static const struct message *row_of(const char *line, const char *lower, int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct message *row = tables[i]; row->match; row++)
			if (holds(lower, row->match) && (err || row->err != ERR_OF_LINE))
				return row;
	return state_in(line);
}

static enum message_way way_in(const char *lower)
{
	static const struct { const char *word; enum message_way way; } words[] = {
		{ "connect()", WAY_CONNECT }, { "connect:", WAY_CONNECT }, { "connect to", WAY_CONNECT },
		{ "connecting", WAY_CONNECT }, { "recv", WAY_READ }, { "read", WAY_READ },
		{ "receiv", WAY_READ }, { "send", WAY_WRITE }, { "write", WAY_WRITE },
		{ "writing", WAY_WRITE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(lower, words[i].word))
			return words[i].way;
	return WAY_ANY;
}

/* Bytes of a line that are searched; of longer lines the message is at the head. */
#define LOOKED_AT 4096

int message_find(const char *line, struct meaning *m)
{
	char lower[LOOKED_AT];
	const struct message *row;
	const char *language;
	size_t n;
	int err;

	for (n = 0; n < sizeof(lower) - 1 && line[n]; n++)
		lower[n] = (char)tolower((unsigned char)line[n]);
	lower[n] = '\0';
	err = error_in(line, lower, &language);
	row = row_of(line, lower, err);
	if (!row && !err)
		return -ENOENT;
	*m = (struct meaning){ .row = row, .err = err, .language = language };
	if (!row) {
		m->way = err == EPIPE ? WAY_WRITE : err == ECONNREFUSED ? WAY_CONNECT : way_in(lower);
		return 0;
	}
	m->way = row->way;
	if (row->err > 0 || row->way == WAY_EOF || row->way == WAY_TIMEOUT)
		m->err = row->err;
	return 0;
}

size_t message_languages(void)
{
	size_t n = 0;

	for (const struct translation *t = translations; t->text; t++) {
		const struct translation *first = translations;

		while (strcmp(first->language, t->language))
			first++;
		n += first == t;
	}
	return n;
}

int message_walk(message_fn fn, void *ctx)
{
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct message *row = tables[i]; !ret && row->match; row++)
			ret = fn(ctx, row);
	for (const struct message *row = haproxy_states; !ret && row->match; row++)
		ret = fn(ctx, row);
	return ret;
}
