/* SPDX-License-Identifier: GPL-2.0 */
/* The content of a file that is plain, gzip or zstd, which its first bytes show. */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct input;

/* Returns NULL, with one line in `why`, when the file cannot be opened. "-" is standard input. */
struct input *input_open(const char *path, char *why, size_t len);
void input_close(struct input *in);

/*
 * Reads up to n bytes. Returns their number, 0 at the end, or a negative errno: the file is damaged
 * or cannot be read. If the file ends too early, all that was read before is good; damage inside
 * gzip or zstd is noticed some bytes after its place.
 */
ssize_t input_read(struct input *in, void *buf, size_t n);

/*
 * Whether the content begins with this text (at most INPUT_HEAD bytes), which can still be read.
 * Only before the first read.
 */
#define INPUT_HEAD 64
bool input_begins(struct input *in, const char *text);

/* After an error: what is wrong, and at which byte of the file (not of the content). */
const char *input_wrong(const struct input *in, uint64_t *offset);

/* How many bytes of the file have been read, and its size; 0: not known. */
uint64_t input_done(const struct input *in);
uint64_t input_size(const struct input *in);

/* The content as a stream, which owns the input and closes it. NULL: out of memory. */
FILE *input_stream(struct input *in);

#endif
