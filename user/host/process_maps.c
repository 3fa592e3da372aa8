/* SPDX-License-Identifier: GPL-2.0 */
#include "host/process_maps.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DELETED " (deleted)"
#define VDSO "[vdso]"
#define MOST_VDSO (1U << 20)

static bool parse_line(struct mapping *m, const char *line)
{
	char perms[5] = "";
	unsigned int major, minor;
	int at = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &m->start,
		   &m->end, perms, &m->offset, &major, &minor, &m->ino, &at) != 7)
		return false;
	m->dev = (uint64_t)major << 32 | minor;
	m->code = perms[2] == 'x';
	m->path = strndup(line + at, strcspn(line + at, "\n"));
	return m->path != NULL;
}

/* FNV-1a */
static uint64_t add_to_key(uint64_t key, const char *line)
{
	for (; *line; line++)
		key = (key ^ (unsigned char)*line) * 0x100000001b3ULL;
	return key;
}

static int add(struct process_maps *m, const char *line)
{
	struct mapping one = {}, *more;

	if (!parse_line(&one, line))
		return -EBADMSG;
	if (!(m->n & (m->n + 1))) {
		more = realloc(m->map, 2 * (m->n + 1) * sizeof(*more));
		if (!more) {
			free(one.path);
			return -ENOMEM;
		}
		m->map = more;
	}
	m->map[m->n++] = one;
	if (one.code && one.path[0])
		m->key = add_to_key(m->key, line);
	return 0;
}

int process_maps_read(struct process_maps *m, const char *proc, int pid)
{
	char path[PATH_MAX], *line = NULL;
	size_t cap = 0;
	int err = 0;
	FILE *f;

	*m = (struct process_maps){ .key = 0xcbf29ce484222325ULL };
	snprintf(path, sizeof(path), "%s/%d/maps", proc, pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (!err && getline(&line, &cap, f) > 0)
		err = add(m, line);
	free(line);
	fclose(f);
	return err ?: m->n ? 0 : -ESRCH;
}

void process_maps_free(struct process_maps *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->map[i].path);
	free(m->map);
	*m = (struct process_maps){};
}

const struct mapping *process_maps_at(const struct process_maps *m, uint64_t addr)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (m->map[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->n && m->map[low].start <= addr ? &m->map[low] : NULL;
}

const char *mapping_name(const struct mapping *m)
{
	const char *slash = strrchr(m->path, '/');

	return slash ? slash + 1 : m->path;
}

static int open_root(const char *proc, int pid)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%d/root", proc, pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int process_open(const char *proc, int pid, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .resolve = RESOLVE_IN_ROOT };
	int root = open_root(proc, pid), fd;
	struct stat st;

	if (root < 0)
		return -errno;
	fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0)
		fd = -errno;
	close(root);
	if (fd < 0 || (!fstat(fd, &st) && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	return -EINVAL;
}

/* The vDSO, code that the kernel maps into every process, is in no file: it is copied from memory. */
static int open_vdso(const struct mapping *m, const char *proc, int pid)
{
	size_t size = m->end - m->start;
	char path[PATH_MAX], *bytes = size <= MOST_VDSO ? malloc(size) : NULL;
	int mem, fd = -ENOMEM;

	if (!bytes)
		return fd;
	snprintf(path, sizeof(path), "%s/%d/mem", proc, pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	fd = mem < 0 ? -errno : memfd_create("vdso", MFD_CLOEXEC);
	if (fd >= 0 && (pread(mem, bytes, size, m->start) != (ssize_t)size || write(fd, bytes, size) != (ssize_t)size)) {
		close(fd);
		fd = -EIO;
	}
	if (mem >= 0)
		close(mem);
	free(bytes);
	return fd;
}

static bool is_deleted(const char *path)
{
	size_t n = strlen(path);

	return n > strlen(DELETED) && !strcmp(path + n - strlen(DELETED), DELETED);
}

int mapping_open(const struct mapping *m, const char *proc, int pid, char *path, size_t len)
{
	struct stat st;
	int fd = -ENOENT;

	snprintf(path, len, "%s", m->path);
	if (!strcmp(m->path, VDSO))
		return open_vdso(m, proc, pid);
	if (m->path[0] != '/')
		return -ENOENT;
	if (!is_deleted(m->path))
		fd = process_open(proc, pid, m->path);
	snprintf(path, len, "%s/%d/root%s", proc, pid, m->path);
	if (fd >= 0 && !fstat(fd, &st) && st.st_ino == m->ino)
		return fd;
	if (fd >= 0)
		close(fd);
	/* the file was deleted or replaced: map_files still has it, but needs one more privilege */
	snprintf(path, len, "%s/%d/map_files/%" PRIx64 "-%" PRIx64, proc, pid, m->start, m->end);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
