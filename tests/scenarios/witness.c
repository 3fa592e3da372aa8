/* SPDX-License-Identifier: GPL-2.0 */
#include "witness.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "witness.skel.h"

#define MAX_CPUS 256

static const char *const events[] = {
	"events/sock/inet_sock_set_state/id", "events/tcp/tcp_send_reset/id",
	"events/tcp/tcp_receive_reset/id",
};

#define N_EVENTS ((int)(sizeof(events) / sizeof(*events)))

struct witness {
	struct witness_bpf *skel;
	int n_cpus;
	int counter[N_EVENTS][MAX_CPUS];	/* descriptors of perf events; -1: none */
};

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
	return 0;
}

/* Opens the tree of tracepoints, which is mounted nowhere: a descriptor of the directory, or -1. */
static int open_tracefs(void)
{
	int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), dir = -1;

	if (fs < 0)
		return -1;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		dir = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	return dir;
}

static int read_id(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC), id = -1;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f)
		return -1;
	if (fscanf(f, "%d", &id) != 1)
		id = -1;
	fclose(f);
	return id;
}

static int open_counter(int id, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .config = (uint64_t)id,
	};

	return (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static bool open_counters(struct witness *w)
{
	int dir = open_tracefs(), i, cpu, id;
	bool good = dir >= 0;

	for (i = 0; i < N_EVENTS; i++) {
		id = dir < 0 ? -1 : read_id(dir, events[i]);
		for (cpu = 0; cpu < w->n_cpus; cpu++) {
			w->counter[i][cpu] = id < 0 ? -1 : open_counter(id, cpu);
			good &= w->counter[i][cpu] >= 0;
		}
	}
	if (dir >= 0)
		close(dir);
	return good;
}

/* The program begins to count first and ends last, so that no run seems withheld that was not. */
struct witness *witness_new(void)
{
	struct witness *w = calloc(1, sizeof(*w));
	libbpf_print_fn_t loud = libbpf_set_print(quiet);

	if (!w)
		abort();
	w->n_cpus = libbpf_num_possible_cpus();
	if (w->n_cpus > MAX_CPUS || w->n_cpus < 0)
		w->n_cpus = 0;
	w->skel = witness_bpf__open_and_load();
	if (!w->n_cpus || !w->skel || witness_bpf__attach(w->skel) || !open_counters(w)) {
		witness_free(w);
		w = NULL;
	}
	libbpf_set_print(loud);
	return w;
}

/* Runs that the kernel refused to this program, and counted. */
static long long missed(const struct bpf_program *prog)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return 0;
	return (long long)info.recursion_misses;
}

long long witness_withheld(const struct witness *w)
{
	long long n = 0;
	uint64_t hits;
	int i, cpu;

	if (!w)
		return 0;
	for (i = 0; i < N_EVENTS; i++)
		for (cpu = 0; cpu < w->n_cpus; cpu++)
			if (read(w->counter[i][cpu], &hits, sizeof(hits)) == sizeof(hits))
				n += (long long)hits;
	n -= missed(w->skel->progs.on_state) + missed(w->skel->progs.on_send_reset) +
	     missed(w->skel->progs.on_receive_reset);
	n -= (long long)__atomic_load_n(&w->skel->bss->runs, __ATOMIC_RELAXED);
	return n > 0 ? n : 0;
}

void witness_free(struct witness *w)
{
	int i, cpu;

	if (!w)
		return;
	for (i = 0; i < N_EVENTS; i++)
		for (cpu = 0; cpu < w->n_cpus; cpu++)
			if (w->counter[i][cpu] > 0)
				close(w->counter[i][cpu]);
	witness_bpf__destroy(w->skel);
	free(w);
}
