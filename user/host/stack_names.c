/* SPDX-License-Identifier: GPL-2.0 */
#include "host/stack_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "events/frames.h"
#include "host/images.h"
#include "host/kernel_names.h"
#include "host/perf_map.h"
#include "host/unwind.h"

#define UNNAMED "[unknown]"
#define NAME_BYTES 120	/* of a function's name; a longer one is cut */

struct stack_names {
	const char *proc;
	struct images *images;
	struct unwinder *unwinder;
	struct perf_maps *perf_maps;
	struct kernel_names *kernel;	/* NULL: the kernel hides its addresses */
	struct raw_stack raw;
	struct frames frames;
	struct unwound unwound;
};

int stack_names_open(const char *proc, bool live, struct stack_names **out)
{
	struct stack_names *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->proc = proc;
	s->images = images_new(proc);
	s->unwinder = unwinder_new(proc);
	s->perf_maps = perf_maps_new(proc);
	if (!s->perf_maps || (images_supported() && (!s->images || !s->unwinder))) {
		stack_names_free(s);
		return -ENOMEM;
	}
	if (live)
		stack_names_refresh(s);
	*out = s;
	return 0;
}

void stack_names_free(struct stack_names *s)
{
	if (!s)
		return;
	images_free(s->images);
	unwinder_free(s->unwinder);
	perf_maps_free(s->perf_maps);
	kernel_names_free(s->kernel);
	free(s);
}

const char *stack_names_lack(const struct stack_names *s, unsigned int i)
{
	const char *lacks[2];
	unsigned int n = 0;

	if (!images_supported())
		lacks[n++] = "built without libdw: stacks of programs have build-ids and offsets, and no names";
	if (!s->kernel)
		lacks[n++] = "the kernel hides its addresses: no kernel stacks (CAP_SYSLOG, sysctl kernel.kptr_restrict)";
	return i < n ? lacks[i] : NULL;
}

void stack_names_refresh(struct stack_names *s)
{
	struct kernel_names *k;

	if (kernel_names_read(s->proc, &k))
		return;
	kernel_names_free(s->kernel);
	s->kernel = k;
}

/* ---- the kernel's frames ------------------------------------------------------------ */

static bool begins_with_any(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strncmp(text, words[i], strlen(words[i])))
			return true;
	return false;
}

/* A function on the way from the hook to the tracer's own program: the stack begins after these. */
static bool is_tracing(const char *text)
{
	static const char *const words[] = {
		UNNAMED, "bpf_", "__bpf_", "__traceiter_", "call_trace_", "trace_call_bpf", "kprobe_", "kretprobe_",
		"ftrace_", "__ftrace_", "opt_pre_handler", "optimized_callback", "int3_", "exc_int3", "asm_exc_int3",
		"do_int3", "aggr_pre_handler", "__kretprobe", "arch_rethook", "rethook_", "get_perf_callchain",
		"call_kprobe", "kernel_exc_vmm", "notifier_call", "atomic_notifier", "notify_die", "irqentry_",
	};

	return begins_with_any(text, words, ARRAY_SIZE(words));
}

/* An interrupt's entry: the frames inside it have nothing to do with the thread. */
static bool is_interrupt(const char *text)
{
	static const char *const words[] = {
		"asm_sysvec_", "asm_common_interrupt", "common_interrupt", "__do_softirq", "handle_softirqs",
		"__softirqentry", "do_softirq", "el1_irq", "el1_interrupt", "el0_interrupt", "asm_exc_nmi",
	};

	return begins_with_any(text, words, ARRAY_SIZE(words));
}

/* A kretprobe replaces the return address by this trampoline's, which is no caller's frame. */
static bool is_trampoline(const struct stack_names *s, uint64_t addr)
{
	static const char *const words[] = {
		"kretprobe_trampoline", "__kretprobe_trampoline", "arch_rethook_trampoline",
	};
	char text[FRAME_TEXT_MAX];

	return kernel_name(s->kernel, addr, 0, text, sizeof(text)) && begins_with_any(text, words, ARRAY_SIZE(words));
}

