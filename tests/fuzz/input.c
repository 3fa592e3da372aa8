/* SPDX-License-Identifier: GPL-2.0 */
/* Whatever bytes a file of a report is, as it is or packed by gzip or zstd: it is read to where it is damaged. */
#include "fuzz.h"
#include "report/input.h"
#include "report/lines.h"

#define MOST (1 << 22)	/* bytes within: a small file may hold very many */

static int on_incident(void *ctx, const struct incident *inc)
{
	(void)ctx;
	(void)inc;
	return 0;
}

static void on_end(void *ctx, const struct line_end *end)
{
	(void)ctx;
	(void)end;
}

static void on_bad(void *ctx, const struct bad_line *b)
{
	MUST(b->why && b->line && b->offset <= *(uint64_t *)ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lines_ops ops = { .incident = on_incident, .end = on_end, .bad = on_bad };
	static char buf[65536];
	char path[32], why[256];
	int fd = file_of(data, size, path);
	struct input *in = input_open(path, why, sizeof(why));
	uint64_t within = 0, offset;
	struct lines *l = lines_new(&ops, &within);
	ssize_t n = 0;

	MUST(in && l);
	input_begins(in, "{\"schema\":");
	while (within < MOST && (n = input_read(in, buf, 1 + size * 37 % sizeof(buf))) > 0) {
		within += n;
		MUST(!lines_bytes(l, buf, n));
	}
	MUST(!lines_end(l));
	if (n < 0)
		MUST(input_wrong(in, &offset) && offset <= size);
	MUST(input_done(in) <= size);
	lines_free(l);
	input_close(in);
	close(fd);
	return 0;
}
