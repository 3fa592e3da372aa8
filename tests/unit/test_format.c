/* SPDX-License-Identifier: GPL-2.0 */
/* Figures for people, and bytes from outside made harmless. */
#include <time.h>

#include "incident/format.h"
#include "incident/incident.h"
#include "test.h"

static void durations(void **state)
{
	static const struct { int64_t us; const char *text; } cases[] = {
		{ 0, "0 µs" },		     { 83, "83 µs" },
		{ 999, "999 µs" },	     { 1000, "1.0 ms" },
		{ 1249, "1.2 ms" },	     { 99949, "99.9 ms" },
		{ 99960, "100 ms" },	     { 999499, "999 ms" },
		{ 999500, "1.0 s" },	     { 4200000, "4.2 s" },
		{ 59949999, "59.9 s" },	     { 59950000, "1 min" },
		{ 200000000, "3 min 20 s" }, { 3599499999, "59 min 59 s" },
		{ 3599500000, "1 h" },	     { 7500000000, "2 h 5 min" },
		{ 86400000000, "1 d" },	     { 273600000000, "3 d 4 h" },
		{ -12, "-12 µs" },	     { -4200000, "-4.2 s" },
		{ UNKNOWN, "?" },
	};
	char buf[32];
	size_t i;

	for (i = 0; i < N(cases); i++)
		assert_string_equal(fmt_duration(buf, sizeof(buf), cases[i].us), cases[i].text);
	fmt_duration(buf, sizeof(buf), INT64_MAX);
	assert_string_equal(buf, "106751991 d 4 h");
}

static void sizes(void **state)
{
	static const struct { int64_t n; const char *text; } cases[] = {
		{ 0, "0" },		     { 1, "1 B" },
		{ 312, "312 B" },	     { 1023, "1023 B" },
		{ 1024, "1.0 KiB" },	     { 1126, "1.1 KiB" },
		{ 102400, "100 KiB" },	     { 1048575, "1.0 MiB" },
		{ 1047552, "1023 KiB" },     { 5LL << 30, "5.0 GiB" },
		{ INT64_MAX, "8.0 EiB" },    { -2048, "-2.0 KiB" },
		{ UNKNOWN, "?" },
	};
	char buf[32];
	size_t i;

	for (i = 0; i < N(cases); i++)
		assert_string_equal(fmt_bytes(buf, sizeof(buf), cases[i].n), cases[i].text);
}

static void addresses(void **state)
{
	static const uint8_t v4[16] = { 10, 0, 0, 1 };
	static const uint8_t one[16] = { [15] = 1 };
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [14] = 0x12, [15] = 0x34 };
	char buf[64];

	assert_string_equal(fmt_addr(buf, sizeof(buf), 4, v4), "10.0.0.1");
	assert_string_equal(fmt_addr(buf, sizeof(buf), 6, v6), "2001:db8::1234");
	assert_string_equal(fmt_addr(buf, sizeof(buf), 0, v4), "?");
	assert_string_equal(fmt_addr_port(buf, sizeof(buf), 4, v4, 80), "10.0.0.1:80");
	assert_string_equal(fmt_addr_port(buf, sizeof(buf), 6, one, 80), "[::1]:80");
	assert_string_equal(fmt_addr_port(buf, sizeof(buf), 6, one, UNKNOWN), "::1");
	assert_string_equal(fmt_addr_port(buf, sizeof(buf), 4, v4, 0), "10.0.0.1:0");
}

static void times(void **state)
{
	char buf[64];

	assert_string_equal(fmt_time_utc(buf, sizeof(buf), 0), "1970-01-01T00:00:00.000000000Z");
	assert_string_equal(fmt_time_utc(buf, sizeof(buf), 1709215402118000001),
			    "2024-02-29T14:03:22.118000001Z");
	assert_string_equal(fmt_time_utc(buf, sizeof(buf), -1), "1969-12-31T23:59:59.999999999Z");
	assert_string_equal(fmt_time_utc(buf, sizeof(buf), UNKNOWN), "");
	assert_string_equal(fmt_time_of_day(buf, sizeof(buf), 1709215402118999999), "14:03:22.118");
	assert_string_equal(fmt_time_of_day(buf, sizeof(buf), UNKNOWN), "--:--:--.---");
}

