/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A report as one page of HTML that needs nothing beside it: no network, no other file. It is made of
 * a finished report, and of the records told once more, of which it keeps what it shows. Pure.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdio.h>

#include "report/report.h"

#define PAGE_ROWS 100000	/* resets in its table */
#define PAGE_FIRST_ROWS 200	/* of these, that are there without the script */

struct page_config {
	const struct report *report;	/* finished; borrowed */
	size_t among;			/* the table is of its first so many entries */
	size_t files, damaged;		/* as in struct report_print */
};

struct page;

/* NULL when out of memory. The configuration is copied. */
struct page *page_new(const struct page_config *cfg);
void page_free(struct page *p);

/* One of the records that the report was made of, in any order. 0 or -ENOMEM. */
int page_incident(struct page *p, const struct incident *inc);

/* After the last of them. 0, or a negative errno: of the memory, or of the stream. */
int page_write(struct page *p, FILE *out);

#endif
