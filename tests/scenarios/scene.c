/* SPDX-License-Identifier: GPL-2.0 */
/* The director: a scenario's process in its own network namespace. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probes.h"
#include "scene.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/*
 * Numbers below this are left to the sockets under test, so that their descriptors are the same in
 * each run.
 */
#define FIRST_HIGH_FD 100

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

void scene_note(struct scene *s, const struct complaint *c)
{
	if (s->n_complaints < MAX_COMPLAINTS)
		s->complaints[s->n_complaints++] = *c;
}

static void complain(struct scene *s, const char *fmt, va_list ap)
{
	struct complaint c = { .kind = OF_ACTORS };

	vsnprintf(c.got, sizeof(c.got), fmt, ap);
	scene_note(s, &c);
}

void scene_complain(struct scene *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(s, fmt, ap);
	va_end(ap);
}

void scene_abort(struct scene *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(s, fmt, ap);
	va_end(ap);
	_exit(1);
}

void scene_gave_up(struct scene *s, const char *what)
{
	struct complaint c = { .kind = OF_SCENE };

	snprintf(c.got, sizeof(c.got), "%s", what);
	scene_note(s, &c);
	_exit(1);
}

void scene_skip(struct scene *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->skip, sizeof(s->skip), fmt, ap);
	va_end(ap);
	_exit(0);
}

void scene_same(struct scene *s, const char *what, long expected, long got)
{
	if (got != expected)
		scene_complain(s, "%s: expected %ld, got %ld", what, expected, got);
}

bool scene_probed(const struct scene *s, const char *probe)
{
	return !s->probes || probe_there(s->probes, probe);
}

struct expect *scene_expect(struct scene *s, const char *kind, const char *cause)
{
	struct expect *e;

	if (s->n_expects == MAX_EXPECTS)
		scene_abort(s, "more than %d incidents expected", MAX_EXPECTS);
	e = &s->expects[s->n_expects++];
	memset(e, 0, sizeof(*e));
	want_str(e, "kind", kind);
	want_str(e, "cause", cause);
	want_int(e, "netns", (int64_t)s->netns);
	return e;
}

/* Asks the judge and waits for its answer. The judge has the deadlines. */
static char request(struct scene *s, enum request req)
{
	char c = (char)req;

	if (write(s->ctl, &c, 1) != 1 || read(s->ctl, &c, 1) != 1)
		_exit(1);
	return c;
}

void scene_start_tracer(struct scene *s)
{
	request(s, REQ_TRACER);
}

void scene_checkpoint(struct scene *s)
{
	request(s, REQ_CHECK);
}

void scene_sysctl(struct scene *s, const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		scene_skip(s, "%s: %s", path, strerror(errno));
	if (write(fd, value, strlen(value)) < 0)
		scene_abort(s, "writing %s to %s: %s", value, path, strerror(errno));
	close(fd);
}

void scene_until(struct scene *s, const char *what, bool (*fn)(void *ctx), void *ctx)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	int64_t end = now_ms() + s->timeout_ms;
	unsigned int i;

	for (i = 0; !fn(ctx); i++) {
		if (now_ms() > end)
			scene_gave_up(s, what);
		/*
		 * nothing can be polled: let other processes run first, then look less and less
		 * often
		 */
		if (i < 50)
			sched_yield();
		else
			nanosleep(&ms, NULL);
	}
}

static void loopback_up(struct scene *s)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		scene_abort(s, "bringing lo up: %s", strerror(errno));
	close(fd);
}

static void enter_namespace(struct scene *s)
{
	struct stat st;
	int fd;

	if (unshare(CLONE_NEWNET))
		scene_abort(s, "unshare(CLONE_NEWNET): %s", strerror(errno));
	if (stat("/proc/self/ns/net", &st))
		scene_abort(s, "/proc/self/ns/net: %s", strerror(errno));
	s->netns = st.st_ino;
	loopback_up(s);
	/*
	 * A tail loss probe (RFC 8985) is sent if a RST takes longer than the probe waits, and
	 * draws a second RST: so probes are off.
	 */
	scene_sysctl(s, "net/ipv4/tcp_early_retrans", "0");
	if (s->family == V4)
		return;
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		scene_skip(s, "no IPv6: %s", strerror(errno));
	close(fd);
}

/*
 * Makes a reset that no call notices, on a port of its own. For that the tracer has to wait its
 * full settle time; so when it reports this one, it has reported all that happened before.
 */
static void marker(struct scene *s)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(MARKER_PORT),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	s->marker = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->marker < 0)
		scene_abort(s, "socket: %s", strerror(errno));
	if (!connect(s->marker, (struct sockaddr *)&to, sizeof(to)) || errno != EINPROGRESS)
		scene_abort(s, "the marker's connect: %s", strerror(errno));
}

int fd_aside(struct scene *s, int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);

	if (high < 0)
		scene_abort(s, "no file descriptor: %s", strerror(errno));
	close(fd);
	return high;
}

/* Closes what the judge had open, so that actors do not inherit it. */
static void set_up_files(struct scene *s)
{
	int i;

	s->ctl = fd_aside(s, s->ctl);
	if (syscall(SYS_close_range, 3, s->ctl - 1, 0) ||
	    syscall(SYS_close_range, s->ctl + 1, ~0U, 0))
		scene_abort(s, "close_range: %s", strerror(errno));
	for (i = 0; i < MAX_ACTORS; i++) {
		s->actors[i].cmd = fd_aside(s, eventfd(0, 0));
		s->actors[i].done = fd_aside(s, eventfd(0, 0));
	}
}

static long do_exit(const long *arg)
{
	_exit((int)arg[0]);
}

static void __attribute__((noreturn)) director(struct scene *s)
{
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "rt-director");
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	set_up_files(s);
	enter_namespace(s);
	request(s, REQ_READY);
	s->sc->run(s);
	marker(s);
	request(s, REQ_DONE);
	for (i = s->n_actors - 1; i >= 0; i--)
		if (s->actors[i].alive)
			actor_dies(&s->actors[i], do_exit, (long[]){ 0 }, 1);
	/* until it is killed */
	while (request(s, REQ_OVER) == SAY_STAY)
		pause();
	_exit(0);
}

pid_t scene_fork(struct scene *s)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		director(s);
	/* Parent and child both set the process group, so that neither depends on the other's speed. */
	setpgid(pid, pid);
	return pid;
}
