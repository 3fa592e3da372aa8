/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs can remember, by what the host can have. */
#include "attach/sizes.h"
#include "test.h"

#define GIB (1ULL << 30)

static void as_many_as_files(void **state)
{
	const struct host_size host = { 64 * GIB, 200000, 16, true };

	assert_int_equal(sizes_choose(&host).socks, 200000);
}

static void within_the_budget(void **state)
{
	struct host_size host = { 4 * GIB, 1000000, 2, true };

	assert_int_equal(sizes_choose(&host).socks, 4 * GIB / 64 / 320);
	/* allocated at the start, a quarter of that */
	host.memory = 16 * GIB;
	host.grows = false;
	assert_int_equal(sizes_choose(&host).socks, 16 * GIB / 256 / 320);
}

static void never_few_never_too_many(void **state)
{
	struct host_size host = { GIB / 4, 1000, 1, true };

	assert_int_equal(sizes_choose(&host).socks, 32768);
	host.memory = 4096 * GIB;
	host.files = UINT64_MAX;
	assert_int_equal(sizes_choose(&host).socks, 1 << 19);
}

/* A smaller LRU map would evict entries while it is nearly empty. */
static void least_by_processors(void **state)
{
	const struct host_size host = { GIB, 1000, 256, false };

	assert_int_equal(sizes_choose(&host).least, 32768);
	assert_int_equal(sizes_choose(&host).listeners, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_files),
		cmocka_unit_test(within_the_budget),
		cmocka_unit_test(never_few_never_too_many),
		cmocka_unit_test(least_by_processors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
