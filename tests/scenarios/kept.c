/* SPDX-License-Identifier: GPL-2.0 */
#include "kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "registry.h"
#include "verdict.h"

static const char *const want_names[] = {
	[WANT_STR] = "str", [WANT_INT] = "int", [WANT_MIN] = "min", [WANT_BOOL] = "bool",
	[WANT_PRESENT] = "present",
	[WANT_ABSENT] = "absent",
};

#define N_WANTS ((int)(sizeof(want_names) / sizeof(*want_names)))

/* ---- writing */

static json_t *fields_json(const struct field *fields, int n)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:I, s:s}",
			"key", fields[i].key, "want", want_names[fields[i].want],
			"optional", fields[i].optional, "num", (json_int_t)fields[i].num,
			"str", fields[i].str));
	return list;
}

static json_t *expects_json(const struct scene *s)
{
	json_t *list = json_array();
	int i, k;

	for (i = 0; i < s->n_expects; i++) {
		const struct expect *e = &s->expects[i];
		json_t *errors = json_array();

		for (k = 0; k < e->n_errors; k++)
			json_array_append_new(errors, fields_json(e->errors[k].fields,
								  e->errors[k].n_fields));
		json_array_append_new(list, json_pack("{s:o, s:o}", "fields",
			fields_json(e->fields, e->n_fields), "errors", errors));
	}
	return list;
}

static json_t *complaints_json(const struct scene *s)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < s->n_complaints; i++) {
		const struct complaint *c = &s->complaints[i];

		json_array_append_new(list, json_pack("{s:s, s:b, s:s, s:s, s:s}",
			"kind", complaint_names[c->kind], "absent", c->absent, "key", c->key,
			"expected", c->expected, "got", c->got));
	}
	return list;
}

static void write_line(FILE *f, json_t *obj)
{
	json_dumpf(obj, f, JSON_COMPACT);
	fputc('\n', f);
	fflush(f);
	json_decref(obj);
}

void kept_write(FILE *f, const struct play *p)
{
	const struct scene *s = p->st.s;

	write_line(f, json_pack("{s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:o, s:o}",
		"scenario", s->sc->name, "done", p->done, "skip", s->skip,
		"netns", (json_int_t)s->netns, "netns_too", (json_int_t)s->netns_too,
		"from_ns", (json_int_t)p->st.from_ns, "to_ns", (json_int_t)p->st.to_ns,
		"expects", expects_json(s), "complaints", complaints_json(s)));
}

void kept_write_row(FILE *f, const struct judged *row)
{
	write_line(f, json_pack("{s:s, s:s}", "scenario", row->sc->name, "skipped", row->reason));
}

void kept_write_tracer(FILE *f, const struct tracer *t)
{
	json_t *problems = json_array();
	int i;

	for (i = 0; t && i < t->n_problems; i++)
		json_array_append_new(problems, json_string(t->problems[i]));
	write_line(f, json_pack("{s:o, s:O?}", "problems", problems, "end", t ? t->end : NULL));
}

/* ---- reading; anything not written here ends it */

static const char *text_of(const json_t *obj, const char *key)
{
	const char *text = json_string_value(json_object_get(obj, key));

	return text ? text : "";
}

static int64_t number_of(const json_t *obj, const char *key)
{
	return json_integer_value(json_object_get(obj, key));
}

static int index_of(const char *name, const char *const *names, int n)
{
	int i;

	for (i = 0; i < n && strcmp(name, names[i]); i++)
		;
	return i;
}

static int read_fields(const json_t *list, struct field *fields, int max)
{
	size_t i;
	json_t *v;

	if (json_array_size(list) > (size_t)max)
		return -E2BIG;
	json_array_foreach((json_t *)list, i, v) {
		struct field *f = &fields[i];
		int want = index_of(text_of(v, "want"), want_names, N_WANTS);

		if (want == N_WANTS)
			return -EINVAL;
		f->want = want;
		f->optional = json_is_true(json_object_get(v, "optional"));
		f->num = number_of(v, "num");
		snprintf(f->key, sizeof(f->key), "%s", text_of(v, "key"));
		snprintf(f->str, sizeof(f->str), "%s", text_of(v, "str"));
	}
	return (int)json_array_size(list);
}

static int read_expect(const json_t *obj, struct expect *e)
{
	const json_t *errors = json_object_get(obj, "errors");
	json_t *v;
	size_t i;

	e->n_fields = read_fields(json_object_get(obj, "fields"), e->fields, MAX_FIELDS);
	if (e->n_fields < 0 || json_array_size(errors) > MAX_ERRORS)
		return -EINVAL;
	json_array_foreach((json_t *)errors, i, v) {
		struct error_expect *x = &e->errors[e->n_errors++];

		x->n_fields = read_fields(v, x->fields, MAX_ERROR_FIELDS);
		if (x->n_fields < 0)
			return -EINVAL;
	}
	return 0;
}

static int read_complaint(const json_t *obj, struct scene *s)
{
	struct complaint c = { .absent = json_is_true(json_object_get(obj, "absent")) };
	int kind = index_of(text_of(obj, "kind"), complaint_names, N_COMPLAINT_KINDS);

	if (kind == N_COMPLAINT_KINDS)
		return -EINVAL;
	c.kind = kind;
	snprintf(c.key, sizeof(c.key), "%s", text_of(obj, "key"));
	snprintf(c.expected, sizeof(c.expected), "%s", text_of(obj, "expected"));
	snprintf(c.got, sizeof(c.got), "%s", text_of(obj, "got"));
	scene_note(s, &c);
	return 0;
}

