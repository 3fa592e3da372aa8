/* SPDX-License-Identifier: GPL-2.0 */
/* The bytes of a reset. */
#include "capture.h"
#include "output/rst_packet.h"
#include "test.h"

static struct incident reset(void)
{
	struct incident inc;

	example_incident(&inc);
	inc.rst_seq = 0x01020304;
	inc.rst_ack = 0xa0b0c0d0;
	inc.rst_ttl = 63;
	inc.rst_ip_id = 0x1234;
	return inc;
}

static void ipv4(void **state)
{
	static const uint8_t want[] = {
		0x45, 0, 0, 40, 0x12, 0x34, 0, 0, 63, 6, 0x55, 0x93, 10, 0, 0, 1, 10, 0, 0, 9,
		0, 80, 0xd0, 0xa4, 1, 2, 3, 4, 0xa0, 0xb0, 0xc0, 0xd0, 0x50, 0x14, 0, 0, 0x65, 0x4b, 0, 0,
	};
	struct incident inc = reset();
	uint8_t buf[RST_PACKET_MAX];
	unsigned int unknown;

	assert_int_equal(rst_packet(buf, &inc, &unknown), sizeof(want));
	assert_int_equal(unknown, 0);
	assert_memory_equal(buf, want, sizeof(want));
}

static void ipv6(void **state)
{
	struct incident inc = reset();
	uint8_t buf[RST_PACKET_MAX];
	unsigned int unknown;

	inc.family = 6;
	inc.rst_ip_id = UNKNOWN;
	assert_int_equal(rst_packet(buf, &inc, &unknown), 60);
	assert_int_equal(unknown, 0);
	assert_memory_equal(buf, "\x60\0\0\0\0\x14\x06\x3f\x0a\0\0\x01", 12);
	assert_memory_equal(buf + 40, "\0\x50\xd0\xa4\1\2\3\4\xa0\xb0\xc0\xd0\x50\x14\0\0\x65\x4b", 18);
}

/* A number that is not known is 0, and that is said. */
static void unknown_numbers(void **state)
{
	struct incident inc = reset();
	uint8_t buf[RST_PACKET_MAX];
	unsigned int unknown;

	inc.rst_seq = inc.rst_ack = inc.rst_ttl = inc.rst_ip_id = UNKNOWN;
	inc.kind = KIND_RECEIVED;
	assert_int_equal(rst_packet(buf, &inc, &unknown), 40);
	assert_int_equal(unknown, RST_NO_SEQ | RST_NO_ACK | RST_NO_TTL | RST_NO_IP_ID);
	assert_memory_equal(buf + 24, "\0\0\0\0\0\0\0\0\x50\x04", 10);
}

/*
 * A RST that was read and has no acknowledged number has no ACK flag, unless it answers a
 * segment that had one.
 */
static void no_ack(void **state)
{
	struct incident inc = reset();
	uint8_t buf[RST_PACKET_MAX];
	unsigned int unknown;

	inc.rst_ack = UNKNOWN;
	rst_packet(buf, &inc, &unknown);
	assert_int_equal(unknown, 0);
	assert_int_equal(buf[33], 0x04);
	inc.rst_ttl = UNKNOWN;
	rst_packet(buf, &inc, &unknown);
	assert_int_equal(unknown, RST_NO_ACK | RST_NO_TTL);
	inc.kind = KIND_REPLY;
	rst_packet(buf, &inc, &unknown);
	assert_int_equal(unknown, RST_NO_TTL);
	inc.kind = KIND_NETFILTER;
	rst_packet(buf, &inc, &unknown);
	assert_int_equal(unknown, RST_NO_TTL);
}

static void no_packet(void **state)
{
	struct incident inc = reset();
	uint8_t buf[RST_PACKET_MAX];
	unsigned int unknown;

	inc.kind = KIND_TIMEOUT;
	assert_int_equal(rst_packet(buf, &inc, &unknown), 0);
	inc = reset();
	inc.family = 0;
	assert_int_equal(rst_packet(buf, &inc, &unknown), 0);
	inc = reset();
	inc.dport = UNKNOWN;
	assert_int_equal(rst_packet(buf, &inc, &unknown), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(unknown_numbers),
		cmocka_unit_test(no_ack),
		cmocka_unit_test(no_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
