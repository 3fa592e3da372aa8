/* SPDX-License-Identifier: GPL-2.0 */
/* The raw events, as they came, for a replay. */
#include "events/recording.h"
#include "output/sink.h"

static int record_begin(struct sink *s)
{
	return recording_begin(s->out, s->meta);
}

static int record_bytes(struct sink *s, const void *data, size_t size)
{
	return recording_event(s->out, data, size);
}

const struct sink_ops sink_record = {
	.begin = record_begin,
	.bytes = record_bytes,
};
