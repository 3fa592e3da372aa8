/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/spare.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* How often the kernel's counts of refused runs are read. */
#define LOOK_MS 200

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

/*
 * Whether a program is attached to a function, not to a tracepoint: the two loads of a program take
 * turns differently there, see enum order in bpf/spare.bpf.h.
 */
static bool on_function(const struct bpf_program *prog)
{
	return bpf_program__type(prog) == BPF_PROG_TYPE_TRACING &&
	       bpf_program__expected_attach_type(prog) != BPF_TRACE_RAW_TP;
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

static void detach_all(struct spares *s)
{
	while (s->n_links)
		bpf_link__destroy(s->link[--s->n_links]);
}

static int attach_those(struct spares *s, bool on_functions)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, s->second->obj) {
		if (!bpf_program__autoload(prog) || on_function(prog) != on_functions)
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

static bool any_refused(const struct spares *s)
{
	struct bpf_program *prog;
	uint64_t runs;

	bpf_object__for_each_program(prog, s->second->obj)
		if (bpf_program__autoload(prog) && !refused_runs(same(s->first, prog), &runs) && runs)
			return true;
	return false;
}

/*
 * Waits until the kernel has refused a run. False: rsttrace is ending, so no spares are needed.
 */
static bool wait_until_needed(struct spares *s)
{
	struct pollfd fds[] = {
		{ .fd = s->stop, .events = POLLIN },
		{ .fd = s->news, .events = POLLIN },
	};
	eventfd_t n;

	while (!any_refused(s)) {
		bool busy = atomic_exchange(&s->busy, false);

		/* while events come this thread is not woken, but looks again after LOOK_MS */
		poll(fds, busy ? 1 : 2, busy ? LOOK_MS : -1);
		if (fds[0].revents)
			return false;
		eventfd_read(s->news, &n);
	}
	return true;
}

void spares_events_came(struct spares *s)
{
	if (s->running && !atomic_exchange(&s->busy, true))
		eventfd_write(s->news, 1);
}

static int attach_all(struct spares *s)
{
	int err;

	/*
	 * runs are refused where many tasks want the processor, so ask for a better priority;
	 * do without if refused
	 */
	setpriority(PRIO_PROCESS, 0, -20);
	/* attach those on tracepoints first: that is quick, and each is of use at once */
	err = attach_those(s, false) ?: attach_those(s, true);
	if (err) {
		detach_all(s);
		return err;
	}
	/* all spares on functions are attached: from now on they do the work, not the first load */
	s->first->bss->have_second = 1;
	s->missed_before = missed_on_functions(s, s->first);
	s->attached = true;
	return 0;
}

int spares_load(struct spares *s)
{
	int err;

	choose(s);
	s->second->rodata->cfg_second = 1;
	err = share_maps(s) ?: rsttrace_bpf__load(s->second);
	s->loaded = !err;
	return err;
}

/*
 * Runs in a thread of its own. The thread that reads events could not attach in a storm: it would
 * begin too late, and events would be lost meanwhile.
 */
static void *stand_by(void *arg)
{
	struct spares *s = arg;
	int err;

	err = s->loaded ? 0 : spares_load(s);
	if (!err && wait_until_needed(s))
		err = attach_all(s);
	atomic_store(&s->err, err);
	return NULL;
}

static void close_fds(const struct spares *s)
{
	close(s->stop);
	close(s->news);
}

void spares_take(struct spares *s, struct rsttrace_bpf *second, struct rsttrace_bpf *first,
		 const struct plan *plan)
{
	s->second = second;
	s->first = first;
	s->plan = plan;
}

int spares_begin(struct spares *s)
{
	sigset_t all, old;
	int err;

	s->busy = true;
	s->stop = eventfd(0, EFD_CLOEXEC);
	s->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->stop < 0 || s->news < 0)
		return -errno;
	/* signals must wake the main thread, which reads them, not this one */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&s->thread, NULL, stand_by, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	s->running = !err;
	if (err)
		close_fds(s);
	return -err;
}

int spares_error(struct spares *s)
{
	return atomic_exchange(&s->err, 0);
}

void spares_detach(struct spares *s)
{
	if (s->running) {
		eventfd_write(s->stop, 1);
		pthread_join(s->thread, NULL);
		close_fds(s);
	}
	s->running = false;
	if (s->attached)
		s->first->bss->have_second = 0;
	detach_all(s);
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
