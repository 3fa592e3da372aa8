/* SPDX-License-Identifier: GPL-2.0 */
/*
 * insns [LOG_DIR] - have the running kernel verify every program that some
 * ladder would load on it, and print for each the number of instructions that
 * the verifier went through: "PROGRAM<tab>NUMBER". For a program that is refused
 * it prints "PROGRAM<tab>refused: ERRNO" and writes the verifier's log to
 * LOG_DIR/PROGRAM.log. Attaches nothing.
 *
 * The number is taken from the log, which all kernels write; the program's
 * own information has it only from 5.16 on.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach/object.h"

#define STATS_ONLY 4	/* BPF_LOG_STATS and BPF_LOG_LEVEL1 of include/linux/bpf_verifier.h */
#define EVERYTHING (1 | 4)
#define MAX_PROGS 96
#define STATS_BYTES 4096
#define LOG_BYTES (16 << 20)

struct run {
	struct caps caps;
	struct plan plan;
	int btf_fd, handler[OBJECT_HANDLERS];
	char stats[MAX_PROGS][STATS_BYTES];	/* by the program's place in the object */
	char *log;				/* the full log of one program */
	const char *log_dir;
	bool done[MAX_PROGS];			/* ladders share programs: each is loaded once */
	int n_refused;
};

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

static bool in_plan(const struct run *run, const char *name)
{
	if (!strcmp(name, "tp_sched_process_fork"))
		return true;
	if (!strcmp(name, "snapshot"))
		return run->caps.iter_task_file;
	for (int i = 0; i < run->plan.n; i++) {
		const struct rung *r = run->plan.choice[i].rung;

		for (const struct hook_prog *p = r ? r->prog : NULL; p && p->prog; p++)
			if (!strcmp(p->prog, name))
				return p->module || caps_args(&run->caps, p->symbol,
					r->ladder == LADDER_TRACEPOINT) != CAP_ABSENT;
	}
	return false;
}

static struct rsttrace_bpf *open_object(const struct run *run)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	struct rsttrace_bpf *skel;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", run->btf_fd);
	opts.btf_custom_path = path;
	skel = rsttrace_bpf__open_opts(&opts);
	if (!skel)
		return NULL;
	object_constants(skel, &run->plan);
	object_subprograms(skel);
	return skel;
}

/* Loads the plan's programs that are not done yet, together, each with its own log. */
static int load_all(struct run *run)
{
	struct rsttrace_bpf *skel = open_object(run);
	struct bpf_program *prog;
	int i = 0, err;

	if (!skel)
		return -errno;
	bpf_object__for_each_program(prog, skel->obj) {
		run->stats[i][0] = '\0';
		bpf_program__set_autoload(prog, !run->done[i] &&
						in_plan(run, bpf_program__name(prog)));
		bpf_program__set_log_level(prog, STATS_ONLY);
		bpf_program__set_log_buf(prog, run->stats[i++], STATS_BYTES);
	}
	err = rsttrace_bpf__load(skel);
	rsttrace_bpf__destroy(skel);
	return err;
}

static int load_one(struct run *run, const char *name, int level, char *log, size_t len)
{
	struct rsttrace_bpf *skel = open_object(run);
	struct bpf_program *prog;
	int err;

	if (!skel)
		return -errno;
	log[0] = '\0';
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
	prog = bpf_object__find_program_by_name(skel->obj, name);
	bpf_program__set_log_level(prog, level);
	bpf_program__set_log_buf(prog, log, len);
	err = rsttrace_bpf__load(skel);
	rsttrace_bpf__destroy(skel);
	return err;
}

static void keep_log(struct run *run, const char *name)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.log", run->log_dir, name);
	load_one(run, name, EVERYTHING, run->log, LOG_BYTES);
	f = fopen(path, "we");
	if (!f || fputs(run->log, f) < 0)
		fprintf(stderr, "insns: %s: %s\n", path, strerror(errno));
	if (f)
		fclose(f);
}

/* A program that is loaded with and without typed pointers has a name of its own for the second way. */
static void print_name(const struct run *run, const char *name)
{
	printf("%s%s\t", name, run->caps.typed_refused ? "/raw" : "");
}

static void report(struct run *run, const char *name, char *stats, int err)
{
	/* at a line's beginning: 7.x has an earlier line "insns processed 95+180", the summands */
	const char *words = strstr(stats, "\nprocessed ");
	unsigned int insns;

	if (!err && words && sscanf(words, "\nprocessed %u insns", &insns) == 1) {
		print_name(run, name);
		printf("%u\n", insns);
		return;
	}
	print_name(run, name);
	printf("refused: %s\n", err ? strerror(-err) : "no number in the log");
	run->n_refused++;
	if (run->log_dir)
		keep_log(run, name);
}

/* All programs in one load, and one by one only if that fails: each load creates all maps. */
static int measure(struct run *run, enum ladder ladder)
{
	struct rsttrace_bpf *names = rsttrace_bpf__open();
	struct bpf_program *prog;
	int i = 0, together;

	if (!names)
		return -errno;
	bpf_object__for_each_program(prog, names->obj)
		i++;
	if (i > MAX_PROGS) {
		rsttrace_bpf__destroy(names);
		return -E2BIG;
	}
	i = 0;
	hooks_plan(&run->plan, &run->caps, ladder);
	together = load_all(run);
	bpf_object__for_each_program(prog, names->obj) {
		const char *name = bpf_program__name(prog);
		char *stats = run->stats[i];

		if (!run->done[i] && in_plan(run, name)) {
			report(run, name, stats, !together ? 0 :
			       load_one(run, name, STATS_ONLY, stats, STATS_BYTES));
			run->done[i] = true;
		}
		i++;
	}
	rsttrace_bpf__destroy(names);
	return 0;
}

/* Kprobes may be loaded where none may be attached; with trampolines already the load is refused. */
static int probe(struct run *run)
{
	char why[256];

	run->btf_fd = object_probe(&run->caps, NULL, why, sizeof(why));
	if (run->btf_fd < 0) {
		fprintf(stderr, "insns: %s\n", why);
		return run->btf_fd;
	}
	run->caps.kprobes = 0;
	return object_register(run->handler, &run->caps);
}

/* Once more without typed pointers, as on kernels that give none. */
static int measure_raw(struct run *run)
{
	struct rsttrace_bpf *names = rsttrace_bpf__open();
	struct bpf_program *prog;
	int i = 0;

	if (!names)
		return -errno;
	if (caps_typed(&run->caps)) {
		run->caps.typed_refused = -EPERM;
		bpf_object__for_each_program(prog, names->obj)
			run->done[i++] = !object_typed(names, bpf_program__name(prog));
	}
	rsttrace_bpf__destroy(names);
	return measure(run, LADDER_AUTO);
}

int main(int argc, char **argv)
{
	struct run *run = calloc(1, sizeof(*run));
	int err = -ENOMEM;

	libbpf_set_print(quiet);
	if (run) {
		run->log = malloc(LOG_BYTES);
		run->log_dir = argc > 1 ? argv[1] : NULL;
		err = run->log ? probe(run) : -ENOMEM;
	}
	for (enum ladder l = LADDER_FENTRY; l <= LADDER_KPROBE && !err; l++)
		err = measure(run, l);
	if (!err)
		err = measure_raw(run);
	if (err)
		fprintf(stderr, "insns: %s\n", strerror(-err));
	if (run)
		object_unregister(run->handler);
	err = err ? 2 : !!run->n_refused;
	if (run)
		free(run->log);
	free(run);
	return err;
}
