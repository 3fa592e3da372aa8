/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the two ends of a RST among the incidents of several hosts, and decides what that shows of
 * each incident. Flow and sequence number are the same at both ends unless addresses were
 * translated on the way. Then only the numbers are, and no other RST of that time may have the
 * same. Pure.
 */
#ifndef PAIR_H
#define PAIR_H

#include "report/store.h"

#define N_EXAMPLES 3

struct pairs {
	uint64_t count[N_WAYS];		/* RSTs; a pair counts as one */
	uint64_t ambiguous;		/* ends for which several others fit */
	uint32_t translated[N_EXAMPLES];	/* entries + 1: senders, paired with another flow */
};

/*
 * Sets .way and .partner of every entry. The hosts' clocks may differ by skew_ns. Returns 0 or
 * -ENOMEM.
 */
int pair_ends(struct store *s, int64_t skew_ns, struct pairs *out);

#endif
