/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/loader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "attach/links.h"
#include "attach/object.h"
#include "attach/snapshot.h"
#include "attach/spare.h"

#define MAX_TRIES 24
/* Sizes of the verifier's log for one program: enough for most, and the largest worth asking for. */
#define LOG_BYTES 65536
#define LONG_LOG_BYTES (64 * LOG_BYTES)

struct loader {
	struct loader_opts opts;
	struct caps caps;
	struct plan plan;
	int btf_fd;		/* a file with the kernel's types that the programs need */
	struct rsttrace_bpf *skel;
	struct links links;
	int handler[OBJECT_HANDLERS];	/* libbpf's numbers for them */
	struct spares spares;
	bool spares_tried;
	bool spares_wait;	/* they are loaded, and not yet begun */
	size_t log_bytes;
	bool hopeless;		/* it failed for a reason that leaving out a hook does not change */
};

static int print_verbose(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, ap);
}

static int print_nothing(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

int loader_probe(struct loader **out, const struct loader_opts *opts, char *why, size_t len)
{
	struct loader *l = *out = calloc(1, sizeof(*l));

	libbpf_set_print(opts->verbose ? print_verbose : print_nothing);
	if (!l) {
		snprintf(why, len, "out of memory");
		return -ENOMEM;
	}
	l->opts = *opts;
	l->log_bytes = LOG_BYTES;
	l->btf_fd = object_probe(&l->caps, opts->btf, why, len);
	if (l->btf_fd < 0)
		return l->btf_fd;
	hooks_plan(&l->plan, &l->caps, opts->hooks);
	return 0;
}

static bool symbol_present(const struct caps *caps, const struct rung *r, const struct hook_prog *p)
{
	return p->module || caps_args(caps, p->symbol, r->ladder == LADDER_TRACEPOINT) != CAP_ABSENT;
}

/* Whether a program is in a chosen rung, and the kernel has the symbol that it is attached to. */
static bool wanted(const struct loader *l, const char *prog)
{
	for (int i = 0; i < l->plan.n; i++) {
		const struct rung *r = l->plan.choice[i].rung;

		for (const struct hook_prog *p = r ? r->prog : NULL; p && p->prog; p++)
			if (!strcmp(p->prog, prog))
				return symbol_present(&l->caps, r, p);
	}
	return false;
}

static bool uses_ladder(const struct plan *plan, enum ladder ladder)
{
	for (int i = 0; i < plan->n; i++)
		if (plan->choice[i].rung && plan->choice[i].rung->ladder == ladder)
			return true;
	return false;
}

static bool uses_module(const struct plan *plan)
{
	for (int i = 0; i < plan->n; i++) {
		const struct rung *r = plan->choice[i].rung;

		for (const struct hook_prog *p = r ? r->prog : NULL; p && p->prog; p++)
			if (p->module)
				return true;
	}
	return false;
}

static struct rsttrace_bpf *open_skeleton(const struct loader *l)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	struct rsttrace_bpf *skel;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", l->btf_fd);
	opts.btf_custom_path = path;
	skel = rsttrace_bpf__open_opts(&opts);
	if (!skel)
		return NULL;
	object_constants(skel, &l->plan);
	object_subprograms(skel);
	object_sizes(skel, &l->caps);
	skel->rodata->cfg_ignored_events = l->opts.ignored;
	skel->rodata->cfg_cancelled_events = l->opts.cancelled;
	skel->rodata->cfg_rate = l->opts.rate;
	skel->rodata->cfg_stacks = l->opts.stacks;
	skel->rodata->cfg_filter = l->opts.filter;
	return skel;
}

static int open_object(struct loader *l)
{
	struct bpf_program *prog;
	int err = 0;

	if (!l->handler[0])
		err = object_register(l->handler, &l->caps);
	if (err)
		return err;
	l->skel = open_skeleton(l);
	if (!l->skel)
		return -errno;
	bpf_object__for_each_program(prog, l->skel->obj)
		bpf_program__set_autoload(prog, wanted(l, bpf_program__name(prog)));
	/* these maps are preallocated, so they are created only where they are used */
	if (!uses_ladder(&l->plan, LADDER_KPROBE))
		bpf_map__set_max_entries(l->skel->maps.in_call, 1);
	if (!l->opts.follow)
		bpf_map__set_max_entries(l->skel->maps.followed, 1);
	bpf_program__set_autoload(l->skel->progs.snapshot, l->caps.iter_task_file);
	bpf_program__set_autoload(l->skel->progs.tp_sched_process_fork, l->opts.follow);
	bpf_program__set_autoload(l->skel->progs.tp_sched_process_exit, l->opts.follow);
	bpf_program__set_autoload(l->skel->progs.tp_module_load, uses_module(&l->plan));
	return 0;
}

