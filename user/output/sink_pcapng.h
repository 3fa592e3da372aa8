/* SPDX-License-Identifier: GPL-2.0 */
/* The capture file's sink, for a caller that chooses packet ids itself. */
#ifndef SINK_PCAPNG_H
#define SINK_PCAPNG_H

#include "output/sink.h"

/*
 * Writes the incident, of whatever revision, with this packet id: the same for both ends of a RST that
 * two records tell of. The sink has begun. 0 or a negative errno.
 */
int sink_pcapng_put(struct sink *s, const struct incident *inc, uint64_t id);

#endif
