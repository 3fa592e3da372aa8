/* SPDX-License-Identifier: GPL-2.0 */
/* `rsttrace check`: what this kernel offers and which hooks were chosen. Pure. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

#include "attach/hooks.h"
#include "base/doc.h"

struct check {
	const struct caps *caps;
	const struct plan *plan;	/* empty if it failed before a plan was made */
	const char *why;		/* why nothing can be traced; NULL: it can */
};

/* For people. Returns 0, or the negative errno of the failed write. */
int check_print(FILE *out, const struct check *c);

/* One JSON object. Returns 0 or a negative errno. */
int check_json(FILE *out, const struct check *c, const char *version);

/* Visits every key of that object. Returns 0, or what fn returned. */
int check_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx);

/* Warns in one line when a probe cannot be attached. */
void check_warn(FILE *out, const struct plan *plan);

#endif
