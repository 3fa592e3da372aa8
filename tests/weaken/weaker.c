// SPDX-License-Identifier: GPL-2.0
#include "weaker.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RECORDS 4096
#define WHY 512

static char *wider_text;

void wider_load(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t room = 0;

	if (!f || getdelim(&wider_text, &room, '\0', f) < 0) {
		perror(path);
		exit(2);
	}
	fclose(f);
}

/* Whether the table has a line "CAUSE: WIDER WIDER…" with this cause and this wider one. */
static bool is_wider(const char *cause, const char *wider)
{
	size_t n = strlen(cause), m = strlen(wider);

	for (const char *line = wider_text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *end = line + strcspn(line, "\n");

		if (strncmp(line, cause, n) || line[n] != ':')
			continue;
		for (const char *w = line + n + 1; w < end; w += strcspn(w, " \n")) {
			w += strspn(w, " ");
			if (!strncmp(w, wider, m) && (w[m] == ' ' || w[m] == '\n' || !w[m]))
				return true;
		}
	}
	return false;
}

static const char *text(const json_t *r, const char *key)
{
	const char *s = json_string_value(json_object_get(r, key));

	return s ? s : "";
}

static json_int_t number(const json_t *r, const char *key)
{
	return json_integer_value(json_object_get(r, key));
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* Whether a key counts from the first event of the reset, so that it changes if that event is lost. */
static bool counts_from_reset(const char *key)
{
	return ends_with(key, "delay_us") || ends_with(key, "closed_us");
}

static bool same_time(const json_t *full, const json_t *less, const char *key, json_int_t shift_ns)
{
	json_int_t apart = number(full, key) - number(less, key);

	return llabs(apart) <= llabs(shift_ns) / 1000 + 1;
}

static int sureness(const json_t *r, const char *key)
{
	const char *c = text(r, key);

	return !strcmp(c, "certain") ? 3 : !strcmp(c, "likely") ? 2 : 1;
}

/* ---- one key */

static bool is_free(const char *key)
{
	static const char *const keys[] = { "id", "rev", "time", "time_ns", "cause_text", "advice", "situation_text",
					    "losses", "inferred", "error_inferred" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

/* "The error, or a part" says less than either of them. */
static bool is_either(const json_t *val)
{
	return !strcmp(json_string_value(val), "error-or-part");
}

/* Whether a failing call is one of the full record: some keys may be missing, and its errno inferred. */
static bool is_error_of(const json_t *full, const json_t *err, json_int_t shift_ns)
{
	const json_t *had;
	size_t i;

	json_array_foreach(json_object_get(full, "errors"), i, had) {
		const char *key;
		const json_t *val;
		bool same = true;

		json_object_foreach((json_t *)err, key, val)
			if (counts_from_reset(key))
				same &= same_time(had, err, key, shift_ns);
			else if (!is_free(key) && (strcmp(key, "returned") || !is_either(val)))
				same &= json_equal(val, json_object_get(had, key));
		if (same)
			return true;
	}
	return false;
}

static bool errors_weaker(const json_t *full, const json_t *list, json_int_t shift_ns)
{
	const json_t *err;
	size_t i;

	json_array_foreach(list, i, err)
		if (!is_error_of(full, err, shift_ns))
			return false;
	return json_array_size(list) <= json_array_size(json_object_get(full, "errors"));
}

/* What is judged: lists of records, each a list of its revisions. */
static const json_t *all_full, *all_less;

static bool same_reset(const json_t *full, const json_t *less);

static const json_t *by_id(const json_t *all, const char *id)
{
	const json_t *revisions, *r;
	size_t i, rev;

	json_array_foreach((json_t *)all, i, revisions)
		json_array_foreach((json_t *)revisions, rev, r)
			if (!strcmp(text(r, "id"), id))
				return r;
	return NULL;
}

/* An id is made from a record's first event. If that is lost, the same reset has another id. */
static bool same_root(const json_t *had, const json_t *val)
{
	const json_t *full = by_id(all_full, json_string_value(had));
	const json_t *less = by_id(all_less, json_string_value(val));

	return full && less && same_reset(full, less);
}

static bool key_weaker(const json_t *full, const json_t *less, const char *key, const json_t *val)
{
	json_int_t shift_ns = number(less, "time_ns") - number(full, "time_ns");
	const json_t *had = json_object_get(full, key);

	if (!strcmp(key, "error_returned") && is_either(val))
		return true;
	if (is_free(key) || json_equal(val, had))
		return true;
	if (!strcmp(key, "errors"))
		return errors_weaker(full, val, shift_ns);
	if (ends_with(key, "_role_guess"))	/* the role itself is compared */
		return true;
	if (!had)
		return false;
	if (!strcmp(key, "kind"))	/* the lost event was the one that showed the sending */
		return !strcmp(text(less, key), "received") && strcmp(text(full, key), "timeout");
	if (!strcmp(key, "cause"))
		return is_wider(text(full, key), text(less, key));
	if (ends_with(key, "_owner"))	/* the same process, known in a less sure way, or not at all */
		return !strcmp(json_string_value(had), "caller") || !strcmp(json_string_value(val), "none");
	if (!strcmp(key, "follows"))
		return same_root(had, val);
	if (!strcmp(key, "confidence") || !strcmp(key, "situation_confidence"))
		return sureness(less, key) <= sureness(full, key);
	return counts_from_reset(key) && same_time(full, less, key, shift_ns);
}

/* ---- one record */

static bool same_reset(const json_t *full, const json_t *less)
{
	static const char *const keys[] = { "family", "saddr", "sport", "daddr", "dport" };
	const json_t *seq = json_object_get(less, "rst_seq");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!json_equal(json_object_get(full, keys[i]), json_object_get(less, keys[i])))
			return false;
	return !seq || json_equal(seq, json_object_get(full, "rst_seq"));
}

/*
 * Two RSTs with the same flow and number were sent, one of them without a route. If the event of the
 * other one is lost, its receipt is rightly paired with the one without a route, the only one left.
 */
static bool given_to_the_unrouted(const json_t *full, const json_t *less)
{
	const json_t *revisions, *r;
	size_t i, rev;

	if (strcmp(text(full, "kind"), "reply") || strcmp(text(less, "kind"), "active") ||
	    strcmp(text(less, "outcome"), text(full, "outcome")))
		return false;
	json_array_foreach((json_t *)all_full, i, revisions)
		json_array_foreach((json_t *)revisions, rev, r)
			if (same_reset(r, less) && !strcmp(text(r, "kind"), "active") &&
			    !strcmp(text(r, "outcome"), "none"))
				return true;
	return false;
}

/*
 * Two RSTs with the same flow and number were sent at once, and one of them met the victim. Without
 * the events of both, its end tells of the one that its peer's close sent, be it that or the other.
 */
static bool given_to_the_twin(const json_t *full, const json_t *less)
{
	const json_t *revisions, *r;
	size_t i, rev;

	json_array_foreach((json_t *)all_full, i, revisions)
		json_array_foreach((json_t *)revisions, rev, r)
			if (r != full && same_reset(r, less) && !strcmp(text(r, "outcome"), "none") &&
			    !strcmp(text(r, "cause"), text(less, "cause")) &&
			    json_equal(json_object_get(r, "sender_pid"), json_object_get(less, "sender_pid")))
				return true;
	return false;
}

/* How many keys differ in a way that is not allowed; the first of them in why. */
static int complaints(const json_t *full, const json_t *less, char *why)
{
	const char *key;
	const json_t *val;
	int n = 0;

	if (given_to_the_unrouted(full, less))
		return 0;
	json_object_foreach((json_t *)less, key, val) {
		char *had, *now;

		if (key_weaker(full, less, key, val))
			continue;
		had = json_dumps(json_object_get(full, key), JSON_ENCODE_ANY);
		now = json_dumps(val, JSON_ENCODE_ANY);
		if (!n++)
			snprintf(why, WHY, "%s is %s, not %s", key, now, had ? had : "absent");
		free(had);
		free(now);
	}
	return n;
}

/* Replies to the peer show that it sent more. Without these sendings the peer is taken for the sender. */
static bool is_the_peers_word(const json_t *full, const json_t *less)
{
	return !strcmp(text(full, "kind"), "received") && !strcmp(text(full, "cause"), "injected") &&
	       is_wider(text(full, "cause"), text(less, "cause"));
}

/*
 * Data for a socket that was shut down runs tcp_reset() before the RST is sent. If that
 * sending is missing without a gap, nothing shows that the receipt was false, so a
 * record of a reset that never was is allowed here.
 */
static int complaints_unseen(const json_t *full, const json_t *less, char *why)
{
	bool free = is_the_peers_word(full, less) || given_to_the_twin(full, less);
	int n = free ? 0 : complaints(full, less, why);

	if (strcmp(text(full, "kind"), "active") && strcmp(text(full, "kind"), "reply"))
		return n;
	if (!json_is_true(json_object_get(less, "sender_local")))
		return n;
	if (sureness(less, "confidence") > 2)
		n += snprintf(why, WHY, "certain, and half of it unseen") > 0;
	else if (!free && sureness(less, "confidence") > 1 && strcmp(text(full, "cause"), text(less, "cause")))
		n += snprintf(why, WHY, "%s, likely, and only the victim's view", text(less, "cause")) > 0;
	else if (!strstr(text(less, "cause_text"), "not seen"))
		n += snprintf(why, WHY, "does not say that the sending was not seen") > 0;
	return n;
}

typedef int (*judge_fn)(const json_t *full, const json_t *less, char *why);

/* The full record, not yet taken, that this one is most like; -1: there is none of this reset. */
static int best(const json_t *full, const json_t *less, const bool *taken, judge_fn judge,
		int *wrong, char *why)
{
	const json_t *revisions, *f;
	int found = -1;
	size_t i, rev;

	json_array_foreach((json_t *)full, i, revisions) {
		if (i >= MAX_RECORDS || taken[i])
			continue;
		json_array_foreach((json_t *)revisions, rev, f) {
			char words[WHY];
			int n = same_reset(f, less) ? judge(f, less, words) : INT_MAX;

			if (n == INT_MAX || (found >= 0 && n >= *wrong))
				continue;
			found = (int)i;
			*wrong = n;
			memcpy(why, words, WHY);
		}
	}
	return found;
}

static int judge_all(const json_t *full, const json_t *less, const char *what, judge_fn judge)
{
	bool taken[MAX_RECORDS] = { false };
	const json_t *revisions;
	int bad = 0;
	size_t i;

	all_full = full;
	all_less = less;
	json_array_foreach((json_t *)less, i, revisions) {
		const json_t *r = json_array_get(revisions, 0);
		char why[WHY] = "there is no such reset, or it is told twice";
		int wrong = judge == complaints, found = best(full, r, taken, judge, &wrong, why);

		if (found >= 0)
			taken[found] = true;
		if (!wrong)
			continue;
		bad++;
		printf("FAIL weaken %s: %s:%lld → %s:%lld, told as %s %s: %s\n", what,
		       text(r, "saddr"), (long long)number(r, "sport"), text(r, "daddr"),
		       (long long)number(r, "dport"), text(r, "cause"), text(r, "confidence"), why);
	}
	return bad;
}

int weaker(const json_t *full, const json_t *less, const char *what)
{
	return judge_all(full, less, what, complaints);
}

int weaker_unseen(const json_t *full, const json_t *less, const char *what)
{
	return judge_all(full, less, what, complaints_unseen);
}
