/* SPDX-License-Identifier: GPL-2.0 */
/* What became of one row between two reports. Pure. */
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
	double before_rate, after_rate;		/* an hour */
	enum change change;
};

/*
 * How many hours the report's incidents span; 0: too few to speak of a rate (two incidents, or less
 * than a minute). With bounds of its own (since and until) it is those that count.
 */
double report_hours(const struct report *r);

/*
 * What a count comes to: by rates an hour when both spans are known, else by the counts. Worse and
 * better are half as much again, and more than chance gives: three standard deviations of counts
 * that come independently of each other.
 */
enum change change_of(uint64_t before, double before_hours, uint64_t after, double after_hours);

/*
 * The rows of both, worst first: new and worse by what they grew, then the same, better, gone.
 * Returns an array that the caller frees, or NULL when out of memory.
 */
struct change_row *change_rows(const struct report *before, const struct report *after, size_t *n);

#endif
