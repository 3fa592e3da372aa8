/* SPDX-License-Identifier: GPL-2.0 */
#include "report/record_read.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "cause/rules.h"
#include "report/record_keys.h"

#define MAX_CODES 1024		/* codes that this version does not know */
#define MAX_ERRNO 133		/* the greatest of include/uapi/asm-generic/errno.h */
#define N_ENUM 64		/* more than any enum of the record has values */

struct record_reader {
	struct record_keys top, item, eof;
	const struct record_slot *victim_owner, *host;
	struct {
		char word[32];
		int64_t value;
	} error;		/* the last errno that was looked up */
	const char *last_code;
	char *code[MAX_CODES];
	size_t n_codes;
};

struct record_reader *record_reader_new(void)
{
	struct record_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	for (size_t i = 0; i < N_SECTIONS; i++)
		record_keys_add(&r->top, &record_sections[i]);
	record_keys_add(&r->item, &item_section);
	record_keys_add(&r->eof, &eof_section);
	r->victim_owner = record_keys_find(&r->top, &(struct pull_slice){ "victim_owner", 12, false });
	r->host = record_keys_find(&r->top, &(struct pull_slice){ "host", 4, false });
	return r;
}

void record_reader_free(struct record_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_codes; i++)
		free(r->code[i]);
	free(r);
}

/* ---- values ---- */

