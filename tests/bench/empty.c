/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attaches the programs of empty.bpf.o and waits for a signal: what the benchmark
 * compares rsttrace with. Prints "empty: ready" once all are attached, with their
 * names, so that the table can name them.
 *
 *	empty OBJECT
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* The same choice as rsttrace's: functions first, tracepoints where the kernel refuses those. */
static const char *const ladders[] = { "rung1_", "rung2_" };

static bool has_prefix(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
	return 0;
}

/* Loads the programs of one ladder and the common ones. NULL when the kernel refuses. */
static struct bpf_object *load(const char *path, const char *ladder)
{
	struct bpf_object *obj = bpf_object__open_file(path, NULL);
	struct bpf_program *prog;

	if (!obj)
		return NULL;
	bpf_object__for_each_program(prog, obj) {
		const char *name = bpf_program__name(prog);

		bpf_program__set_autoload(prog, has_prefix(name, ladder) ||
						has_prefix(name, "both_"));
	}
	if (!bpf_object__load(obj))
		return obj;
	bpf_object__close(obj);
	return NULL;
}

/* A tracepoint that this kernel lacks is left out, as rsttrace does. */
static int attach_all(struct bpf_object *obj, char *names, size_t len)
{
	struct bpf_program *prog;
	int n = 0;

	bpf_object__for_each_program(prog, obj) {
		const char *name = bpf_program__name(prog);
		size_t used = strlen(names);

		if (!bpf_program__autoload(prog) || !bpf_program__attach(prog))
			continue;
		snprintf(names + used, len - used, " %s", strchr(name, '_') + 1);
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	struct bpf_object *obj = NULL;
	char names[512] = "";
	sigset_t set;
	int sig;

	if (argc != 2) {
		fprintf(stderr, "usage: empty OBJECT\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(quiet);

	for (size_t i = 0; i < sizeof(ladders) / sizeof(ladders[0]) && !obj; i++)
		obj = load(argv[1], ladders[i]);
	if (!obj || !attach_all(obj, names, sizeof(names))) {
		fprintf(stderr, "empty: cannot load the programs of %s: %s\n", argv[1],
			strerror(errno));
		return 1;
	}
	fprintf(stderr, "empty: ready on%s\n", names);
	sigwait(&set, &sig);
	bpf_object__close(obj);
	return 0;
}
