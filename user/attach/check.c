/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "attach/advice.h"
#include "attach/privileges.h"
#include "host/images.h"

static const char *works(const struct caps *caps, int err)
{
	return !caps->tried ? "not tried" : !err ? "yes" : kernel_error(err);
}

static void print_btf(FILE *out, const struct caps *caps)
{
	const char *from = caps->btf_file ?: caps->own_btf ? "the kernel's own" :
			   "found beside the kernel's image";

	fprintf(out, "BTF          %s%s\n", caps->btf ? from : "none",
		caps->btf_file && !caps->own_btf ? "; the kernel has none of its own" : "");
}

static void print_privileges(FILE *out, const struct caps *caps)
{
	const char *before = "missing ";

	fputs("privileges   ", out);
	for (int i = 0; i < n_privileges; i++) {
		if (privilege_held(caps, &privileges[i]) || !privilege_wanted(caps, &privileges[i]))
			continue;
		fprintf(out, "%s%s", before, privileges[i].name);
		before = ", ";
	}
	fputs(*before == 'm' ? "all that are of use\n" : "\n", out);
}

static void print_memlock(FILE *out, const struct caps *caps)
{
	if (!caps->btf)
		return;
	fputs("memlock      ", out);
	if (!caps->memlock_counts)
		fputs("no matter: this kernel does not count BPF memory against RLIMIT_MEMLOCK\n", out);
	else if (caps->memlock == UINT64_MAX)
		fputs("no limit\n", out);
	else
		fprintf(out, "%" PRIu64 " KiB allowed, about %" PRIu64 " KiB needed\n",
			caps->memlock >> 10, caps->memlock_needed >> 10);
}

static void print_stacks(FILE *out, const struct caps *caps)
{
	fprintf(out, "stacks       %s; %s\n", images_supported() ? "programs': yes" :
		"programs': build-ids and offsets, no names (built without libdw)",
		caps->kernel_addresses ? "the kernel's: yes" :
		"the kernel's: no, it hides its addresses (CAP_SYSLOG, sysctl kernel.kptr_restrict)");
}

static void print_facts(FILE *out, const struct caps *caps)
{
	fprintf(out, "kernel       %s, %s\n", caps->release, caps->machine);
	print_btf(out, caps);
	if (caps->lockdown[0])
		fprintf(out, "lockdown     %s\n", caps->lockdown);
	print_privileges(out, caps);
	print_memlock(out, caps);
	if (caps->sizes.socks)
		fprintf(out, "sockets      %" PRIu32 " can have a known owner at once, in %" PRIu64 " MiB%s; %" PRIu32
			" listeners\n", caps->sizes.socks, caps->sizes.bytes >> 20,
			caps->maps_grow ? " at most, taken as sockets come" : "", caps->sizes.listeners);
	if (caps->ring_sleeps)
		fputs("ring buffer  its lock sleeps (PREEMPT_RT): BPF programs that take it would hang the host\n", out);
	fprintf(out, "fentry       %s\n", works(caps, caps->trampolines));
	fprintf(out, "kprobes      %s\n", works(caps, caps->kprobes));
	if (!caps->btf)
		return;
	fprintf(out, "snapshot     %s\n", caps->iter_task_file ?
		"yes: owners of sockets older than the trace are known" :
		"no: sockets older than the trace have no owner until they are used");
	fprintf(out, "commands     up to %d processes of a traced command (-- COMMAND) are followed at once\n",
		RST_FOLLOWED);
	print_stacks(out, caps);
	fprintf(out, "RST reasons  %s\n", caps->n_reasons ?
		"given by the kernel" : "not given: inferred from the socket");
}

static void print_choice(FILE *out, const struct choice *c)
{
	const char *on = c->rung ? c->rung->prog[0].symbol : "";
	const char *by = c->rung ? ladder_name(c->rung->ladder) : "MISSING";
	char modules[128];

	advice_modules(c, modules, sizeof(modules));
	fprintf(out, "%-21s %-11s %-24s %s%s%s\n", c->probe->name,
		choice_state(c) == PROBE_WAITING ? "waiting" : by, on, c->refused,
		modules[0] ? "module not loaded: " : "", modules);
}

static void print_missing(FILE *out, const struct check *c)
{
	const char *heading = "\nNot to be seen here:\n";

	for (int i = 0; i < c->plan->n; i++) {
		const struct choice *ch = &c->plan->choice[i];

		if (choice_state(ch) == PROBE_ATTACHED)
			continue;
		fprintf(out, "%s  %s%s\n", heading, ch->probe->without,
			choice_state(ch) == PROBE_WAITING ? ", until the module is loaded" : "");
		heading = "";
	}
	for (int i = 0; i < n_privileges; i++) {
		const struct privilege *p = &privileges[i];

		if (privilege_held(c->caps, p) || p->required || !privilege_wanted(c->caps, p))
			continue;
		fprintf(out, "%s  %s (%s)\n", heading, p->without, p->name);
		heading = "";
	}
}

static bool wants_way(const struct plan *plan, enum ladder ladder)
{
	for (int i = 0; i < plan->n; i++)
		for (int b = 0; b < plan->choice[i].n_better; b++)
			if (plan->choice[i].better[b].rung->ladder == ladder)
				return true;
	return false;
}

static void print_advice(FILE *out, const struct check *c)
{
	const char *heading = "\nTo see more:\n";
	char modules[128];

	for (int l = LADDER_FENTRY; l <= LADDER_KPROBE; l++) {
		const char *advice = wants_way(c->plan, l) ? advice_way(c->caps, l) : NULL;

		if (!advice)
			continue;
		fprintf(out, "%s  %-10s %s\n", heading, ladder_name(l), advice);
		heading = "";
	}
	for (int i = 0; i < c->plan->n; i++) {
		advice_modules(&c->plan->choice[i], modules, sizeof(modules));
		if (!modules[0])
			continue;
		fprintf(out, "%s  %-10s modprobe -a %s: attached as soon as they load\n", heading,
			"modules", modules);
		heading = "";
	}
}

int check_print(FILE *out, const struct check *c)
{
	print_facts(out, c->caps);
	if (c->plan->n)
		fprintf(out, "\n%-21s %-11s %-24s %s\n", "PROBE", "BY", "AT", "BETTER WAYS REFUSED");
	for (int i = 0; i < c->plan->n; i++)
		print_choice(out, &c->plan->choice[i]);
	if (!c->why)
		print_missing(out, c);
	print_advice(out, c);
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
