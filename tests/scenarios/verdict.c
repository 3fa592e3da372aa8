/* SPDX-License-Identifier: GPL-2.0 */
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * How many scenes of a run may not come about, even when played twice; and how many plays may
 * differ once.
 */
#define MAX_UNPLAYED 2
#define MAX_OTHERWISE 2

const char *const verdict_names[N_VERDICTS] = {
	[PASSED] = "ok", [FAILED] = "FAIL", [SKIPPED] = "skip", [AGAIN] = "again",
	[NEVER_PLAYED] = "unplayed",
};

void verdict_take(struct play *p)
{
	int i;

	for (i = p->st.first; p->st.t && i < p->st.t->n_told; i++) {
		struct told *x = &p->st.t->told[i];

		if (!stage_has(&p->st, x))
			continue;
		x->judged = true;
		p->row.incidents += x->sport != MARKER_PORT;
		if (p->j->verbose) {
			char *text = json_dumps(x->obj, 0);

			fprintf(stderr, "%s: %s\n", p->row.sc->name, text);
			free(text);
		}
	}
	stage_tell(&p->st, p->row.expected, sizeof(p->row.expected), p->row.confidence,
		   sizeof(p->row.confidence));
}

/* The complaint for the results; members without content are left out. */
static json_t *complaint_json(const struct complaint *c)
{
	json_t *obj = json_pack("{s:s, s:s}", "kind", complaint_names[c->kind], "grade",
				grade_names[complaint_grade(c)]);

	if (*c->key)
		json_object_set_new(obj, "key", json_string(c->key));
	if (*c->expected)
		json_object_set_new(obj, "expected", json_string(c->expected));
	if (!c->absent && *c->got)
		json_object_set_new(obj, "got", json_string(c->got));
	return obj;
}

static void keep_complaints(struct play *p)
{
	const struct scene *s = p->st.s;
	int i;

	p->row.complaints = json_array();
	for (i = 0; i < s->n_complaints; i++)
		json_array_append_new(p->row.complaints, complaint_json(&s->complaints[i]));
}

static void print_complaints(const struct play *p)
{
	const char *verdict = verdict_names[p->row.verdict];
	const struct scene *s = p->st.s;
	char text[480];
	int i;

	for (i = 0; i < s->n_complaints; i++) {
		complaint_print(&s->complaints[i], text, sizeof(text));
		printf("%s %s: %s\n", verdict, s->sc->name, text);
	}
}

/* If more than a few fail, playing them all again would only take long. */
static bool is_played_again(const struct play *p)
{
	const struct judge *j = p->j;

	if (j->second)
		return p->row.grade == MISSING && j->tries < MAX_TRIES - 1 &&
		       witness_withheld(j->witness) > j->withheld;
	return j->trace && !j->each && p->row.grade != WRONG &&
	       j->count[AGAIN] < 4 + j->n_judged / 50;
}

/* The skip file excuses what it lists; a scenario that skips itself is not excused. */
static void pronounce_listed(struct play *p, bool good)
{
	const struct scene *s = p->st.s;
	char text[480] = "";

	p->row.verdict = good ? FAILED : PASSED;
	if (good) {
		printf("FAIL %s: passes, and is listed to be skipped here\n", s->sc->name);
		return;
	}
	if (s->n_complaints)
		complaint_print(&s->complaints[0], text, sizeof(text));
	snprintf(p->row.reason, sizeof(p->row.reason), "still fails: %.230s",
		 *s->skip ? s->skip : text);
}

void verdict_pronounce(struct play *p)
{
	struct scene *s = p->st.s;
	bool good = p->done && !s->n_complaints;
	bool skipped = *s->skip && !s->n_complaints;

	if (p->j->mode == JUDGE_LISTED) {
		pronounce_listed(p, good);
		return;
	}
	if (good)
		return;
	if (skipped)
		scene_complain(s, "unexpected skip, the skip file does not list it: %s", s->skip);
	else if (!s->n_complaints)
		scene_complain(s, "the director ended too early");
	p->row.grade = skipped ? WRONG : complaints_grade(s->complaints, s->n_complaints);
	if (is_played_again(p))
		p->row.verdict = AGAIN;
	else
		p->row.verdict = p->row.grade == UNPLAYED && p->j->second ? NEVER_PLAYED : FAILED;
	keep_complaints(p);
	print_complaints(p);
}

static void fail(struct judge *j, struct judged *row, const char *why)
{
	printf("FAIL %s: %s\n", row->sc->name, why);
	j->count[row->verdict]--;
	row->verdict = FAILED;
	j->count[FAILED]++;
}

static bool differed_by_chance(const struct judged *first, long long gaps)
{
	return first->grade == OTHERWISE || (first->grade == LESS && !gaps);
}

static void settle(struct judge *j, const struct judged *first, struct judged *second,
		   int by_chance, long long gaps)
{
	if (second->verdict == NEVER_PLAYED) {
		if (first->grade != UNPLAYED)
			fail(j, second, "failed, and could not be played again");
		else if (j->count[NEVER_PLAYED] > MAX_UNPLAYED)
			fail(j, second, "never came about, as more others than may");
	} else if (second->verdict == PASSED && first->grade == MISSING && !gaps) {
		fail(j, second, "passed when played again, but an event had been missing, and "
		     "nothing is known to be missed or lost");
	} else if (second->verdict == PASSED && differed_by_chance(first, gaps) &&
		   by_chance > MAX_OTHERWISE) {
		fail(j, second, "passed when played again, as more others than may");
	}
}

void verdict_settle(struct judge *j, long long gaps)
{
	int i, by_chance = 0;

	for (i = 0; i < j->n_judged; i++)
		by_chance += j->judged[i].second && j->judged[i].verdict != AGAIN &&
			     differed_by_chance(&j->judged[j->judged[i].first_play], gaps);
	for (i = 0; i < j->n_judged; i++)
		if (j->judged[i].second)
			settle(j, &j->judged[j->judged[i].first_play], &j->judged[i], by_chance, gaps);
	if (j->count[NEVER_PLAYED])
		printf("%d scenes never came about, %d may\n", j->count[NEVER_PLAYED],
		       MAX_UNPLAYED);
}
