/* SPDX-License-Identifier: GPL-2.0 */
#include "wire_bytes.h"

#include "events/decode.h"
#include "test.h"

/* What an output that must stay untouched is filled with. */
#define UNTOUCHED 0xa5

struct bytes fixed_bytes(const struct rst_event *ev)
{
	const struct { const void *content; size_t at, size; } parts[] = {
		{ ev, 0, 24 }, { &ev->task, 24, 64 }, { &ev->owner, 88, 104 }, { &ev->flow, 192, 44 },
		{ &ev->child, 236, 4 }, { &ev->sock, 240, 96 }, { &ev->seg, 336, 24 },
		{ &ev->extra, 360, 32 }, { &ev->peer, 392, 120 },
	};
	struct bytes b = { .size = FIXED_SIZE };

	for (size_t i = 0; i < N(parts); i++)
		memcpy(b.data + parts[i].at, parts[i].content, parts[i].size);
	return b;
}

static void set_size(struct bytes *b)
{
	uint16_t size = b->size;

	memcpy(b->data, &size, sizeof(size));
}

struct bytes head_bytes(const struct rst_event *ev)
{
	struct bytes b = { .size = sizeof(struct rst_head) };

	memcpy(b.data, ev, b.size);
	b.data[offsetof(struct rst_head, wire)] = RST_WIRE;
	set_size(&b);
	return b;
}

void add_section(struct bytes *b, unsigned int kind, const void *content, size_t size)
{
	struct rst_section front = { .kind = kind, .size = sizeof(front) + size };

	assert_in_range(b->size + sizeof(front) + size, 1, sizeof(b->data) - 8);
	memcpy(b->data + b->size, &front, sizeof(front));
	memcpy(b->data + b->size + sizeof(front), content, size);
	b->size += (sizeof(front) + size + 7) & ~7UL;
	set_size(b);
}

struct bytes section_bytes(const struct rst_event *ev, unsigned int without)
{
	const struct rst_child child = { .pid = ev->child };
	const struct { unsigned int kind; const void *content; size_t size; } all[] = {
		{ SEC_TASK, &ev->task, sizeof(ev->task) }, { SEC_OWNER, &ev->owner, sizeof(ev->owner) },
		{ SEC_FLOW, &ev->flow, sizeof(ev->flow) }, { SEC_SOCK, &ev->sock, sizeof(ev->sock) },
		{ SEC_SEG, &ev->seg, sizeof(ev->seg) }, { SEC_EXTRA, &ev->extra, sizeof(ev->extra) },
		{ SEC_PEER, &ev->peer, sizeof(ev->peer) }, { SEC_CHILD, &child, sizeof(child) },
		{ SEC_GAP, &ev->gap, sizeof(ev->gap) },
		{ SEC_PAYLOAD, &ev->payload, sizeof(ev->payload) },
	};
	struct bytes b = head_bytes(ev);

	for (size_t i = 0; i < N(all); i++)
		if (!(without & 1u << all[i].kind))
			add_section(&b, all[i].kind, all[i].content, all[i].size);
	return b;
}

int decode_bytes(struct rst_event *out, const struct bytes *b)
{
	uint8_t *block = malloc(b->size ? b->size : 1);
	int err;

	assert_non_null(block);
	memcpy(block, b->data, b->size);
	err = decode(out, block, b->size);
	free(block);
	return err;
}

void expect_refused(const struct bytes *b, int err)
{
	struct rst_event out, before;

	memset(&out, UNTOUCHED, sizeof(out));
	before = out;
	assert_int_equal(decode_bytes(&out, b), err);
	assert_memory_equal(&out, &before, sizeof(out));
}
