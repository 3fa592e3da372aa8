/* SPDX-License-Identifier: GPL-2.0 */
/* The blocks of a capture file, byte by byte as the format defines them. */
#include <endian.h>

#include "output/pcapng.h"
#include "test.h"

struct written {
	struct pcapng file;
	FILE *out;
	char *bytes;
	size_t len, head;	/* length of the section header block */
};

static void begin(struct written *w)
{
	w->out = open_memstream(&w->bytes, &w->len);
	assert_non_null(w->out);
	pcapng_begin(&w->file, w->out, "rsttrace", NULL);
	assert_int_equal(w->file.err, 0);
	assert_int_equal(fflush(w->out), 0);
	w->head = w->len;
}

static void end(struct written *w)
{
	pcapng_free(&w->file);
	fclose(w->out);
	free(w->bytes);
}

static uint32_t word(const struct written *w, size_t at)
{
	uint32_t v;

	assert_true(at + sizeof(v) <= w->len);
	memcpy(&v, w->bytes + at, sizeof(v));
	return v;
}

/* After the section header comes a block of these words, which include its type and lengths. */
static void expect_block(struct written *w, const uint32_t *want, size_t n)
{
	assert_int_equal(fflush(w->out), 0);
	assert_int_equal(w->file.err, 0);
	assert_int_equal(w->len - w->head, n * 4);
	for (size_t i = 0; i < n; i++)
		if (word(w, w->head + 4 * i) != want[i])
			fail_msg("word %zu is %#x, not %#x", i, word(w, w->head + 4 * i), want[i]);
}

/* Two 16-bit numbers as one word, in the order in which they are in the file. */
static uint32_t pair(uint16_t a, uint16_t b)
{
	const uint16_t both[] = { a, b };
	uint32_t v;

	memcpy(&v, both, sizeof(v));
	return v;
}

static uint32_t bytes(const char *four)
{
	uint32_t v;

	memcpy(&v, four, sizeof(v));
	return v;
}

static void section(void **state)
{
	struct written w = {};

	begin(&w);
	assert_int_equal(w.len, 28 + 4 + 8 + 4);
	assert_int_equal(word(&w, 0), 0x0a0d0d0a);
	assert_int_equal(word(&w, 4), w.len);
	assert_int_equal(word(&w, 8), 0x1a2b3c4d);
	assert_int_equal(word(&w, 12), pair(1, 0));
	assert_int_equal(word(&w, 16), UINT32_MAX);
	assert_int_equal(word(&w, 20), UINT32_MAX);
	assert_int_equal(word(&w, 24), pair(4, 8));	/* shb_userappl */
	assert_memory_equal(w.bytes + 28, "rsttrace", 8);
	assert_int_equal(word(&w, w.len - 4), w.len);
	end(&w);
}

static void interface(void **state)
{
	struct written w = {};

	begin(&w);
	pcapng_interface(&w.file, &(struct pcapng_interface){ .name = "ns 1", .description = "d" });
	expect_block(&w, (const uint32_t[]){
		1, 48, pair(101, 0), 0,
		pair(2, 4), bytes("ns 1"), pair(3, 1), bytes("d\0\0"),
		pair(9, 1), bytes("\x09\0\0"), pair(0, 0), 48 }, 12);
	end(&w);
}

static void packet(void **state)
{
	struct written w = {};
	uint32_t id[2];
	uint64_t v = 0x1122334455667788;

	memcpy(id, &v, sizeof(id));
	begin(&w);
	pcapng_packet(&w.file, &(struct pcapng_packet){
		.interface = 3, .time_ns = 0x0102030405060708, .data = "abcde", .len = 5,
		.direction = PCAPNG_OUTBOUND, .id = v, .pid = 812, .tid = 813,
		.comments = { "one", "two!" } });
	expect_block(&w, (const uint32_t[]){
		6, 92, 3, 0x01020304, 0x05060708, 5, 5, bytes("abcd"), bytes("e\0\0"),
		pair(1, 3), bytes("one"), pair(1, 4), bytes("two!"),
		pair(2, 4), 2, pair(5, 8), id[0], id[1], pair(8, 8), 812, 813, pair(0, 0), 92 }, 23);
	end(&w);
}

