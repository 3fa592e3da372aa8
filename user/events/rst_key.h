/* SPDX-License-Identifier: GPL-2.0 */
/* One RST as both ends see it. */
#ifndef RST_KEY_H
#define RST_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "events/event.h"

/* Compared byte by byte, so it has no padding. */
struct rst_key {
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
	uint32_t seq;
	uint32_t ack;		/* of a RST that answers a SYN: its seq is 0 */
	uint32_t netns;		/* 0 where the flow may leave its namespace */
};

/* Of an event that tells of the sending, or of the receipt. */
void rst_key_of(struct rst_key *k, const struct rst_event *ev, bool sent);

/* Both ends are on this host, as far as one event or its addresses tell. */
bool event_is_local(const struct rst_event *ev);

/* A RST was sent actively without a route: it may not have left. */
bool event_unrouted(const struct rst_event *ev);

#endif
