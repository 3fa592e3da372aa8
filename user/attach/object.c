/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "attach/kernel.h"
#include "attach/sizes.h"
#include "base/array.h"

/* A file in memory with the trimmed types, which libbpf reads instead of all the kernel's. */
static int types_file(const struct btf *types)
{
	int fd = memfd_create("rsttrace-btf", MFD_CLOEXEC);
	const void *raw;
	__u32 size;

	if (fd < 0)
		return -errno;
	raw = btf__raw_data(types, &size);
	if (raw && write(fd, raw, size) == (ssize_t)size)
		return fd;
	close(fd);
	return -EIO;
}

#define ENTRY_OVERHEAD 112	/* of an element of a hash map: its bucket, its place in the LRU */

static uint64_t read_u64(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned long long n = 0;

	if (f && fscanf(f, "%llu", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

/* Sockets that are gone, of which an entry is left for the next at their address. */
#define GONE_SOCKS ARRAY_SIZE(((struct rsttrace_bpf__bss *)0)->gone_socks)

static struct sizes sizes_here(const struct rsttrace_bpf *skel, const struct caps *caps)
{
	const struct bpf_map *socks = skel->maps.socks;
	const struct host_size host = {
		.memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE),
		.files = read_u64("/proc/sys/fs/file-max"),
		.cpus = libbpf_num_possible_cpus(),
		.socket = bpf_map__key_size(socks) + bpf_map__value_size(socks) + ENTRY_OVERHEAD,
		.gone = GONE_SOCKS,
		.grows = caps->maps_grow,
	};

	return sizes_choose(&host);
}

int object_probe(struct caps *caps, const char *file, char *why, size_t len)
{
	struct rsttrace_bpf *skel = rsttrace_bpf__open();
	struct btf *types = NULL;
	int err, fd = -1;

	if (!skel) {
		err = -errno;
		snprintf(why, len, "cannot read the programs: %s", strerror(-err));
		return err;
	}
	err = kernel_probe(caps, file, bpf_object__btf(skel->obj), &types, why, len);
	if (!err) {
		fd = types_file(types);
		if (fd < 0)
			snprintf(why, len, "cannot keep the kernel's types: %s", strerror(-fd));
	}
	caps->sizes = sizes_here(skel, caps);
	btf__free(types);
	rsttrace_bpf__destroy(skel);
	return err ?: fd;
}

#define MIB (1ULL << 20)

/*
 * A map of sockets that can grow refuses what exceeds its size, which is counted. One that
 * cannot grow is smaller and an LRU, so that it keeps the sockets that are in use.
 */
void object_sizes(struct rsttrace_bpf *skel, const struct caps *caps)
{
	const struct sizes *sizes = &caps->sizes;
	struct bpf_map *map;

	bpf_object__for_each_map(map, skel->obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_LRU_HASH &&
		    bpf_map__max_entries(map) < sizes->least)
			bpf_map__set_max_entries(map, sizes->least);
	bpf_map__set_max_entries(skel->maps.socks, sizes->socks + GONE_SOCKS);
	bpf_map__set_max_entries(skel->maps.listeners, sizes->listeners);
	if (!caps->maps_grow)
		return;
	bpf_map__set_type(skel->maps.socks, BPF_MAP_TYPE_HASH);
	bpf_map__set_map_flags(skel->maps.socks, BPF_F_NO_PREALLOC);
	bpf_map__set_map_flags(skel->maps.listeners, BPF_F_NO_PREALLOC);
	skel->rodata->cfg_socks_grow = true;
}

uint64_t object_memory(const struct rsttrace_bpf *skel)
{
	uint64_t page = sysconf(_SC_PAGESIZE), sum = 0;
	struct bpf_program *prog;
	struct bpf_map *map;

	bpf_object__for_each_map(map, skel->obj) {
		uint64_t each = bpf_map__key_size(map) + bpf_map__value_size(map);

		if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF)
			each = 1;
		else if (bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY)
			each *= libbpf_num_possible_cpus();
		else if (bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_HASH)
			each += ENTRY_OVERHEAD + bpf_map__value_size(map) * libbpf_num_possible_cpus();
		else if (bpf_map__type(map) != BPF_MAP_TYPE_ARRAY)
			each += ENTRY_OVERHEAD;
		if (bpf_map__map_flags(map) & BPF_F_NO_PREALLOC)
			each = sizeof(void *);
		sum += bpf_map__max_entries(map) * each + 4 * page;
	}
	bpf_object__for_each_program(prog, skel->obj)
		if (bpf_program__autoload(prog))
			sum += bpf_program__insn_cnt(prog) * sizeof(struct bpf_insn) + page;
	return (sum + MIB - 1) / MIB * MIB;
}

void object_constants(struct rsttrace_bpf *skel, const struct plan *plan)
{
	skel->rodata->cfg_active_reason_arg = plan->active_reason_arg;
	skel->rodata->cfg_reply_reason_arg = plan->reply_reason_arg;
	skel->rodata->cfg_tp_reason_arg = plan->tp_reason_arg;
	skel->rodata->cfg_reset_skb_arg = plan->reset_skb_arg;
	skel->rodata->cfg_accept_args = plan->accept_args;
	skel->rodata->cfg_tp_sends_active = plan->tp_sends_active;
	skel->rodata->cfg_tp_sends_reply = plan->tp_sends_reply;
	skel->rodata->cfg_misses_calls = plan->misses_calls;
	skel->rodata->cfg_typed = plan->typed;
	skel->rodata->cfg_drop_reason_arg = plan->drop_reason_arg;
	skel->rodata->cfg_drop_sk_arg = plan->drop_sk_arg;
	skel->rodata->cfg_tp_drops = plan->tp_drops;
	skel->rodata->cfg_tp_handshakes = plan->tp_handshakes;
	skel->rodata->cfg_sees_challenge = plan->sees_challenge;
	skel->rodata->cfg_shows_filtered = plan->shows_filtered;
	memcpy((void *)skel->rodata->cfg_drop, plan->drop, sizeof(plan->drop));
}

void object_subprograms(struct rsttrace_bpf *skel)
{
	const struct btf *btf = bpf_object__btf(skel->obj);

	/* no helper tells directly; this one came with 5.13, which is the nearest that can be asked for */
	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_for_each_map_elem, NULL))
		return;
	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		struct btf_type *t = (struct btf_type *)btf__type_by_id(btf, id);

		if (btf_is_func(t))
			t->info = BTF_KIND_FUNC << 24 | BTF_FUNC_STATIC;
	}
}