/* False: the reset happened in an interrupt, so the thread's stack explains nothing. */
static bool add_kernel(struct stack_names *s)
{
	struct frames *out = &s->frames;
	bool begun = false;

	for (int i = 0; s->kernel && i < s->raw.stack.n_kernel; i++) {
		struct frame *f = &out->frame[out->n];
		uint64_t addr = s->raw.stack.kernel[i];

		if (is_trampoline(s, addr))
			continue;
		*f = (struct frame){ .flags = FRAMEF_KERNEL | FRAMEF_NAMED };
		if (!kernel_name(s->kernel, addr, i > 0, f->text, sizeof(f->text)))
			snprintf(f->text, sizeof(f->text), UNNAMED);
		if (is_interrupt(f->text))
			return false;
		begun |= !is_tracing(f->text);
		out->n += begun;
	}
	return true;
}

/* ---- the program's frames ----------------------------------------------------------- */

static void put_build_id(char *text, size_t len, const uint8_t *id, uint64_t offset)
{
	int at = snprintf(text, len, "+0x%" PRIx64 " (build-id ", offset);

	for (int i = 0; i < BUILD_ID_BYTES; i++)
		at += snprintf(text + at, len - at, "%02x", id[i]);
	snprintf(text + at, len - at, ")");
}

/* Names the instruction `back` bytes before offset: for a return address, that is the call. */
static void put_in_image(struct frame *f, struct image *image, uint64_t offset, unsigned int back)
{
	char name[NAME_BYTES];
	uint64_t addr, off;

	if (!image_address(image, offset - back, &addr)) {
		snprintf(f->text, sizeof(f->text), UNNAMED " (%s)", image_file(image));
		return;
	}
	f->offset = addr + back;
	f->flags |= FRAMEF_ADDRESS;
	if (!image_name(image, addr, name, sizeof(name), &off)) {
		snprintf(f->text, sizeof(f->text), "+0x%" PRIx64 " (%s)", f->offset, image_file(image));
		return;
	}
	f->flags |= FRAMEF_NAMED;
	snprintf(f->text, sizeof(f->text), "%s+0x%" PRIx64 " (%s)", name, off + back, image_file(image));
}

static void put_compiled(struct stack_names *s, struct frame *f, uint64_t pc, unsigned int back)
{
	const char *name;
	uint64_t off;

	if (!perf_map_name(s->perf_maps, s->raw.task.pid, pc - back, &name, &off)) {
		snprintf(f->text, sizeof(f->text), UNNAMED);
		return;
	}
	f->flags |= FRAMEF_NAMED;
	snprintf(f->text, sizeof(f->text), "%.*s+0x%" PRIx64 " (perf map)", NAME_BYTES, name, off + back);
}

/* A frame of a living process. */
static void add_live(struct stack_names *s, const struct process_maps *maps, uint64_t pc, unsigned int back,
		     bool by_pointer)
{
	const struct mapping *m = process_maps_at(maps, pc - back);
	struct frame *f = &s->frames.frame[s->frames.n++];
	struct image *image;

	*f = (struct frame){ .flags = by_pointer ? FRAMEF_POINTER : 0 };
	image = m && s->images ? images_of_mapping(s->images, s->raw.task.pid, m) : NULL;
	if (image) {
		memcpy(f->build_id, image_build_id(image), sizeof(f->build_id));
		put_in_image(f, image, pc - m->start + m->offset, back);
	} else if (m && m->ino) {
		snprintf(f->text, sizeof(f->text), UNNAMED " (%.*s)", FRAME_TEXT_MAX - 20, mapping_name(m));
	} else {
		put_compiled(s, f, pc, back);
	}
}

