/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/tls.h"

#include "base/array.h"

/* RFC 8446, 5.1 */
#define HEADER 5
#define ALERT 21
#define HANDSHAKE 22
#define APPLICATION 23
#define SEALED_ALERT 19		/* RFC 8446, 5.2: 2 bytes, their type and a tag of 16 */

/* IANA's ports for TLS and others in use. Ports that end with 443 are HTTPS by custom. */
static bool is_tls(int64_t port)
{
	static const int16_t ports[] = { 465, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269,
					 5061, 5671, 6514, 6697, 8883 };

	if (port % 1000 == 443)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		if (port == ports[i])
			return true;
	return false;
}

bool tls_port(const struct incident *inc)
{
	if (inc->sender.role == ROLE_SERVER)
		return is_tls(inc->sport);
	if (inc->sender.role == ROLE_CLIENT)
		return is_tls(inc->dport);
	return is_tls(inc->sport) || is_tls(inc->dport);
}

static int length(const struct incident *inc)
{
	return inc->seg_head[3] << 8 | inc->seg_head[4];
}

bool tls_is_record(const struct incident *inc)
{
	const uint8_t *h = inc->seg_head;

	return inc->seg_len >= HEADER && h[0] >= ALERT && h[0] <= APPLICATION && h[1] == 3 && h[2] <= 4 &&
	       length(inc) > 0;
}

/* TLS 1.3 hides the type of an alert, but not its length. */
bool tls_is_alert(const struct incident *inc)
{
	return tls_is_record(inc) && (inc->seg_head[0] == ALERT ||
				      (inc->seg_head[0] == APPLICATION && length(inc) == SEALED_ALERT &&
				       inc->seg_len == HEADER + SEALED_ALERT));
}

/*
 * Sizes of an alert's record. TLS 1.3: 24. TLS 1.2: 31 with AES-GCM or CCM, 23 with ChaCha20 or
 * CCM_8; with CBC 53, 69 or 85: a block or two, an IV and a MAC. Without a cipher: 7.
 */
bool tls_alert_size(int64_t n)
{
	static const int8_t sizes[] = { 7, 23, 24, 31, 53, 69, 85 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (n == sizes[i])
			return true;
	return false;
}

/* A ticket is small, or holds the session or a certificate; servers send up to four at once. */
bool tls_ticket_size(int64_t n)
{
	return n >= 90 && n <= 4096;
}
