/* SPDX-License-Identifier: GPL-2.0 */
/* What --confine does to a session that is attached. */
#ifndef GIVE_UP_H
#define GIVE_UP_H

#include <stddef.h>

#include "app/options.h"

struct loader;

/*
 * Gives up what is not needed any more; what could not be given up on this kernel is said on stderr. Returns 0,
 * or -1 with one line in `why`. To be called while there is one thread only.
 */
int give_up_privileges(const struct options *o, struct loader *loader, char *why, size_t len);

#endif
