/* SPDX-License-Identifier: GPL-2.0 */
/* Points in time as people write them. */
#ifndef TIMES_H
#define TIMES_H

#include <stdint.h>

/*
 * "2026-11-27T10:00:00Z", without seconds, without a time of day, with a blank for the T; without Z
 * it is local time. "90s", "15m", "2h", "3d": so long before now_ns. In nanoseconds since the epoch;
 * 0 or -EINVAL.
 */
int times_parse(const char *text, int64_t now_ns, int64_t *out);

#endif
