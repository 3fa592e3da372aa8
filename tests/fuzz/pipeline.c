/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whatever bytes a recording holds behind its first line: all stages and sinks stand it, JSON stays
 * JSON, and text is fit for terminals. Built and run by `make fuzz`, as any user.
 */
#include <endian.h>

#include "app/pipeline.h"
#include "fuzz.h"

static void feed(struct pipeline *p, const uint8_t *data, size_t size)
{
	uint32_t n;

	while (size > sizeof(n)) {
		memcpy(&n, data, sizeof(n));
		n = le32toh(n);
		data += sizeof(n);
		size -= sizeof(n);
		if (n > size)
			n = size;
		pipeline_bytes(p, data, n);
		data += n;
		size -= n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct source_meta meta = { .host = "h", .hz = 250, .boot_offset_ns = 1700000000000000000, .sees_sent = true };
	static const struct pipeline_ops ops;
	struct filter filter = {};
	static const struct sink_ops *const kinds[] = { &sink_json, &sink_text, &sink_pcapng, &sink_junit };
	struct sinks sinks = { .n = 4 };
	const struct pipeline_config cfg = {
		.meta = &meta, .filter = &filter, .sinks = &sinks, .settle_ns = 300000000,
		.events = true, .replay = true,
	};
	struct pipeline *p = pipeline_new(&cfg, &ops, NULL);
	char *text[4];
	size_t len[4];

	MUST(p);
	for (int i = 0; i < sinks.n; i++) {
		sinks.one[i] = (struct sink){ .ops = kinds[i], .verbose = true };
		sinks.one[i].out = open_memstream(&text[i], &len[i]);
	}
	sinks_begin(&sinks, &meta);
	feed(p, data, size);
	pipeline_finish(p);
	sinks_end(&sinks, pipeline_totals(p));
	must_be_json_lines(text[0]);
	must_be_printable(text[0], len[0]);
	must_be_printable(text[1], len[1]);
	MUST(!(len[2] % 4) && (!len[3] || strstr(text[3], "</testsuites>\n")));
	for (int i = 0; i < sinks.n; i++) {
		if (sinks.one[i].ops->free)
			sinks.one[i].ops->free(&sinks.one[i]);
		fclose(sinks.one[i].out);
		free(text[i]);
	}
	pipeline_free(p);
	return 0;
}
