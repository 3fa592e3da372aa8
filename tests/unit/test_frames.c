/* SPDX-License-Identifier: GPL-2.0 */
/* Stacks: checked as bytes, kept once each, and given to the event that they belong to. */
#include <errno.h>

#include "events/decode.h"
#include "events/frames.h"
#include "events/stacks.h"
#include "test.h"

static const struct rst_head call_head = { .wire = RST_WIRE, .type = EV_CALL, .cpu = 3, .time_ns = 1000 };

static void add(struct frames *f, uint8_t flags, uint64_t offset, const char *text)
{
	struct frame *frame = &f->frame[f->n++];

	*frame = (struct frame){ .flags = flags, .offset = offset };
	frame->build_id[19] = offset;
	snprintf(frame->text, sizeof(frame->text), "%s", text);
}

static struct frames some_frames(void)
{
	struct frames f = { .n = 0 };

	add(&f, FRAMEF_KERNEL | FRAMEF_NAMED, 0, "tcp_close+0x1e");
	add(&f, FRAMEF_NAMED | FRAMEF_ADDRESS, 0x11, "close+0x10 (libc.so.6)");
	add(&f, FRAMEF_POINTER | FRAMEF_ADDRESS, 0x22, "+0x22 (nginx)");
	return f;
}

static void there_and_back(void **state)
{
	struct frames f = some_frames(), back;
	uint8_t buf[FRAMES_EVENT_MAX];
	size_t n = frames_encode(buf, &call_head, &f);
	struct rst_event ev;

	assert_int_equal(n % 8, 0);
	assert_int_equal(frames_decode(&back, buf, n), 0);
	assert_int_equal(back.n, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_memory_equal(&back.frame[i], &f.frame[i], sizeof(f.frame[i]));
	/* a reader that does not know this type ignores it */
	assert_int_equal(decode(&ev, buf, n), -ENOTSUP);
}

/* The largest event of frames has room, and a size that fits into its head. */
static void most_frames(void **state)
{
	struct frames f = { .n = 0 }, back;
	uint8_t buf[FRAMES_EVENT_MAX];
	char text[FRAME_TEXT_MAX + 1];

	memset(text, 'x', FRAME_TEXT_MAX);
	text[FRAME_TEXT_MAX] = '\0';
	while (f.n < MAX_FRAMES)
		add(&f, 0, f.n, text);
	assert_int_equal(frames_decode(&back, buf, frames_encode(buf, &call_head, &f)), 0);
	assert_int_equal(back.n, MAX_FRAMES);
	assert_string_equal(back.frame[MAX_FRAMES - 1].text, text);
}

/* Cut anywhere, or with a length that is too large: refused, and nothing after the end is read. */
static void broken_frames(void **state)
{
	struct frames f = some_frames(), back;
	uint8_t buf[FRAMES_EVENT_MAX];
	size_t n = frames_encode(buf, &call_head, &f);
	const size_t text_len = sizeof(struct rst_head) + sizeof(struct rst_section) + offsetof(struct rst_frame, n_text);

	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *part = malloc(cut ?: 1);

		memcpy(part, buf, cut);
		assert_int_equal(frames_decode(&back, part, cut), -EBADMSG);
		free(part);
	}
	for (unsigned int len = FRAME_TEXT_MAX + 1; len <= 0xffff; len += 991) {
		uint16_t n_text = len;

		memcpy(buf + text_len, &n_text, sizeof(n_text));
		assert_int_equal(frames_decode(&back, buf, n), -EBADMSG);
	}
}

struct raw_event {
	struct rst_head head;
	struct rst_section task_front;
	struct rst_task task;
	struct rst_section stack_front;
	struct rst_stack stack;
};

static struct raw_event raw_event(void)
{
	return (struct raw_event){
		.head = { .size = sizeof(struct raw_event), .wire = RST_WIRE, .type = EV_STACK, .time_ns = 1000 },
		.task_front = { .kind = SEC_TASK, .size = sizeof(struct rst_section) + sizeof(struct rst_task) },
		.task.pid = 77,
		.stack_front = { .kind = SEC_STACK, .size = sizeof(struct rst_section) + sizeof(struct rst_stack) },
		.stack = { .n_kernel = 16, .n_user = -EFAULT, .n_memory = 1024 },
	};
}

/* The kernel's helpers return a number of bytes or an errno. */
static void raw_stack(void **state)
{
	struct raw_event ev = raw_event();
	struct raw_stack raw;

	assert_int_equal(raw_stack_decode(&raw, &ev, sizeof(ev)), 0);
	assert_int_equal(raw.task.pid, 77);
	assert_int_equal(raw.stack.n_kernel, 2);
	assert_int_equal(raw.stack.n_user, 0);
	ev.stack.n_user = INT32_MAX;
	assert_int_equal(raw_stack_decode(&raw, &ev, sizeof(ev)), 0);
	assert_int_equal(raw.stack.n_user, RST_STACK_FRAMES);
	ev.stack.user[0] = (struct rst_user_frame){ .status = 1, .ip = 0x1234 };
	ev.stack.user[1] = (struct rst_user_frame){ .status = 1, .ip = 0xffffa9f7a67cc000 };
	assert_int_equal(raw_stack_decode(&raw, &ev, sizeof(ev)), 0);
	assert_int_equal(raw.stack.n_user, 1);
	ev.stack.user[1].status = 2;
	assert_int_equal(raw_stack_decode(&raw, &ev, sizeof(ev)), 0);
	assert_int_equal(raw.stack.n_user, RST_STACK_FRAMES);
	assert_int_equal(raw_stack_decode(&raw, &ev, sizeof(ev) - 1), -EBADMSG);
	ev.stack.n_memory = RST_STACK_BYTES + 1;
	assert_int_equal(raw_stack_decode(&raw, &ev, sizeof(ev)), -EBADMSG);
	ev = raw_event();
	ev.stack_front.size -= 8;
	assert_int_equal(raw_stack_decode(&raw, &ev, sizeof(ev)), -EBADMSG);
}

