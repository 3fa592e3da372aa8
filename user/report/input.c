/* SPDX-License-Identifier: GPL-2.0 */
#include "report/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#define RAW_BYTES (256 * 1024)
#define GZIP_WINDOW (15 + 16)	/* inflateInit2(): only gzip */

struct input {
	int fd;
	uint64_t size, done;	/* bytes of the file: its size, and those read */
	uint8_t raw[RAW_BYTES];
	size_t at, n;		/* where in raw the next byte is, and how many bytes it has */
	bool eof;
	const char *wrong;
	/* From raw bytes to those of the content. Returns as input_read(). */
	ssize_t (*unpack)(struct input *in, void *buf, size_t n);
	char head[INPUT_HEAD];	/* of the content, for input_begins(); still to be read */
	size_t head_at, head_n;
	z_stream gzip;
	ZSTD_DStream *zstd;
	bool within;		/* inside a gzip member or a zstd frame */
};

static ssize_t failed(struct input *in, const char *why, int err)
{
	in->wrong = why;
	return err;
}

/* Reads more raw bytes when all are used. Returns 0 or a negative errno; at the end of the file .n stays 0. */
static int fill(struct input *in)
{
	ssize_t n;

	if (in->at < in->n || in->eof)
		return 0;
	in->at = in->n = 0;
	do
		n = read(in->fd, in->raw, sizeof(in->raw));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return failed(in, strerror(errno), -errno);
	in->n = n;
	in->done += n;
	in->eof = !n;
	return 0;
}

static ssize_t plain(struct input *in, void *buf, size_t n)
{
	int err = fill(in);
	size_t left = in->n - in->at;

	if (err)
		return err;
	if (n > left)
		n = left;
	memcpy(buf, in->raw + in->at, n);
	in->at += n;
	return n;
}

/* A file may consist of several gzip members, one after the other. */
static ssize_t gunzip(struct input *in, void *buf, size_t n)
{
	z_stream *z = &in->gzip;

	z->next_out = buf;
	z->avail_out = n;
	while (z->avail_out == n) {
		int err = fill(in), ret;

		if (err)
			return err;
		if (in->eof)
			return in->within ? failed(in, "the gzip data breaks off", -EBADMSG) : 0;
		if (!in->within && inflateReset(z) != Z_OK)
			return failed(in, "out of memory", -ENOMEM);
		in->within = true;
		z->next_in = in->raw + in->at;
		z->avail_in = in->n - in->at;
		ret = inflate(z, Z_NO_FLUSH);
		in->at = in->n - z->avail_in;
		if (ret == Z_STREAM_END)
			in->within = false;
		else if (ret != Z_OK && ret != Z_BUF_ERROR)
			return z->avail_out < n ? (ssize_t)(n - z->avail_out) :
			       failed(in, "the gzip data is damaged", -EBADMSG);
	}
	return n - z->avail_out;
}

static ssize_t unzstd(struct input *in, void *buf, size_t n)
{
	ZSTD_outBuffer out = { buf, n, 0 };

	while (!out.pos) {
		ZSTD_inBuffer from;
		int err = fill(in);
		size_t ret;

		if (err)
			return err;
		if (in->eof)
			return in->within ? failed(in, "the zstd data breaks off", -EBADMSG) : 0;
		from = (ZSTD_inBuffer){ in->raw, in->n, in->at };
		ret = ZSTD_decompressStream(in->zstd, &out, &from);
		if (ZSTD_isError(ret))
			return failed(in, "the zstd data is damaged", -EBADMSG);
		in->at = from.pos;
		in->within = ret;
	}
	return out.pos;
}

/* Chooses the format by the first bytes. Returns 0 or a negative errno. */
static int choose(struct input *in)
{
	int err = fill(in);

	if (err)
		return err;
	in->unpack = plain;
	if (in->n >= 2 && !memcmp(in->raw, "\x1f\x8b", 2)) {
		in->unpack = gunzip;
		return inflateInit2(&in->gzip, GZIP_WINDOW) == Z_OK ? 0 : failed(in, "out of memory", -ENOMEM);
	}
	if (in->n >= 4 && !memcmp(in->raw, "\x28\xb5\x2f\xfd", 4)) {
		in->unpack = unzstd;
		in->zstd = ZSTD_createDStream();
		return in->zstd ? 0 : failed(in, "out of memory", -ENOMEM);
	}
	return 0;
}

struct input *input_open(const char *path, char *why, size_t len)
{
	struct input *in = calloc(1, sizeof(*in));
	struct stat st;

	if (!in) {
		snprintf(why, len, "%s: out of memory", path);
		return NULL;
	}
	in->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (in->fd < 0) {
		snprintf(why, len, "%s: %s", path, strerror(errno));
		free(in);
		return NULL;
	}
	if (!fstat(in->fd, &st) && S_ISREG(st.st_mode))
		in->size = st.st_size;
	if (!choose(in))
		return in;
	snprintf(why, len, "%s: %s", path, in->wrong);
	input_close(in);
	return NULL;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	if (in->unpack == gunzip)
		inflateEnd(&in->gzip);
	ZSTD_freeDStream(in->zstd);
	if (in->fd != STDIN_FILENO)
		close(in->fd);
	free(in);
}

bool input_begins(struct input *in, const char *text)
{
	size_t len = strlen(text);

	while (in->head_n < len) {
		ssize_t n = in->unpack(in, in->head + in->head_n, len - in->head_n);

		if (n <= 0)
			return false;	/* the next input_read() finds the same error */
		in->head_n += n;
	}
	return !memcmp(in->head, text, len);
}

ssize_t input_read(struct input *in, void *buf, size_t n)
{
	size_t ahead = in->head_n - in->head_at;

	if (!n || !ahead)
		return n ? in->unpack(in, buf, n) : 0;
	if (n > ahead)
		n = ahead;
	memcpy(buf, in->head + in->head_at, n);
	in->head_at += n;
	return n;
}

const char *input_wrong(const struct input *in, uint64_t *offset)
{
	*offset = input_done(in);
	return in->wrong;
}

uint64_t input_done(const struct input *in)
{
	return in->done - (in->n - in->at);
}

uint64_t input_size(const struct input *in)
{
	return in->size;
}

static ssize_t stream_read(void *cookie, char *buf, size_t n)
{
	ssize_t got = input_read(cookie, buf, n);

	if (got < 0)
		errno = -got;
	return got < 0 ? -1 : got;
}

static int stream_close(void *cookie)
{
	input_close(cookie);
	return 0;
}

FILE *input_stream(struct input *in)
{
	static const cookie_io_functions_t io = { .read = stream_read, .close = stream_close };

	return fopencookie(in, "r", io);
}