static void packet_with_nothing_known(void **state)
{
	struct written w = {};

	begin(&w);
	pcapng_packet(&w.file, &(struct pcapng_packet){ .data = "abcd", .len = 4 });
	expect_block(&w, (const uint32_t[]){
		6, 40, 0, 0, 0, 4, 4, bytes("abcd"), pair(0, 0), 40 }, 10);
	end(&w);
}

/* As wiretap/pcapng-wireshark-custom.c: everything in the entry is little-endian. */
static void process(void **state)
{
	struct written w = {};

	begin(&w);
	pcapng_process(&w.file, &(struct pcapng_process){
		.pid = 812, .name = "nginx", .path = "/bin", .uid = 33 });
	expect_block(&w, (const uint32_t[]){
		0xbad, 60, 32622, htole32(3), htole32(36), htole32(812),
		bytes("\2\0\5"), bytes("ngin"), bytes("x\0\0"), bytes("\3\0\4"), bytes("/bin"),
		bytes("\6\0\4"), htole32(33), 0, 60 }, 15);
	end(&w);

	begin(&w);
	pcapng_process(&w.file, &(struct pcapng_process){ .pid = 1, .name = "", .uid = -1 });
	expect_block(&w, (const uint32_t[]){
		0xbad, 32, 32622, htole32(3), htole32(8), htole32(1), 0, 32 }, 8);
	end(&w);
}

static void statistics(void **state)
{
	struct written w = {};

	begin(&w);
	pcapng_statistics(&w.file, &(struct pcapng_statistics){
		.interface = 1, .time_ns = 5, .received = UINT64_MAX, .dropped = 7,
		.accepted = UINT64_MAX, .delivered = 0 });
	expect_block(&w, (const uint32_t[]){
		5, 52, 1, 0, 5, pair(5, 8), BYTE_ORDER == LITTLE_ENDIAN ? 7 : 0,
		BYTE_ORDER == LITTLE_ENDIAN ? 0 : 7, pair(8, 8), 0, 0, pair(0, 0), 52 }, 13);
	end(&w);
}

/* The length of an option has 16 bits: a longer text is cut between characters. */
static void long_comment(void **state)
{
	static char text[70001];
	struct written w = {};
	size_t n = 0;

	while (n + 2 < sizeof(text)) {
		text[n++] = '\xc3';
		text[n++] = '\xa9';
	}
	text[0] = 'x';		/* moves the limit into a character */
	text[1] = 'x';
	memmove(text + 3, text + 2, n - 3);
	text[2] = 'x';
	begin(&w);
	pcapng_packet(&w.file, &(struct pcapng_packet){ .data = "abcd", .len = 4, .comments = { text } });
	assert_int_equal(fflush(w.out), 0);
	assert_int_equal(word(&w, w.head + 32), pair(1, 65535));
	text[65536] = '\0';
	memmove(text + 1, text, 65536);		/* one byte more: now it does not fit */
	free(w.bytes);
	w.bytes = NULL;
	fclose(w.out);
	pcapng_free(&w.file);
	begin(&w);
	pcapng_packet(&w.file, &(struct pcapng_packet){ .data = "abcd", .len = 4, .comments = { text } });
	assert_int_equal(fflush(w.out), 0);
	assert_int_equal(word(&w, w.head + 32), pair(1, 65534));
	end(&w);
}

static void failed_write_stays(void **state)
{
	struct pcapng p;
	FILE *out = fopen("/dev/full", "w");

	assert_non_null(out);
	setbuf(out, NULL);
	pcapng_begin(&p, out, "rsttrace", NULL);
	assert_int_equal(p.err, -ENOSPC);
	pcapng_interface(&p, &(struct pcapng_interface){ .name = "x" });
	assert_int_equal(p.err, -ENOSPC);
	pcapng_free(&p);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section),
		cmocka_unit_test(interface),
		cmocka_unit_test(packet),
		cmocka_unit_test(packet_with_nothing_known),
		cmocka_unit_test(process),
		cmocka_unit_test(statistics),
		cmocka_unit_test(long_comment),
		cmocka_unit_test(failed_write_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
