/* SPDX-License-Identifier: GPL-2.0 */
/* The list of what is skipped and where: only it may excuse a scenario. */
#ifndef SKIP_H
#define SKIP_H

#include <stddef.h>

struct skip_list {
	const char *file;	/* NULL: nothing may be skipped */
	const char *kernel;	/* the kernel that this runs on */
	const char *hooks;
};

/*
 * Fills reason if there is a line for this scenario here. Returns 1 if so,
 * 0 if not, or a negative errno.
 */
int skip_listed(const struct skip_list *l, const char *scenario, char *reason, size_t len);

#endif
