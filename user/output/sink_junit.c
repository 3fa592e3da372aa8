/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A report for CI, in JUnit's XML, which every CI server reads: a test case for each cause, pair of
 * processes, port and situation. A case has failed when a call met one of its resets. Names contain
 * nothing that changes from run to run. The report is written at the end, when late errors are known.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include "incident/format.h"
#include "output/markup.h"
#include "output/sink.h"

#define MAX_CASES 1000		/* the rest is one case of its own */
#define FIRST_EPHEMERAL 32768	/* net.ipv4.ip_local_port_range, unless somebody changed it */
#define LAST_EPHEMERAL 60999

struct test_case {
	char name[8 * RST_COMM_LEN + 96];
	const char *cause;
	uint64_t count, hurt;
	char *story;		/* of the first reset that a call met, else of the first */
	bool story_hurts;
	UT_hash_handle hh;
};

struct junit {
	struct test_case *cases;	/* by name, in the order of their first reset */
};

static int junit_begin(struct sink *s)
{
	s->state = calloc(1, sizeof(struct junit));
	return s->state ? 0 : -ENOMEM;
}

static void junit_free(struct sink *s)
{
	struct junit *j = s->state;
	struct test_case *c, *tmp;

	if (!j)
		return;
	HASH_ITER(hh, j->cases, c, tmp) {
		HASH_DEL(j->cases, c);
		free(c->story);
		free(c);
	}
	free(j);
	s->state = NULL;
}

static const char *end_name(const struct endpoint *ep, char *buf, size_t len)
{
	if (ep->local == 0)
		return "another host";
	if (!ep->comm[0])
		return ep->owner == OWNER_KERNEL ? "the kernel" : "nobody known";
	return fmt_escape(buf, len, endpoint_name(ep), RST_COMM_LEN);
}

/* Not a client's port: it differs from run to run, and would make a case of its own of each reset. */
static bool may_be_named(int64_t port)
{
	return port > 0 && (port < FIRST_EPHEMERAL || port > LAST_EPHEMERAL);
}

static void name_case(char *buf, size_t len, const struct incident *inc)
{
	char sender[4 * RST_COMM_LEN], victim[4 * RST_COMM_LEN];
	int64_t low = inc->sport < inc->dport ? inc->sport : inc->dport;
	int64_t port = may_be_named(low) ? low : inc->sport + inc->dport - low;
	int at = snprintf(buf, len, "%s → %s", end_name(&inc->sender, sender, sizeof(sender)),
			  end_name(&inc->victim, victim, sizeof(victim)));

	if (may_be_named(port) && at < (int)len)
		at += snprintf(buf + at, len - at, ", port %" PRId64, port);
	if (inc->situation && at < (int)len)
		snprintf(buf + at, len - at, ", %s", inc->situation);
}

static struct test_case *case_of(struct junit *j, const struct incident *inc)
{
	const char *cause = inc->cause ?: "unknown";
	char name[sizeof(j->cases->name)];
	struct test_case *c;
	size_t at = snprintf(name, sizeof(name), "%s: ", cause);

	name_case(name + at, sizeof(name) - at, inc);
	HASH_FIND_STR(j->cases, name, c);
	if (!c && HASH_COUNT(j->cases) >= MAX_CASES) {
		strcpy(name, "others");
		cause = "others";
		HASH_FIND_STR(j->cases, name, c);
	}
	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	strcpy(c->name, name);
	c->cause = cause;
	HASH_ADD_STR(j->cases, name, c);
	return c;
}

/* The block that the text output shows for the incident; NULL when out of memory. */
static char *story_of(const struct sink *s, const struct incident *inc)
{
	struct sink text = { .ops = &sink_text, .verbose = true, .meta = s->meta };
	char *story = NULL;
	size_t len;
	int err;

	text.out = open_memstream(&story, &len);
	if (!text.out)
		return NULL;
	if (text.ops->begin)
		text.ops->begin(&text);
	err = text.ops->incident(&text, inc);
	if (text.ops->free)
		text.ops->free(&text);
	if (!fclose(text.out) && !err)
		return story;
	free(story);
	return NULL;
}

static int junit_incident(struct sink *s, const struct incident *inc)
{
	struct test_case *c = case_of(s->state, inc);
	bool hurts = outcome_hurts(inc->outcome);
	bool again = inc->passed && inc->rev;

	if (!c)
		return -ENOMEM;
	c->count += !again;
	c->hurt += hurts;
	if (again && outcome_hurts(inc->was) && c->hurt)
		c->hurt--;
	if (c->story && (!hurts || c->story_hurts))
		return 0;
	free(c->story);
	c->story = story_of(s, inc);
	c->story_hurts = hurts;
	return c->story ? 0 : -ENOMEM;
}

static void put_case(FILE *out, const struct test_case *c)
{
	fprintf(out, "  <testcase classname=\"rsttrace.%s\" name=\"", c->cause);
	markup_text(out, strstr(c->name, ": ") ? strstr(c->name, ": ") + 2 : c->name);
	fputs("\">\n", out);
	if (c->hurt)
		fprintf(out, "    <failure type=\"%s\" message=\"%" PRIu64 " of %" PRIu64
			" resets hurt somebody\">", c->cause, c->hurt, c->count);
	else
		fprintf(out, "    <system-out>%" PRIu64 " reset%s, no call saw %s\n", c->count,
			c->count == 1 ? "" : "s", c->count == 1 ? "it" : "one");
	markup_text(out, c->story);
	fprintf(out, "</%s>\n  </testcase>\n", c->hurt ? "failure" : "system-out");
}

static int junit_end(struct sink *s, const struct totals *t)
{
	const struct junit *j = s->state;
	const struct test_case *c;
	unsigned int failures = 0, n = HASH_COUNT(j->cases);

	(void)t;
	for (c = j->cases; c; c = c->hh.next)
		failures += c->hurt > 0;
	fprintf(s->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		" <testsuite name=\"rsttrace\" hostname=\"");
	markup_text(s->out, s->meta ? s->meta->host : "");
	fprintf(s->out, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\">\n", n ?: 1, failures);
	if (!n)
		fputs("  <testcase classname=\"rsttrace\" name=\"no connection was reset\"/>\n", s->out);
	for (c = j->cases; c; c = c->hh.next)
		put_case(s->out, c);
	fputs(" </testsuite>\n</testsuites>\n", s->out);
	return ferror(s->out) ? -EIO : 0;
}

const struct sink_ops sink_junit = {
	.begin = junit_begin,
	.incident = junit_incident,
	.end = junit_end,
	.free = junit_free,
};
