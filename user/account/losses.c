/* SPDX-License-Identifier: GPL-2.0 */
#include "account/losses.h"

#include <errno.h>
#include <stdlib.h>

void losses_begin(struct losses *l, uint64_t now_ns)
{
	*l = (struct losses){ .looked_ns = now_ns };
}

void losses_free(struct losses *l)
{
	free(l->lost);
	l->lost = NULL;
}

/* A gap in the form in which the kernel side tells one: see tell_gap() in bpf/emit.bpf.h. */
struct gap_event {
	struct rst_head head;
	struct rst_section front;
	struct rst_gap gap;
};

static struct gap_event gap_of(uint32_t cpu, uint64_t from_ns, uint64_t to_ns)
{
	return (struct gap_event){
		.head = { .size = sizeof(struct gap_event), .wire = RST_WIRE, .type = EV_GAP,
			  .cpu = cpu, .time_ns = to_ns },
		.front = { .kind = SEC_GAP, .size = sizeof(struct rst_section) + sizeof(struct rst_gap) },
		.gap.from_ns = from_ns,
	};
}

static int look_at_cpu(struct losses *l, const struct losses_reading *r, int cpu, source_fn fn, void *ctx)
{
	const struct rst_stats *st = &r->per_cpu[cpu];
	struct gap_event ev = gap_of(cpu, st->gap_ns, r->after_ns);
	uint64_t lost = 0, before = l->lost[cpu];

	for (int type = 0; type < EV_TYPE_MAX; type++) {
		lost += st->lost[type];
		ev.gap.lost[type] = st->lost[type] - st->told[type];
	}
	l->lost[cpu] = lost;
	return st->gap_ns && lost != before ? fn(ctx, &ev, sizeof(ev)) : 0;
}

static int look_at_missed(struct losses *l, const struct losses_reading *r, source_fn fn, void *ctx)
{
	struct gap_event ev = gap_of(0, l->looked_ns, r->after_ns);

	l->looked_ns = r->before_ns;
	if (r->missed <= l->missed)
		return 0;
	l->missed = r->missed;
	for (int type = 1; type < EV_TYPE_MAX; type++)
		ev.gap.lost[type] = 1;
	return fn(ctx, &ev, sizeof(ev));
}

int losses_look(struct losses *l, const struct losses_reading *r, source_fn fn, void *ctx)
{
	int err = 0;

	if (!l->lost) {
		l->lost = calloc(r->n_cpus, sizeof(l->lost[0]));
		if (!l->lost)
			return -ENOMEM;
		l->n_cpus = r->n_cpus;
	}
	for (int cpu = 0; err >= 0 && cpu < l->n_cpus && cpu < r->n_cpus; cpu++)
		err = look_at_cpu(l, r, cpu, fn, ctx);
	if (err >= 0)
		err = look_at_missed(l, r, fn, ctx);
	return err < 0 ? err : 0;
}