static void escapes(void **state)
{
	static const struct { const char *raw, *text; } cases[] = {
		{ "nginx", "nginx" },
		{ "a b", "a b" },
		{ "a\tb\n", "a\\x09b\\x0a" },
		{ "\033[31mred", "\\x1b[31mred" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b" "1m", "\\xc2\\x9b1m" },	/* CSI in C1 */
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "\xff\xfe", "\\xff\\xfe" },
		{ "caf\xc3", "caf\\xc3" },		/* cut within a character */
		{ "\xc0\xaf", "\\xc0\\xaf" },		/* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },	/* surrogate */
		{ "\xe2\x80\xae" "x", "\\xe2\\x80\\xaex" },	/* right-to-left override */
		{ "a\\b", "a\\\\b" },
		{ "", "" },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < N(cases); i++) {
		fmt_escape(buf, sizeof(buf), cases[i].raw, 64);
		assert_string_equal(buf, cases[i].text);
	}
	/* not NUL-terminated */
	assert_string_equal(fmt_escape(buf, sizeof(buf), "abcdef", 3), "abc");
	/* cut before a piece that does not fit whole */
	assert_string_equal(fmt_escape(buf, 6, "ab\n\n", 4), "ab");
	assert_string_equal(fmt_escape(buf, 4, "ab\xc3\xa9", 4), "ab");
	assert_string_equal(fmt_escape(buf, 5, "ab\xc3\xa9", 4), "ab\xc3\xa9");
}

/* Each range of characters that no terminal may get, and those just outside of it. */
static void hidden_characters(void **state)
{
	static const struct { const char *first, *last, *below, *above; } ranges[] = {
		{ "\x01", "\x1f", NULL, " " },
		{ "\x7f", "\xc2\x9f", "~", "\xc2\xa0" },			/* DEL, C1 */
		{ "\xc2\xad", "\xc2\xad", "\xc2\xac", "\xc2\xae" },		/* soft hyphen */
		{ "\xd8\x9c", "\xd8\x9c", "\xd8\x9b", "\xd8\x9d" },		/* Arabic letter mark */
		{ "\xe2\x80\x8b", "\xe2\x80\x8f", "\xe2\x80\x8a", "\xe2\x80\x90" },
		{ "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x80\xa7", "\xe2\x80\xaf" },
		{ "\xe2\x81\xa0", "\xe2\x81\xaf", "\xe2\x81\x9f", "\xe2\x81\xb0" },
		{ "\xcd\x8f", "\xcd\x8f", "\xcd\x8e", "\xcd\x90" },		/* grapheme joiner */
		{ "\xe1\x85\x9f", "\xe1\x85\xa0", "\xe1\x85\x9e", "\xe1\x85\xa1" },	/* Hangul fillers */
		{ "\xe1\xa0\x8b", "\xe1\xa0\x8f", "\xe1\xa0\x8a", "\xe1\xa0\x90" },	/* Mongolian */
		{ "\xe2\xa0\x80", "\xe2\xa0\x80", "\xe2\x9f\xbf", "\xe2\xa0\x81" },	/* Braille blank */
		{ "\xe3\x85\xa4", "\xe3\x85\xa4", "\xe3\x85\xa3", "\xe3\x85\xa5" },
		{ "\xef\xb8\x80", "\xef\xb8\x8f", "\xef\xb7\xbf", "\xef\xb8\x90" },	/* variations */
		{ "\xef\xbb\xbf", "\xef\xbb\xbf", "\xef\xbb\xbe", "\xef\xbc\x80" },	/* BOM */
		{ "\xef\xbf\xb0", "\xef\xbf\xbb", "\xef\xbf\xaf", "\xef\xbf\xbc" },
		{ "\xf3\xa0\x80\x80", "\xf3\xa0\xbf\xbf", "\xf3\x9f\xbf\xbf",
		  "\xf3\xa1\x80\x80" },					/* tags, more variations */
	};
	char buf[32];

	for (size_t i = 0; i < N(ranges); i++) {
		assert_int_equal(fmt_escape(buf, sizeof(buf), ranges[i].first, 4)[0], '\\');
		assert_int_equal(fmt_escape(buf, sizeof(buf), ranges[i].last, 4)[0], '\\');
		if (ranges[i].below)
			assert_string_equal(fmt_escape(buf, sizeof(buf), ranges[i].below, 4),
					    ranges[i].below);
		assert_string_equal(fmt_escape(buf, sizeof(buf), ranges[i].above, 4),
				    ranges[i].above);
	}
}

