/* SPDX-License-Identifier: GPL-2.0 */
/* Prints a report for people or as JSON. Each function returns 0 or a negative errno. */
#ifndef REPORT_PRINT_H
#define REPORT_PRINT_H

#include <stdio.h>

#include "base/doc.h"
#include "report/report.h"

struct report_print {
	FILE *out;
	bool json;		/* one object on one line */
	size_t top;		/* how many rows are printed; the others are summed up */
	size_t files, damaged;	/* how many files were read, and how many of them not to their end */
};

int report_print(const struct report_print *p, const struct report *r);

/* Compares two reports that share their strings: what is new, gone, worse, better. */
int report_compare(const struct report_print *p, const struct report *before, const struct report *after);

/*
 * Passes each key of the JSON to fn, for the reference. Returns 0, or the first value other than 0
 * that fn returned.
 */
int report_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx);

/* The name of a way for programs, and what it means in a sentence. */
const char *way_name(enum way way);
const char *way_text(enum way way);

#endif
