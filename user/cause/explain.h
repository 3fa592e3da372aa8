/* SPDX-License-Identifier: GPL-2.0 */
/* `rsttrace explain`: prints what topic.h knows. Needs no privileges. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stdio.h>

/*
 * Explains the words (NULL-terminated, together one name or message), or lists
 * all there is when there are none, in lines of at most `width` bytes. Returns 0;
 * -ENOENT, with one line in `why` that has the nearest names; or -EIO when `out`
 * cannot be written.
 */
int explain(FILE *out, char *const *words, unsigned int width, char *why, size_t len);

/* How wide the terminal behind a descriptor is; 80 when there is none. */
unsigned int explain_width(int fd);

#endif
