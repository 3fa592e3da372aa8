/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers strings, so that a million incidents keep each name once. */
#ifndef STRINGS_TABLE_H
#define STRINGS_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define STRING_NONE 0		/* "" */
#define STRING_OTHER 1		/* "(other)": stands for all strings that came when the table was full */
#define MAX_STRINGS (1u << 20)

struct strings;

/* Returns NULL when out of memory. */
struct strings *strings_new(void);
void strings_free(struct strings *s);

/* The number of a string; STRING_OTHER when there is no room for it. */
uint32_t strings_put(struct strings *s, const char *text);

/* The string with this number; valid as long as the table. */
const char *strings_get(const struct strings *s, uint32_t number);

/* The memory used, in bytes. */
size_t strings_bytes(const struct strings *s);

#endif
