/* SPDX-License-Identifier: GPL-2.0 */
#include "output/sinks.h"

static void note(struct sinks *s, const struct sink *one, int err)
{
	if (!err)
		return;
	s->err = err;
	s->failed = one->path ?: "standard output";
}

/* Calls one function of each sink that has it, until one fails. */
#define EACH(s, fn, ...)							\
	for (int i = 0; i < (s)->n && !(s)->err; i++) {				\
		struct sink *one = &(s)->one[i];				\
										\
		if (one->ops->fn)						\
			note(s, one, one->ops->fn(one, ##__VA_ARGS__));		\
	}

void sinks_begin(struct sinks *s, const struct source_meta *meta)
{
	for (int i = 0; i < s->n; i++)
		s->one[i].meta = meta;
	EACH(s, begin);
	sinks_flush(s);
}

void sinks_bytes(struct sinks *s, const void *data, size_t size)
{
	EACH(s, bytes, data, size);
}

bool sinks_take_bytes(const struct sinks *s)
{
	for (int i = 0; i < s->n; i++)
		if (s->one[i].ops->bytes)
			return true;
	return false;
}

void sinks_event(struct sinks *s, const struct rst_event *ev, const char *reason)
{
	EACH(s, event, ev, reason);
}

void sinks_incident(struct sinks *s, const struct incident *inc)
{
	EACH(s, incident, inc);
}

void sinks_tick(struct sinks *s, uint64_t now_ns)
{
	EACH(s, tick, now_ns);
}

void sinks_end(struct sinks *s, const struct totals *t)
{
	EACH(s, end, t);
	sinks_flush(s);
}

void sinks_flush(struct sinks *s)
{
	for (int i = 0; i < s->n && !s->err; i++)
		note(s, &s->one[i], sink_flush(&s->one[i]));
}

uint64_t sinks_next(const struct sinks *s)
{
	uint64_t next = UINT64_MAX;

	for (int i = 0; i < s->n && !s->err; i++) {
		const struct sink *one = &s->one[i];
		uint64_t its = one->ops->next ? one->ops->next(one) : UINT64_MAX;

		if (its < next)
			next = its;
	}
	return next;
}
