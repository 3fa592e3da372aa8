/* SPDX-License-Identifier: GPL-2.0 */
/* Actors: processes that make one call at a time, when the director says so. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* Global, because a signal handler gets no context. */
static atomic_int *caught;

static void on_sigpipe(int sig)
{
	(void)sig;
	atomic_fetch_add(caught, 1);
}

static void __attribute__((noreturn)) actor_main(struct actor *a)
{
	uint64_t v;

	prctl(PR_SET_NAME, a->comm);
	caught = &a->sigpipes;
	while (read(a->cmd, &v, sizeof(v)) == sizeof(v)) {
		atomic_store(&a->started, 1);
		a->ret = a->fn(a->arg);
		v = 1;
		if (write(a->done, &v, sizeof(v)) != sizeof(v))
			break;
	}
	_exit(1);
}

static struct actor *actor_slot(struct scene *s, const char *comm)
{
	struct actor *a;

	if (s->n_actors == MAX_ACTORS)
		scene_abort(s, "more than %d actors", MAX_ACTORS);
	a = &s->actors[s->n_actors++];
	a->scene = s;
	snprintf(a->comm, sizeof(a->comm), "%s", comm);
	return a;
}

static void actor_born(struct actor *a, pid_t pid)
{
	a->pid = pid;
	a->pidfd = fd_aside(a->scene, (int)syscall(SYS_pidfd_open, pid, 0));
	a->alive = true;
}

struct actor *actor_new(struct scene *s, const char *comm)
{
	struct actor *a = actor_slot(s, comm);
	pid_t pid = fork();

	if (pid < 0)
		scene_abort(s, "fork: %s", strerror(errno));
	if (!pid) {
		/*
		 * An actor must not hold this pair open: the judge knows by its end that the
		 * director has died.
		 */
		close(s->ctl);
		actor_main(a);
	}
	actor_born(a, pid);
	return a;
}

static long do_fork(const long *arg)
{
	/* Read before the fork: arg belongs to the parent, which may change it at once. */
	struct actor *child = (struct actor *)arg[0];
	pid_t pid = fork();

	if (!pid)
		actor_main(child);
	return pid < 0 ? -errno : pid;
}

struct actor *actor_fork(struct actor *parent, const char *comm)
{
	struct actor *a = actor_slot(parent->scene, comm);
	long pid = actor_call(parent, do_fork, (long[]){ (long)a }, 1);

	if (pid < 0)
		scene_abort(a->scene, "fork in %s: %s", parent->comm, strerror((int)-pid));
	a->orphan = true;
	actor_born(a, (pid_t)pid);
	return a;
}

void actor_begin(struct actor *a, actor_fn fn, const long *arg, int n)
{
	uint64_t v = 1;

	if (!a->alive || a->busy)
		scene_abort(a->scene, "%s is %s", a->comm, a->alive ? "busy" : "dead");
	a->fn = fn;
	memset(a->arg, 0, sizeof(a->arg));
	memcpy(a->arg, arg, n * sizeof(*arg));
	atomic_store(&a->started, 0);
	a->busy = true;
	if (write(a->cmd, &v, sizeof(v)) != sizeof(v))
		scene_abort(a->scene, "eventfd of %s: %s", a->comm, strerror(errno));
}

/* Waits until the call or the actor has ended. Returns false if the actor is dead. */
static bool actor_wait(struct actor *a)
{
	struct pollfd p[] = {
		{ .fd = a->done, .events = POLLIN },
		{ .fd = a->pidfd, .events = POLLIN },
	};
	uint64_t v;
	int n;

	do {
		n = poll(p, 2, a->scene->timeout_ms);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		scene_abort(a->scene, "%s got stuck in a call", a->comm);
	if (p[0].revents)
		return read(a->done, &v, sizeof(v)) == sizeof(v);
	return false;
}

long actor_end(struct actor *a)
{
	if (!actor_wait(a)) {
		actor_reap(a);
		scene_abort(a->scene, "%s died in a call (wait status 0x%x)", a->comm, a->status);
	}
	a->busy = false;
	return a->ret;
}

long actor_call(struct actor *a, actor_fn fn, const long *arg, int n)
{
	actor_begin(a, fn, arg, n);
	return actor_end(a);
}

bool task_sleeps(pid_t pid, pid_t tid)
{
	char path[64], line[256], *p;
	bool sleeps = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fgets(line, sizeof(line), f)) {
		p = strrchr(line, ')');
		sleeps = p && !strncmp(p, ") S", 3);
	}
	fclose(f);
	return sleeps;
}

