/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whatever bytes a recording holds behind its first line: all stages stand it,
 * and JSON stays JSON. Built and run by `make fuzz`, as any user.
 */
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/pipeline.h"

static void must_be_json_lines(const char *text)
{
	size_t n;

	for (; *text; text += n + 1) {
		json_t *line;

		n = strcspn(text, "\n");
		line = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
		if (text[n] != '\n' || !json_is_object(line)) {
			fprintf(stderr, "not a line of JSON: %.*s\n", (int)n, text);
			abort();
		}
		json_decref(line);
	}
}

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct source_meta meta = { .host = "h", .hz = 250, .sees_sent = true };
	static const struct pipeline_ops ops;
	struct filter filter = {};
	struct sinks sinks = { .n = 2 };
	const struct pipeline_config cfg = {
		.meta = &meta, .filter = &filter, .sinks = &sinks, .settle_ns = 300000000,
		.events = true, .replay = true,
	};
	struct pipeline *p = pipeline_new(&cfg, &ops, NULL);
	char *text[2];
	size_t len[2];

	if (!p)
		abort();
	for (int i = 0; i < sinks.n; i++) {
		sinks.one[i] = (struct sink){ .ops = i ? &sink_text : &sink_json, .verbose = true };
		sinks.one[i].out = open_memstream(&text[i], &len[i]);
	}
	sinks_begin(&sinks, &meta);
	feed(p, data, size);
	pipeline_finish(p);
	sinks_end(&sinks, pipeline_totals(p));
	must_be_json_lines(text[0]);
	for (int i = 0; i < sinks.n; i++) {
		fclose(sinks.one[i].out);
		free(text[i]);
	}
	pipeline_free(p);
	return 0;
}
