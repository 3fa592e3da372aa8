// SPDX-License-Identifier: GPL-2.0
#include "told.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause/rules.h"
#include "events/decode.h"
#include "events/order.h"
#include "events/recording.h"
#include "events/repeat.h"
#include "incident/chain.h"
#include "output/sink.h"

#define SETTLE_NS 200000000ULL
#define KEPT_BACK 1024

static void die(const char *what, const char *why)
{
	fprintf(stderr, "weaken: %s: %s\n", what, why);
	exit(2);
}

void events_add(struct events *e, const struct rst_event *ev)
{
	if (e->n == e->room) {
		e->room = e->room ? 2 * e->room : 64;
		e->ev = realloc(e->ev, e->room * sizeof(*e->ev));
		if (!e->ev)
			die("events", "out of memory");
	}
	e->ev[e->n++] = *ev;
}

void events_free(struct events *e)
{
	free(e->ev);
	*e = (struct events){ .ev = NULL };
}

static int on_bytes(void *ctx, const void *data, size_t size)
{
	struct rst_event ev;
	int err = decode(&ev, data, size);

	if (!err && ev.type != EV_MODULE)
		events_add(ctx, &ev);
	return 0;
}

void events_load(struct events *e, struct source_meta *meta, const char *path)
{
	struct source *s;
	char why[256];
	int n;

	if (source_file(&s, path, on_bytes, e, why, sizeof(why)))
		die(path, why);
	*meta = s->meta;
	do
		n = s->ops->take(s);
	while (n > 0);
	s->ops->close(s);
	if (n != -ENODATA)
		die(path, "cannot be read to its end");
}

/* ---- from events to records, as in a replay */

struct teller {
	struct chain *chain;
	struct order *order;
	struct repeats repeats;
	struct sink sink;
	json_t *by_id;		/* the lines of each record, the last one first */
	char *text;
	size_t len;
};

static bool on_incident(void *ctx, const struct incident *inc)
{
	struct teller *t = ctx;
	json_t *line, *lines = json_object_get(t->by_id, inc->id);

	rewind(t->sink.out);
	t->sink.ops->incident(&t->sink, inc);
	fflush(t->sink.out);
	line = json_loadb(t->text, t->len, 0, NULL);
	if (!lines) {
		lines = json_array();
		json_object_set_new(t->by_id, inc->id, lines);
	}
	if (!line || json_array_insert_new(lines, 0, line))
		die("a record", "no JSON");
	return true;
}

static void on_unmatched(void *ctx, const struct rst_event *ev)
{
	(void)ctx;
	(void)ev;
}

static void take(struct teller *t, uint64_t until_ns)
{
	struct rst_event ev;

	while (order_pop(t->order, until_ns, &ev)) {
		if (repeats_find(&t->repeats, &ev))
			continue;
		chain_tick(t->chain, ev.time_ns);
		chain_event(t->chain, &ev);
	}
}

json_t *tell(const struct events *e, const struct source_meta *meta)
{
	static const struct chain_ops ops = {
		.diagnose = diagnose, .incident = on_incident, .unmatched = on_unmatched,
	};
	struct chain_config cfg = { .settle_ns = SETTLE_NS };
	struct teller t = { .sink = { .ops = &sink_json }, .by_id = json_object() };
	json_t *lines, *all = json_array();
	const char *id;

	t.sink.out = open_memstream(&t.text, &t.len);
	t.chain = chain_new(meta, &cfg, &ops, &t);
	t.order = order_new(KEPT_BACK);
	if (!t.sink.out || !t.chain || !t.order)
		die("events", "out of memory");
	for (size_t i = 0; i < e->n; i++) {
		if (order_push(t.order, &e->ev[i]))
			die("events", "out of memory");
		take(&t, 0);
	}
	take(&t, ORDER_ALL);
	chain_finish(t.chain);
	json_object_foreach(t.by_id, id, lines)
		json_array_append(all, lines);
	json_decref(t.by_id);
	chain_free(t.chain);
	order_free(t.order);
	fclose(t.sink.out);
	free(t.text);
	return all;
}
