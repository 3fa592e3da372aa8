/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which hosts were traced, when, and which addresses they have: as the incidents of each host show.
 * An address that several hosts have (127.0.0.1, a bridge's) belongs to none.
 */
#ifndef HOSTS_H
#define HOSTS_H

#include "report/store.h"

struct hosts;

/* Returns NULL when out of memory. */
struct hosts *hosts_new(void);
void hosts_free(struct hosts *h);

/* Learns from one incident of a host. Returns 0 or -ENOMEM. */
int hosts_note(struct hosts *h, const struct entry *e);

/*
 * Whether the address belongs to a host that recorded every reset at that time: it has incidents from
 * before and after it (within the skew), and was in no storm, of which it records only some resets.
 */
bool hosts_traced(const struct hosts *h, const uint8_t addr[16], int64_t time_ns, int64_t skew_ns);

#endif
