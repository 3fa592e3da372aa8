/* SPDX-License-Identifier: GPL-2.0 */
#include "spare.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define MISSES_END (offsetof(struct bpf_prog_info, recursion_misses) + sizeof(__u64))

/* -ENOENT for a program that is not loaded, -ENOTSUP where the kernel does not count. */
static int refused_runs(const struct bpf_program *prog, uint64_t *runs)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_program__fd(prog);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return -ENOENT;
	*runs = info.recursion_misses;
	return len < MISSES_END ? -ENOTSUP : 0;
}

/* Of the two loads, the one that runs last is the spare: see enum order in bpf/spare.bpf.h. */
static bool on_function(const struct bpf_program *prog)
{
	return bpf_program__type(prog) == BPF_PROG_TYPE_TRACING;
}

static struct bpf_program *same(const struct rsttrace_bpf *skel, const struct bpf_program *prog)
{
	return bpf_object__find_program_by_name(skel->obj, bpf_program__name(prog));
}

static bool has_spare(const struct plan *plan, const char *prog)
{
	for (int i = 0; i < plan->n; i++) {
		const struct choice *c = &plan->choice[i];

		if (!c->probe->spared || !c->rung || c->rung->ladder == LADDER_KPROBE)
			continue;
		for (const struct hook_prog *p = c->rung->prog; p->prog; p++)
			if (!strcmp(p->prog, prog))
				return true;
	}
	return false;
}

bool spares_wanted(const struct rsttrace_bpf *first, const struct plan *plan)
{
	struct bpf_program *prog;
	uint64_t runs;

	bpf_object__for_each_program(prog, first->obj)
		if (has_spare(plan, bpf_program__name(prog)) && !refused_runs(prog, &runs))
			return true;
	return false;
}

static void choose(const struct spares *s)
{
	struct bpf_program *prog;
	uint64_t runs;

	bpf_object__for_each_program(prog, s->second->obj)
		bpf_program__set_autoload(prog, has_spare(s->plan, bpf_program__name(prog)) &&
						!refused_runs(same(s->first, prog), &runs));
}

static int share_maps(const struct spares *s)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, s->second->obj)
		if (!err && map != s->second->maps.rodata)
			err = bpf_map__reuse_fd(map, bpf_object__find_map_fd_by_name(s->first->obj,
								     bpf_map__name(map)));
	return err;
}

/* All or none: from then on those on functions leave the work to their second ones. */
static int attach_all(struct spares *s)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, s->second->obj) {
		if (!bpf_program__autoload(prog))
			continue;
		s->link[s->n_links] = bpf_program__attach(prog);
		if (!s->link[s->n_links])
			return -errno;
		s->n_links++;
	}
	return 0;
}

static uint64_t missed_on_functions(const struct spares *s, const struct rsttrace_bpf *skel)
{
	struct bpf_program *prog;
	uint64_t sum = 0, runs;

	bpf_object__for_each_program(prog, s->second->obj)
		if (bpf_program__autoload(prog) && on_function(prog) &&
		    !refused_runs(same(skel, prog), &runs))
			sum += runs;
	return sum;
}

/* What fails here is told by the runs that are missed. */
static void *load(void *arg)
{
	struct spares *s = arg;

	choose(s);
	s->second->rodata->cfg_second = 1;
	if (share_maps(s) ?: rsttrace_bpf__load(s->second) ?: attach_all(s))
		return NULL;
	s->first->bss->have_second = 1;
	s->missed_before = missed_on_functions(s, s->first);
	s->attached = true;
	return NULL;
}

int spares_begin(struct spares *s, struct rsttrace_bpf *second, struct rsttrace_bpf *first,
		 const struct plan *plan)
{
	sigset_t all, old;
	int err;

	s->second = second;
	s->first = first;
	s->plan = plan;
	/* the signals that end the run are to wake the thread that reads */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&s->thread, NULL, load, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	s->loading = !err;
	return -err;
}

void spares_detach(struct spares *s)
{
	if (s->loading)
		pthread_join(s->thread, NULL);
	s->loading = false;
	if (s->attached)
		s->first->bss->have_second = 0;
	for (int i = 0; i < s->n_links; i++)
		bpf_link__destroy(s->link[i]);
	s->n_links = 0;
}

void spares_free(struct spares *s)
{
	rsttrace_bpf__destroy(s->second);
	memset(s, 0, sizeof(*s));
}

uint64_t spares_missed(const struct spares *s, const struct rsttrace_bpf *first,
		       const struct rst_stats *st, int n)
{
	uint64_t missed = s->missed_before, spared = 0, runs;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, first->obj)
		if (!refused_runs(prog, &runs))
			missed += runs;
	if (s->attached)
		missed += missed_on_functions(s, s->second) - missed_on_functions(s, first);
	for (int i = 0; i < n; i++)
		spared += st[i].spared;
	return missed > spared ? missed - spared : 0;
}
