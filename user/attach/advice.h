/* SPDX-License-Identifier: GPL-2.0 */
/* What would have to change on this host for more to be seen. Pure. */
#ifndef ADVICE_H
#define ADVICE_H

#include <stddef.h>

#include "attach/hooks.h"

/* What would make a way of attaching work; NULL: it works, or nothing is known that would help. */
const char *advice_way(const struct caps *caps, enum ladder ladder);

/* What would make the i-th of the better rungs work, or NULL. */
const char *advice_better(const struct caps *caps, const struct choice *c, int i);

/* The modules that the choice waits for, separated by spaces; "" when none. */
void advice_modules(const struct choice *c, char *names, size_t len);

#endif
