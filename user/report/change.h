/* SPDX-License-Identifier: GPL-2.0 */
/* How one row differs between two reports. Pure. */
#ifndef CHANGE_H
#define CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "report/report.h"

enum change { CHANGE_NEW, CHANGE_WORSE, CHANGE_SAME, CHANGE_BETTER, CHANGE_GONE, N_CHANGES };

const char *change_name(enum change c);

struct change_row {
	uint64_t key;
	uint64_t before, after;
	double before_rate, after_rate;		/* resets per hour */
	enum change change;
};

/*
 * How many hours the report's incidents span; 0: too few to compute a rate (less than two
 * incidents, or a minute). If the report has bounds of its own (since and until), the hours between
 * those.
 */
double report_hours(const struct report *r);

/*
 * What became of a count: by rates per hour when both spans are known, else by the counts. Worse
 * and better mean half as much again, and more than chance explains: three standard deviations of
 * independent events.
 */
enum change change_of(uint64_t before, double before_hours, uint64_t after, double after_hours);

/*
 * The rows of both reports, worst first: new and worse ones by their growth, then the same, better,
 * gone. Returns an array that the caller frees, or NULL when out of memory.
 */
struct change_row *change_rows(const struct report *before, const struct report *after, size_t *n);

#endif
