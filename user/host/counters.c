/* SPDX-License-Identifier: GPL-2.0 */
#include "host/counters.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"

#include "host/clock.h"
#include "host/link_reader.h"
#include "host/mountinfo.h"

/* A namespace that was found: read already, or bound to the file `point` and still to be read. */
struct known {
	uint32_t netns;
	char *point;		/* NULL: read */
	UT_hash_handle hh;
};

struct pass {
	const char *proc;
	uint64_t (*now_ns)(void);
	counters_fn fn;
	void *ctx;
	struct known *known;
};

static void note(struct counters *c, const char *name, const char *value)
{
	for (size_t i = 0; i < N_COUNTERS; i++) {
		if (strcmp(counter_names[i], name))
			continue;
		c->value[i] = strtoull(value, NULL, 10);
		c->known[i] = true;
	}
}

/*
 * Both files consist of pairs of lines: "Tcp: names…", then "Tcp: values…". The kernel adds
 * the values up at the first read, not at open(), so *when is taken just before that read.
 */
static void read_file(struct counters *c, const struct pass *p, const char *task, const char *file,
		      uint64_t *when)
{
	char path[PATH_MAX], *heads = NULL, *values = NULL;
	size_t nh = 0, nv = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/net/%s", p->proc, task, file);
	f = fopen(path, "re");
	if (!f)
		return;
	*when = p->now_ns();
	while (getline(&heads, &nh, f) > 0 && getline(&values, &nv, f) > 0) {
		char *hs, *vs;
		char *h = strtok_r(heads, " \n", &hs), *v = strtok_r(values, " \n", &vs);

		while (h && v) {
			note(c, h, v);
			h = strtok_r(NULL, " \n", &hs);
			v = strtok_r(NULL, " \n", &vs);
		}
	}
	free(heads);
	free(values);
	fclose(f);
}

/*
 * Reads through /proc/PID of a task in the namespace. False: the task is gone, or may not be
 * read.
 */
static bool take_reading(struct netns_reading *r, const struct pass *p, const char *task,
			 uint32_t netns)
{
	uint64_t unused;

	*r = (struct netns_reading){ .netns = netns };
	read_file(&r->counters, p, task, "snmp", &r->time_ns);
	read_file(&r->counters, p, task, "netstat", &unused);
	return r->counters.known[CTR_OUT_RSTS];
}

/* The number in "net:[4026531840]", the name of a namespace's link or mount; 0: it is no such name. */
static uint32_t netns_number(const char *name)
{
	uint32_t netns;
	int end = 0;

	return sscanf(name, "net:[%u]%n", &netns, &end) == 1 && end && !name[end] ? netns : 0;
}

static uint32_t netns_of_task(const char *proc, const char *task)
{
	char path[PATH_MAX], name[64];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%.20s/ns/net", proc, task);
	n = link_read(path, name, sizeof(name) - 1);
	if (n < 0)
		return 0;
	name[n] = '\0';
	return netns_number(name);
}

static struct known *find(const struct pass *p, uint32_t netns)
{
	struct known *k;

	HASH_FIND(hh, p->known, &netns, sizeof(netns), k);
	return k;
}

/* Takes ownership of `point`. */
static int add(struct pass *p, uint32_t netns, char *point)
{
	struct known *k = calloc(1, sizeof(*k));

	if (!k) {
		free(point);
		return -ENOMEM;
	}
	k->netns = netns;
	k->point = point;
	HASH_ADD(hh, p->known, netns, sizeof(k->netns), k);
	return 0;
}

static void forget_all(struct pass *p)
{
	struct known *k, *tmp;

	HASH_ITER(hh, p->known, k, tmp) {
		HASH_DEL(p->known, k);
		free(k->point);
		free(k);
	}
}

/* /proc/PID/net shows the namespace of that process, so there is no need to enter it. */
static int read_by_processes(struct pass *p)
{
	DIR *dir = opendir(p->proc);
	struct netns_reading r;
	struct dirent *de;
	uint32_t netns;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (de = readdir(dir))) {
		if (!isdigit((unsigned char)de->d_name[0]))
			continue;
		netns = netns_of_task(p->proc, de->d_name);
		if (!netns || find(p, netns) || !take_reading(&r, p, de->d_name, netns))
			continue;
		err = add(p, netns, NULL) ?: p->fn(p->ctx, &r);
	}
	closedir(dir);
	return err;
}

/* Notes the namespaces that are bound to a file and have no process. */
static int find_bound(struct pass *p, bool *any)
{
	char path[PATH_MAX];
	struct mountinfo m = {};
	uint32_t netns;
	int err = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/self/mountinfo", p->proc);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (!err && mountinfo_next(&m, f)) {
		netns = strcmp(m.type, "nsfs") ? 0 : netns_number(m.root);
		if (!netns || find(p, netns))
			continue;
		*any = true;
		err = add(p, netns, strdup(m.point));
	}
	mountinfo_free(&m);
	fclose(f);
	return err;
}

/* In the child process: enters each bound namespace and writes its reading to the pipe. */
static void read_inside(const struct pass *p, int out)
{
	struct netns_reading r;
	struct known *k, *tmp;
	int fd;

	HASH_ITER(hh, p->known, k, tmp) {
		if (!k->point)
			continue;
		fd = open(k->point, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!setns(fd, CLONE_NEWNET) && take_reading(&r, p, "thread-self", k->netns) &&
		    write(out, &r, sizeof(r)) != sizeof(r))
			return;
		close(fd);
	}
}

_Static_assert(sizeof(struct netns_reading) <= PIPE_BUF, "a reading is written whole");

static int hand_over(struct pass *p, int in)
{
	struct netns_reading r;
	ssize_t n;
	int err = 0;

	while (!err) {
		n = read(in, &r, sizeof(r));
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(r))
			break;
		err = p->fn(p->ctx, &r);
	}
	return err;
}

/* A child process enters the namespaces, so that this process never leaves its own. */
static int read_bound(struct pass *p)
{
	bool any = false;
	int fd[2], err = find_bound(p, &any);
	pid_t pid;

	if (err || !any || pipe2(fd, O_CLOEXEC))
		return err;
	pid = fork();
	if (!pid) {
		close(fd[0]);
		read_inside(p, fd[1]);
		_exit(0);
	}
	close(fd[1]);
	if (pid > 0)
		err = hand_over(p, fd[0]);
	close(fd[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err;
}

int counters_each(const char *proc, uint64_t (*now_ns)(void), counters_fn fn, void *ctx)
{
	struct pass p = { .proc = proc, .now_ns = now_ns ?: clock_mono_ns, .fn = fn, .ctx = ctx };
	int err = read_by_processes(&p) ?: read_bound(&p);

	forget_all(&p);
	return err;
}

uint32_t counters_own_netns(const char *proc)
{
	return netns_of_task(proc, "self");
}
