/* SPDX-License-Identifier: GPL-2.0 */
/* Expectations: built by a scenario, compared with a JSON record. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

static struct field *field_get(struct field *fields, int *n, int max, const char *key)
{
	struct field *f;
	int i;

	for (i = 0; i < *n; i++)
		if (!strcmp(fields[i].key, key))
			break;
	if (i == max || strlen(key) >= sizeof(f->key)) {
		fprintf(stderr, "scenarios: no room for the expectation of %s\n", key);
		abort();
	}
	if (i == *n)
		(*n)++;
	f = &fields[i];
	memset(f, 0, sizeof(*f));
	strcpy(f->key, key);
	return f;
}

static struct field *top(struct expect *e, const char *key, enum want want)
{
	struct field *f = field_get(e->fields, &e->n_fields, MAX_FIELDS, key);

	f->want = want;
	return f;
}

static struct field *failure_field(struct error_expect *err, const char *key, enum want want)
{
	struct field *f = field_get(err->fields, &err->n_fields, MAX_ERROR_FIELDS, key);

	f->want = want;
	return f;
}

static void set_str(struct field *f, const char *values)
{
	if ((size_t)snprintf(f->str, sizeof(f->str), "%s", values) >= sizeof(f->str)) {
		fprintf(stderr, "scenarios: expected value too long: %s\n", values);
		abort();
	}
}

void want_str(struct expect *e, const char *key, const char *values)
{
	set_str(top(e, key, WANT_STR), values);
}

void want_int(struct expect *e, const char *key, int64_t value)
{
	top(e, key, WANT_INT)->num = value;
}

void want_min(struct expect *e, const char *key, int64_t least)
{
	top(e, key, WANT_MIN)->num = least;
}

void want_bool(struct expect *e, const char *key, bool value)
{
	top(e, key, WANT_BOOL)->num = value;
}

void want_present(struct expect *e, const char *key)
{
	top(e, key, WANT_PRESENT);
}

void want_absent(struct expect *e, const char *key)
{
	top(e, key, WANT_ABSENT);
}

void maybe_str(struct expect *e, const char *key, const char *values)
{
	struct field *f = top(e, key, WANT_STR);

	set_str(f, values);
	f->optional = true;
}

void maybe_int(struct expect *e, const char *key, int64_t value)
{
	struct field *f = top(e, key, WANT_INT);

	f->num = value;
	f->optional = true;
}

struct error_expect *want_failure(struct expect *e, const char *err, const char *syscall, int fd,
				  int pid, const char *comm, bool sigpipe)
{
	struct error_expect *x;

	if (e->n_errors == MAX_ERRORS) {
		fprintf(stderr, "scenarios: more than %d failing calls expected\n", MAX_ERRORS);
		abort();
	}
	x = &e->errors[e->n_errors++];
	memset(x, 0, sizeof(*x));
	set_str(failure_field(x, "errno", WANT_STR), err);
	set_str(failure_field(x, "syscall", WANT_STR), syscall);
	if (fd >= 0)
		failure_field(x, "fd", WANT_INT)->num = fd;
	if (pid >= 0)
		failure_field(x, "pid", WANT_INT)->num = pid;
	set_str(failure_field(x, "comm", WANT_STR), comm);
	failure_field(x, "sigpipe", WANT_BOOL)->num = sigpipe;
	failure_field(x, "delay_us", WANT_MIN)->num = 0;
	maybe_failure_str(x, "side", "victim");
	return x;
}

void want_failure_int(struct error_expect *err, const char *key, int64_t value)
{
	failure_field(err, key, WANT_INT)->num = value;
}

void want_failure_bool(struct error_expect *err, const char *key, bool value)
{
	failure_field(err, key, WANT_BOOL)->num = value;
}

void want_failure_str(struct error_expect *err, const char *key, const char *values)
{
	set_str(failure_field(err, key, WANT_STR), values);
}

void want_failure_absent(struct error_expect *err, const char *key)
{
	failure_field(err, key, WANT_ABSENT);
}

void maybe_failure_int(struct error_expect *err, const char *key, int64_t value)
{
	struct field *f = failure_field(err, key, WANT_INT);

	f->num = value;
	f->optional = true;
}

void failure_unseen(struct error_expect *err)
{
	int i;

	for (i = 0; i < err->n_fields; i++)
		err->fields[i].optional = strcmp(err->fields[i].key, "errno") != 0;
}

void maybe_failure_str(struct error_expect *err, const char *key, const char *values)
{
	struct field *f = failure_field(err, key, WANT_STR);

	set_str(f, values);
	f->optional = true;
}

void want_failure_min(struct error_expect *err, const char *key, int64_t least)
{
	failure_field(err, key, WANT_MIN)->num = least;
}

/* Whether value is one of the alternatives in "a|b|c". */
static bool one_of(const char *alternatives, const char *value)
{
	size_t len = strlen(value), n;
	const char *p = alternatives;

	for (;; p += n + 1) {
		n = strcspn(p, "|");
		if (n == len && !memcmp(p, value, n))
			return true;
		if (!p[n])
			return false;
	}
}

