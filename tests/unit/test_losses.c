/* SPDX-License-Identifier: GPL-2.0 */
/* Losses that the kernel side's counters show become gaps, and gaps are asked for. */
#include "account/losses.h"
#include "events.h"
#include "events/decode.h"
#include "incident/gaps.h"
#include "test.h"

#define MAX_GAPS 8

struct seen {
	struct rst_event gap[MAX_GAPS];
	int n;
};

static int on_bytes(void *ctx, const void *data, size_t size)
{
	struct seen *s = ctx;

	assert_in_range(s->n, 0, MAX_GAPS - 1);
	assert_int_equal(decode(&s->gap[s->n++], data, size), 0);
	return 0;
}

static void look(struct losses *l, struct rst_stats *st, uint64_t missed, uint64_t us, struct seen *s)
{
	struct losses_reading r = { .per_cpu = st, .n_cpus = 2, .missed = missed,
				    .before_ns = AT_US(us), .after_ns = AT_US(us + 1) };

	s->n = 0;
	assert_int_equal(losses_look(l, &r, on_bytes, s), 0);
}

/* The losses of a CPU are told once, unless an event told them; again only when there are more. */
static void of_one_cpu(void **state)
{
	struct rst_stats st[2] = { 0 };
	struct losses l;
	struct seen s;

	losses_begin(&l, AT_US(5));
	look(&l, st, 0, 10, &s);
	assert_int_equal(s.n, 0);
	st[1].lost[EV_RECEIVED] = 5;
	st[1].told[EV_RECEIVED] = 2;
	st[1].gap_ns = AT_US(13);
	look(&l, st, 0, 20, &s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.gap[0].type, EV_GAP);
	assert_int_equal(s.gap[0].cpu, 1);
	assert_true(s.gap[0].gap.from_ns == AT_US(13) && s.gap[0].time_ns == AT_US(21));
	assert_int_equal(s.gap[0].gap.lost[EV_RECEIVED], 3);
	assert_int_equal(s.gap[0].gap.lost[EV_CALL], 0);
	look(&l, st, 0, 30, &s);
	assert_int_equal(s.n, 0);
	losses_free(&l);
}

/* A run that the kernel refused may have been of any program. */
static void of_refused_runs(void **state)
{
	struct rst_stats st[2] = { 0 };
	struct losses l;
	struct seen s;

	losses_begin(&l, AT_US(5));
	look(&l, st, 2, 10, &s);
	assert_int_equal(s.n, 1);
	for (int type = 1; type < EV_TYPE_MAX; type++)
		assert_int_not_equal(s.gap[0].gap.lost[type], 0);
	look(&l, st, 2, 20, &s);
	assert_int_equal(s.n, 0);
	look(&l, st, 1, 30, &s);	/* a spare did one of these runs */
	assert_int_equal(s.n, 0);
	losses_free(&l);
}

static struct rst_event gap(enum rst_event_type type, uint64_t from_us, uint64_t to_us)
{
	struct rst_event ev = event_at(EV_GAP, to_us);

	ev.gap.from_ns = AT_US(from_us);
	ev.gap.lost[type] = 1;
	return ev;
}

static bool hides(const struct gaps *g, enum rst_event_type type, uint64_t from_us, uint64_t to_us)
{
	return gaps_hide(g, 1u << type, AT_US(from_us), AT_US(to_us));
}

static void by_type_and_time(void **state)
{
	struct rst_event ev = gap(EV_RECEIVED, 10, 20);
	struct gaps g = { .n = 0 };

	assert_false(hides(&g, EV_RECEIVED, 0, 100));
	gaps_add(&g, &ev);
	assert_true(hides(&g, EV_RECEIVED, 0, 10) && hides(&g, EV_RECEIVED, 20, 30));
	assert_true(hides(&g, EV_RECEIVED, 12, 13));
	assert_false(hides(&g, EV_RECEIVED, 0, 9) || hides(&g, EV_RECEIVED, 21, 30));
	assert_false(hides(&g, EV_CALL, 0, 100));
}

/* No gap is forgotten, however many there are: the oldest are merged into one. */
static void none_forgotten(void **state)
{
	struct gaps g = { .n = 0 };

	for (int i = 0; i < 3 * GAPS_KEPT; i++) {
		struct rst_event ev = gap(i ? EV_CALL : EV_RECEIVED, 10 * i, 10 * i + 5);

		gaps_add(&g, &ev);
	}
	assert_int_equal(g.n, GAPS_KEPT);
	assert_true(hides(&g, EV_RECEIVED, 0, 0));
	for (int i = 1; i < 3 * GAPS_KEPT; i++)
		assert_true(hides(&g, EV_CALL, 10 * i, 10 * i));
	assert_false(hides(&g, EV_CALL, 30 * GAPS_KEPT - 4, 30 * GAPS_KEPT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_cpu),
		cmocka_unit_test(of_refused_runs),
		cmocka_unit_test(by_type_and_time),
		cmocka_unit_test(none_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
