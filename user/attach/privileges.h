/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The capabilities that tracing uses: what each is for, and what is missing
 * without it. The check, the manual and the error lines are made from the rows.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

#include "attach/caps.h"

struct privilege {
	int number;		/* CAP_* */
	const char *name;
	bool required;		/* without it there is no tracing */
	const char *purpose;
	const char *without;	/* what is missing without it; NULL: everything */
};

extern const struct privilege privileges[];
extern const int n_privileges;

/* Whether the process has it, or CAP_SYS_ADMIN, which includes it. */
bool privilege_held(const struct caps *caps, const struct privilege *p);

/* Whether it would make a difference on this kernel. */
bool privilege_wanted(const struct caps *caps, const struct privilege *p);

/* Writes the names of the required ones that are missing, "" when none is. */
void privileges_missing(const struct caps *caps, char *names, size_t len);

#endif
