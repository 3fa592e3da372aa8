/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Community ID v1: an id for a flow that is the same in every tool and for both
 * directions. See github.com/corelight/community-id-spec.
 */
#ifndef COMMUNITY_ID_H
#define COMMUNITY_ID_H

#include <stddef.h>
#include <stdint.h>

/* "1:", 28 characters of base64, NUL */
#define COMMUNITY_ID_LEN 31

/*
 * The id, with seed 0, of a TCP flow. family is 4 or 6, addresses in network
 * byte order, ports in host byte order. Returns 0, or -EINVAL for another
 * family (buf is untouched).
 */
int community_id_tcp(char buf[COMMUNITY_ID_LEN], unsigned int family, const uint8_t *saddr,
		     uint16_t sport, const uint8_t *daddr, uint16_t dport);

#endif
