/* SPDX-License-Identifier: GPL-2.0 */
#include "sock_id.h"
#include "test.h"

#define DAY_NS 86400000000000ULL

/* Sockets made at different times, or on different CPUs, get different numbers. */
static void distinct(void **state)
{
	static const uint64_t later[] = { 64, 1000, DAY_NS, 104 * DAY_NS + 1, 209 * DAY_NS, 417 * DAY_NS,
					  1000 * DAY_NS, 1600 * DAY_NS };
	const uint64_t born = 12345678901ULL;

	/* after 2^54 ns, 208 days and a half, a clock with more bits of time would begin anew */
	for (uint64_t n = 1; n < 8; n++)
		assert_true(sock_id(born, 3) != sock_id(born + (n << 54), 3));
	for (size_t i = 0; i < N(later); i++)
		assert_true(sock_id(born + later[i], 3) > sock_id(born, 3));
	for (uint32_t cpu = 0; cpu < 8192; cpu++)
		assert_true(cpu == 3 || sock_id(born, cpu) != sock_id(born, 3));
	assert_true(sock_id(64, 0) > sock_id(63, 8191));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distinct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
