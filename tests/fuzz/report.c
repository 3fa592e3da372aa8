/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whatever bytes a file of records holds, in whatever pieces: they are read,
 * paired and printed, and JSON stays JSON. Built and run by `make fuzz`, as any user.
 */
#include "fuzz.h"
#include "report/lines.h"
#include "report/print.h"

static int on_incident(void *ctx, const struct incident *inc)
{
	return report_incident(ctx, inc);
}

static void on_end(void *ctx, const struct line_end *end)
{
	report_end(ctx, end);
}

static void on_bad(void *ctx, const struct bad_line *b)
{
	(void)ctx;
	if (!b->why || !b->line)
		abort();
}

static void read_in_pieces(struct report *r, const char *data, size_t size, size_t piece)
{
	static const struct lines_ops ops = { .incident = on_incident, .end = on_end, .bad = on_bad };
	struct lines *l = lines_new(&ops, r);

	for (size_t n; size; data += n, size -= n) {
		n = size < piece ? size : piece;
		if (lines_bytes(l, data, n))
			abort();
	}
	lines_end(l);
	lines_free(l);
}

static void print(const struct report *r, bool json)
{
	char *text;
	size_t len;
	const struct report_print p = { .out = open_memstream(&text, &len), .json = json, .top = 5 };
	json_t *line;

	if (report_print(&p, r))
		abort();
	fclose(p.out);
	must_be_printable(text, len);
	line = json ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : json_object();
	if (!json_is_object(line))
		abort();
	json_decref(line);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strings *strings = strings_new();
	struct report_config cfg = {
		.by = size ? data[0] % N_BY : 0, .since_ns = INT64_MIN, .until_ns = INT64_MAX,
		.skew_ns = 30000000000, .keep = 8, .strings = strings,
	};
	struct report *r = report_new(&cfg);

	read_in_pieces(r, (const char *)data, size, 1 + size / 3);
	if (report_finish(r))
		abort();
	print(r, true);
	print(r, false);
	report_free(r);
	strings_free(strings);
	return 0;
}
