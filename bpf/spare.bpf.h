/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The kernel refuses to run a program that is already at work on this CPU: in a task that the
 * running task preempted, or below the interrupt. So each program that must not miss a run is
 * loaded twice (user/attach/spare.c), and at every event both loads run. The one that runs last is
 * the spare: it does the work if it finds the other one at work on this CPU for another event, and
 * returns otherwise.
 *
 * The spare has to run last: it may take long, and meanwhile the other load may have finished.
 * Windows of a few instructions are left. An event is missed, and counted, if it comes between the
 * kernel's mark and the mark made here, or while the spare is at work too. If a task is preempted
 * between the two runs, the second finds another state than the first: the event is missed, or told
 * twice, and the reader leaves out the second (user/events/repeat.h).
 *
 * Spares are attached only once the kernel has refused a run: on a kernel that refuses none they
 * would run for nothing at every event.
 */
#ifndef RST_SPARE_BPF_H
#define RST_SPARE_BPF_H

const volatile __u32 cfg_second;	/* this is the second load */
__u32 have_second;			/* ... and all its programs on functions are attached */

#define MAX_SPARED 16

struct at_work {
	__u8 busy[MAX_SPARED];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct at_work);
} at_work SEC(".maps");

/*
 * Of two programs on a tracepoint, the one attached first runs first; of two on a function, the one
 * attached last.
 */
enum order { FIRST_RUNS_FIRST, LAST_RUNS_FIRST };

static __always_inline volatile __u8 *mark_of(__u32 program)
{
	__u32 zero = 0;
	struct at_work *w = bpf_map_lookup_elem(&at_work, &zero);

	return w ? &w->busy[program] : NULL;
}

static __always_inline bool work_begin(volatile __u8 *busy, enum order order)
{
	__u32 working = 0;		/* which load does the work, unless it is at work already */
	struct rst_stats *st;
	__u32 zero = 0;

	if (order == LAST_RUNS_FIRST) {
		working = *(volatile __u32 *)&have_second;
		if (cfg_second && !working)
			return false;
	}
	if (cfg_second == working) {
		*busy = 1;
		return true;
	}
	if (!*busy)
		return false;
	st = bpf_map_lookup_elem(&stats, &zero);
	if (st)
		__sync_fetch_and_add(&st->spared, 1);
	return true;
}

/*
 * The spare does not touch the mark. If the first load became the spare while it worked, it leaves
 * its mark set; the other load clears that at the next event, before it looks at it. Which of the
 * two it was at the begin is not kept, as the verifier would go through the work once for each.
 */
static __always_inline void work_end(volatile __u8 *busy, enum order order)
{
	if (!cfg_second && order == LAST_RUNS_FIRST)
		*busy &= *(volatile __u32 *)&have_second;
	else if (cfg_second == (order == LAST_RUNS_FIRST))
		*busy = 0;
}

/*
 * Defines a program that has a spare; its probe is marked so in user/attach/hooks.c (spared). If
 * there is nothing to do (idle), nothing can be missed.
 */
#define SPARED(order, sec, name, idle, work)					\
SEC(sec)									\
int name(unsigned long long *ctx)						\
{										\
	volatile __u8 *busy;							\
										\
	if (idle)								\
		return 0;							\
	busy = mark_of(__COUNTER__);						\
	if (!busy || !work_begin(busy, order))					\
		return 0;							\
	work;									\
	work_end(busy, order);							\
	return 0;								\
}

#define SPARED_TP_UNLESS(idle, sec, name, work) SPARED(FIRST_RUNS_FIRST, sec, name, idle, work)
#define SPARED_TP(sec, name, work) SPARED(FIRST_RUNS_FIRST, sec, name, false, work)
#define SPARED_FUNC_UNLESS(idle, sec, name, work) SPARED(LAST_RUNS_FIRST, sec, name, idle, work)
#define SPARED_FUNC(sec, name, work) SPARED(LAST_RUNS_FIRST, sec, name, false, work)

#endif
