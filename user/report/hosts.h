/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which hosts were traced, when, and by which addresses they go: what they tell of themselves in
 * their incidents. An address that several hosts call their own (127.0.0.1, a bridge's) is nobody's.
 */
#ifndef HOSTS_H
#define HOSTS_H

#include "report/store.h"

struct hosts;

/* NULL when out of memory. */
struct hosts *hosts_new(void);
void hosts_free(struct hosts *h);

/* Takes in one incident of a host. 0 or -ENOMEM. */
int hosts_note(struct hosts *h, const struct entry *e);

/*
 * Whether the address is a host's that told of something both before and after then, give or take, and
 * of all its resets: in a storm it tells of some, and what it does not tell of may have been.
 */
bool hosts_traced(const struct hosts *h, const uint8_t addr[16], int64_t time_ns, int64_t skew_ns);

#endif
