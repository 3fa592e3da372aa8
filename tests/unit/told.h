/* SPDX-License-Identifier: GPL-2.0 */
/* Incidents as hosts tell them, for the report's tests. */
#ifndef TOLD_H
#define TOLD_H

#include "report/report.h"

#define S 1000000000LL
#define T0 (1790000000 * S)

/* Shared by all tests of a group. */
extern struct strings *strings;
int open_strings(void **state);
int close_strings(void **state);

struct report *new_report(enum report_by by, size_t keep);

/* A RST from 10.0.0.FROM:80 to 10.0.0.TO:5000, as one host tells it. */
struct incident told(const char *host, int from, int to, bool sent, bool received);

void add(struct report *r, struct incident inc);

/* Finishes the report: all incidents have this way, and are so many resets. */
void expect_way(struct report *r, enum way way, uint64_t resets);

#endif