static bool fits(const struct field *f, const json_t *got)
{
	if (!got)
		return f->want == WANT_ABSENT || f->optional;
	switch (f->want) {
	case WANT_STR:
		return json_is_string(got) && one_of(f->str, json_string_value(got));
	case WANT_INT:
		return json_is_integer(got) && json_integer_value(got) == f->num;
	case WANT_MIN:
		return json_is_integer(got) && json_integer_value(got) >= f->num;
	case WANT_BOOL:
		return json_is_boolean(got) && json_is_true(got) == !!f->num;
	case WANT_PRESENT:
		return json_is_string(got);
	case WANT_ABSENT:
		break;
	}
	return false;
}

/* Reports a difference in a key: what was expected; got is JSON, or NULL if there is no value. */
static void __attribute__((format(printf, 6, 7)))
differ(complain_fn report, void *ctx, enum complaint_kind kind, const char *key, const json_t *got,
       const char *expected, ...)
{
	struct complaint c = { .kind = kind, .absent = !got };
	char *text = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	va_list ap;

	if (report) {
		snprintf(c.key, sizeof(c.key), "%s", key);
		snprintf(c.got, sizeof(c.got), "%s", text ? text : "nothing");
		va_start(ap, expected);
		vsnprintf(c.expected, sizeof(c.expected), expected, ap);
		va_end(ap);
		report(ctx, &c);
	}
	free(text);
}

static void describe(const struct field *f, char *buf, size_t len)
{
	switch (f->want) {
	case WANT_STR:
		snprintf(buf, len, "\"%s\"", f->str);
		break;
	case WANT_INT:
		snprintf(buf, len, "%lld", (long long)f->num);
		break;
	case WANT_MIN:
		snprintf(buf, len, "at least %lld", (long long)f->num);
		break;
	case WANT_BOOL:
		snprintf(buf, len, "%s", f->num ? "true" : "false");
		break;
	case WANT_PRESENT:
		snprintf(buf, len, "a string");
		break;
	case WANT_ABSENT:
		snprintf(buf, len, "nothing");
		break;
	}
}

/* Compares a list of fields; `where` is put before the key in messages. */
static int compare_fields(const struct field *fields, int n, const json_t *obj, const char *where,
			  complain_fn report, void *ctx)
{
	char wanted[80], key[64];
	int i, bad = 0;

	for (i = 0; i < n; i++) {
		const json_t *v = json_object_get(obj, fields[i].key);

		if (fits(&fields[i], v))
			continue;
		bad++;
		describe(&fields[i], wanted, sizeof(wanted));
		snprintf(key, sizeof(key), "%s%s", where, fields[i].key);
		differ(report, ctx, OF_VALUE, key, v, "%s", wanted);
	}
	return bad;
}

/* Whether anything in the record contradicts what is expected of the call. */
static bool contradicts(const struct error_expect *err, const json_t *told)
{
	int i;

	for (i = 0; i < err->n_fields; i++) {
		const json_t *v = json_object_get(told, err->fields[i].key);

		if (v && !fits(&err->fields[i], v))
			return true;
	}
	return false;
}

/*
 * Compares the failing calls, in order. The record may lack some, but each call that it has must be
 * expected.
 */
static int compare_calls(const struct expect *e, const json_t *errors, complain_fn report, void *ctx)
{
	int n = (int)json_array_size(errors), i, k, bad = 0;
	char where[32];

	for (i = k = 0; i < n && k < e->n_errors; i++, k++) {
		const json_t *told = json_array_get(errors, i);

		while (e->n_errors - k > n - i && contradicts(&e->errors[k], told))
			k++;
		snprintf(where, sizeof(where), "errors[%d].", k);
		bad += compare_fields(e->errors[k].fields, e->errors[k].n_fields, told, where,
				      report, ctx);
	}
	return bad;
}