static int attach(struct loader *l, const char *prog, const char *module)
{
	return links_add(&l->links, l->skel->obj, prog, module);
}

/* A program with typed pointers is tried again without them before it is given up. */
static void refused(struct loader *l, const char *prog, int err)
{
	if (l->plan.typed && object_typed(l->skel, prog))
		l->caps.typed_refused = err;
	else
		caps_refuse(&l->caps, prog, err);
}

static int attach_rung(struct loader *l, struct choice *c)
{
	const struct hook_prog *p = c->rung->prog;

	for (int i = 0; p[i].prog; i++) {
		int err = symbol_present(&l->caps, c->rung, &p[i]) ?
				  attach(l, p[i].prog, p[i].module) : 0;

		if (err && p[i].module) {
			c->waiting |= 1U << i;
		} else if (err) {
			refused(l, p[i].prog, err);
			return err;
		}
	}
	return 0;
}

static int attach_all(struct loader *l)
{
	int err = 0;

	for (int i = 0; i < l->plan.n && !err; i++) {
		l->plan.choice[i].waiting = 0;
		if (l->plan.choice[i].rung)
			err = attach_rung(l, &l->plan.choice[i]);
	}
	if (!err && l->opts.follow)
		err = attach(l, "tp_sched_process_fork", NULL) ?: attach(l, "tp_sched_process_exit", NULL);
	/* it may fail: then loader_watches() says no, and loader_retry() is called now and then */
	if (!err && uses_module(&l->plan))
		attach(l, "tp_module_load", NULL);
	return err;
}

static void retry(struct loader *l, struct choice *c)
{
	const struct hook_prog *p = c->rung ? c->rung->prog : NULL;

	for (int i = 0; p && p[i].prog; i++) {
		if (!p[i].module || !links_outdated(&l->links, p[i].prog, p[i].module))
			continue;
		if (!attach(l, p[i].prog, p[i].module))
			c->waiting &= ~(1U << i);
		else
			c->waiting |= 1U << i;
	}
}

/* Opens what the spares are loaded from, once. 1: done; 0: none are wanted, or it was done before. */
static int open_spares(struct loader *l)
{
	struct rsttrace_bpf *second;

	if (l->spares_tried || !spares_wanted(l->skel, &l->plan))
		return 0;
	l->spares_tried = true;
	second = open_skeleton(l);
	if (!second)
		return -errno;
	spares_take(&l->spares, second, l->skel, &l->plan);
	return 1;
}

/* Begins to load the spares, or to wait until they are needed. Does so once, at the first call after the start. */
static int begin_spares(struct loader *l)
{
	int opened = open_spares(l);

	if (opened == 1 || l->spares_wait) {
		l->spares_wait = false;
		return spares_begin(&l->spares);
	}
	return opened;
}

int loader_settle(struct loader *l)
{
	int opened = open_spares(l), err = opened == 1 ? spares_load(&l->spares) : opened;

	l->spares_wait = l->spares.loaded;
	return err;
}

int loader_retry(struct loader *l)
{
	for (int i = 0; i < l->plan.n; i++)
		retry(l, &l->plan.choice[i]);
	return begin_spares(l) ?: spares_error(&l->spares);
}

bool loader_watches(const struct loader *l)
{
	return !uses_module(&l->plan) || links_have(&l->links, "tp_module_load");
}

void loader_events_came(struct loader *l)
{
	spares_events_came(&l->spares);
}

static int load_object(struct loader *l)
{
	char *logs = object_logs(l->skel, l->log_bytes);
	const char *prog, *name;
	int err;

	if (!logs)
		return -ENOMEM;
	err = rsttrace_bpf__load(l->skel);
	/*
	 * the log was too small: the errno is ENOSPC instead of the true one, and the reason at
	 * the log's end is missing; so load once more with a larger one
	 */
	if (err == -ENOSPC && l->log_bytes < LONG_LOG_BYTES) {
		l->log_bytes = LONG_LOG_BYTES;
		free(logs);
		return err;
	}
	prog = err ? object_refused(l->skel, logs, l->log_bytes, l->opts.verbose) : NULL;
	name = prog ? hooks_prog_name(prog) : NULL;
	if (name)
		refused(l, name, err);
	else if (prog && !strcmp(prog, "snapshot"))
		l->caps.iter_task_file = 0;
	else if (err)
		l->hopeless = true;
	free(logs);
	return err;
}

