/* SPDX-License-Identifier: GPL-2.0 */
/* The bytes of a file, as they are or out of gzip or zstd: what is in it, its first bytes tell. */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct input;

/* NULL with one line in `why`. "-" is standard input. */
struct input *input_open(const char *path, char *why, size_t len);
void input_close(struct input *in);

/*
 * Up to n bytes; 0: the end; a negative errno: the file is damaged or cannot be read. What came
 * before is good where the file breaks off; damage inside gzip or zstd shows a little after it.
 */
ssize_t input_read(struct input *in, void *buf, size_t n);

/* Whether what is in it begins so (at most INPUT_HEAD bytes); they can still be read. Before the first read. */
#define INPUT_HEAD 64
bool input_begins(struct input *in, const char *text);

/* After an error: what is wrong, and at which byte of the file (not of what is in it). */
const char *input_wrong(const struct input *in, uint64_t *offset);

/* How far into the file, and how long that is; 0: not known. */
uint64_t input_done(const struct input *in);
uint64_t input_size(const struct input *in);

/* The same bytes as a stream, which then has the input and closes it. NULL: no memory. */
FILE *input_stream(struct input *in);

#endif
