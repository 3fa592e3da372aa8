/* SPDX-License-Identifier: GPL-2.0 */
#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cgroup_tree.h"
#include "host/clock.h"
#include "host/container_name.h"
#include "host/link_reader.h"

#define CACHE_BITS 8
#define N_RECENT 64
#define RECENT_NS 5000000ULL		/* too short for a pid to be used again, and mostly for exec */
#define NEGATIVE_NS 1000000000ULL	/* how long "not found" holds */

/* What is known of a control group id; ids are never used twice. */
struct cached {
	uint64_t id;		/* 0: free */
	uint64_t missing_until;	/* 0: place is valid */
	struct cgroup_place place;
};

/*
 * A process that was looked up a moment ago. In a storm the same few processes are
 * looked up thousands of times a second, with a dozen system calls each time.
 */
struct recent {
	int64_t pid, tid;
	char comm[RST_COMM_LEN];
	uint64_t cgroup_id;
	uint64_t until_ns;	/* 0: the slot is free */
	int err;		/* 0: place is valid */
	char process[RST_COMM_LEN];	/* its first thread's name */
	char exe[sizeof(((struct endpoint *)0)->exe)];
	struct cgroup_place place;
};

struct live {
	struct resolver base;
	char *proc;
	struct cgroup_tree tree;
	struct container_names *names;
	bool mixed;		/* there are version 1 hierarchies, too, which a v2 id does not show */
	uint64_t (*now_ns)(void);
	struct cached cache[1 << CACHE_BITS];
	struct recent recent[N_RECENT];
};

void resolve_endpoint(struct resolver *r, struct endpoint *ep)
{
	if (ep->local == 0 || ep->owner == OWNER_KERNEL)
		return;
	if (ep->pid > 0 && !r->ops->pid(r, ep))
		return;
	if (ep->cgroup_id)
		r->ops->cgroup(r, ep);
}

void resolver_free(struct resolver *r)
{
	if (r)
		r->ops->free(r);
}

static struct live *live_of(struct resolver *r)
{
	return (struct live *)r;
}

/* The slot of an id; if another id had it, it is emptied. */
static struct cached *slot(struct live *lv, uint64_t id)
{
	return &lv->cache[(id * 0x9e3779b97f4a7c15ULL) >> (64 - CACHE_BITS)];
}

static void remember(struct live *lv, uint64_t id, const struct cgroup_place *place)
{
	struct cached *c = slot(lv, id);

	*c = (struct cached){ .id = id };
	if (place)
		c->place = *place;
	else
		c->missing_until = lv->now_ns() + NEGATIVE_NS;
}

static void apply(struct live *lv, struct endpoint *ep, const struct cgroup_place *place)
{
	const struct container_name *c;

	memcpy(ep->cgroup, place->path, sizeof(ep->cgroup));
	memcpy(ep->container, place->container, sizeof(ep->container));
	memcpy(ep->unit, place->unit, sizeof(ep->unit));
	if (!place->container[0] && !place->pod[0])
		return;
	c = container_names_find(lv->names, place->container, place->pod, lv->now_ns());
	memcpy(ep->container_name, c->name, sizeof(ep->container_name));
	memcpy(ep->pod, c->pod, sizeof(ep->pod));
}

_Static_assert(sizeof(((struct endpoint *)0)->cgroup) ==
		       sizeof(((struct cgroup_place *)0)->path), "copied whole");
_Static_assert(sizeof(((struct endpoint *)0)->container) ==
		       sizeof(((struct cgroup_place *)0)->container), "copied whole");
_Static_assert(sizeof(((struct endpoint *)0)->unit) ==
		       sizeof(((struct cgroup_place *)0)->unit), "copied whole");
_Static_assert(sizeof(((struct endpoint *)0)->container_name) ==
		       sizeof(((struct container_name *)0)->name), "copied whole");
_Static_assert(sizeof(((struct endpoint *)0)->pod) ==
		       sizeof(((struct container_name *)0)->pod), "copied whole");

/* Reads at most cap bytes of a file. Returns their number or a negative errno. */
static ssize_t read_file(const char *path, char *buf, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf + len, cap - len);
		if (n > 0)
			len += n;
	} while (len < cap && (n > 0 || (n < 0 && errno == EINTR)));
	if (n < 0)
		n = -errno;
	close(fd);
	return n < 0 ? n : (ssize_t)len;
}

/* The name in a /proc/PID/comm file, or "". */
static void read_comm(const char *path, char comm[RST_COMM_LEN])
{
	char buf[RST_COMM_LEN + 1];
	ssize_t n = read_file(path, buf, sizeof(buf));

	memset(comm, 0, RST_COMM_LEN);
	if (n > 0 && buf[n - 1] == '\n')
		memcpy(comm, buf, n - 1);
}

/*
 * Whether the process is still the one that was seen: ids are used again, and exec replaces
 * programs. It counts as the same if it has a thread with the name that was seen. The
 * process's own name is put into `name`.
 */
static bool same_process(const struct live *lv, const struct endpoint *ep, char name[RST_COMM_LEN])
{
	char path[PATH_MAX], process[RST_COMM_LEN], thread[RST_COMM_LEN] = "";

	snprintf(path, sizeof(path), "%s/%" PRId64 "/comm", lv->proc, ep->pid);
	read_comm(path, process);
	if (ep->tid > 0 && strncmp(process, ep->comm, RST_COMM_LEN)) {
		snprintf(path, sizeof(path), "%s/%" PRId64 "/task/%" PRId64 "/comm", lv->proc,
			 ep->pid, ep->tid);
		read_comm(path, thread);
	}
	if (!ep->comm[0] || (strncmp(process, ep->comm, RST_COMM_LEN) &&
			     strncmp(thread, ep->comm, RST_COMM_LEN)))
		return false;
	memcpy(name, process, sizeof(process));
	return true;
}

