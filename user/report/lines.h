/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Incidents from JSON Lines, whatever the bytes. They may come in pieces cut anywhere. A line that
 * cannot be read is reported and left out. Pure.
 */
#ifndef LINES_H
#define LINES_H

#include "report/record_read.h"

#define MAX_LINE_BYTES (1u << 20)	/* no record is longer */

/* A line that could not be read: its number, from 1, and where in the file the fault is. */
struct bad_line {
	uint64_t line, offset;
	const char *why;
};

struct lines_ops {
	int (*incident)(void *ctx, const struct incident *inc);	/* 0, or a negative errno to end the reading */
	void (*end)(void *ctx, const struct line_end *end);
	void (*bad)(void *ctx, const struct bad_line *b);
	int (*check)(void *ctx, const struct line_check *check);	/* like incident(); may be NULL */
};

struct lines;

/* Returns NULL when out of memory. */
struct lines *lines_new(const struct lines_ops *ops, void *ctx);
void lines_free(struct lines *l);

/* Both return 0, -ENOMEM, or what incident() returned. The last line may lack its newline. */
int lines_bytes(struct lines *l, const char *data, size_t n);
int lines_end(struct lines *l);

#endif
