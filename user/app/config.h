/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The form of the file of --config: "name = value" or a name alone, one a line; empty lines and
 * those that begin with # or ; are ignored. The caller knows what the names mean.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stddef.h>

#define CONFIG_MAX (1 << 20)	/* bytes; a longer file is a mistake */

/*
 * Takes one setting. value is NULL if the name stands alone; its bytes may be changed. Returns 0, or a
 * negative errno with what is wrong in `why`, which ends the reading.
 */
typedef int (*config_fn)(void *ctx, const char *name, char *value, char *why, size_t len);

/*
 * Reads the file. Names and values point into *text, which is the caller's to free. Returns 0, or a
 * negative errno with one line in `why` that says which line of the file is wrong, and no text.
 */
int config_read(const char *path, char **text, config_fn fn, void *ctx, char *why, size_t len);

#endif
