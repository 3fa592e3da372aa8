/* SPDX-License-Identifier: GPL-2.0 */
/*
 * refused - when the running kernel refuses a program, the loader goes on without
 * it, and has the end of the verifier's log and the true errno.
 *
 * Breaks the last instructions of a program that the loader has chosen, so that the
 * verifier refuses it late, after a log as long as any. Linked with
 * --wrap=object_constants, to change the program just before it is loaded.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "attach/loader.h"
#include "attach/object.h"

#define PROBE "reset received"

static char broken[64];		/* the program's name, once it is chosen */

static const struct choice *choice_of(const struct plan *plan)
{
	for (int i = 0; i < plan->n; i++)
		if (!strcmp(plan->choice[i].probe->name, PROBE))
			return &plan->choice[i];
	abort();
}

/* The instruction before the last exit sets r0: makes it read beyond the stack. Jumps may follow the exit. */
static void break_program(struct bpf_program *prog)
{
	struct bpf_insn *insn = (struct bpf_insn *)bpf_program__insns(prog);
	size_t n = bpf_program__insn_cnt(prog);

	while (n > 1 && insn[n - 1].code != (BPF_JMP | BPF_EXIT))
		n--;
	if (n < 2)
		abort();
	insn[n - 2] = (struct bpf_insn){
		.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_10,
		.off = 8,
	};
}

void __real_object_constants(struct rsttrace_bpf *skel, const struct plan *plan);
void __wrap_object_constants(struct rsttrace_bpf *skel, const struct plan *plan);

void __wrap_object_constants(struct rsttrace_bpf *skel, const struct plan *plan)
{
	__real_object_constants(skel, plan);
	if (!broken[0])
		snprintf(broken, sizeof(broken), "%s", choice_of(plan)->rung->prog[0].prog);
	break_program(bpf_object__find_program_by_name(skel->obj, broken));
}

/* Runs the loader with stderr going to the file. Returns what was chosen for the probe, or NULL. */
static const struct choice *load_broken(struct loader **l, FILE *log, enum ladder hooks)
{
	struct loader_opts opts = { .hooks = hooks, .verbose = true };
	int old = dup(STDERR_FILENO), err;
	char why[256] = "";

	fflush(stderr);
	dup2(fileno(log), STDERR_FILENO);
	err = loader_probe(l, &opts, why, sizeof(why)) ?: loader_start(*l, why, sizeof(why));
	fflush(stderr);
	dup2(old, STDERR_FILENO);
	close(old);
	if (err) {
		printf("FAIL verifier-refused: %s\n", why);
		return NULL;
	}
	return choice_of(loader_plan(*l));
}

static bool in_file(FILE *f, const char *words)
{
	char line[4096];

	rewind(f);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, words))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	enum ladder hooks = LADDER_AUTO;
	const struct choice *c;
	struct loader *l = NULL;
	FILE *log = tmpfile();
	const char *wrong = NULL;

	if (!log || argc > 2 || (argc == 2 && ladder_parse(argv[1], &hooks))) {
		fprintf(stderr, "usage: refused [HOOKS]\n");
		return 2;
	}
	c = load_broken(&l, log, hooks);
	if (!c)
		wrong = "nothing could be loaded";
	else if (c->rung && !strcmp(c->rung->prog[0].prog, broken))
		wrong = "the broken program was loaded";
	else if (!strstr(c->refused, strerror(EACCES)))
		wrong = c->refused;
	else if (!in_file(log, "processed "))
		wrong = "the log has no end";
	else if (!in_file(log, "R10 off=8") && !in_file(log, "invalid read from stack") &&
		 !in_file(log, "invalid stack"))
		wrong = "the log does not say what is wrong";
	fseek(log, 0, SEEK_END);
	printf("%s verifier-refused %s (%ld bytes of log)%s%s\n", wrong ? "FAIL" : "ok", broken,
	       ftell(log), wrong ? ": " : "", wrong ? wrong : "");
	loader_stop(l);
	fclose(log);
	return !!wrong;
}
