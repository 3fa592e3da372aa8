/* SPDX-License-Identifier: GPL-2.0 */
#include "events/frames.h"

#include <errno.h>
#include <string.h>

/* The section of that kind: its content and size, or NULL. */
static const uint8_t *section(const void *data, size_t size, unsigned int kind, size_t *len)
{
	const uint8_t *bytes = data;
	struct rst_section front;
	struct rst_head head;

	if (size < sizeof(head))
		return NULL;
	memcpy(&head, data, sizeof(head));
	if (head.size > size || head.wire < 2)
		return NULL;
	for (size_t at = sizeof(head); at + sizeof(front) <= head.size; at += (front.size + 7) & ~7u) {
		memcpy(&front, bytes + at, sizeof(front));
		if (front.size < sizeof(front) || front.size > head.size - at)
			return NULL;
		if (front.kind != kind)
			continue;
		*len = front.size - sizeof(front);
		return bytes + at + sizeof(front);
	}
	return NULL;
}

/* How many frames a BPF helper has written, from the bytes that it returned. */
static int count(int32_t bytes, size_t each)
{
	size_t n = bytes > 0 ? bytes / each : 0;

	return n < RST_STACK_FRAMES ? (int)n : RST_STACK_FRAMES;
}

/*
 * The frames of the program before the first false one. For an address in no mapping the kernel
 * (find_vma()) takes the next mapping above it: its build-id, and an offset below 0.
 */
static int count_user(const struct rst_stack *stack)
{
	int n = count(stack->n_user, sizeof(stack->user[0])), i;

	for (i = 0; i < n; i++)
		if (stack->user[i].status == 1 && (int64_t)stack->user[i].ip < 0)
			break;
	return i;
}

int raw_stack_decode(struct raw_stack *out, const void *data, size_t size)
{
	size_t n_task = 0, n_stack = 0;
	const uint8_t *task = section(data, size, SEC_TASK, &n_task);
	const uint8_t *stack = section(data, size, SEC_STACK, &n_stack);

	if (!task || !stack || n_task < sizeof(out->task) || n_stack < sizeof(out->stack))
		return -EBADMSG;
	memcpy(&out->head, data, sizeof(out->head));
	memcpy(&out->task, task, sizeof(out->task));
	memcpy(&out->stack, stack, sizeof(out->stack));
	out->task.comm[RST_COMM_LEN - 1] = '\0';
	out->stack.n_kernel = count(out->stack.n_kernel, sizeof(out->stack.kernel[0]));
	out->stack.n_user = count_user(&out->stack);
	if (out->stack.n_memory > RST_STACK_BYTES)
		return -EBADMSG;
	return 0;
}

int frames_decode(struct frames *out, const void *data, size_t size)
{
	size_t left = 0, step;
	const uint8_t *at = section(data, size, SEC_FRAMES, &left);
	struct rst_frame f;

	out->n = 0;
	if (!at)
		return -EBADMSG;
	for (; left; at += step, left -= step) {
		struct frame *frame = &out->frame[out->n];

		if (left < sizeof(f) || out->n == MAX_FRAMES)
			return -EBADMSG;
		memcpy(&f, at, sizeof(f));
		step = sizeof(f) + ((f.n_text + 7u) & ~7u);
		if (step > left || f.n_text > FRAME_TEXT_MAX)
			return -EBADMSG;
		*frame = (struct frame){ .offset = f.offset, .flags = f.flags };
		memcpy(frame->build_id, f.build_id, sizeof(frame->build_id));
		memcpy(frame->text, at + sizeof(f), f.n_text);
		out->n++;
	}
	return 0;
}

size_t frames_encode(void *buf, const struct rst_head *like, const struct frames *frames)
{
	struct rst_head head = { .wire = RST_WIRE, .type = EV_FRAMES, .cpu = like->cpu, .time_ns = like->time_ns };
	struct rst_section front = { .kind = SEC_FRAMES };
	uint8_t *at = (uint8_t *)buf + sizeof(head) + sizeof(front), *begin = at;

	for (unsigned int i = 0; i < frames->n; i++) {
		const struct frame *frame = &frames->frame[i];
		struct rst_frame f = { .offset = frame->offset, .flags = frame->flags,
				       .n_text = strnlen(frame->text, FRAME_TEXT_MAX) };
		size_t padded = (f.n_text + 7u) & ~7u;

		memcpy(f.build_id, frame->build_id, sizeof(f.build_id));
		memcpy(at, &f, sizeof(f));
		memset(at + sizeof(f), 0, padded);
		memcpy(at + sizeof(f), frame->text, f.n_text);
		at += sizeof(f) + padded;
	}
	front.size = sizeof(front) + (at - begin);
	head.size = sizeof(head) + front.size;
	memcpy(buf, &head, sizeof(head));
	memcpy((uint8_t *)buf + sizeof(head), &front, sizeof(front));
	return head.size;
}

_Static_assert(sizeof(struct rst_head) + sizeof(struct rst_section) +
	       MAX_FRAMES * (sizeof(struct rst_frame) + FRAME_TEXT_MAX) <= FRAMES_EVENT_MAX, "room for all");
