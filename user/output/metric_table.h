/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A family of counters, told apart by the values of their labels, and how it is written: the
 * Prometheus text format 0.0.4, or OpenMetrics 1.0.
 */
#ifndef METRIC_TABLE_H
#define METRIC_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_LABELS 6

struct metric_row;

/* The caller sets name, help, label and max; the rest is zero at first. */
struct metric_table {
	const char *name;	/* without "_total" */
	const char *help;
	const char *label[MAX_LABELS + 1];	/* NULL after the last */
	unsigned int max;	/* rows; when there are so many, others go to the row "other" */
	struct metric_row *rows;
};

/*
 * Adds n to the row with these values, one for each label, of any bytes; NULL is "". A new row
 * for which there is no memory is not counted.
 */
void metric_add(struct metric_table *t, const char *const *value, uint64_t n);

/* Writes all rows, in the order in which they were added. A family without rows is left out. */
void metric_table_write(FILE *out, const struct metric_table *t, bool open_metrics);
void metric_table_free(struct metric_table *t);

/* Writes a metric with one figure: type "counter" (it only grows; name without "_total") or "gauge". */
void metric_write(FILE *out, const char *type, const char *name, const char *help, double value,
		  bool open_metrics);

/* For a metric with several figures: writes the lines before them, and each figure. */
void metric_head(FILE *out, const char *type, const char *name, const char *help, bool open_metrics);
void metric_sample(FILE *out, const char *type, const char *name, const char *const *label,
		   const char *const *value, double figure);

#endif
