/* SPDX-License-Identifier: GPL-2.0 */
#include "check.h"

#include <errno.h>
#include <string.h>

static const char *works(int err)
{
	return !err ? "yes" : err == -ENOENT ? "no (not in this kernel)" : strerror(-err);
}

static void print_choice(FILE *out, const struct choice *c)
{
	const char *on = c->rung ? c->rung->prog[0].symbol : "";

	fprintf(out, "%-21s %-11s %-24s %s\n", c->probe->name,
		c->rung ? ladder_name(c->rung->ladder) : "MISSING", on, c->refused);
}

int check_print(FILE *out, const struct caps *caps, const struct plan *plan)
{
	int missing = 0;

	fprintf(out, "kernel       %s\n", caps->release);
	fprintf(out, "BTF          %s\n", caps->btf ? "yes" : "no");
	fprintf(out, "fentry       %s\n", works(caps->trampolines));
	fprintf(out, "kprobes      %s\n", works(caps->kprobes));
	fprintf(out, "snapshot     %s\n", caps->iter_task_file ?
		"yes: owners of sockets older than the trace are known" :
		"no: sockets older than the trace have no owner until they are used");
	fprintf(out, "RST reasons  %s\n\n", caps->n_reasons ?
		"given by the kernel" : "not given: inferred from the socket");
	fprintf(out, "%-21s %-11s %-24s %s\n", "PROBE", "BY", "AT", "BETTER WAYS REFUSED");
	for (int i = 0; i < plan->n; i++)
		print_choice(out, &plan->choice[i]);
	for (int i = 0; i < plan->n; i++)
		missing += !plan->choice[i].rung;
	if (missing)
		fprintf(out, "\nNot to be seen here:\n");
	for (int i = 0; i < plan->n; i++)
		if (!plan->choice[i].rung)
			fprintf(out, "  %s\n", plan->choice[i].probe->without);
	return fflush(out) ? -errno : 0;
}

void check_warn(FILE *out, const struct plan *plan)
{
	int missing = 0;

	for (int i = 0; i < plan->n; i++)
		missing += !plan->choice[i].rung;
	if (missing)
		fprintf(out, "rsttrace: %d of %d probes cannot be had on this kernel; "
			"rsttrace check says which, and what that hides\n", missing, plan->n);
}
