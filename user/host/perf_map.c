/* SPDX-License-Identifier: GPL-2.0 */
#include "host/perf_map.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/process_maps.h"

#define N_FILES 8
#define MOST_ENTRIES (1U << 20)
#define MOST_OVERLAPS 64	/* entries before the address that are searched for one covering it */

struct entry {
	uint64_t start, size;
	uint32_t number;	/* of its line: later ones are newer */
	char *name;
};

struct map_file {
	int pid;		/* 0: free */
	struct stat st;		/* as it was when it was read */
	struct entry *entry;
	size_t n;
};

struct perf_maps {
	const char *proc;
	struct map_file file[N_FILES];
};

struct perf_maps *perf_maps_new(const char *proc)
{
	struct perf_maps *p = calloc(1, sizeof(*p));

	if (p)
		p->proc = proc;
	return p;
}

static void forget(struct map_file *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->entry[i].name);
	free(f->entry);
	*f = (struct map_file){};
}

void perf_maps_free(struct perf_maps *p)
{
	for (int i = 0; p && i < N_FILES; i++)
		forget(&p->file[i]);
	free(p);
}

/* The process's id in its own pid namespace: the last of NSpid. */
static int inner_pid(const char *proc, int pid)
{
	char path[PATH_MAX], line[256];
	int inner = pid;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%d/status", proc, pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *last;

		if (strncmp(line, "NSpid:", 6))
			continue;
		last = strrchr(line, '\t');
		if (last)
			inner = atoi(last + 1);
		break;
	}
	if (f)
		fclose(f);
	return inner;
}

/* Whether the process's user or root owns the file. Others may write into /tmp, but are not trusted. */
static bool is_its_own(const struct stat *st, const char *proc, int pid)
{
	char path[PATH_MAX];
	struct stat process;

	snprintf(path, sizeof(path), "%s/%d", proc, pid);
	return !stat(path, &process) && (st->st_uid == process.st_uid || !st->st_uid);
}

static int by_start(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static bool add(struct map_file *f, char *line)
{
	char *rest, *name;
	struct entry e = { .start = strtoull(line, &rest, 16), .number = f->n }, *more;

	e.size = strtoull(rest, &name, 16);
	name += strspn(name, " ");
	if (!e.size || !*name || *name == '\n')
		return true;
	if (!(f->n & (f->n + 1))) {
		more = realloc(f->entry, 2 * (f->n + 1) * sizeof(*more));
		if (!more)
			return false;
		f->entry = more;
	}
	e.name = strndup(name, strcspn(name, "\n"));
	if (!e.name)
		return false;
	f->entry[f->n++] = e;
	return true;
}

static void read_entries(struct map_file *f, FILE *in)
{
	char *line = NULL;
	size_t cap = 0;

	while (f->n < MOST_ENTRIES && getline(&line, &cap, in) > 0 && add(f, line))
		;
	free(line);
	if (f->n)
		qsort(f->entry, f->n, sizeof(f->entry[0]), by_start);
}

static bool is_unchanged(const struct map_file *f, const struct stat *st)
{
	return f->st.st_ino == st->st_ino && f->st.st_dev == st->st_dev && f->st.st_size == st->st_size &&
	       f->st.st_mtim.tv_sec == st->st_mtim.tv_sec && f->st.st_mtim.tv_nsec == st->st_mtim.tv_nsec;
}

/* The file as it is now, or NULL. */
static struct map_file *file_of(struct perf_maps *p, int pid)
{
	struct map_file *f = &p->file[pid % N_FILES];
	char path[64];
	struct stat st;
	FILE *in;
	int fd;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", inner_pid(p->proc, pid));
	fd = process_open(p->proc, pid, path);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !is_its_own(&st, p->proc, pid)) {
		close(fd);
		return NULL;
	}
	if (f->pid == pid && is_unchanged(f, &st)) {
		close(fd);
		return f;
	}
	forget(f);
	in = fdopen(fd, "r");
	if (!in) {
		close(fd);
		return NULL;
	}
	f->pid = pid;
	f->st = st;
	read_entries(f, in);
	fclose(in);
	return f;
}

bool perf_map_name(struct perf_maps *p, int pid, uint64_t addr, const char **name, uint64_t *off)
{
	struct map_file *f = file_of(p, pid);
	const struct entry *best = NULL;
	size_t low = 0, high = f ? f->n : 0;

	while (low < high) {	/* the first entry that begins after the address */
		size_t middle = (low + high) / 2;

		if (f->entry[middle].start <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	/* new code may have taken the place of older code: choose the newest that covers the address */
	for (size_t i = 0; i < low && i < MOST_OVERLAPS; i++) {
		const struct entry *e = &f->entry[low - 1 - i];

		if (addr - e->start < e->size && (!best || e->number > best->number))
			best = e;
	}
	if (!best)
		return false;
	*name = best->name;
	*off = addr - best->start;
	return true;
}
