/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The filter of the kernel side, from the same source, compiled for this machine: whatever an
 * incident is like, it leaves out neither end of one that is asked for.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "app/filter.h"
#include "wire.h"

/* The loader sets the constant before the kernel takes it for one. */
#define const
#define volatile
#include "filter.bpf.h"
#undef const
#undef volatile

#define ROUNDS 200000

/* Few different values, so that they often match. */
static int any_port(void)
{
	static const int ports[] = { 80, 443, 8080, 40000 };

	return ports[rand() % 4];
}

static void any_addr(uint8_t family, uint8_t addr[16])
{
	memset(addr, 0, 16);
	addr[0] = family == 4 ? 10 : 0xfd;
	addr[family == 4 ? 3 : 15] = 1 + rand() % 3;
	addr[1] = rand() % 2;
}

static void any_incident(struct incident *inc)
{
	incident_init(inc);
	inc->family = rand() % 2 ? 4 : 6;
	any_addr(inc->family, inc->saddr);
	any_addr(inc->family, inc->daddr);
	inc->sport = any_port();
	inc->dport = any_port();
	inc->sender.local = rand() % 3;
	inc->victim.local = rand() % 3;
	inc->sender.seen = inc->sender.local == 1;
	inc->victim.seen = inc->victim.local == 1;
	inc->netns = 4026531840U + rand() % 2;
}

static void any_filter(struct filter *f)
{
	memset(f, 0, sizeof(*f));
	if (rand() % 3 == 0)
		f->port = any_port();
	if (rand() % 3 == 0)
		f->lport = any_port();
	if (rand() % 3 == 0)
		f->rport = any_port();
	if (rand() % 3 == 0) {
		f->addr_family = rand() % 2 ? 4 : 6;
		any_addr(f->addr_family, f->addr);
		f->addr_bits = rand() % ((f->addr_family == 4 ? 32 : 128) + 1);
	}
	if (rand() % 3 == 0)
		f->netns = 4026531840U + rand() % 2;
}

/* The connection as the sender's end sees it. */
static struct rst_flow flow_of(const struct incident *inc)
{
	struct rst_flow f = { .lport = inc->sport, .rport = inc->dport, .family = inc->family,
			      .netns = inc->netns };

	memcpy(f.laddr, inc->saddr, 16);
	memcpy(f.raddr, inc->daddr, 16);
	return f;
}

static struct rst_flow reverse(const struct rst_flow *f)
{
	struct rst_flow r = { .lport = f->rport, .rport = f->lport, .family = f->family,
			      .netns = f->netns };

	memcpy(r.laddr, f->raddr, 16);
	memcpy(r.raddr, f->laddr, 16);
	return r;
}

static void nothing_asked_for_is_left_out(void **state)
{
	int left_out = 0, let_through = 0;

	(void)state;
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		struct incident inc;
		struct filter f;
		struct rst_flow there, back;

		any_incident(&inc);
		any_filter(&f);
		filter_for_kernel(&f, &cfg_filter);
		there = flow_of(&inc);
		back = reverse(&there);
		assert_int_equal(filtered_out(&there), filtered_out(&back));
		left_out += filtered_out(&there);
		if (!filter_incident(&f, &inc))
			continue;
		let_through++;
		assert_false(filtered_out(&there));
	}
	assert_true(left_out > ROUNDS / 4);
	assert_true(let_through > ROUNDS / 8);
}

/* The other end may be in another namespace than this one, unless both ends have the same address. */
static void another_namespace_may_have_the_other_end(void **state)
{
	struct filter f = { .netns = 7 };
	struct rst_flow flow = { .laddr = { 127, 0, 0, 1 }, .raddr = { 127, 0, 0, 1 }, .lport = 80,
				 .rport = 40000, .family = 4, .netns = 8 };

	(void)state;
	filter_for_kernel(&f, &cfg_filter);
	assert_true(filtered_out(&flow));
	flow.netns = 7;
	assert_false(filtered_out(&flow));
	flow.netns = 8;
	flow.raddr[0] = 10;
	assert_false(filtered_out(&flow));
}

/* Without an address yet, or with an unread namespace, a connection may turn out to match. */
static void what_is_not_known_is_let_through(void **state)
{
	struct filter f = { .port = 81 };
	struct rst_flow flow = { .laddr = { 127, 0, 0, 1 }, .raddr = { 127, 0, 0, 1 }, .lport = 80,
				 .rport = 40000, .family = 4 };

	(void)state;
	filter_for_kernel(&f, &cfg_filter);
	assert_true(filtered_out(&flow));
	flow.lport = 0;
	assert_false(filtered_out(&flow));
	flow.lport = 80;
	memset(flow.laddr, 0, sizeof(flow.laddr));
	assert_false(filtered_out(&flow));
	f = (struct filter){ .netns = 7 };
	flow.laddr[0] = 127;
	flow.laddr[3] = 1;
	filter_for_kernel(&f, &cfg_filter);
	assert_false(filtered_out(&flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked_for_is_left_out),
		cmocka_unit_test(another_namespace_may_have_the_other_end),
		cmocka_unit_test(what_is_not_known_is_let_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