/* Codes are printed as they are, and looked for by scripts: other characters are in none. */
static bool is_code(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

/*
 * A code that stays valid after the line: that of a rule, or a kept copy of one that this version
 * does not know. NULL: it is none.
 */
static const char *code_of(struct record_reader *r, const struct pull_slice *s)
{
	const struct rule *rule;
	char code[64];

	if (r->last_code && pull_is(s, r->last_code))
		return r->last_code;
	pull_copy(code, sizeof(code), s);
	if (!is_code(code))
		return NULL;
	rule = rule_find(code);
	if (rule)
		return r->last_code = rule->cause;
	for (size_t i = 0; i < r->n_codes; i++)
		if (!strcmp(r->code[i], code))
			return r->code[i];
	if (r->n_codes == MAX_CODES)
		return NULL;
	r->code[r->n_codes] = strdup(code);
	return r->code[r->n_codes] ? r->code[r->n_codes++] : NULL;
}

/* Most often it is the same errno as before. */
static int64_t errno_of(struct record_reader *r, const struct pull_slice *s)
{
	char *word = r->error.word, *end;
	long n;

	if (pull_is(s, word))
		return r->error.value;
	pull_copy(word, sizeof(r->error.word), s);
	r->error.value = UNKNOWN;
	for (int i = 1; i <= MAX_ERRNO; i++) {
		const char *name = strerrorname_np(i);

		if (name && !strcmp(name, word))
			return r->error.value = i;
	}
	n = strtol(word, &end, 10);	/* an errno without a name is written as its number */
	return r->error.value = *word && !*end && n > 0 ? n : UNKNOWN;
}

static void set_enum(const struct row *row, void *member, const struct pull_slice *s)
{
	for (unsigned int v = 0; v < N_ENUM; v++) {
		const char *name = row->name(v);

		if (name && pull_is(s, name)) {
			memcpy(member, &v, sizeof(v));
			return;
		}
	}
}

static void set_addr(struct incident *inc, uint8_t *addr, const struct pull_slice *s)
{
	char text[INET6_ADDRSTRLEN];

	pull_copy(text, sizeof(text), s);
	if (inet_pton(AF_INET, text, addr) == 1)
		inc->family = 4;
	else if (inet_pton(AF_INET6, text, addr) == 1)
		inc->family = 6;
}

static void set_string(struct record_reader *r, const struct record_slot *slot, void *base,
		       const struct pull_slice *s)
{
	char *member = (char *)base + slot->off;

	switch (slot->kind) {
	case CHARS:
		pull_copy(member, slot->row->size, s);
		break;
	case ENUM:
		set_enum(slot->row, member, s);
		break;
	case CODE:
		*(const char **)(void *)member = code_of(r, s);
		break;
	case ADDRESS:
		set_addr(base, (uint8_t *)member, s);
		break;
	case ERRNO:
		((struct failure *)base)->err = errno_of(r, s);
		break;
	case SIDE:
		((struct failure *)base)->on_sender = pull_is(s, "sender");
		break;
	default:
		break;
	}
}

static bool set_value(struct record_reader *r, const struct record_slot *slot, void *base, struct json_pull *j)
{
	int64_t *member = (void *)((char *)base + slot->off);
	struct pull_slice s;
	bool yes;

	switch (slot->kind) {
	case MADE_OF_OTHERS:
		return pull_skip(j);
	case INTEGER:
		return pull_integer(j, member);
	case BOOLEAN:
		if (!pull_bool(j, &yes))
			return false;
		*member = yes;
		return true;
	case INFERRED:
		return pull_bool(j, &((struct failure *)base)->inferred);
	default:
		if (!pull_string(j, &s))
			return false;
		set_string(r, slot, base, &s);
		return true;
	}
}

/* ---- objects ---- */

/* Reads the members of an object up to its end; keys that are not in the table are skipped. */
static bool read_members(struct record_reader *r, const struct record_keys *k, void *base, struct json_pull *j)
{
	size_t expect = 0;

	if (pull_next_is(j, '}'))
		return true;
	do {
		const struct record_slot *slot;
		struct pull_slice key;

		if (!record_keys_take(k, &expect, j, &slot, &key))
			return false;
		if (slot ? !set_value(r, slot, base, j) : !pull_skip(j))
			return false;
	} while (pull_next_is(j, ','));
	return pull_want(j, '}');
}

static void failure_init(struct failure *f)
{
	*f = (struct failure){ .err = UNKNOWN, .fd = UNKNOWN, .pid = UNKNOWN, .tid = UNKNOWN,
			       .delay_us = UNKNOWN, .sigpipe = UNKNOWN };
}

/* Reads the list of failing calls. */
static bool read_errors(struct record_reader *r, struct incident *inc, struct json_pull *j)
{
	struct failure rest;

	if (!pull_want(j, '['))
		return false;
	if (pull_next_is(j, ']'))
		return true;
	do {
		size_t n = inc->n_failures++;
		struct failure *f = n < MAX_FAILURES ? &inc->failures[n] : &rest;

		failure_init(f);
		if (!pull_want(j, '{') || !read_members(r, &r->item, f, j))
			return false;
	} while (pull_next_is(j, ','));
	return pull_want(j, ']');
}

/* What a line says beside the members of struct incident. */
struct reading {
	struct record_line *out;
	struct failure eof;
	bool has_eof, is_end, is_check, is_other, has_schema, victim_owner;
};

static bool read_type(struct reading *rd, struct json_pull *j)
{
	struct pull_slice s;

	if (!pull_string(j, &s))
		return false;
	rd->is_end = pull_is(&s, "end");
	rd->is_check = pull_is(&s, "check");
	rd->is_other = !rd->is_end;
	return true;
}

static bool read_schema(struct reading *rd, struct json_pull *j)
{
	struct pull_slice s;

	if (!pull_string(j, &s))
		return false;
	rd->has_schema = pull_is(&s, RECORD_SCHEMA);
	return true;
}

static bool read_total(struct reading *rd, const struct pull_slice *key, struct json_pull *j)
{
	struct line_end *end = &rd->out->end;

	return pull_is(key, "lost") ? pull_integer(j, &end->lost) :
	       pull_is(key, "missed") ? pull_integer(j, &end->missed) :
	       pull_is(key, "suppressed") ? pull_integer(j, &end->suppressed) : pull_skip(j);
}

static bool read_name(char *buf, size_t len, struct json_pull *j)
{
	struct pull_slice s;

	if (!pull_string(j, &s))
		return false;
	pull_copy(buf, len, &s);
	return true;
}

/* Reads a member whose key is not in the table. */
static bool read_other(struct record_reader *r, struct reading *rd, const struct pull_slice *key,
		       struct json_pull *j)
{
	const struct record_slot *slot = record_keys_find(&r->eof, key);

	if (slot) {
		rd->has_eof = true;
		return set_value(r, slot, &rd->eof, j);
	}
	return pull_is(key, "type") ? read_type(rd, j) :
	       pull_is(key, "errors") ? read_errors(r, &rd->out->inc, j) :
	       rd->is_check && pull_is(key, "kernel") ?
			read_name(rd->out->check.kernel, sizeof(rd->out->check.kernel), j) :
	       rd->is_end ? read_total(rd, key, j) : pull_skip(j);
}

static bool read_member(struct record_reader *r, struct reading *rd, size_t *expect, struct json_pull *j)
{
	const struct record_slot *slot;
	struct pull_slice key;

	if (!record_keys_take(&r->top, expect, j, &slot, &key))
		return false;
	if (!slot)
		return read_other(r, rd, &key, j);
	if (slot->kind == SCHEMA)
		return read_schema(rd, j);
	if (rd->is_check && slot == r->host)
		return read_name(rd->out->check.host, sizeof(rd->out->check.host), j);
	if (rd->is_end || rd->is_other)
		return pull_skip(j);
	rd->victim_owner |= slot == r->victim_owner;
	return set_value(r, slot, &rd->out->inc, j);
}

static bool read_line(struct record_reader *r, struct reading *rd, struct json_pull *j)
{
	size_t expect = 0;

	if (!pull_want(j, '{'))
		return false;
	if (pull_next_is(j, '}'))
		return pull_ends(j);
	do {
		if (!read_member(r, rd, &expect, j))
			return false;
	} while (pull_next_is(j, ','));
	return pull_want(j, '}') && pull_ends(j);
}

/* Works out what the record does not say directly: which ends had an event of their own. */
static void finish(struct incident *inc, const struct reading *rd)
{
	if (rd->has_eof) {
		size_t n = inc->n_failures < MAX_FAILURES ? inc->n_failures++ : MAX_FAILURES - 1;

		inc->failures[n] = rd->eof;
		inc->failures[n].err = 0;
	}
	inc->sender.seen = inc->kind == KIND_ACTIVE || inc->kind == KIND_REPLY ||
			   inc->kind == KIND_NETFILTER;
	/* a victim has an owner in the record, be it "none", only if its end was seen */
	inc->victim.seen = inc->victim.local == 1 && rd->victim_owner;
}

enum line_kind record_read(struct record_reader *r, struct record_line *out, const char *line, size_t n)
{
	struct reading rd = { .out = out };
	struct json_pull j;

	incident_init(&out->inc);
	out->end = (struct line_end){ };
	out->check = (struct line_check){ };
	failure_init(&rd.eof);
	pull_begin(&j, line, n);
	if (!read_line(r, &rd, &j)) {
		out->why = j.why;
		out->at = j.at - line;
		return LINE_WRONG;
	}
	if (!rd.has_schema) {
		out->why = "it is no line of rsttrace (schema " RECORD_SCHEMA ")";
		out->at = 0;
		return LINE_WRONG;
	}
	if (rd.is_end || rd.is_other)
		return rd.is_end ? LINE_END : rd.is_check ? LINE_CHECK : LINE_OTHER;
	finish(&out->inc, &rd);
	return LINE_INCIDENT;
}
