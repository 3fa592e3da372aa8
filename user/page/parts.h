/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a page that need no script, each written as HTML where it stands. */
#ifndef PAGE_PARTS_H
#define PAGE_PARTS_H

#include <stdio.h>

#include "page/model.h"

/* The verdict in one sentence. */
void part_verdict(FILE *out, const struct model *m);

/* Figures, the causes, what the ends show, rows by process, port, and so on. */
void part_figures(FILE *out, const struct model *m);
void part_causes(FILE *out, const struct model *m);
void part_ends(FILE *out, const struct model *m);
void part_tops(FILE *out, const struct model *m);

/* What the figures cannot be trusted in, if anything; damaged of so many files were not read in full. */
void part_doubts(FILE *out, const struct model *m, size_t damaged, size_t files);

/* When, by cause. */
void part_timeline(FILE *out, const struct model *m);

/* Who resets whom. */
void part_matrix(FILE *out, const struct model *m);

/* ---- helpers of all parts ---- */

/* Names from outside, printable and escaped. */
void put_name(FILE *out, const char *name);

/* An attribute that the script reads: the very characters, as the records have them. */
void put_data(FILE *out, const char *attribute, const char *value);

/* "2026-11-27 10:00:00". */
void put_time(FILE *out, int64_t ns);

/* "1,204". */
void put_count(FILE *out, uint64_t n);

const char *part_string(const struct model *m, uint32_t number);

#endif
