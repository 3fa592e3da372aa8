/* SPDX-License-Identifier: GPL-2.0 */
/* A set of type and symbol names, for one pass over a large BTF. */
#ifndef NAME_SET_H
#define NAME_SET_H

#include <stdbool.h>

struct name_set;

struct name_set *name_set_new(void);
void name_set_free(struct name_set *set);

/* The string is borrowed for the call. `flavour`: ignore a ___suffix. Returns 0 or -ENOMEM. */
int name_set_add(struct name_set *set, const char *name, bool flavour);

bool name_set_has(const struct name_set *set, const char *name);

#endif
