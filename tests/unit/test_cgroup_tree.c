/* SPDX-License-Identifier: GPL-2.0 */
/* Groups found in this machine's own cgroup2 tree, by id. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cgroup_tree.h"
#include "test.h"

static int walked;	/* how many directories were listed */

/* Replaces libc's: only a walk lists directories. */
DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	walked++;
	return fd < 0 ? NULL : fdopendir(fd);
}

/* A tree with a group that this test makes; skipped if it may not. */
struct ground {
	struct cgroup_tree tree;
	char name[64], path[PATH_MAX];
	uint64_t id;
};

static int up(void **state)
{
	struct ground *g = calloc(1, sizeof(*g));
	struct stat st;

	assert_non_null(g);
	*state = g;
	cgroup_tree_open(&g->tree, "/proc");
	snprintf(g->name, sizeof(g->name), "/rsttrace-test-%d", getpid());
	if (!g->tree.mount)
		return 0;
	snprintf(g->path, sizeof(g->path), "%s%s", g->tree.mount, g->name);
	if (!mkdir(g->path, 0755) && !stat(g->path, &st))
		g->id = st.st_ino;
	return 0;
}

static int down(void **state)
{
	struct ground *g = *state;

	if (g->id)
		rmdir(g->path);
	cgroup_tree_close(&g->tree);
	free(g);
	return 0;
}

static void found(struct ground *g)
{
	struct cgroup_place place;

	if (!g->id)
		skip();
	walked = 0;
	assert_int_equal(cgroup_tree_find(&g->tree, g->id, &place), 0);
	assert_string_equal(place.path, g->name);
}

static void gone(struct ground *g)
{
	struct cgroup_place place;

	walked = 0;
	assert_int_equal(rmdir(g->path), 0);
	assert_int_equal(cgroup_tree_find(&g->tree, g->id, &place), -ENOENT);
	g->id = 0;
}

/* The kernel decides whether this process may open files by handle. */
static bool may_open(const struct ground *g)
{
	struct { struct file_handle h; uint64_t id; } handle = {
		.h = { .handle_bytes = sizeof(handle.id), .handle_type = 0xfe }, .id = g->id,
	};
	int fd = open_by_handle_at(g->tree.fd, &handle.h, O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/*
 * A group is found by its handle without a walk through the tree, and so is the answer that
 * there is none.
 */
static void opened_at_once(void **state)
{
	struct ground *g = *state;

	found(g);
	if (!may_open(g))
		skip();
	assert_int_equal(walked, 0);
	gone(g);
	assert_int_equal(walked, 0);
}

/* The same where it may not open by handle. */
static void walked_to(void **state)
{
	struct ground *g = *state;

	if (g->tree.fd >= 0)
		close(g->tree.fd);
	g->tree.fd = -1;
	found(g);
	assert_true(walked > 0);
	gone(g);
	assert_true(walked > 0);
}

static void root(void **state)
{
	struct ground *g = *state;
	struct cgroup_place place;
	struct stat st;

	if (!g->tree.mount || stat(g->tree.mount, &st))
		skip();
	assert_int_equal(cgroup_tree_find(&g->tree, st.st_ino, &place), 0);
	assert_string_equal(place.path, "/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opened_at_once, up, down),
		cmocka_unit_test_setup_teardown(walked_to, up, down),
		cmocka_unit_test_setup_teardown(root, up, down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