static int come(struct stacks *s, uint64_t time_ns, const struct frames *f)
{
	struct rst_head head = call_head;
	uint8_t buf[FRAMES_EVENT_MAX];

	head.time_ns = time_ns;
	return stacks_bytes(s, buf, frames_encode(buf, &head, f));
}

static struct rst_event given(struct stacks *s, uint32_t cpu, uint64_t time_ns)
{
	struct rst_event ev = { .type = EV_CALL, .cpu = cpu, .time_ns = time_ns };

	stacks_give(s, &ev);
	return ev;
}

static void to_its_event(void **state)
{
	struct stacks *s = stacks_new();
	struct frames f = some_frames();
	struct rst_event ev;

	assert_null(given(s, 3, 1000).stack);
	assert_int_equal(come(s, 1000, &f), 0);
	ev = given(s, 3, 1000);
	assert_int_equal(ev.stack->n, 2);
	assert_string_equal(ev.stack->frame[0], "close+0x10 (libc.so.6)");
	assert_string_equal(ev.stack->frame[1], "? +0x22 (nginx)");
	assert_int_equal(ev.kstack->n, 1);
	assert_string_equal(ev.kstack->frame[0], "tcp_close+0x1e");
	/* another CPU's stack, and one of another time */
	assert_null(given(s, 2, 1000).stack);
	assert_null(given(s, 3, 1001).stack);
	stacks_free(s);
}

/* A stack of only the program, of only the kernel, of neither: what is absent is NULL. */
static void parts(void **state)
{
	struct frames f = { .n = 0 };
	struct stacks *s = stacks_new();

	assert_int_equal(come(s, 1, &f), 0);
	assert_null(given(s, 3, 1).stack);
	assert_null(given(s, 3, 1).kstack);
	add(&f, FRAMEF_KERNEL, 0, "tcp_close+0x1e");
	assert_int_equal(come(s, 2, &f), 0);
	assert_null(given(s, 3, 2).stack);
	assert_non_null(given(s, 3, 2).kstack);
	stacks_free(s);
}

/* Equal stacks are kept once, and stay at their address when others come. */
static void kept_once(void **state)
{
	struct stacks *s = stacks_new();
	struct frames f = some_frames();
	const struct stack_text *first;

	assert_int_equal(come(s, 1, &f), 0);
	first = given(s, 3, 1).stack;
	for (uint64_t i = 2; i < 1000; i++) {
		struct frames other = { .n = 0 };
		char text[32];

		snprintf(text, sizeof(text), "f%d+0x1 (a)", (int)i);
		add(&other, 0, 0, text);
		assert_int_equal(come(s, 10 * i, &other), 0);
		assert_string_equal(given(s, 3, 10 * i).stack->frame[0], text);
		assert_int_equal(come(s, 10 * i + 1, &f), 0);
		assert_ptr_equal(given(s, 3, 10 * i + 1).stack, first);
	}
	assert_int_equal(stacks_left_out(s), 0);
	stacks_free(s);
}

/* Memory is bounded: stacks beyond that are left out and counted, and the others stay. */
static void too_many(void **state)
{
	struct stacks *s = stacks_new();
	struct frames f = { .n = 0 };
	char text[FRAME_TEXT_MAX + 1];
	uint64_t i = 1;

	while (f.n < MAX_FRAMES)
		add(&f, 0, 0, "x");
	memset(text, 'x', FRAME_TEXT_MAX);
	text[FRAME_TEXT_MAX] = '\0';
	for (; !stacks_left_out(s); i++) {
		assert_true(i < 4000);
		for (unsigned int k = 0; k < f.n; k++) {
			snprintf(text, sizeof(text), "%0190d", (int)(i * MAX_FRAMES + k));
			strcpy(f.frame[k].text, text);
		}
		assert_int_equal(come(s, i, &f), 0);
	}
	assert_null(given(s, 3, i - 1).stack);
	assert_int_equal(given(s, 3, i - 2).stack->n, MAX_FRAMES);
	assert_true(i > 1000);
	stacks_free(s);
}

/* An event gets no stack of another event. */
static void others(void **state)
{
	struct stacks *s = stacks_new();
	struct rst_head head = call_head;

	head.size = sizeof(head);
	assert_int_equal(stacks_bytes(s, &head, sizeof(head)), -ENOENT);
	assert_int_equal(stacks_bytes(s, &head, 3), -ENOENT);
	head.type = EV_FRAMES;
	assert_int_equal(stacks_bytes(s, &head, sizeof(head)), -EBADMSG);
	stacks_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(most_frames),
		cmocka_unit_test(broken_frames),
		cmocka_unit_test(raw_stack),
		cmocka_unit_test(to_its_event),
		cmocka_unit_test(parts),
		cmocka_unit_test(kept_once),
		cmocka_unit_test(too_many),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
