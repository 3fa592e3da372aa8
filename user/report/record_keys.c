/* SPDX-License-Identifier: GPL-2.0 */
#include "report/record_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"

static size_t hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h % MAX_SLOTS;
}

static enum slot_kind kind_of(const struct row *row)
{
	static const struct {
		const char *key;
		enum slot_kind kind;
	} others[] = {
		{ "schema", SCHEMA }, { "saddr", ADDRESS }, { "daddr", ADDRESS },
		{ "icmp_from", ADDRESS }, { "errno", ERRNO },
		{ "side", SIDE }, { "inferred", INFERRED }, { "time", MADE_OF_OTHERS },
		{ "bytes_read", MADE_OF_OTHERS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(row->key, others[i].key))
			return others[i].kind;
	return row->type == RECORD_INT ? INTEGER : row->type == RECORD_BOOL ? BOOLEAN :
	       row->type == RECORD_STRINGS ? MADE_OF_OTHERS :
	       row->name ? ENUM : row->size == sizeof(char *) ? CODE :
	       row->size ? CHARS : MADE_OF_OTHERS;
}

static void add_key(struct record_keys *k, const struct section *sec, const struct row *row)
{
	struct record_slot *s = &k->slot[k->n];
	size_t at;

	if (k->n == ARRAY_SIZE(k->slot))
		return;
	s->len = snprintf(s->text, sizeof(s->text), "\"%s%s\":", sec->prefix, row->key) - strlen("\"\":");
	s->key = s->text + 1;
	s->kind = kind_of(row);
	s->row = row;
	s->off = sec->base + row->off;
	for (at = hash(s->key, s->len); k->by_hash[at]; at = (at + 1) % MAX_SLOTS)
		;
	k->by_hash[at] = ++k->n;
}

void record_keys_add(struct record_keys *k, const struct section *sec)
{
	for (size_t i = 0; i < sec->n; i++)
		if (!sec->side || sec->rows[i].sides & sec->side)
			add_key(k, sec, &sec->rows[i]);
}

const struct record_slot *record_keys_find(const struct record_keys *k, const struct pull_slice *s)
{
	for (size_t at = hash(s->s, s->n); k->by_hash[at]; at = (at + 1) % MAX_SLOTS) {
		const struct record_slot *slot = &k->slot[k->by_hash[at] - 1];

		if (slot->len == s->n && !memcmp(slot->key, s->s, s->n))
			return slot;
	}
	return NULL;
}

bool record_keys_take(const struct record_keys *k, size_t *expect, struct json_pull *j,
		      const struct record_slot **slot, struct pull_slice *key)
{
	for (size_t i = *expect; i < k->n && i < *expect + 3; i++) {
		size_t n = k->slot[i].len + strlen("\"\":");

		if ((size_t)(j->end - j->at) < n || memcmp(j->at, k->slot[i].text, n))
			continue;
		j->at += n;
		*slot = &k->slot[i];
		*expect = i + 1;
		return true;
	}
	if (!pull_string(j, key) || !pull_want(j, ':'))
		return false;
	*slot = record_keys_find(k, key);
	if (*slot)
		*expect = *slot - k->slot + 1;
	return true;
}
