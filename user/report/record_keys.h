/* SPDX-License-Identifier: GPL-2.0 */
/* The record's keys by name: into which member a value is read, and how. */
#ifndef RECORD_KEYS_H
#define RECORD_KEYS_H

#include "output/record_rows.h"
#include "report/json_pull.h"

#define MAX_SLOTS 512		/* a power of two, well above the number of keys */

/* How a value is read. */
enum slot_kind {
	MADE_OF_OTHERS,	/* not at all: it is computed from other keys */
	INTEGER, BOOLEAN, CHARS, ENUM, CODE, ADDRESS,
	SCHEMA, ERRNO, SIDE, INFERRED,
};

/* A key, and where its value is stored. */
struct record_slot {
	char text[52];		/* the key with quotes and colon, as rsttrace writes it */
	const char *key;	/* the key in .text, without a NUL */
	size_t len;
	enum slot_kind kind;
	const struct row *row;
	size_t off;		/* offset in the struct of the row's section, plus the base */
};

/* The keys of some sections, in the order in which they are written, with a hash table. */
struct record_keys {
	struct record_slot slot[MAX_SLOTS / 2];
	size_t n;
	uint16_t by_hash[MAX_SLOTS];	/* index + 1; 0: free */
};

/* Adds the keys of a section. */
void record_keys_add(struct record_keys *k, const struct section *sec);

const struct record_slot *record_keys_find(const struct record_keys *k, const struct pull_slice *s);

/*
 * Takes the key and the colon of a member. Keys come in the table's order, and most keys of a
 * section are there, so those after the last one found, *expect, are tried first. *slot is NULL for
 * an unknown key, which is then in *key.
 */
bool record_keys_take(const struct record_keys *k, size_t *expect, struct json_pull *j,
		      const struct record_slot **slot, struct pull_slice *key);

#endif