/* Called after open_object(), which decides what is loaded. */
static int check_memlock(struct loader *l)
{
	l->caps.memlock_needed = object_memory(l->skel);
	if (!l->caps.memlock_counts || l->caps.memlock >= l->caps.memlock_needed)
		return 0;
	l->hopeless = true;
	return -EPERM;
}

static int start_once(struct loader *l)
{
	int err = open_object(l) ?: check_memlock(l) ?: load_object(l) ?: attach_all(l);

	if (!err && l->caps.iter_task_file && snapshot_take(l->skel->progs.snapshot))
		l->caps.iter_task_file = 0;
	return err;
}

void loader_detach(struct loader *l)
{
	spares_detach(&l->spares);
	links_clear(&l->links);
}

static void unload(struct loader *l)
{
	loader_detach(l);
	spares_free(&l->spares);
	rsttrace_bpf__destroy(l->skel);
	l->skel = NULL;
}

static bool traces_something(const struct plan *plan)
{
	for (int i = 0; i < plan->n; i++)
		if (plan->choice[i].probe->required && plan->choice[i].rung)
			return true;
	return false;
}

int loader_start(struct loader *l, char *why, size_t len)
{
	bool forced = l->opts.hooks != LADDER_AUTO;
	int err = -ENODEV;

	for (int tries = 0; tries < MAX_TRIES && traces_something(&l->plan) && !l->hopeless; tries++) {
		err = start_once(l);
		if (!err)
			return 0;
		unload(l);
		hooks_plan(&l->plan, &l->caps, l->opts.hooks);
	}
	if (l->caps.memlock_counts && l->caps.memlock < l->caps.memlock_needed)
		snprintf(why, len, "this kernel counts BPF memory against RLIMIT_MEMLOCK: %llu KiB are "
			 "allowed, %llu KiB needed (ulimit -l, LimitMEMLOCK=), or CAP_SYS_RESOURCE",
			 (unsigned long long)l->caps.memlock >> 10,
			 (unsigned long long)l->caps.memlock_needed >> 10);
	else if (l->hopeless)
		snprintf(why, len, "the kernel does not take the programs or their maps: %s%s",
			 strerror(-err), !l->caps.memlock_counts || l->caps.memlock == UINT64_MAX ?
			 "; -v shows its words" :
			 "; RLIMIT_MEMLOCK must leave room for what else this user runs");
	else
		snprintf(why, len, "this kernel lets no reset be seen%s%s: %s; rsttrace check says more",
			 forced ? " by --hooks " : "", forced ? ladder_name(l->opts.hooks) : "",
			 plan_refusal(&l->plan));
	return err;
}

void loader_stop(struct loader *l)
{
	if (!l)
		return;
	unload(l);
	object_unregister(l->handler);
	if (l->btf_fd >= 0)
		close(l->btf_fd);
	free(l);
}

const struct caps *loader_caps(const struct loader *l)
{
	return &l->caps;
}

const struct plan *loader_plan(const struct loader *l)
{
	return &l->plan;
}

int loader_ring_fd(const struct loader *l)
{
	return bpf_map__fd(l->skel->maps.events);
}

const struct bpf_object *loader_object(const struct loader *l)
{
	return l->skel->obj;
}

int loader_follow(struct loader *l, pid_t pid)
{
	__u32 key = pid;
	__u8 one = 1;

	return bpf_map_update_elem(bpf_map__fd(l->skel->maps.followed), &key, &one, BPF_ANY) ?
		       -errno : 0;
}

uint64_t loader_unkept(const struct loader *l)
{
	return l->skel->bss->socks_unkept;
}

uint64_t loader_unfollowed(const struct loader *l)
{
	return l->skel->bss->unfollowed;
}

uint64_t loader_missed(const struct loader *l, const struct rst_stats *st, int n)
{
	return spares_missed(&l->spares, l->skel, st, n);
}

int loader_stats(const struct loader *l, struct rst_stats **out, int *n)
{
	int cpus = libbpf_num_possible_cpus();
	struct rst_stats *st;
	__u32 zero = 0;

	if (cpus < 0)
		return cpus;
	st = calloc(cpus, sizeof(*st));
	if (!st)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.stats), &zero, st)) {
		int err = -errno;

		free(st);
		return err;
	}
	*out = st;
	*n = cpus;
	return 0;
}
