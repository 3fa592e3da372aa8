/* SPDX-License-Identifier: GPL-2.0 */
/* The record's keys by name, for a reader: in which member a value goes, and how. */
#ifndef RECORD_KEYS_H
#define RECORD_KEYS_H

#include "output/record_rows.h"
#include "report/json_pull.h"

#define MAX_SLOTS 512		/* a power of two, well above the number of keys */

/* What becomes of a value. */
enum slot_kind {
	MADE_OF_OTHERS,	/* nothing: other keys tell it */
	INTEGER, BOOLEAN, CHARS, ENUM, CODE, ADDRESS,
	SCHEMA, ERRNO, SIDE, INFERRED,
};

/* A key, and where its value goes. */
struct record_slot {
	char text[52];		/* "key": as rsttrace writes it */
	const char *key;	/* in there, not ended */
	size_t len;
	enum slot_kind kind;
	const struct row *row;
	size_t off;		/* in the struct that the row's section is about, base included */
};

/* The keys of some sections, in the order in which they are written, and by their hash. */
struct record_keys {
	struct record_slot slot[MAX_SLOTS / 2];
	size_t n;
	uint16_t by_hash[MAX_SLOTS];	/* index + 1; 0: free */
};

/* Adds the keys of a section. */
void record_keys_add(struct record_keys *k, const struct section *sec);

const struct record_slot *record_keys_find(const struct record_keys *k, const struct pull_slice *s);

/*
 * Takes a member's key and the colon. Keys come in the table's order, and most rows of an end are
 * there: the ones behind the last, *expect, are looked at first. *key is set where there is no slot.
 */
bool record_keys_take(const struct record_keys *k, size_t *expect, struct json_pull *j,
		      const struct record_slot **slot, struct pull_slice *key);

#endif
