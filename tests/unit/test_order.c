/* SPDX-License-Identifier: GPL-2.0 */
/* Events come out in the order in which they happened, each once. */
#include "events.h"
#include "events/order.h"
#include "test.h"

#define WINDOW_US (ORDER_WINDOW_NS / 1000)

static struct order *of(size_t max)
{
	struct order *o = order_new(max);

	assert_non_null(o);
	return o;
}

static void push(struct order *o, enum rst_event_type type, uint32_t cpu, uint64_t us)
{
	struct rst_event ev = event_at(type, us);

	ev.cpu = cpu;
	assert_int_equal(order_push(o, &ev), 0);
}

static void leaves(struct order *o, uint64_t until_us, enum rst_event_type type, uint64_t us)
{
	struct rst_event ev;

	assert_true(order_pop(o, AT_US(until_us), &ev));
	assert_int_equal(ev.type, type);
	assert_true(ev.time_ns == AT_US(us));
}

static void stays(struct order *o, uint64_t until_us)
{
	struct rst_event ev;

	assert_false(order_pop(o, AT_US(until_us), &ev));
}

/* The events of one processor arrive after later ones of another. */
static void sorted(void **state)
{
	struct order *o = of(8);

	push(o, EV_RECEIVED, 1, 20);
	push(o, EV_CALL, 1, 40);
	push(o, EV_SENT_REPLY, 0, 10);
	push(o, EV_DESTROY, 0, 50);
	leaves(o, 45, EV_SENT_REPLY, 10);
	leaves(o, 45, EV_RECEIVED, 20);
	leaves(o, 45, EV_CALL, 40);
	stays(o, 45);
	assert_true(order_holds(o));
	leaves(o, 50, EV_DESTROY, 50);
	assert_false(order_holds(o));
	order_free(o);
}

/* Until it is said that all older events have arrived, an event waits for them, but not for ever. */
static void waits(void **state)
{
	struct order *o = of(8);

	push(o, EV_SENT_ACTIVE, 0, 10);
	push(o, EV_RECEIVED, 0, 10 + WINDOW_US - 1);
	stays(o, 0);
	push(o, EV_CALL, 1, 10 + WINDOW_US);
	leaves(o, 0, EV_SENT_ACTIVE, 10);
	stays(o, 0);
	order_free(o);
}

/* However many events come, it keeps no more than it has room for. */
static void bounded(void **state)
{
	struct order *o = of(2);

	push(o, EV_SENT_ACTIVE, 0, 10);
	push(o, EV_RECEIVED, 0, 11);
	stays(o, 0);
	push(o, EV_CALL, 0, 12);
	leaves(o, 0, EV_SENT_ACTIVE, 10);
	stays(o, 0);
	order_free(o);
}

/* A second copy of an event is left out; an event of another processor at the same time is not. */
static void once(void **state)
{
	struct order *o = of(8);

	push(o, EV_RECEIVED, 0, 10);
	push(o, EV_RECEIVED, 1, 10);
	push(o, EV_RECEIVED, 0, 10);
	leaves(o, 10, EV_RECEIVED, 10);
	leaves(o, 10, EV_RECEIVED, 10);
	stays(o, 10);
	push(o, EV_RECEIVED, 1, 10);
	stays(o, 10);
	assert_false(order_holds(o));
	order_free(o);
}

/* Several gaps may be told when they become known. */
static void gaps_are_not_the_same(void **state)
{
	struct order *o = of(8);

	push(o, EV_GAP, 0, 10);
	push(o, EV_GAP, 0, 10);
	leaves(o, 10, EV_GAP, 10);
	leaves(o, 10, EV_GAP, 10);
	order_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorted),
		cmocka_unit_test(waits),
		cmocka_unit_test(bounded),
		cmocka_unit_test(once),
		cmocka_unit_test(gaps_are_not_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