int expect_compare(const struct expect *e, const json_t *incident, complain_fn report, void *ctx)
{
	const json_t *errors = json_object_get(incident, "errors");
	int n = (int)json_array_size(errors), bad;

	bad = compare_fields(e->fields, e->n_fields, incident, "", report, ctx);
	if (n != e->n_errors) {
		bad++;
		differ(report, ctx, n < e->n_errors ? OF_CALLS : OF_MORE_CALLS, "errors", errors,
		       "%d", e->n_errors);
	}
	return bad + compare_calls(e, errors, report, ctx);
}

const char *expect_str(const struct expect *e, const char *key)
{
	int i;

	for (i = 0; i < e->n_fields; i++)
		if (!strcmp(e->fields[i].key, key) && e->fields[i].want == WANT_STR)
			return e->fields[i].str;
	return "";
}

bool expect_same_flow(const struct expect *e, const json_t *incident, bool and_kind)
{
	static const char *const keys[] = { "saddr", "sport", "daddr", "dport", "kind" };
	size_t k, n = sizeof(keys) / sizeof(*keys) - !and_kind;
	int i;

	for (k = 0; k < n; k++)
		for (i = 0; i < e->n_fields; i++)
			if (!strcmp(e->fields[i].key, keys[k]) &&
			    !fits(&e->fields[i], json_object_get(incident, keys[k])))
				return false;
	return true;
}

/* Whether the call has returned a part of its work, and no error. */
static bool is_part(const json_t *call)
{
	const char *returned = json_string_value(json_object_get(call, "returned"));

	return returned && !strcmp(returned, "part");
}

/* The failing call that error_errno and its kin are about. */
static const json_t *first_failure(const json_t *incident)
{
	const json_t *errors = json_object_get(incident, "errors"), *of_sender = NULL, *e;
	size_t i;

	json_array_foreach((json_t *)errors, i, e) {
		const char *side = json_string_value(json_object_get(e, "side"));

		if (is_part(e))
			continue;
		if (!side || !strcmp(side, "victim"))
			return e;
		of_sender = of_sender ?: e;
	}
	return of_sender;
}

static int same_first_error(const json_t *incident, complain_fn report, void *ctx)
{
	static const char *const keys[] = { "errno", "syscall", "fd", "pid", "tid", "comm",
					    "delay_us", "sigpipe" };
	const json_t *first = first_failure(incident);
	char name[24];
	int bad = 0;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const json_t *a, *b = json_object_get(first, keys[i]);

		snprintf(name, sizeof(name), "error_%s", keys[i]);
		a = json_object_get(incident, name);
		if (a == b || (a && b && json_equal(a, b)))
			continue;
		bad++;
		differ(report, ctx, OF_VALUE, name, a, "that of the first failing call");
	}
	return bad;
}

int incident_sane(const json_t *incident, int64_t from_ns, int64_t to_ns, complain_fn report,
		  void *ctx)
{
	static const char *const texts[] = { "id", "time", "host", "community_id", "cause_text",
					     "advice" };
	json_int_t t = json_integer_value(json_object_get(incident, "time_ns"));
	struct expect e = { 0 };
	const char *key;
	json_t *v;
	int bad;
	size_t i;

	want_str(&e, "schema", "rsttrace/1");
	want_str(&e, "confidence", "certain|likely|guess");
	want_min(&e, "rev", 0);
	want_min(&e, "netns", 1);
	want_absent(&e, "type");
	bad = compare_fields(e.fields, e.n_fields, incident, "", report, ctx);
	bad += same_first_error(incident, report, ctx);

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *s = json_string_value(json_object_get(incident, texts[i]));

		if (s && *s)
			continue;
		bad++;
		differ(report, ctx, OF_VALUE, texts[i], NULL, "a text");
	}
	if (t < from_ns || t > to_ns) {
		bad++;
		differ(report, ctx, OF_VALUE, "time_ns", json_object_get(incident, "time_ns"),
		       "%lld to %lld", (long long)from_ns, (long long)to_ns);
	}
	json_object_foreach((json_t *)incident, key, v) {
		if (!json_is_null(v))
			continue;
		bad++;
		differ(report, ctx, OF_VALUE, key, v, "no null members");
	}
	return bad;
}
