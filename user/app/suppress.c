/* SPDX-License-Identifier: GPL-2.0 */
#include "app/suppress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include "base/array.h"

#define MAX_RULE 255	/* bytes of a rule's text */
#define MAX_HIDDEN 8192	/* as many incidents as the chain keeps: no other can have a later revision */

struct hidden_id {
	char id[sizeof(((struct incident *)0)->id)];
	int rule;
	UT_hash_handle hh;
};

/* ---- parsing ------------------------------------------------------------------- */

static int parse_port(int *port, const char *word)
{
	char *end;
	long n = strtol(word, &end, 10);

	if (*word < '0' || *word > '9' || *end || n < 1 || n > 65535)
		return -EINVAL;
	*port = n;
	return 0;
}

static int take_port(struct filter *f, const char *word)
{
	return parse_port(&f->port, word);
}

static int take_lport(struct filter *f, const char *word)
{
	return parse_port(&f->lport, word);
}

static int take_rport(struct filter *f, const char *word)
{
	return parse_port(&f->rport, word);
}

static int take_process(struct filter *f, const char *word)
{
	f->comm = word;
	return *word ? 0 : -EINVAL;
}

static int take_cgroup(struct filter *f, const char *word)
{
	f->cgroup = word;
	return *word ? 0 : -EINVAL;
}

static const struct {
	const char *key;
	int (*take)(struct filter *f, const char *word);
	bool many;	/* may be given several times */
} keys[] = {
	{ "situation", filter_add_situation, true },
	{ "cause", filter_add_cause, true },
	{ "process", take_process, false },
	{ "port", take_port, false },
	{ "lport", take_lport, false },
	{ "rport", take_rport, false },
	{ "addr", filter_parse_addr, false },
	{ "cgroup", take_cgroup, false },
	{ "direction", filter_parse_direction, false },
	{ "outcome", filter_parse_outcomes, false },
};

/* One "key=value" of a rule; `seen` has a bit for each key that came before it. */
static int take_word(struct filter *f, char *word, unsigned int *seen)
{
	char *equals = strchr(word, '=');

	if (!equals)
		return -EINVAL;
	*equals = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].key, word))
			continue;
		if (*seen & 1u << i && !keys[i].many)
			return -EINVAL;
		*seen |= 1u << i;
		return keys[i].take(f, equals + 1);
	}
	return -EINVAL;
}

/* Whether the text needs no escaping: it becomes a label of a metric, a key in JSON, a part of a line. */
static bool is_plain(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			return false;
	return *text && strlen(text) <= MAX_RULE;
}

/* Splits `words` in place; the strings of the filter point into it. */
static int parse_rule(struct filter *f, char *words)
{
	unsigned int seen = 0;
	char *save = NULL;

	*f = (struct filter){};
	for (char *word = strtok_r(words, ",", &save); word; word = strtok_r(NULL, ",", &save))
		if (take_word(f, word, &seen))
			return -EINVAL;
	return seen ? 0 : -EINVAL;
}

/* ---- the list of rules --------------------------------------------------------- */

/* Adds a row, which then owns both strings. */
static int append(struct suppress *s, char *rule, char *words, const struct filter *f)
{
	size_t n = s->counts.n + 1;
	struct rule_count *row = realloc(s->counts.row, n * sizeof(*row));
	struct filter *filter;

	if (!row)
		return -ENOMEM;
	s->counts.row = row;
	filter = realloc(s->filter, n * sizeof(*filter));
	if (!filter)
		return -ENOMEM;
	s->filter = filter;
	filter[n - 1] = *f;
	row[n - 1] = (struct rule_count){ .rule = rule, .words = words };
	s->counts.n = n;
	return 0;
}

static struct rule_count *find_rule(const struct suppress *s, const char *text)
{
	for (int i = 0; i < s->counts.n; i++)
		if (!strcmp(s->counts.row[i].rule, text))
			return &s->counts.row[i];
	return NULL;
}

int suppress_add(struct suppress *s, const char *text)
{
	struct rule_count *known = find_rule(s, text);
	char *rule, *words;
	struct filter f;
	int err = -ENOMEM;

	if (known) {
		known->off = false;
		return 0;
	}
	if (!is_plain(text))
		return -EINVAL;
	rule = strdup(text);
	words = strdup(text);
	if (rule && words)
		err = parse_rule(&f, words) ?: append(s, rule, words, &f);
	if (err) {
		free(rule);
		free(words);
	}
	return err;
}

int suppress_replace(struct suppress *s, struct suppress *fresh)
{
	int err = 0;

	for (int i = 0; i < s->counts.n; i++)
		s->counts.row[i].off = true;
	for (int i = 0; i < fresh->counts.n; i++)
		err = suppress_add(s, fresh->counts.row[i].rule) ?: err;
	suppress_free(fresh);
	return err;
}

void suppress_free(struct suppress *s)
{
	struct hidden_id *h, *tmp;

	HASH_ITER(hh, s->hidden, h, tmp) {
		HASH_DEL(s->hidden, h);
		free(h);
	}
	for (int i = 0; i < s->counts.n; i++) {
		free(s->counts.row[i].rule);
		free(s->counts.row[i].words);
	}
	free(s->counts.row);
	free(s->filter);
	*s = (struct suppress){};
}

/* ---- judging ------------------------------------------------------------------- */

/*
 * Remembers which rule hid the incident. Without memory for that, a later revision that no rule covers
 * any more counts as hidden and as shown.
 */
static void remember(struct suppress *s, const struct incident *inc, int rule)
{
	struct hidden_id *h = calloc(1, sizeof(*h));

	if (!h)
		return;
	memcpy(h->id, inc->id, sizeof(h->id));
	h->rule = rule;
	HASH_ADD_STR(s->hidden, id, h);
	/* uthash iterates in the order of adding: the first is the oldest */
	if (HASH_COUNT(s->hidden) > MAX_HIDDEN) {
		h = s->hidden;
		HASH_DEL(s->hidden, h);
		free(h);
	}
}

bool suppress_incident(struct suppress *s, const struct incident *inc)
{
	for (int i = 0; s && i < s->counts.n; i++) {
		if (s->counts.row[i].off || !filter_incident(&s->filter[i], inc))
			continue;
		s->counts.row[i].count++;
		remember(s, inc, i);
		return true;
	}
	return false;
}

bool suppress_uncount(struct suppress *s, const struct incident *inc)
{
	struct hidden_id *h = NULL;

	if (s)
		HASH_FIND_STR(s->hidden, inc->id, h);
	if (!h)
		return false;
	s->counts.row[h->rule].count--;
	HASH_DEL(s->hidden, h);
	free(h);
	return true;
}
