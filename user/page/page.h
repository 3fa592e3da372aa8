/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A report as one HTML page that needs no network and no other file. It is made of a finished
 * report and of the same records, passed once more, of which it keeps those it shows. Pure.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdio.h>

#include "report/report.h"

#define PAGE_ROWS 100000	/* how many resets the table has at most */
#define PAGE_FIRST_ROWS 200	/* how many of them can be read without the script */

struct page_config {
	const struct report *report;	/* finished; borrowed */
	size_t among;			/* the table takes resets only from the first so many entries */
	size_t files, damaged;		/* as in struct report_print */
};

struct page;

/* Copies the configuration. Returns NULL when out of memory. */
struct page *page_new(const struct page_config *cfg);
void page_free(struct page *p);

/* Takes one of the records that the report was made of, in any order. Returns 0 or -ENOMEM. */
int page_incident(struct page *p, const struct incident *inc);

/*
 * Writes the page, after the last record. Returns 0, -ENOMEM, or the negative errno of a failed
 * write.
 */
int page_write(struct page *p, FILE *out);

#endif
