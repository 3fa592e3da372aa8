/* SPDX-License-Identifier: GPL-2.0 */
/* A set of names: it has those that were added, whatever they look like, and no others. */
#include "attach/name_set.h"
#include "test.h"

static void names(void **state)
{
	struct name_set *set = name_set_new();

	assert_non_null(set);
	assert_false(name_set_has(set, "sock"));
	assert_int_equal(name_set_add(set, "sock", false), 0);
	assert_int_equal(name_set_add(set, "tcp_sock___old", true), 0);
	assert_int_equal(name_set_add(set, "a___b", false), 0);
	assert_int_equal(name_set_add(set, "x", false), 0);
	assert_int_equal(name_set_add(set, "", false), 0);
	assert_true(name_set_has(set, "sock"));
	assert_true(name_set_has(set, "tcp_sock"));
	assert_true(name_set_has(set, "a___b"));
	assert_true(name_set_has(set, "x"));
	assert_false(name_set_has(set, "tcp_sock___old"));
	assert_false(name_set_has(set, "a"));
	assert_false(name_set_has(set, "so"));		/* only the beginning of a name */
	assert_false(name_set_has(set, "socket"));
	assert_false(name_set_has(set, ""));
	name_set_free(set);
	name_set_free(NULL);
}

static void full_set(void **state)
{
	struct name_set *set = name_set_new();
	char name[16];
	int i, err = 0;

	for (i = 0; i < 10000 && !err; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		err = name_set_add(set, name, false);
	}
	assert_int_equal(err, -ENOMEM);
	assert_true(name_set_has(set, "n0"));
	snprintf(name, sizeof(name), "n%d", i - 2);
	assert_true(name_set_has(set, name));
	assert_false(name_set_has(set, "n9999"));
	name_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(full_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
