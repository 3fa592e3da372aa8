/* SPDX-License-Identifier: GPL-2.0 */
/* Counts by what people ask for: cause, process, port, … Pure. */
#ifndef ROWS_H
#define ROWS_H

#include "report/kernels.h"
#include "report/store.h"

enum report_by {
	BY_CAUSE, BY_SITUATION, BY_PAIR, BY_PROCESS, BY_PORT, BY_UNIT, BY_HOST,
	N_BY_PARTS,	/* those above are parts of the page */
	BY_KERNEL = N_BY_PARTS, BY_ADDRESSES, BY_SOURCE, N_BY,
};

/* "cause", …: for the option and the heading. */
extern const char *const report_by_names[N_BY];

struct report_row {
	uint64_t key;		/* for rows_name() */
	uint64_t count, hurt;	/* RSTs; of these, those that made a call fail or read an end of file */
	int64_t first_ns, last_ns;
};

struct rows;

/* Returns NULL when out of memory. `strings` is borrowed: addresses become names in it. */
struct rows *rows_new(enum report_by by, struct strings *strings);
void rows_free(struct rows *r);

/* For BY_KERNEL, before the first rows_add(); borrowed. */
void rows_kernels(struct rows *r, const struct kernels *kernels);

/*
 * Counts one RST in its row, or in two rows: those of its sender's and its victim's process, unit,
 * host or kernel. `received` is the entry of the other end if that has a record of its own, else NULL.
 * Returns 0 or -ENOMEM.
 */
int rows_add(struct rows *r, const struct entry *sent, const struct entry *received);

/* All rows, the most frequent first; valid until the next rows_add(). */
const struct report_row *rows_sorted(struct rows *r, size_t *n);

/* The row with that key, or NULL. */
const struct report_row *rows_find(const struct rows *r, uint64_t key);

/* The name of a row's key. Names are as the records have them, and may hold any bytes. */
char *rows_name(const struct rows *r, uint64_t key, char *buf, size_t len);

#endif
