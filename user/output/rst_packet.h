/* SPDX-License-Identifier: GPL-2.0 */
/* The reset of an incident as the bytes of a packet, as far as it is known. Pure. */
#ifndef RST_PACKET_H
#define RST_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "incident/incident.h"

#define RST_PACKET_MAX (40 + 20)	/* IPv6 and TCP without options */

/* Fields that are not known, and are therefore zero in the packet. */
#define RST_NO_SEQ	(1u << 0)
#define RST_NO_ACK	(1u << 1)	/* neither the ACK flag nor the number */
#define RST_NO_TTL	(1u << 2)
#define RST_NO_IP_ID	(1u << 3)

/*
 * Writes the packet, with valid checksums, from its IP header on. Returns its length; 0 when there
 * was no RST (a timeout), or one of unknown addresses. *unknown gets RST_NO_* bits. Window, TCP
 * options and DF are never known: 0, none, not set.
 */
size_t rst_packet(uint8_t buf[RST_PACKET_MAX], const struct incident *inc, unsigned int *unknown);

#endif
