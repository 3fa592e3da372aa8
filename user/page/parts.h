/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a page that need no script, each written as HTML. */
#ifndef PAGE_PARTS_H
#define PAGE_PARTS_H

#include <stdio.h>

#include "page/model.h"

/* What most resets have in common, in one sentence. */
void part_verdict(FILE *out, const struct model *m);

/* Totals, the causes, what the ends show, and rows by process, port and so on. */
void part_figures(FILE *out, const struct model *m);
void part_causes(FILE *out, const struct model *m);
void part_ends(FILE *out, const struct model *m);
void part_tops(FILE *out, const struct model *m);

/*
 * Why the figures may be incomplete, if there is a reason; of `files`, so many were not read to
 * their end.
 */
void part_doubts(FILE *out, const struct model *m, size_t damaged, size_t files);

/* How many resets there were when, by cause. */
void part_timeline(FILE *out, const struct model *m);

/* Who resets whom. */
void part_matrix(FILE *out, const struct model *m);

/* ---- used by all parts ---- */

/* Writes a name from outside: printable and escaped. */
void put_name(FILE *out, const char *name);

/* Writes an attribute that the script reads: exactly the characters that the record has. */
void put_data(FILE *out, const char *attribute, const char *value);

/* Writes "2026-11-27 10:00:00". */
void put_time(FILE *out, int64_t ns);

/* Writes "1,204". */
void put_count(FILE *out, uint64_t n);

const char *part_string(const struct model *m, uint32_t number);

#endif
