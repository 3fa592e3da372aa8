/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON Lines to incidents, whatever the bytes: they may come in pieces, cut anywhere. What cannot be
 * read is told of and left out. Pure.
 */
#ifndef LINES_H
#define LINES_H

#include "report/record_read.h"

#define MAX_LINE_BYTES (1u << 20)	/* what is longer is no record */

/* A line that could not be read: its number from 1, and where in the file the trouble is. */
struct bad_line {
	uint64_t line, offset;
	const char *why;
};

struct lines_ops {
	int (*incident)(void *ctx, const struct incident *inc);	/* 0 or a negative errno, which ends it */
	void (*end)(void *ctx, const struct line_end *end);
	void (*bad)(void *ctx, const struct bad_line *b);
};

struct lines;

/* NULL when out of memory. */
struct lines *lines_new(const struct lines_ops *ops, void *ctx);
void lines_free(struct lines *l);

/* Both 0, -ENOMEM, or what incident() answered. The last line may lack its newline. */
int lines_bytes(struct lines *l, const char *data, size_t n);
int lines_end(struct lines *l);

#endif
