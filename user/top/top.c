/* SPDX-License-Identifier: GPL-2.0 */
#include "top/top.h"

#include <errno.h>

int top_begin(struct top *t, const char *replay)
{
	t->ui.model = top_model_new(replay);
	t->ui.replay = replay;
	return t->ui.model ? 0 : -ENOMEM;
}

void top_end(struct top *t)
{
	top_ui_free(&t->ui);
	top_model_free(t->ui.model);
}

void top_counted(struct top *t, const struct rst_stats *per_cpu, int n_cpus)
{
	struct top_exact e = { .silent = t->ui.exact.silent };

	for (int i = 0; i < n_cpus; i++) {
		const struct rst_stats *st = &per_cpu[i];

		e.sent += st->seen[EV_SENT_ACTIVE] + st->seen[EV_SENT_REPLY] + st->seen[EV_SENT_NETFILTER];
		e.received += st->seen[EV_RECEIVED];
		for (int type = 0; type < EV_TYPE_MAX; type++)
			e.lost += st->lost[type];
	}
	t->ui.exact = e;
}

static int print(struct sink *s)
{
	struct top *t = s->state;

	if (t->printed && fputc('\n', s->out) == EOF)
		return errno ? -errno : -EIO;
	t->printed = true;
	return top_ui_print(&t->ui, s->out, t->width);
}

static int on_begin(struct sink *s)
{
	((struct top *)s->state)->ui.meta = s->meta;
	return 0;
}

static int on_incident(struct sink *s, const struct incident *inc)
{
	return top_model_incident(((struct top *)s->state)->ui.model, inc);
}

static int on_tick(struct sink *s, uint64_t now_ns)
{
	struct top *t = s->state;
	bool first = !t->next_ns;

	top_model_tick(t->ui.model, now_ns);
	if (now_ns < t->next_ns)
		return 0;
	t->next_ns = now_ns + t->interval_ns;
	return t->batch && !t->once && !first ? print(s) : 0;
}

static uint64_t next(const struct sink *s)
{
	return ((const struct top *)s->state)->next_ns;
}

static int on_end(struct sink *s, const struct totals *totals)
{
	struct top *t = s->state;

	(void)totals;
	t->ui.over = true;
	return t->batch ? print(s) : 0;
}

const struct sink_ops sink_top = {
	.begin = on_begin,
	.incident = on_incident,
	.tick = on_tick,
	.next = next,
	.end = on_end,
};