/* An actor sleeps in two places only: before it takes up the call, and inside it. */
static bool is_blocked(void *ctx)
{
	struct actor *a = ctx;

	return atomic_load(&a->started) && task_sleeps(a->pid, a->pid);
}

void actor_wait_blocked(struct actor *a)
{
	scene_until(a->scene, "actor asleep in its call", is_blocked, a);
}

int actor_reap(struct actor *a)
{
	struct pollfd p = { .fd = a->pidfd, .events = POLLIN };

	if (!a->alive)
		return a->status;
	if (poll(&p, 1, a->scene->timeout_ms) != 1)
		scene_abort(a->scene, "%s does not die", a->comm);
	/* The child of another actor cannot be waited for here. */
	if (!a->orphan && waitpid(a->pid, &a->status, 0) != a->pid)
		scene_abort(a->scene, "waitpid of %s: %s", a->comm, strerror(errno));
	a->alive = false;
	a->busy = false;
	return a->status;
}

bool actor_survives(struct actor *a, actor_fn fn, const long *arg, int n)
{
	actor_begin(a, fn, arg, n);
	if (!actor_wait(a)) {
		actor_reap(a);
		return false;
	}
	a->busy = false;
	return true;
}

int actor_dies(struct actor *a, actor_fn fn, const long *arg, int n)
{
	actor_begin(a, fn, arg, n);
	if (actor_wait(a))
		scene_abort(a->scene, "%s outlived a call that should have ended it: %ld", a->comm,
			    a->ret);
	return actor_reap(a);
}

int actor_kill(struct actor *a, int sig)
{
	if (kill(a->pid, sig))
		scene_abort(a->scene, "kill of %s: %s", a->comm, strerror(errno));
	return actor_reap(a);
}

static long do_sigpipe(const long *arg)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };

	if (arg[0] == ACTOR_SIGPIPE_IGNORE)
		sa.sa_handler = SIG_IGN;
	else if (arg[0] == ACTOR_SIGPIPE_CATCH)
		sa.sa_handler = on_sigpipe;
	return sigaction(SIGPIPE, &sa, NULL) ? -errno : 0;
}

void actor_sigpipe(struct actor *a, enum actor_sigpipe how)
{
	long err = actor_call(a, do_sigpipe, (long[]){ how }, 1);

	if (err)
		scene_abort(a->scene, "sigaction: %s", strerror((int)-err));
}

void want_sender(struct expect *e, const struct actor *a, const char *owners)
{
	want_bool(e, "sender_local", true);
	want_int(e, "sender_pid", a->pid);
	want_str(e, "sender_comm", a->comm);
	want_str(e, "sender_owner", owners);
}

void want_victim(struct expect *e, const struct actor *a, const char *owners, const char *state)
{
	want_bool(e, "victim_local", true);
	want_int(e, "victim_pid", a->pid);
	want_str(e, "victim_comm", a->comm);
	want_str(e, "victim_owner", owners);
	want_str(e, "victim_state", state);
}

struct error_expect *want_error(struct expect *e, int err, const char *syscall, int fd,
				const struct actor *a, bool sigpipe)
{
	want_str(e, "outcome", "error");
	return want_failure(e, strerrorname_np(err), syscall, fd, a->pid, a->comm, sigpipe);
}
