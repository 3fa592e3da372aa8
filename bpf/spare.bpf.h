/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The kernel refuses to run a program that is at work on this CPU already: in
 * the task that the running one preempted, or under the interrupt. So what must
 * not be missed is loaded a second time (user/attach/spare.c), and of the two the one
 * that runs last at every event is the spare: it does the work where it finds
 * that the other is at it on this CPU, for another event, and leaves otherwise.
 *
 * It has to be the last: it may take long, and the other may be free again then.
 * What is left are windows of a few instructions. An event is missed, and
 * counted, that comes between the kernel's mark and the one here, or finds the
 * spare at work too. If a task is preempted between the two runs, what the second
 * finds is not what the first did: a miss, or the same event twice, the second
 * of which the reader leaves out (user/events/repeat.h).
 *
 * They are attached only when the kernel has refused the first run: on one that
 * refuses none they would be run for nothing at every event.
 */
#ifndef RST_SPARE_BPF_H
#define RST_SPARE_BPF_H

const volatile __u32 cfg_second;	/* this is the second load */
__u32 have_second;			/* ... and all of it that is on functions is attached */

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

/* Of the programs on a tracepoint the first attached runs first, of those on a function the last. */
enum order { FIRST_RUNS_FIRST, LAST_RUNS_FIRST };

static __always_inline volatile __u8 *mark_of(__u32 program)
{
	__u32 zero = 0;
	struct at_work *w = bpf_map_lookup_elem(&at_work, &zero);

	return w ? &w->busy[program] : NULL;
}

static __always_inline bool work_begin(volatile __u8 *busy, enum order order)
{
	__u32 working = 0;		/* the load that does the work */
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
 * The spare leaves the mark alone. A program that became one in between leaves
 * its own, which the other takes back at the next event, before it is looked at.
 * What it was is not kept: the verifier would go through the work once for each.
 */
static __always_inline void work_end(volatile __u8 *busy, enum order order)
{
	if (!cfg_second && order == LAST_RUNS_FIRST)
		*busy &= *(volatile __u32 *)&have_second;
	else if (cfg_second == (order == LAST_RUNS_FIRST))
		*busy = 0;
}

/*
 * A program that has a spare; its probe says so in user/attach/hooks.c (spared).
 * Where there is nothing to do (idle), there is nothing to be missed either.
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
