/* SPDX-License-Identifier: GPL-2.0 */
#include "wire_bytes.h"

#include "events/decode.h"
#include "test.h"

/* Fills an output that must not be touched. */
#define UNTOUCHED 0xa5

/* The sections one after the other, as long as they were at that time. */
#define PART(member, n) { offsetof(struct rst_event, member), n }
static const struct { size_t at, size; } fixed[] = {
	{ 0, sizeof(struct rst_head) }, PART(task, 64), PART(owner, 104), PART(flow, 44),
	PART(child, 4), PART(sock, 96), PART(seg, 24), PART(extra, 32), PART(peer, 120),
};

struct bytes fixed_bytes(const struct rst_event *ev)
{
	struct bytes b = { .size = 0 };

	for (size_t i = 0; i < N(fixed); b.size += fixed[i++].size)
		memcpy(b.data + b.size, (const uint8_t *)ev + fixed[i].at, fixed[i].size);
	assert_int_equal(b.size, FIXED_SIZE);
	return b;
}

void fixed_part(struct rst_event *out, const struct rst_event *ev, size_t size)
{
	for (size_t i = 0; i < N(fixed) && size; i++) {
		size_t n = fixed[i].size < size ? fixed[i].size : size;

		memcpy((uint8_t *)out + fixed[i].at, (const uint8_t *)ev + fixed[i].at, n);
		size -= n;
	}
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
		{ SEC_ICMP, &ev->icmp, sizeof(ev->icmp) },
		{ SEC_ENDING, &ev->ending, sizeof(ev->ending) },
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
