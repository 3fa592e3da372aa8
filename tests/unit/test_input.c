/* SPDX-License-Identifier: GPL-2.0 */
/* The same content plain, in gzip and in zstd, whole and broken. */
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "report/input.h"
#include "test.h"

#define BYTES 700000

static char path[] = "/tmp/rsttrace-input-XXXXXX";
static char data[BYTES], packed[2 * BYTES];

static int make_file(void **state)
{
	int fd = mkstemp(path);

	for (size_t i = 0; i < BYTES; i++)
		data[i] = i * i >> 7;
	memcpy(data, "{\"schema\"", 9);
	return fd < 0 || close(fd);
}

static int remove_file(void **state)
{
	return unlink(path);
}

static void write_file(const void *bytes, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Two members, or frames, one after the other. Returns their length. */
static size_t gzip(void)
{
	size_t len = 0;

	for (int half = 0; half < 2; half++) {
		z_stream z = { .next_in = (Bytef *)data + half * BYTES / 2, .avail_in = BYTES / 2,
			       .next_out = (Bytef *)packed + len, .avail_out = sizeof(packed) - len };

		assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		len += z.total_out;
		deflateEnd(&z);
	}
	return len;
}

static size_t zstd(void)
{
	size_t len = 0;

	for (int half = 0; half < 2; half++) {
		size_t n = ZSTD_compress(packed + len, sizeof(packed) - len, data + half * BYTES / 2, BYTES / 2, 3);

		assert_false(ZSTD_isError(n));
		len += n;
	}
	return len;
}

/* Reads it all in odd pieces. Returns how many bytes came; *err is what came last. */
static size_t read_all(struct input *in, ssize_t *err, bool damaged)
{
	static char got[BYTES + 1];
	size_t n = 0;

	while ((*err = input_read(in, got + n, n + 7777 < sizeof(got) ? 7777 : sizeof(got) - n)) > 0)
		n += *err;
	/* damage is found a little later than it stands */
	assert_memory_equal(got, data, damaged ? BYTES / 2 : n);
	return n;
}

static struct input *open_file(void)
{
	char why[256];
	struct input *in = input_open(path, why, sizeof(why));

	assert_non_null(in);
	return in;
}

static void expect_whole(void)
{
	struct input *in = open_file();
	ssize_t err;

	assert_true(input_begins(in, "{\"sch"));
	assert_false(input_begins(in, "{\"x"));
	assert_int_equal(read_all(in, &err, false), BYTES);
	assert_int_equal(err, 0);
	assert_int_equal(input_done(in), input_size(in));
	input_close(in);
}

static void whole(void **state)
{
	write_file(data, BYTES);
	expect_whole();
	write_file(packed, gzip());
	expect_whole();
	write_file(packed, zstd());
	expect_whole();
}

/* What came before the break is read, and the reported place is within the file. */
static void expect_broken(size_t len, const char *why)
{
	struct input *in = open_file();
	uint64_t offset;
	ssize_t err;
	size_t n = read_all(in, &err, strstr(why, "damaged"));

	/* gzip's checksum is at the end of its member */
	assert_true(n > 0 && n <= BYTES);
	assert_int_equal(err, -EBADMSG);
	assert_string_equal(input_wrong(in, &offset), why);
	assert_true(offset > 0 && offset <= len);
	input_close(in);
}

static void broken(void **state)
{
	size_t len = gzip();

	write_file(packed, len - 10);
	expect_broken(len - 10, "the gzip data breaks off");
	memset(packed + len - 60, 0xff, 30);
	write_file(packed, len);
	expect_broken(len, "the gzip data is damaged");
	len = zstd();
	write_file(packed, len - 10);
	expect_broken(len - 10, "the zstd data breaks off");
	memset(packed + len - 60, 0xff, 30);
	write_file(packed, len);
	expect_broken(len, "the zstd data is damaged");
}

static void empty(void **state)
{
	struct input *in;
	ssize_t err;

	write_file("", 0);
	in = open_file();
	assert_false(input_begins(in, "{"));
	assert_int_equal(read_all(in, &err, false), 0);
	assert_int_equal(err, 0);
	input_close(in);
}

static void as_a_stream(void **state)
{
	static char got[BYTES + 1];
	struct input *in;
	FILE *f;

	write_file(packed, gzip());
	in = open_file();
	assert_true(input_begins(in, "{\"schema\""));
	f = input_stream(in);
	assert_int_equal(fread(got, 1, sizeof(got), f), BYTES);
	assert_memory_equal(got, data, BYTES);
	assert_int_equal(fclose(f), 0);
}

static void not_there(void **state)
{
	char why[256];

	assert_null(input_open("/nowhere", why, sizeof(why)));
	assert_string_equal(why, "/nowhere: No such file or directory");
	assert_null(input_open("/", why, sizeof(why)));
	assert_string_equal(why, "/: Is a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(broken),
		cmocka_unit_test(empty),
		cmocka_unit_test(as_a_stream),
		cmocka_unit_test(not_there),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
