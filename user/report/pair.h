/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the two ends of a RST among the incidents of several hosts, and says of each incident what
 * that shows. Flow and sequence number are the same at both ends, unless something on the way
 * translated addresses: then the numbers alone are, and have to be unlike any other's at that time.
 * Pure.
 */
#ifndef PAIR_H
#define PAIR_H

#include "report/store.h"

#define N_EXAMPLES 3

struct pairs {
	uint64_t count[N_WAYS];		/* RSTs: a pair is one */
	uint64_t ambiguous;		/* ends that more than one other end could belong to */
	uint32_t translated[N_EXAMPLES];	/* entries + 1 of what was sent, with a partner */
};

/*
 * Sets .way and .partner of every entry. The hosts' clocks may differ by skew_ns. Returns 0 or
 * -ENOMEM.
 */
int pair_ends(struct store *s, int64_t skew_ns, struct pairs *out);

#endif
