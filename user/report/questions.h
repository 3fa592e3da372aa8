/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Common questions by name: which resets to count, and what a row stands for. contrib/clickhouse has a view of the
 * same name, columns and figures for each. Pure.
 */
#ifndef QUESTIONS_H
#define QUESTIONS_H

#include <stddef.h>

#include "report/rows.h"

#define MAX_QUESTION_CAUSES 4

struct question {
	const char *name;
	enum report_by by;
	const char *cause[MAX_QUESTION_CAUSES];	/* only these; none: all */
	bool hurt;		/* only resets that hurt */
	bool compare;		/* with the time before, of the same length */
};

/* All their names. */
#define QUESTIONS \
	"who-resets-whom, causes, situations, new-since-yesterday, services, kernels, worst-pairs, " \
	"refused-services, firewall-rejects, hurt, unexplained"

/* NULL: there is none of that name. */
const struct question *question_find(const char *name);

#endif
