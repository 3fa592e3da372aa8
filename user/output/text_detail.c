/* SPDX-License-Identifier: GPL-2.0 */
#include <inttypes.h>

#include "base/array.h"
#include "incident/names.h"
#include "output/text_block.h"
#include "output/text_line.h"

/* TTL and IP id of the RST, and of another segment of the flow to compare them with. */
static void add_hops(struct line *l, const struct incident *inc)
{
	const struct { const char *name; int64_t rst, flow; } pairs[] = {
		{ "TTL", inc->rst_ttl, inc->flow_ttl },
		{ "IP-ID", inc->rst_ip_id, inc->flow_ip_id },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (pairs[i].rst != UNKNOWN)
			line_add(l, "%s%s %" PRId64, line_comma(l), pairs[i].name, pairs[i].rst);
		if (pairs[i].flow != UNKNOWN)
			line_add(l, "%sflow's %s %" PRId64, line_comma(l), pairs[i].name, pairs[i].flow);
	}
}

void text_detail(FILE *out, const struct sink *s, const struct incident *inc)
{
	const struct { const char *name, *value; } words[] = {
		{ "cause ", inc->cause },
		{ "confidence ", confidence_name(inc->confidence) },
		{ "reason ", inc->reason[0] ? inc->reason : NULL },
		{ "sender known by ", inc->sender.owner ? owner_how_name(inc->sender.owner) : NULL },
		{ "victim known by ", inc->victim.owner ? owner_how_name(inc->victim.owner) : NULL },
	};
	struct line l = { .len = 0 };
	size_t i;

	if (inc->id[0]) {
		line_add(&l, "id ");
		line_escaped(&l, inc->id, sizeof(inc->id));
	}
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!words[i].value)
			continue;
		line_add(&l, "%s%s", line_comma(&l), words[i].name);
		line_escaped(&l, words[i].value, 64);
	}
	if (inc->rst_seq != UNKNOWN)
		line_add(&l, "%sseq %" PRId64, line_comma(&l), inc->rst_seq);
	add_hops(&l, inc);
	if (inc->netns != UNKNOWN)
		line_add(&l, "%snetns %" PRId64, line_comma(&l), inc->netns);
	if (l.len)
		line_put(out, s, "detail", &l);
}
