/* SPDX-License-Identifier: GPL-2.0 */
/* The tables behind record.h: a row for each key, and the sections that a record consists of. */
#ifndef RECORD_ROWS_H
#define RECORD_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "output/record.h"

/* Which end a row of an endpoint is for. */
#define SENDER (1u << 0)
#define VICTIM (1u << 1)
#define BOTH (SENDER | VICTIM)

/*
 * A row reads its value from the struct its table is about (incident, endpoint
 * or failure), at off. get() returns false when the value is not known; a
 * string may be put into buf, which has RECORD_TEXT_MAX bytes.
 */
struct row {
	const char *key;
	enum record_type type;
	unsigned int sides;		/* endpoint rows only */
	size_t off, size;
	const char *(*name)(unsigned int v);	/* enums */
	bool (*get)(const struct row *row, const void *base, struct record_value *val, char *buf);
	const char *meaning;
};

/* A part of a record: rows, and the struct that they read. */
struct section {
	const char *prefix;
	size_t base;		/* of the struct the rows are about, in an incident */
	unsigned int side;	/* 0: all rows */
	const struct row *rows;
	size_t n;
};

#define N_SECTIONS 4
extern const struct section record_sections[N_SECTIONS];

/*
 * The rows of the first failing call; of the read that took the reset for the end of the stream, which
 * lack the error; and of an item of "errors".
 */
extern const struct section error_section, eof_section, item_section;

#endif
