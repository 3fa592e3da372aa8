/* SPDX-License-Identifier: GPL-2.0 */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

int tree_new(char *dir)
{
	return mkdtemp(dir) ? 0 : -errno;
}

static int rm(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

int tree_remove(const char *dir)
{
	return nftw(dir, rm, 16, FTW_DEPTH | FTW_PHYS) ? -errno : 0;
}

/* Writes the whole path, and makes every folder in it. */
static void below(char *full, size_t len, const char *dir, const char *path)
{
	int n = snprintf(full, len, "%s/%s", dir, path);

	assert_in_range(n, 0, len - 1);
	for (char *slash = full + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(!mkdir(full, 0755) || errno == EEXIST);
		*slash = '/';
	}
}

void tree_put(const char *dir, const char *path, const char *text)
{
	char full[512];
	FILE *f;

	below(full, sizeof(full), dir, path);
	if (!text)
		return;
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void tree_link(const char *dir, const char *path, const char *target)
{
	char full[512];

	below(full, sizeof(full), dir, path);
	unlink(full);
	assert_int_equal(symlink(target, full), 0);
}

uint64_t tree_inode(const char *dir, const char *path)
{
	char full[512];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	assert_int_equal(stat(full, &st), 0);
	return st.st_ino;
}
