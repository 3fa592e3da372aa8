/* SPDX-License-Identifier: GPL-2.0 */
#include "output/text_runs.h"

#include <inttypes.h>
#include <string.h>

#include "incident/format.h"
#include "incident/names.h"

static void name_of(char name[RST_COMM_LEN], const struct incident *inc, const struct endpoint *ep)
{
	const char *word = ep->owner == OWNER_KERNEL ? "kernel" : ep->comm[0] ? NULL :
			   ep == &inc->victim && inc->outcome == OUTCOME_NONE ? "nobody" :
			   ep->local == 1 ? "?" : "remote host";

	memset(name, 0, RST_COMM_LEN);
	memcpy(name, word ? word : endpoint_name(ep), word ? strlen(word) : strnlen(endpoint_name(ep), RST_COMM_LEN));
}

static void key_of(struct run *key, const struct incident *inc)
{
	*key = (struct run){ .cause = inc->cause ? inc->cause : "",
			      .situation = inc->situation ? inc->situation : "", .sport = inc->sport,
			     .dport = inc->dport };
	name_of(key->sender, inc, &inc->sender);
	name_of(key->victim, inc, &inc->victim);
	memcpy(key->exit, inc->sender.exit, sizeof(key->exit));
}

/* Clients have a port of their own for each connection, servers one for all. */
static bool same_port(const struct run *run, const struct run *key)
{
	return (run->sport == key->sport && key->sport != UNKNOWN) ||
	       (run->dport == key->dport && key->dport != UNKNOWN);
}

static struct run *find(struct runs *r, const struct run *key)
{
	for (size_t i = 0; i < r->n; i++) {
		struct run *run = &r->run[i];

		if (same_port(run, key) && !strcmp(run->cause, key->cause) &&
		    !strcmp(run->situation, key->situation) &&
		    !memcmp(run->sender, key->sender, RST_COMM_LEN) &&
		    !memcmp(run->victim, key->victim, RST_COMM_LEN) && !strcmp(run->exit, key->exit))
			return run;
	}
	return NULL;
}

static bool has_news(const struct run *run)
{
	return run->count || run->later;
}

/* Room for one more run: a new place, or that of the oldest run with nothing to tell; NULL: none. */
static struct run *place(struct runs *r)
{
	struct run *oldest = NULL;

	if (r->n < MAX_RUNS)
		return &r->run[r->n++];
	for (size_t i = 0; i < r->n; i++)
		if (!has_news(&r->run[i]) && (!oldest || r->run[i].seen_ns < oldest->seen_ns))
			oldest = &r->run[i];
	return oldest;
}

static void begin(struct runs *r, struct run *run, const struct run *key, const struct incident *inc)
{
	if (!run)
		run = place(r);
	if (!run)
		return;
	*run = *key;
	memcpy(run->first_id, inc->id, sizeof(run->first_id));
	run->first_ns = run->last_ns = inc->time_ns;
	run->seen_ns = run->told_ns = inc->mono_ns;
}

bool runs_take(struct runs *r, const struct incident *inc)
{
	struct run key, *run;

	key_of(&key, inc);
	run = find(r, &key);
	if (inc->passed) {
		/* a later line would refer to a block that was not shown, unless it is the run's first */
		if (!run || !inc->only_outcome || !strcmp(run->first_id, inc->id))
			return false;
		run->later++;
		run->outcome[inc->outcome]++;
		return true;
	}
	if (!run || (!has_news(run) && inc->mono_ns > run->seen_ns + RUN_GAP_NS)) {
		begin(r, run, &key, inc);
		return false;
	}
	if (run->sport != key.sport)
		run->sport = UNKNOWN;
	if (run->dport != key.dport)
		run->dport = UNKNOWN;
	run->count++;
	run->outcome[inc->outcome]++;
	if (inc->mono_ns > run->seen_ns) {
		run->seen_ns = inc->mono_ns;
		run->last_ns = inc->time_ns;
	}
	return true;
}

/* When the run is to be told: when it has ended, or now and then while it goes on. */
static uint64_t due(const struct run *run)
{
	uint64_t end = run->seen_ns + RUN_GAP_NS, again = run->told_ns + RUN_TELL_NS;

	return !has_news(run) ? UINT64_MAX : end < again ? end : again;
}

struct run *runs_due(struct runs *r, uint64_t now_ns)
{
	for (size_t i = 0; i < r->n; i++)
		if (has_news(&r->run[i]) && due(&r->run[i]) <= now_ns)
			return &r->run[i];
	return NULL;
}

uint64_t runs_next(const struct runs *r)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < r->n; i++)
		if (due(&r->run[i]) < next)
			next = due(&r->run[i]);
	return next;
}

void run_tell(struct run *run, struct line *l, uint64_t now_ns)
{
	char text[32];
	const char *sep = ": ";

	if (run->count) {
		line_add(l, "%s more", fmt_count(text, sizeof(text), run->count));
		line_add(l, " like that of %s", fmt_time_of_day(text, sizeof(text), run->first_ns));
	} else {
		line_add(l, "outcomes of those like that of %s",
			 fmt_time_of_day(text, sizeof(text), run->first_ns));
	}
	for (int o = 0; o < OUTCOME_MAX; o++) {
		if (!run->outcome[o])
			continue;
		line_add(l, "%s%s %s", sep, fmt_count(text, sizeof(text), run->outcome[o]),
			 o == OUTCOME_UNSET ? "not known" : outcome_name(o));
		sep = ", ";
	}
	run->count = run->later = 0;
	memset(run->outcome, 0, sizeof(run->outcome));
	run->told_ns = now_ns;
}