static int read_scene(const json_t *obj, struct play *p)
{
	const json_t *expects = json_object_get(obj, "expects");
	struct scene *s = p->st.s;
	json_t *v;
	size_t i;

	s->netns = p->row.netns = (uint64_t)number_of(obj, "netns");
	s->netns_too = p->row.netns_too = (uint64_t)number_of(obj, "netns_too");
	p->st.from_ns = p->row.from_ns = number_of(obj, "from_ns");
	p->st.to_ns = number_of(obj, "to_ns");
	p->done = json_is_true(json_object_get(obj, "done"));
	snprintf(s->skip, sizeof(s->skip), "%s", text_of(obj, "skip"));
	if (json_array_size(expects) > MAX_EXPECTS)
		return -E2BIG;
	json_array_foreach((json_t *)expects, i, v)
		if (read_expect(v, &s->expects[s->n_expects++]))
			return -EINVAL;
	json_array_foreach(json_object_get(obj, "complaints"), i, v)
		if (read_complaint(v, s))
			return -EINVAL;
	return 0;
}

/* ---- judging */

struct kept {
	struct judge *j;
	struct play **play;	/* a play that has been judged is NULL */
	int n;
	json_t *tracer;		/* the last line of the file */
};

static void note(void *ctx, const struct complaint *c)
{
	scene_note(ctx, c);
}

static void judge_one(struct kept *k, int i)
{
	struct play *p = k->play[i];

	if (p->done)
		stage_compare(&p->st, note, true);
	verdict_take(p);
	verdict_pronounce(p);
	judge_add(k->j, &p->row);
	play_free(p);
	k->play[i] = NULL;
}

/*
 * A marker has just been reported: all of its scene was reported before, but for an incident that
 * waits for an event which was lost. So a scene that lacks one is judged when all is read.
 */
static void on_line(struct tracer *t, void *ctx)
{
	struct kept *k = ctx;
	int i;

	if (!t->newest || t->newest->sport != MARKER_PORT || t->newest->rev)
		return;
	for (i = 0; i < k->n; i++)
		if (k->play[i] && stage_has(&k->play[i]->st, t->newest) &&
		    t->newest->time_ns <= k->play[i]->st.to_ns) {
			k->play[i]->marked = true;
			if (!stage_lacks(&k->play[i]->st))
				judge_one(k, i);
			return;
		}
}

static void add_play(struct kept *k, struct play *p)
{
	k->play = realloc(k->play, (size_t)(k->n + 1) * sizeof(*k->play));
	if (!k->play)
		abort();
	k->play[k->n++] = p;
}

static int read_row(struct kept *k, const json_t *obj, const struct scenario *sc)
{
	struct judged row = { .sc = sc, .fd = -1, .verdict = SKIPPED };
	struct play *p;

	if (json_object_get(obj, "skipped")) {
		snprintf(row.reason, sizeof(row.reason), "%s", text_of(obj, "skipped"));
		judge_add(k->j, &row);
		return 0;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		abort();
	p->j = k->j;
	p->row = (struct judged){ .sc = sc, .fd = -1 };
	p->st.s = play_scene(k->j, sc);
	p->st.t = k->j->shared;
	add_play(k, p);
	return read_scene(obj, p);
}

static int read_all(struct kept *k, FILE *f)
{
	json_error_t why;
	json_t *obj;
	int r = 0;

	while (!r && !k->tracer && (obj = json_loadf(f, JSON_DISABLE_EOF_CHECK, &why))) {
		const struct scenario *sc = registry_find(text_of(obj, "scenario"));

		if (json_object_get(obj, "problems"))
			k->tracer = json_incref(obj);
		else
			r = sc ? read_row(k, obj, sc) : -EINVAL;
		json_decref(obj);
	}
	return r ? r : k->tracer ? 0 : -ENODATA;
}

/* Takes over what the tracer said when it saw all this live. */
static void adopt_tracer(struct judge *j, const json_t *said)
{
	struct tracer *t = j->shared;
	json_t *end = json_object_get(said, "end");
	json_t *v;
	size_t i;

	json_array_foreach(json_object_get(said, "problems"), i, v)
		if (t->n_problems < MAX_PROBLEMS)
			snprintf(t->problems[t->n_problems++], sizeof(t->problems[0]), "%s",
				 json_string_value(v));
	if (!end)
		return;
	json_decref(t->end);
	t->end = json_incref(end);
}

int kept_judge(struct judge *j, const char *file)
{
	struct kept k = { .j = j };
	FILE *f = fopen(file, "re");
	int r, i;

	if (!f) {
		r = -errno;
		fprintf(stderr, "scenarios: %s: %s\n", file, strerror(-r));
		return r;
	}
	j->shared = &j->one;
	j->one.on_line = on_line;
	j->one.ctx = &k;
	r = read_all(&k, f);
	fclose(f);
	if (r)
		fprintf(stderr, "scenarios: %s: not whole, or not what --keep writes\n", file);
	else
		r = tracer_replay(&j->one, &j->tracer, TRACER_START_MS(j));
	for (i = 0; i < k.n; i++) {
		if (!k.play[i])
			continue;
		if (!r && k.play[i]->done && !k.play[i]->marked)
			scene_note(k.play[i]->st.s, &no_marker);
		judge_one(&k, i);
	}
	if (!r)
		adopt_tracer(j, k.tracer);
	json_decref(k.tracer);
	free(k.play);
	return r;
}
