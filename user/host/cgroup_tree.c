/* SPDX-License-Identifier: GPL-2.0 */
#include "host/cgroup_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host/mountinfo.h"

#define MAX_DEPTH 32			/* of the tree */
#define HANDLE_KERNFS 0xfe		/* FILEID_KERNFS in include/linux/exportfs.h: the id alone */

/* Where a whole cgroup2 tree is mounted, or NULL. */
static char *find_mount(const char *proc)
{
	struct mountinfo m = {};
	char path[PATH_MAX], *mount = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "%s/self/mountinfo", proc);
	f = fopen(path, "re");
	while (f && !mount && mountinfo_next(&m, f))
		if (!strcmp(m.type, "cgroup2") && !strcmp(m.root, "/"))
			mount = strdup(m.point);
	mountinfo_free(&m);
	if (f)
		fclose(f);
	return mount;
}

void cgroup_tree_open(struct cgroup_tree *t, const char *proc)
{
	struct statfs fs;

	t->mount = find_mount(proc);
	t->fd = t->mount ? open(t->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	/* on another file system the same handle would mean something else */
	if (t->fd >= 0 && (fstatfs(t->fd, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)) {
		close(t->fd);
		t->fd = -1;
	}
}

void cgroup_tree_close(struct cgroup_tree *t)
{
	if (t->fd >= 0)
		close(t->fd);
	free(t->mount);
}

/* The path of an open file, as this process sees it. */
static int path_of(int fd, char path[PATH_MAX])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	return 0;
}

/*
 * The path of the group, opened by its id. Returns 0; -ENOENT when there is no such group below
 * the mount; another negative errno when this process may not open by handle.
 */
static int open_by_id(const struct cgroup_tree *t, uint64_t id, char path[PATH_MAX])
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} h = { .handle = { .handle_bytes = sizeof(id), .handle_type = HANDLE_KERNFS } };
	size_t len = strlen(t->mount);
	int fd, err;

	memcpy(h.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(t->fd, &h.handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ESTALE ? -ENOENT : -errno;
	err = path_of(fd, path);
	close(fd);
	/* a group outside our cgroup namespace has no path below the mount */
	if (!err && (strncmp(path, t->mount, len) || (path[len] && path[len] != '/')))
		err = -ENOENT;
	return err;
}

/*
 * Finds the directory below path (of *len bytes, in PATH_MAX) whose inode is
 * id; path is it on success. Returns 0 or -ENOENT.
 */
static int find_inode(char *path, size_t len, uint64_t id, int depth)
{
	DIR *dir = opendir(path);
	struct dirent *de;
	int err = -ENOENT;

	while (err && dir && (de = readdir(dir))) {
		struct stat st;
		int n;

		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, "..") ||
		    (de->d_type != DT_DIR && de->d_type != DT_UNKNOWN))
			continue;
		if (fstatat(dirfd(dir), de->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISDIR(st.st_mode))
			continue;
		n = snprintf(path + len, PATH_MAX - len, "/%s", de->d_name);
		if (n < 0 || (size_t)n >= PATH_MAX - len)
			continue;
		if (st.st_ino == id)
			err = 0;
		else if (depth < MAX_DEPTH)
			err = find_inode(path, len + n, id, depth + 1);
	}
	if (err)
		path[len] = '\0';
	if (dir)
		closedir(dir);
	return err;
}

int cgroup_tree_find(struct cgroup_tree *t, uint64_t id, struct cgroup_place *place)
{
	char path[PATH_MAX];
	struct stat st;
	int err = -EPERM;
	size_t len;

	if (!t->mount || strlen(t->mount) >= sizeof(path))
		return -ENOENT;
	len = strlen(t->mount);
	if (t->fd >= 0)
		err = open_by_id(t, id, path);
	if (err && err != -ENOENT) {
		strcpy(path, t->mount);
		err = !stat(path, &st) && st.st_ino == id ? 0 : find_inode(path, len, id, 0);
	}
	if (err)
		return err;
	if (path[len])
		cgroup_path_parse(path + len, strlen(path + len), place);
	else
		cgroup_path_parse("/", 1, place);
	return 0;
}
