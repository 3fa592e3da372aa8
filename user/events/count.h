/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel side's counters of resets, the sum over all CPUs: one row for each key. */
#ifndef COUNT_H
#define COUNT_H

#include <stdbool.h>

#include "wire.h"

struct count_row {
	struct rst_count_key key;
	struct rst_count count;
	bool other;		/* the row of all that found no room: its key means nothing */
};

#endif
