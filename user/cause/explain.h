/* SPDX-License-Identifier: GPL-2.0 */
/* `rsttrace explain`: prints what topic.h knows. Needs no privileges. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stdio.h>

/*
 * Explains the words (NULL-terminated; together they are one name or one message), or lists
 * everything that can be explained when there are none, in lines of at most `width` bytes.
 * Returns 0; -ENOENT, with one line in `why` that names the nearest topics; or -EIO when `out`
 * cannot be written.
 */
int explain(FILE *out, char *const *words, unsigned int width, char *why, size_t len);

/* The width of the terminal behind a descriptor; 80 when it is no terminal. */
unsigned int explain_width(int fd);

#endif