static void utf8_repair(void **state)
{
	static const struct { const char *raw, *text; } cases[] = {
		{ "nginx", "nginx" },
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\xff", "\xef\xbf\xbd" },
		{ "a\x80z", "a\xef\xbf\xbdz" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf5\x80\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc1\x81", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\033\n", "\033\n" },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < N(cases); i++) {
		fmt_utf8(buf, sizeof(buf), cases[i].raw, 64);
		assert_string_equal(buf, cases[i].text);
	}
	assert_string_equal(fmt_utf8(buf, 4, "\xff\xff", 2), "\xef\xbf\xbd");
	assert_string_equal(fmt_utf8(buf, 3, "\xff", 1), "");
	assert_string_equal(fmt_utf8(buf, 4, "abcd", 4), "abc");
	assert_string_equal(fmt_utf8(buf, 5, "abcd", 4), "abcd");
}

/* Every pair of bytes: what comes out is UTF-8, and the escaped form is printable. */
static void all_pairs(void **state)
{
	char raw[3] = "", buf[32];
	unsigned int a, b;
	uint32_t cp;

	for (a = 1; a < 256; a++) {
		for (b = 1; b < 256; b++) {
			const char *p;
			int n;

			raw[0] = (char)a;
			raw[1] = (char)b;
			fmt_utf8(buf, sizeof(buf), raw, 2);
			for (p = buf; *p; p += n) {
				n = utf8_char(p, strlen(p), &cp);
				assert_true(n > 0);
			}
			fmt_escape(buf, sizeof(buf), raw, 2);
			for (p = buf; *p; p += n) {
				n = utf8_char(p, strlen(p), &cp);
				assert_true(n > 0);
				assert_true(cp >= 0x20 && cp != 0x7f && (cp < 0x80 || cp > 0x9f));
			}
		}
	}
}

static void widths(void **state)
{
	assert_int_equal(fmt_width(""), 0);
	assert_int_equal(fmt_width("83 µs"), 5);
	assert_int_equal(fmt_width("─RST→"), 5);
}

static void counts(void **state)
{
	static const struct { uint64_t n; const char *text; } cases[] = {
		{ 0, "0" }, { 999, "999" }, { 1204, "1,204" }, { 100000, "100,000" },
		{ 1000000, "1,000,000" }, { UINT64_MAX, "18,446,744,073,709,551,615" },
	};
	char buf[32], small[4];

	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(fmt_count(buf, sizeof(buf), cases[i].n), cases[i].text);
	assert_string_equal(fmt_count(small, sizeof(small), 1204), "1,2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(durations), cmocka_unit_test(sizes),
		cmocka_unit_test(addresses), cmocka_unit_test(times),
		cmocka_unit_test(escapes),   cmocka_unit_test(utf8_repair),
		cmocka_unit_test(hidden_characters),
		cmocka_unit_test(all_pairs), cmocka_unit_test(widths),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
