/* SPDX-License-Identifier: GPL-2.0 */
/* The blocks that are written for an incident. tests/live/wireshark.py has tshark read whole files. */
#include "capture.h"
#include "test.h"

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, PACKET = 6, CUSTOM = 0xbad };

static const struct source_meta meta = { .host = "web1", .release = "6.1.0" };

static void open_sink(struct capture *c, const struct source_meta *m)
{
	capture_open(c, &sink_pcapng);
	c->sink.meta = m;
	assert_int_equal(sink_pcapng.begin(&c->sink), 0);
}

static void close_sink(struct capture *c)
{
	sink_pcapng.free(&c->sink);
	capture_close(c);
}

static uint32_t word(const char *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* The n-th block of that type, from 0; NULL: there is none. Checks that both its lengths agree. */
static const char *block(struct capture *c, uint32_t type, int n)
{
	assert_int_equal(sink_flush(&c->sink), 0);
	for (size_t at = 0; at < c->len; at += word(c->text + at + 4)) {
		uint32_t len = word(c->text + at + 4);

		assert_true(len >= 12 && len % 4 == 0 && at + len <= c->len);
		assert_int_equal(word(c->text + at + len - 4), len);
		if (word(c->text + at) == type && !n--)
			return c->text + at;
	}
	return NULL;
}

/* The value of an option in a block whose options begin at `begin`, or NULL. */
static const char *option(const char *b, size_t begin, uint16_t code, int n)
{
	size_t end = word(b + 4) - 4;

	while (begin + 4 <= end) {
		uint16_t head[2];

		memcpy(head, b + begin, sizeof(head));
		if (head[0] == code && !n--)
			return b + begin + 4;
		begin += 4 + (head[1] + 3u) / 4 * 4;
	}
	return NULL;
}

#define IN_PACKET (28 + 40)	/* options begin here, after an IPv4 packet */

static void incident_of(struct incident *inc, const char *id, int64_t netns)
{
	example_incident(inc);
	strcpy(inc->id, id);
	strcpy(inc->host, "web1");
	inc->netns = netns;
	inc->rst_seq = 7;
	inc->rst_ack = 8;
}

static void has_an_interface_at_once(void **state)
{
	struct capture c;

	open_sink(&c, &meta);
	assert_non_null(block(&c, SECTION, 0));
	assert_memory_equal(option(block(&c, INTERFACE, 0), 16, 2, 0), "web1", 4);
	assert_null(block(&c, INTERFACE, 1));
	close_sink(&c);
}

static void tells_the_incident(void **state)
{
	static const char story[] = "cause=close-with-unread\nsituation=gave-up\n";
	struct incident inc;
	struct capture c;
	const char *b;

	incident_of(&inc, "b1-7", 99);
	inc.situation = "gave-up";
	open_sink(&c, &meta);
	capture_incident(&c, &inc);
	b = block(&c, PACKET, 0);
	assert_non_null(b);
	assert_int_equal(word(b + 8), 1);	/* the interface that stands for the namespace */
	assert_memory_equal(option(block(&c, INTERFACE, 1), 16, 2, 0), "web1 net:[99]", 13);
	assert_memory_equal(option(b, IN_PACKET, 1, 0), story, sizeof(story) - 1);
	assert_memory_equal(option(b, IN_PACKET, 1, 1), "schema=rsttrace/1\nid=b1-7\n", 26);
	assert_int_equal(word(option(b, IN_PACKET, 8, 0)), 812);
	assert_int_equal(word(option(b, IN_PACKET, 8, 0) + 4), 812);
	assert_int_equal(word(option(b, IN_PACKET, 2, 0)), 2);	/* outbound */
	close_sink(&c);
}

/* A second packet with the same namespace and processes does not describe them again. */
static void describes_once(void **state)
{
	struct incident inc;
	struct capture c;
	uint64_t first, second;

	open_sink(&c, &meta);
	incident_of(&inc, "b1-7", 99);
	capture_incident(&c, &inc);
	incident_of(&inc, "b1-8", 99);
	capture_incident(&c, &inc);
	assert_null(block(&c, INTERFACE, 2));
	assert_non_null(block(&c, CUSTOM, 1));
	assert_null(block(&c, CUSTOM, 2));
	memcpy(&first, option(block(&c, PACKET, 0), IN_PACKET, 5, 0), 8);
	memcpy(&second, option(block(&c, PACKET, 1), IN_PACKET, 5, 0), 8);
	assert_true(first != second);
	close_sink(&c);
}

/* Wireshark counts time from the first frame, which for it includes blocks that it does not know. */
static void first_frame_is_a_packet(void **state)
{
	struct incident inc;
	struct capture c;

	open_sink(&c, &meta);
	incident_of(&inc, "b1-7", 99);
	capture_incident(&c, &inc);
	assert_true(block(&c, PACKET, 0) < block(&c, CUSTOM, 0));
	inc.sender.pid = inc.sender.tid = 5;
	capture_incident(&c, &inc);
	assert_true(block(&c, CUSTOM, 2) < block(&c, PACKET, 1));
	close_sink(&c);
}

/* A number that another process had before is not named in the standard's form. */
static void reused_pid(void **state)
{
	struct incident inc;
	struct capture c;

	open_sink(&c, &meta);
	incident_of(&inc, "b1-7", 99);
	strcpy(inc.sender.exe, "/usr/sbin/nginx");
	capture_incident(&c, &inc);
	strcpy(inc.sender.exe, "/bin/other");
	capture_incident(&c, &inc);
	assert_non_null(option(block(&c, PACKET, 0), IN_PACKET, 8, 0));
	assert_null(option(block(&c, PACKET, 1), IN_PACKET, 8, 0));
	assert_null(block(&c, CUSTOM, 2));
	strcpy(inc.sender.exe, "/usr/sbin/nginx");
	strcpy(inc.host, "web2");
	capture_incident(&c, &inc);
	assert_null(option(block(&c, PACKET, 2), IN_PACKET, 8, 0));
	close_sink(&c);
}

static void hostile_names_stay_on_their_line(void **state)
{
	struct incident inc;
	struct capture c;
	const char *keys;

	open_sink(&c, &meta);
	incident_of(&inc, "b1-7", 99);
	strcpy(inc.sender.comm, "a\ncause=fake");
	capture_incident(&c, &inc);
	keys = option(block(&c, PACKET, 0), IN_PACKET, 1, 1);
	assert_non_null(strstr(keys, "\nsender_comm=a\\x0acause=fake\n"));
	assert_null(strstr(option(block(&c, PACKET, 0), IN_PACKET, 1, 0), "\ncause=fake"));
	close_sink(&c);
}

static void counts_what_is_no_packet(void **state)
{
	const struct totals totals = { .incidents = 9, .suppressed = 4, .lost = 5, .missed = 2 };
	struct incident inc;
	struct capture c;
	const char *b, *text;

	open_sink(&c, &meta);
	incident_of(&inc, "b1-7", UNKNOWN);
	capture_incident(&c, &inc);
	inc.rev = 1;
	capture_incident(&c, &inc);
	incident_of(&inc, "b1-8", UNKNOWN);
	inc.kind = KIND_TIMEOUT;
	capture_incident(&c, &inc);
	assert_null(block(&c, PACKET, 1));
	assert_int_equal(sink_pcapng.end(&c.sink, &totals), 0);
	b = block(&c, STATISTICS, 0);
	assert_non_null(b);
	text = option(b, 20, 1, 0);
	assert_non_null(strstr(text, "lost: 5 events"));
	assert_non_null(strstr(text, "not packets: 1 "));
	assert_non_null(strstr(text, "revised after they were written: 1 "));
	assert_int_equal(word(option(b, 20, 4, 0)), 13);
	assert_int_equal(word(option(b, 20, 5, 0)), 7);
	assert_int_equal(word(option(b, 20, 6, 0)), 9);
	assert_int_equal(word(option(b, 20, 8, 0)), 1);
	assert_null(block(&c, STATISTICS, 1));
	close_sink(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_an_interface_at_once),
		cmocka_unit_test(tells_the_incident),
		cmocka_unit_test(describes_once),
		cmocka_unit_test(first_frame_is_a_packet),
		cmocka_unit_test(reused_pid),
		cmocka_unit_test(hostile_names_stay_on_their_line),
		cmocka_unit_test(counts_what_is_no_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