/*
 * libbpf would read the kernel's whole BTF once more just to find the ids of the iterator and
 * of the functions, which are known by now. That would be 10 ms of the start, and again for
 * each function. So libbpf is told that these are sections of a kind it does not know, whose
 * programs need no id from it.
 */
static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts,
		   enum bpf_attach_type type, int id)
{
	opts->expected_attach_type = type;
	opts->attach_btf_id = id;
	bpf_program__set_expected_attach_type(prog, type);
	return bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
}

#define TYPED "typed_tp/"

static const char *tracepoint_of(const struct bpf_program *prog)
{
	return strchr(bpf_program__section_name(prog), '/') + 1;
}

static int prepare_snapshot(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long caps)
{
	return prepare(prog, opts, BPF_TRACE_ITER, ((const struct caps *)caps)->iter_task_file);
}

static int prepare_function(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long caps)
{
	const char *section = bpf_program__section_name(prog), *name = strchr(section, '/');
	const struct cap_symbol *func = caps_symbol((void *)caps, name + 1, false);

	if (!func || !func->id)
		return -ENOENT;
	return prepare(prog, opts, !strncmp(section, "fentry", 6) ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT, func->id);
}

/* tp_btf where the kernel has it, as only that lets a program read through its arguments directly. */
static int prepare_tracepoint(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long caps)
{
	const struct cap_symbol *tp = caps_symbol((void *)caps, tracepoint_of(prog), true);

	if (!tp || !caps_typed((void *)caps))
		return 0;
	return prepare(prog, opts, BPF_TRACE_RAW_TP, tp->id);
}

static int attach_tracepoint(const struct bpf_program *prog, long caps, struct bpf_link **link)
{
	(void)caps;
	*link = bpf_program__type(prog) == BPF_PROG_TYPE_TRACING ?
			bpf_program__attach_trace(prog) :
			bpf_program__attach_raw_tracepoint(prog, tracepoint_of(prog));
	return *link ? 0 : -errno;
}

static int attach_function(const struct bpf_program *prog, long caps, struct bpf_link **link)
{
	(void)caps;
	*link = bpf_program__attach_trace(prog);
	return *link ? 0 : -errno;
}

bool object_typed(const struct rsttrace_bpf *skel, const char *prog)
{
	const struct bpf_program *p = bpf_object__find_program_by_name(skel->obj, prog);

	return p && !strncmp(bpf_program__section_name(p), TYPED, strlen(TYPED));
}

int object_register(int handler[OBJECT_HANDLERS], const struct caps *caps)
{
	static const struct {
		const char *section;
		libbpf_prog_prepare_load_fn_t prepare;
		libbpf_prog_attach_fn_t attach;
	} kind[OBJECT_HANDLERS] = {
		{ "open_files", prepare_snapshot, NULL },
		{ "fentry/", prepare_function, attach_function },
		{ "fexit/", prepare_function, attach_function },
		{ TYPED, prepare_tracepoint, attach_tracepoint },
	};

	for (int i = 0; i < OBJECT_HANDLERS; i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)caps,
			    .prog_prepare_load_fn = kind[i].prepare,
			    .prog_attach_fn = kind[i].attach);

		handler[i] = libbpf_register_prog_handler(kind[i].section,
							  BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &opts);
		if (handler[i] < 0)
			return handler[i];
	}
	return 0;
}

void object_unregister(const int handler[OBJECT_HANDLERS])
{
	for (int i = 0; i < OBJECT_HANDLERS; i++)
		if (handler[i] > 0)
			libbpf_unregister_prog_handler(handler[i]);
}

char *object_logs(struct rsttrace_bpf *skel, size_t bytes)
{
	struct bpf_program *prog;
	char *logs;
	int i = 0, n = 0;

	bpf_object__for_each_program(prog, skel->obj)
		n += bpf_program__autoload(prog);
	logs = calloc(n, bytes);
	if (!logs)
		return NULL;
	bpf_object__for_each_program(prog, skel->obj)
		if (bpf_program__autoload(prog))
			bpf_program__set_log_buf(prog, logs + bytes * i++, bytes);
	return logs;
}

const char *object_refused(const struct rsttrace_bpf *skel, const char *logs, size_t bytes,
			   bool verbose)
{
	struct bpf_program *prog;
	int i = 0;

	bpf_object__for_each_program(prog, skel->obj) {
		if (!bpf_program__autoload(prog))
			continue;
		if (logs[bytes * i]) {
			if (verbose)
				fprintf(stderr, "%s:\n%s\n", bpf_program__name(prog),
					logs + bytes * i);
			return bpf_program__name(prog);
		}
		i++;
	}
	return NULL;
}