static void read_exe(const struct live *lv, struct recent *r)
{
	char path[PATH_MAX], target[sizeof(r->exe)];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%" PRId64 "/exe", lv->proc, r->pid);
	n = link_read(path, target, sizeof(target));
	/* a path that fills the buffer may have been cut, so it is not used */
	if (n <= 0 || (size_t)n >= sizeof(target))
		return;
	memcpy(r->exe, target, n);
	r->exe[n] = '\0';
}

/* Whether the path is the group with that id: 1, 0, or -1 if that cannot be told. */
static int path_has_id(const struct live *lv, const char *cgroup, uint64_t id)
{
	char path[PATH_MAX];
	struct stat st;

	/* a path with ".." is outside this process's cgroup namespace, so not below its mount */
	if (!lv->tree.mount || !cgroup[0] || !strncmp(cgroup, "/..", 3))
		return -1;
	snprintf(path, sizeof(path), "%s%s", lv->tree.mount, cgroup);
	if (stat(path, &st))
		return -1;
	return st.st_ino == id;
}

/* The group of a process that runs, from /proc/PID/cgroup. */
static int read_place(struct live *lv, const struct endpoint *ep, struct cgroup_place *place)
{
	char path[PATH_MAX], text[16384];
	ssize_t n;
	int same, err;

	snprintf(path, sizeof(path), "%s/%" PRId64 "/cgroup", lv->proc, ep->pid);
	n = read_file(path, text, sizeof(text));
	if (n < 0)
		return n;
	err = cgroup_file_parse(text, n, place);
	if (err || !ep->cgroup_id || lv->mixed)
		return err;
	same = path_has_id(lv, place->path, ep->cgroup_id);
	if (same == 1)
		remember(lv, ep->cgroup_id, place);
	/* -ESTALE: it has moved to another group since, or is another process with the same id */
	return same ? 0 : -ESTALE;
}

static int look_at(struct live *lv, const struct endpoint *ep, struct recent *r)
{
	struct cached *c;

	if (!same_process(lv, ep, r->process))
		return -ESRCH;
	read_exe(lv, r);
	c = ep->cgroup_id && !lv->mixed ? slot(lv, ep->cgroup_id) : NULL;
	if (!c || c->id != ep->cgroup_id || c->missing_until)
		return read_place(lv, ep, &r->place);
	r->place = c->place;
	return 0;
}

static bool is_of(const struct recent *r, const struct endpoint *ep)
{
	return r->pid == ep->pid && r->tid == ep->tid && r->cgroup_id == ep->cgroup_id &&
	       !memcmp(r->comm, ep->comm, sizeof(r->comm));
}

static int live_pid(struct resolver *resolver, struct endpoint *ep)
{
	struct live *lv = live_of(resolver);
	struct recent *r = &lv->recent[ep->pid % N_RECENT];
	uint64_t now = lv->now_ns();

	if (now >= r->until_ns || !is_of(r, ep)) {
		*r = (struct recent){ .pid = ep->pid, .tid = ep->tid, .cgroup_id = ep->cgroup_id };
		memcpy(r->comm, ep->comm, sizeof(r->comm));
		r->err = look_at(lv, ep, r);
		r->until_ns = now + RECENT_NS;
	}
	if (r->process[0])
		memcpy(ep->process, r->process, sizeof(ep->process));
	if (r->exe[0])
		memcpy(ep->exe, r->exe, sizeof(ep->exe));
	if (!r->err)
		apply(lv, ep, &r->place);
	return r->err;
}

static int live_cgroup(struct resolver *r, struct endpoint *ep)
{
	struct live *lv = live_of(r);
	struct cached *c = slot(lv, ep->cgroup_id);
	struct cgroup_place place;
	bool known = c->id == ep->cgroup_id;

	if (known && c->missing_until && lv->now_ns() < c->missing_until)
		return -ENOENT;
	if (!known || c->missing_until) {
		if (cgroup_tree_find(&lv->tree, ep->cgroup_id, &place)) {
			remember(lv, ep->cgroup_id, NULL);
			return -ENOENT;
		}
		remember(lv, ep->cgroup_id, &place);
	}
	apply(lv, ep, &c->place);
	return 0;
}

/* Whether there are version 1 hierarchies, from the tracer's own /proc/self/cgroup. */
static bool is_mixed(const char *proc)
{
	char path[PATH_MAX], text[16384];
	struct cgroup_place place;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/self/cgroup", proc);
	n = read_file(path, text, sizeof(text));
	return n > 0 && !cgroup_file_parse(text, n, &place) && place.mixed;
}

static void live_free(struct resolver *r)
{
	struct live *lv = live_of(r);

	free(lv->proc);
	cgroup_tree_close(&lv->tree);
	container_names_free(lv->names);
	free(lv);
}

static const struct resolver_ops live_ops = {
	.pid = live_pid,
	.cgroup = live_cgroup,
	.free = live_free,
};

int resolver_open(const char *proc, const char *root, uint64_t (*now_ns)(void),
		  struct resolver **out)
{
	struct live *lv = calloc(1, sizeof(*lv));

	if (!lv)
		return -ENOMEM;
	lv->base.ops = &live_ops;
	lv->tree.fd = -1;
	lv->now_ns = now_ns ? now_ns : clock_mono_ns;
	lv->proc = strdup(proc);
	lv->names = container_names_new(root);
	if (!lv->proc || !lv->names) {
		live_free(&lv->base);
		return -ENOMEM;
	}
	cgroup_tree_open(&lv->tree, proc);
	lv->mixed = is_mixed(proc);
	*out = &lv->base;
	return 0;
}
