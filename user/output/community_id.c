/* SPDX-License-Identifier: GPL-2.0 */
#include "output/community_id.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <nettle/base64.h>
#include <nettle/sha1.h>

#define SEED 0

/* Whether the source is the lesser end: that one is hashed first, so both directions have one hash. */
static int ends_in_order(const uint8_t *saddr, uint16_t sport, const uint8_t *daddr,
			 uint16_t dport, size_t alen)
{
	int diff = memcmp(saddr, daddr, alen);

	return diff < 0 || (diff == 0 && sport < dport);
}

static uint8_t *put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
	return p + 2;
}

int community_id_tcp(char buf[COMMUNITY_ID_LEN], unsigned int family, const uint8_t *saddr,
		     uint16_t sport, const uint8_t *daddr, uint16_t dport)
{
	size_t alen = family == 4 ? 4 : family == 6 ? 16 : 0;
	uint8_t data[2 + 2 * 16 + 2 + 4], digest[SHA1_DIGEST_SIZE], *p = data;
	int swap = !ends_in_order(saddr, sport, daddr, dport, alen);
	struct sha1_ctx ctx;

	if (!alen)
		return -EINVAL;
	p = put16(p, SEED);
	memcpy(p, swap ? daddr : saddr, alen);
	p += alen;
	memcpy(p, swap ? saddr : daddr, alen);
	p += alen;
	*p++ = IPPROTO_TCP;
	*p++ = 0;
	p = put16(p, swap ? dport : sport);
	p = put16(p, swap ? sport : dport);

	sha1_init(&ctx);
	sha1_update(&ctx, p - data, data);
	sha1_digest(&ctx, sizeof(digest), digest);
	memcpy(buf, "1:", 2);
	base64_encode_raw(buf + 2, sizeof(digest), digest);
	buf[COMMUNITY_ID_LEN - 1] = '\0';
	return 0;
}
