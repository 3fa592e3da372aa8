/* SPDX-License-Identifier: GPL-2.0 */
#include "complaint.h"

#include <stdio.h>
#include <string.h>

const char *const grade_names[N_GRADES] = {
	[NOTHING_WRONG] = "none",
	[UNPLAYED] = "unplayed",
	[LESS] = "less",
	[OTHERWISE] = "otherwise",
	[MISSING] = "missing",
	[WRONG] = "wrong",
};

const char *const complaint_names[N_COMPLAINT_KINDS] = {
	[OF_ACTORS] = "actors",
	[OF_SCENE] = "scene",
	[OF_CHECKPOINT] = "checkpoint",
	[OF_VALUE] = "value",
	[OF_INCIDENTS] = "incidents",
	[OF_CALLS] = "calls",
	[OF_MORE_INCIDENTS] = "more-incidents",
	[OF_MORE_CALLS] = "more-calls",
};

/*
 * On a busy machine a segment may be sent again before the RST that answers it has come. That draws
 * a second RST, which is reported as rightly as the first.
 */
static const char one_more_reply[] = "\"kind\":\"reply\"";

static const char *const no_value[] = { NULL };
/* Causes that say that the event which shows the cause may be missing. */
static const char *const no_cause[] = { "unknown", NULL };
/*
 * Causes seen from the victim alone, and owners that are known with less certainty than expected:
 * to say less is not wrong.
 */
static const char *const victims_causes[] = {
	"peer-refused", "peer-reset", "peer-reset-after-fin", "peer-reset-during-send",
	"keepalive-race", NULL,
};
static const char *const weak_owners[] = { "none", "listener", "socket", "snapshot", NULL };

/* For keys with this ending: a value that is not allowed is wrong, no value is a lack. */
static const struct {
	const char *ending;
	const char *const *allowed;	/* NULL: any */
	bool is_lack;			/* another value, or none, is a lack only */
	bool absence_is_lack;
} key_rules[] = {
	{ "cause", victims_causes, false, false },
	{ "_owner", weak_owners, true, true },
	{ "pid", no_value, false, false },
	{ "comm", no_value, false, false },
	{ "kind", NULL, true, true },
	{ "_fd", NULL, false, true },
};

static bool ends_with(const char *text, const char *ending)
{
	size_t n = strlen(text), m = strlen(ending);

	return n >= m && !strcmp(text + n - m, ending);
}

/* Whether a value, which is JSON and so in quotes, is in the list. */
static bool is_among(const char *value, const char *const *list)
{
	for (; list && *list; list++) {
		size_t n = strlen(*list);

		if (*value == '"' && !strncmp(value + 1, *list, n) && value[n + 1] == '"')
			return true;
	}
	return !list;
}

static enum grade value_grade(const struct complaint *c)
{
	size_t i;

	/* the record itself says that an event is missing */
	if (strstr(c->got, "the sending was not seen") ||
	    (ends_with(c->key, "cause") && !c->absent && is_among(c->got, no_cause)))
		return MISSING;
	for (i = 0; i < sizeof(key_rules) / sizeof(*key_rules); i++) {
		if (!ends_with(c->key, key_rules[i].ending))
			continue;
		if (!c->absent && !is_among(c->got, key_rules[i].allowed))
			return WRONG;
		if (key_rules[i].is_lack || (c->absent && key_rules[i].absence_is_lack))
			return MISSING;
	}
	return c->absent ? LESS : OTHERWISE;
}

enum grade complaint_grade(const struct complaint *c)
{
	switch (c->kind) {
	case OF_VALUE:
		return value_grade(c);
	case OF_SCENE:
		return UNPLAYED;
	case OF_INCIDENTS:
	case OF_CALLS:
		return MISSING;
	case OF_MORE_INCIDENTS:
		return strstr(c->got, one_more_reply) ? OTHERWISE : WRONG;
	case OF_MORE_CALLS:
		return WRONG;
	default:
		return OTHERWISE;
	}
}

enum grade complaints_grade(const struct complaint *c, int n)
{
	enum grade g = NOTHING_WRONG, one;
	int i;

	for (i = 0; i < n; i++) {
		one = complaint_grade(&c[i]);
		/* a scene that was ended by another complaint did come about */
		if (one == UNPLAYED && n > 1)
			one = OTHERWISE;
		g = one > g ? one : g;
	}
	return g;
}

void complaint_print(const struct complaint *c, char *buf, size_t len)
{
	switch (c->kind) {
	case OF_SCENE:
		snprintf(buf, len, "gave up waiting: %s", c->got);
		break;
	case OF_CHECKPOINT:
		snprintf(buf, len, "differences at a checkpoint:");
		break;
	case OF_MORE_INCIDENTS:
		snprintf(buf, len, "%s: one more than expected: %s", c->key, c->got);
		break;
	case OF_VALUE:
	case OF_INCIDENTS:
	case OF_CALLS:
	case OF_MORE_CALLS:
		snprintf(buf, len, "%s: expected %s, got %s", c->key, c->expected, c->got);
		break;
	default:
		snprintf(buf, len, "%s", c->got);
	}
}
