/* SPDX-License-Identifier: GPL-2.0 */
/* Which incidents belong to a scene, and how they differ from its expectations. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stage.h"

int64_t wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static bool in_netns(const struct scene *s, const struct told *x)
{
	return x->netns == s->netns || (s->netns_too && x->netns == s->netns_too);
}

/* When the scene's last reset, the marker, was sent. */
static int64_t marked_ns(const struct stage *st)
{
	int i;

	for (i = st->first; i < st->t->n_told; i++) {
		const struct told *x = &st->t->told[i];

		if (x->sport == MARKER_PORT && in_netns(st->s, x) && x->time_ns >= st->from_ns)
			return x->time_ns;
	}
	return INT64_MAX;
}

/*
 * Where events were lost, an incident may lack the namespace: then it is the scene's if one of the
 * expectations has its addresses and the scene has not ended.
 */
static bool has_by_flow(const struct stage *st, const struct told *x)
{
	int k;

	for (k = 0; k < st->s->n_expects; k++)
		if (expect_same_flow(&st->s->expects[k], x->obj, false))
			return x->time_ns <= marked_ns(st);
	return false;
}

/*
 * Inode numbers are used again: while a shared tracer runs, other programs' namespaces come and go,
 * and one of them may have had this scene's number before.
 */
bool stage_has(const struct stage *st, const struct told *x)
{
	return x->time_ns >= st->from_ns && (x->netns ? in_netns(st->s, x) : has_by_flow(st, x));
}

bool stage_incident(const struct stage *st, const struct told *x)
{
	return stage_has(st, x) && x->sport != MARKER_PORT;
}

bool stage_marked(const struct stage *st)
{
	int i;

	for (i = st->t->n_told - 1; i >= st->first; i--)
		if (stage_has(st, &st->t->told[i]) && st->t->told[i].sport == MARKER_PORT)
			return true;
	return false;
}

/*
 * Finds the incident of each expectation: the first one with the same flow and kind that no other
 * expectation has, so that of two resets of one flow the missing one is reported as missing; then
 * the first one with the same flow. Those left over are matched in order, so that a wrong address
 * is reported as a wrong address. Returns the number of incidents without an expectation.
 */
static int assign(const struct stage *st, const json_t **found)
{
	const struct scene *s = st->s;
	int pass, i, k, extra = 0;

	memset(found, 0, MAX_EXPECTS * sizeof(*found));
	for (pass = 0; pass < 3; pass++) {
		extra = 0;
		for (i = st->first; i < st->t->n_told; i++) {
			const json_t *obj = st->t->told[i].obj;

			if (!stage_incident(st, &st->t->told[i]))
				continue;
			for (k = 0; k < s->n_expects && found[k] != obj; k++)
				;
			if (k < s->n_expects)
				continue;
			for (k = 0; k < s->n_expects; k++)
				if (!found[k] && (pass == 2 || expect_same_flow(&s->expects[k], obj, !pass)))
					break;
			if (k < s->n_expects)
				found[k] = obj;
			else
				extra++;
		}
	}
	return extra;
}

bool stage_lacks(const struct stage *st)
{
	const json_t *found[MAX_EXPECTS];
	int k;

	assign(st, found);
	for (k = 0; k < st->s->n_expects; k++)
		if (!found[k])
			return true;
	return false;
}

static const char *text_of(const json_t *obj, const char *key)
{
	const char *text = json_string_value(json_object_get(obj, key));

	return text ? text : "?";
}

static int port_of(const json_t *obj, const char *key)
{
	return (int)json_integer_value(json_object_get(obj, key));
}

static void report_extras(const struct stage *st, const json_t **found, complain_fn report)
{
	struct complaint c = { .kind = OF_MORE_INCIDENTS, .key = "incident" };
	int i, k;

	for (i = st->first; i < st->t->n_told; i++) {
		const json_t *obj = st->t->told[i].obj;

		for (k = 0; k < st->s->n_expects && found[k] != obj; k++)
			;
		if (k < st->s->n_expects || !stage_incident(st, &st->t->told[i]))
			continue;
		snprintf(c.got, sizeof(c.got), "{\"kind\":\"%s\",\"cause\":\"%s\",\"saddr\":\"%s\","
			 "\"sport\":%d,\"daddr\":\"%s\",\"dport\":%d}", text_of(obj, "kind"),
			 text_of(obj, "cause"), text_of(obj, "saddr"), port_of(obj, "sport"),
			 text_of(obj, "daddr"), port_of(obj, "dport"));
		report(st->s, &c);
	}
}

int stage_compare(const struct stage *st, complain_fn report, bool extras_count)
{
	const json_t *found[MAX_EXPECTS];
	int64_t to_ns = (st->to_ns ? st->to_ns : wall_ns()) + CLOCK_SLACK_NS;
	int extra = assign(st, found), bad = extras_count ? extra : 0, i;
	struct complaint c = { .kind = OF_INCIDENTS, .key = "incident" };

	for (i = 0; i < st->s->n_expects; i++) {
		if (found[i]) {
			bad += expect_compare(&st->s->expects[i], found[i], report, st->s);
			bad += incident_sane(found[i], st->from_ns, to_ns, report, st->s);
			continue;
		}
		bad++;
		snprintf(c.expected, sizeof(c.expected), "%d", st->s->n_expects);
		snprintf(c.got, sizeof(c.got), "%d", i);
		if (report)
			report(st->s, &c);
	}
	if (extras_count && report)
		report_extras(st, found, report);
	return bad;
}

static void put(char *buf, size_t len, const char *sep, const char *text)
{
	size_t n = strlen(buf);

	snprintf(buf + n, len - n, "%s%s", n ? sep : "", text);
}

void stage_tell(const struct stage *st, char *expected, size_t elen, char *told, size_t tlen)
{
	const json_t *found[MAX_EXPECTS] = { NULL };
	const char *confidence;
	int i;

	*expected = *told = 0;
	if (st->t)
		assign(st, found);
	for (i = 0; i < st->s->n_expects; i++) {
		confidence = json_string_value(json_object_get(found[i], "confidence"));
		put(expected, elen, ",", expect_str(&st->s->expects[i], "cause"));
		put(expected, elen, ":", expect_str(&st->s->expects[i], "kind"));
		put(told, tlen, ",", confidence ? confidence : "-");
	}
}
