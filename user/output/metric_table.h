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

/* Starts with its description set and the rest zero. */
struct metric_table {
	const char *name;	/* without "_total" */
	const char *help;
	const char *label[MAX_LABELS + 1];	/* NULL after the last */
	unsigned int max;	/* rows; what comes after them is counted as "other" in every label */
	struct metric_row *rows;
};

/*
 * Adds to the counter with these values, one for each label, of any bytes; NULL is "". Without
 * memory the counts of a new row go missing.
 */
void metric_add(struct metric_table *t, const char *const *value, uint64_t n);

/* All rows, in the order in which they came. Nothing is written of a family without rows. */
void metric_table_write(FILE *out, const struct metric_table *t, bool open_metrics);
void metric_table_free(struct metric_table *t);

/* One figure of a name, which may only grow (type "counter", its name without "_total") or not ("gauge"). */
void metric_write(FILE *out, const char *type, const char *name, const char *help, double value,
		  bool open_metrics);

/* ... the lines that come before several figures of one name, and one of them. */
void metric_head(FILE *out, const char *type, const char *name, const char *help, bool open_metrics);
void metric_sample(FILE *out, const char *type, const char *name, const char *const *label,
		   const char *const *value, double figure);

#endif