/* A frame of a process that is gone, as the kernel found it by frame pointers. */
static void add_gone(struct stack_names *s, const struct rst_user_frame *u, unsigned int back)
{
	struct frame *f = &s->frames.frame[s->frames.n++];
	struct image *image;

	*f = (struct frame){ .flags = back ? FRAMEF_POINTER : 0, .offset = u->ip };
	memcpy(f->build_id, u->build_id, sizeof(f->build_id));
	image = s->images ? images_of_build_id(s->images, f->build_id) : NULL;
	if (image)
		put_in_image(f, image, u->ip, back);
	if (!image || !(f->flags & FRAMEF_NAMED))
		put_build_id(f->text, sizeof(f->text), f->build_id, f->offset);
}

/* The kernel's own walk. It ends at the first frame that is in no file: that one may be false. */
static void add_kernels_view(struct stack_names *s)
{
	for (int i = 0; i < s->raw.stack.n_user && s->raw.stack.user[i].status == 1; i++)
		add_gone(s, &s->raw.stack.user[i], i > 0);
}

/*
 * Whether the current mappings are those of the program that the thread ran: the process may have
 * ended since and its id be used again, or it may have run exec. If the kernel has given a first frame,
 * it has to be the place where the thread left its program.
 */
static bool is_same(const struct stack_names *s, const struct process_maps *maps)
{
	const struct rst_user_frame *first = &s->raw.stack.user[0];
	uint64_t pc = raw_stack_pc(&s->raw);
	const struct mapping *m = process_maps_at(maps, pc);

	if (!m || !m->code)
		return false;
	if (s->raw.stack.n_user && first->status == 1)
		return first->ip == pc - m->start + m->offset;
	return true;
}

/* Opens every file with code in the process: when it is needed next, the process may be gone. */
static void open_files(struct stack_names *s, const struct process_maps *maps)
{
	for (size_t i = 0; s->images && i < maps->n; i++)
		if (maps->map[i].code)
			images_of_mapping(s->images, s->raw.task.pid, &maps->map[i]);
}

static void add_user(struct stack_names *s)
{
	struct unwound *w = &s->unwound;
	struct process_maps maps;

	w->n = 0;
	if (!process_maps_read(&maps, s->proc, s->raw.task.pid) && is_same(s, &maps)) {
		open_files(s, &maps);
		unwind(s->unwinder, &s->raw, &maps, w);
	}
	for (unsigned int i = 0; i < w->n; i++)
		add_live(s, &maps, w->pc[i], !w->exact[i], w->by_pointer[i]);
	if (!w->n)
		add_kernels_view(s);
	process_maps_free(&maps);
}

/* ---- whole stacks ------------------------------------------------------------------- */

/* Frames of a recording that had no name on the recording host may get one from this host's files. */
static void name_again(struct stack_names *s)
{
	for (unsigned int i = 0; s->images && i < s->frames.n; i++) {
		struct frame *f = &s->frames.frame[i];
		unsigned int back = i && !(s->frames.frame[i - 1].flags & FRAMEF_KERNEL);
		struct image *image;
		char name[NAME_BYTES], file[60];
		uint64_t off;

		if (f->flags & (FRAMEF_KERNEL | FRAMEF_NAMED) || !(f->flags & FRAMEF_ADDRESS))
			continue;
		image = images_of_build_id(s->images, f->build_id);
		if (!image || !image_name(image, f->offset - back, name, sizeof(name), &off))
			continue;
		f->flags |= FRAMEF_NAMED;
		snprintf(file, sizeof(file), "%.59s", strchr(f->text, ' ') ?: "");
		snprintf(f->text, sizeof(f->text), "%s+0x%" PRIx64 "%s", name, off + back, file);
	}
}

int stack_names_event(struct stack_names *s, const void *data, size_t size, void *buf)
{
	struct rst_head head;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, data, sizeof(head));
	if (head.type == EV_FRAMES) {
		if (frames_decode(&s->frames, data, size))
			return -EBADMSG;
		name_again(s);
		return frames_encode(buf, &head, &s->frames);
	}
	if (raw_stack_decode(&s->raw, data, size))
		return -EBADMSG;
	s->frames.n = 0;
	if (add_kernel(s))
		add_user(s);
	else
		s->frames.n = 0;
	return frames_encode(buf, &head, &s->frames);
}
