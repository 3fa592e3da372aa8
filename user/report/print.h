/* SPDX-License-Identifier: GPL-2.0 */
/* A report for people, and for programs. Each returns 0 or a negative errno. */
#ifndef REPORT_PRINT_H
#define REPORT_PRINT_H

#include <stdio.h>

#include "base/doc.h"
#include "report/report.h"

struct report_print {
	FILE *out;
	bool json;		/* one object on one line */
	size_t top;		/* so many rows; the others are summed up */
	size_t files, damaged;	/* read, and those of them that could not be read to their end */
};

int report_print(const struct report_print *p, const struct report *r);

/* Two reports that share their strings: what is new, gone, worse, better. */
int report_compare(const struct report_print *p, const struct report *before, const struct report *after);

/* The keys of the JSON, for the reference. Returns 0, or what fn answered. */
int report_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx);

/* What an enum way stands for: a word for programs, and a sentence. */
const char *way_name(enum way way);
const char *way_text(enum way way);

#endif
