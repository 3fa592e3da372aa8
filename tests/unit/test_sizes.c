/* SPDX-License-Identifier: GPL-2.0 */
/* How much the programs can remember, by the size of the host. */
#include <jansson.h>

#include "attach/check.h"
#include "attach/sizes.h"
#include "test.h"

#define GIB (1ULL << 30)
#define SOCKET 320	/* bytes */

static void as_many_as_files(void **state)
{
	const struct host_size host = { 64 * GIB, 200000, 16, SOCKET, 0, true };

	assert_int_equal(sizes_choose(&host).socks, 200000);
}

static void within_the_budget(void **state)
{
	struct host_size host = { 4 * GIB, 1000000, 2, SOCKET, 0, true };

	assert_int_equal(sizes_choose(&host).socks, 4 * GIB / 64 / SOCKET);
	assert_true(sizes_choose(&host).bytes <= 4 * GIB / 64);
	assert_true(sizes_choose(&host).bytes > 4 * GIB / 64 - SOCKET);
	/* if entries are allocated at the start, a quarter of that */
	host.memory = 16 * GIB;
	host.grows = false;
	assert_int_equal(sizes_choose(&host).socks, 16 * GIB / 256 / SOCKET);
	/*
	 * entries of sockets that are gone are within the budget, and do not take room from living
	 * ones
	 */
	host.gone = 4096;
	assert_int_equal(sizes_choose(&host).socks, 16 * GIB / 256 / SOCKET - 4096);
	assert_int_equal(sizes_choose(&host).bytes, 16 * GIB / 256 / SOCKET * SOCKET);
	host.memory = GIB / 64;
	assert_int_equal(sizes_choose(&host).socks, 32768);
	assert_int_equal(sizes_choose(&host).bytes, (32768 + 4096) * SOCKET);
}

static void never_few_never_too_many(void **state)
{
	struct host_size host = { GIB / 4, 1000, 1, SOCKET, 0, true };

	assert_int_equal(sizes_choose(&host).socks, 32768);
	host.memory = 4096 * GIB;
	host.files = UINT64_MAX;
	assert_int_equal(sizes_choose(&host).socks, 1 << 19);
}

/* A smaller LRU map would evict entries while it is nearly empty. */
static void least_by_processors(void **state)
{
	const struct host_size host = { GIB, 1000, 256, SOCKET, 0, false };

	assert_int_equal(sizes_choose(&host).least, 32768);
	assert_int_equal(sizes_choose(&host).listeners, 4096);
}

static void assert_shown(const struct caps *caps, const char *line)
{
	const struct plan plan = { .n = 0 };
	const struct check check = { .caps = caps, .plan = &plan };
	char *text = NULL, *json = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	json_t *o;

	assert_int_equal(check_print(f, &check), 0);
	fclose(f);
	assert_non_null(strstr(text, line));
	f = open_memstream(&json, &len);
	assert_int_equal(check_json(f, &check, "1"), 0);
	fclose(f);
	o = json_loads(json, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(o, "sockets")), caps->sizes.socks);
	assert_int_equal(json_integer_value(json_object_get(o, "sockets_memory")), caps->sizes.bytes);
	assert_int_equal(json_is_true(json_object_get(o, "sockets_grow")), caps->maps_grow);
	json_decref(o);
	free(text);
	free(json);
}

static void shown_by_the_check(void **state)
{
	struct caps caps = { .btf = true, .memlock = UINT64_MAX };

	caps.sizes = (struct sizes){ .socks = 52428, .bytes = 16 << 20, .listeners = 4096 };
	assert_shown(&caps, "sockets      52428 can have a known owner at once, in 16 MiB; 4096 listeners\n");
	caps.maps_grow = true;
	assert_shown(&caps, "in 16 MiB at most, taken as sockets come; 4096 listeners\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_files),
		cmocka_unit_test(within_the_budget),
		cmocka_unit_test(never_few_never_too_many),
		cmocka_unit_test(least_by_processors),
		cmocka_unit_test(shown_by_the_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
