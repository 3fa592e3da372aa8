/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limits of orphans and of TCP's memory. They are the host's, not the namespace's: so a process
 * lowers them for as short a time as possible, and puts them back whatever happens to the scene.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net.h"
#include "registry.h"
#include "wire.h"

enum { ORPHANS, MEMORY };

/* -1 orphans and 0 bytes: every orphan, and any memory in use, is beyond these limits. */
static const struct limit {
	const char *path, *low;
} limits[] = {
	[ORPHANS] = { "/proc/sys/net/ipv4/tcp_max_orphans", "-1" },
	[MEMORY] = { "/proc/sys/net/ipv4/tcp_mem", "0 0 0" },
};

/* So much unsent data that no processor's share of the memory hides it: each hides up to a megabyte. */
#define SEND_BUFFER (8 << 20)
#define UNSENT (3 << 20)
#define CHUNK (IO_BUF / 2)

struct guard {
	struct scene *s;
	pid_t pid;
	int fd;
};

enum { ASK_LOWER = 'l', ASK_RESTORE = 'r', SAY_YES = 'y', SAY_NO = 'n' };

/* Only the host's first namespace has the limit; the judge is most likely in it. */
static int open_limit(pid_t judge, const struct limit *l)
{
	char path[40];
	int ns, r;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", judge);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		return -1;
	r = setns(ns, CLONE_NEWNET);
	close(ns);
	return r ? -1 : open(l->path, O_RDWR | O_CLOEXEC);
}

static bool set_limit(int fd, const char *value)
{
	return pwrite(fd, value, strlen(value), 0) == (ssize_t)strlen(value);
}

/*
 * The guard: sets the limit when told to, and puts the old one back when the other end of its
 * socket closes.
 */
static void __attribute__((noreturn)) guard_main(int ctl, pid_t judge, const struct limit *l)
{
	char old[64] = "", req, answer;
	int fd = open_limit(judge, l);

	/* The guard leaves the process group of the scene, which may be killed as a whole. */
	setsid();
	if (fd >= 0 && pread(fd, old, sizeof(old) - 1, 0) <= 0)
		fd = -1;
	while (read(ctl, &req, 1) == 1) {
		answer = fd >= 0 && set_limit(fd, req == ASK_LOWER ? l->low : old) ? SAY_YES : SAY_NO;
		if (write(ctl, &answer, 1) != 1)
			break;
	}
	if (fd >= 0)
		set_limit(fd, old);
	_exit(0);
}

static struct guard guard_start(struct scene *s)
{
	struct guard g = { .s = s };
	pid_t judge = getppid();
	int pair[2];

	if (!getenv("SCENARIOS_OWN_THE_HOST"))
		scene_skip(s, "changes a limit of the whole host: only with SCENARIOS_OWN_THE_HOST set");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		scene_abort(s, "socketpair: %s", strerror(errno));
	g.pid = fork();
	if (g.pid < 0)
		scene_abort(s, "fork: %s", strerror(errno));
	if (!g.pid) {
		close(pair[0]);
		close(s->ctl);
		guard_main(pair[1], judge, &limits[s->arg]);
	}
	close(pair[1]);
	g.fd = fd_aside(s, pair[0]);
	return g;
}

static void guard_ask(struct guard *g, char what)
{
	char answer = SAY_NO;

	if (write(g->fd, &what, 1) != 1 || read(g->fd, &answer, 1) != 1 || answer != SAY_YES)
		scene_skip(g->s, "%s cannot be set from here", limits[g->s->arg].path);
}

static void guard_end(struct guard *g)
{
	close(g->fd);
	if (waitpid(g->pid, NULL, 0) != g->pid)
		scene_abort(g->s, "waitpid of the guard: %s", strerror(errno));
}

static struct expect *expect_dropped(const struct peer *p, const struct actor *cli, int fd)
{
	struct expect *e = scene_expect(p->w->s, "active", "out-of-memory");

	want_far_victim(e, p);
	want_sender(e, cli, "caller|socket");
	want_str(e, "sender_state", "FIN_WAIT1");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", fd);
	want_str(e, "outcome", "remote");
	maybe_str(e, "reason", "TCP_ABORT_ON_MEMORY|NOT_SPECIFIED");
	return e;
}

/* Sends more than the far host takes. */
static void fill(struct actor *a, int fd)
{
	int size = SEND_BUFFER, sent;

	net_setsockopt(a, fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	for (sent = 0; sent < UNSENT; sent += CHUNK)
		net_send(a, fd, CHUNK);
}

/* Opens a connection; if memory is the limit, with data that the far host has no room for. */
static int open_connection(struct scene *s, struct wire *w, struct actor *cli, struct peer *p)
{
	int fd;

	wire_open(s, w);
	if (s->arg == MEMORY)
		w->window = 0;
	fd = peer_accept(w, cli, p);
	if (s->arg == MEMORY)
		fill(cli, fd);
	return fd;
}

/* At close() at least the FIN finds no memory to wait in. */
static void limit_close(struct scene *s)
{
	/* an actor must not hold the guard's socket, which waits until its other end is closed */
	struct actor *cli = actor_new(s, "rt-client");
	struct guard g = guard_start(s);
	struct wire w;
	struct peer p;
	int fd;

	fd = open_connection(s, &w, cli, &p);
	guard_ask(&g, ASK_RESTORE);
	guard_ask(&g, ASK_LOWER);
	net_close(cli, fd);
	guard_ask(&g, ASK_RESTORE);
	guard_end(&g);
	peer_await(&p, SEG_RST);
	want_str(expect_dropped(&p, cli, fd), "sender_owner", "caller");
}

/* The memory is used up when the FIN is sent again, or the closed window is probed. */
static void limit_timer(struct scene *s)
{
	struct actor *cli = actor_new(s, "rt-client");
	struct guard g = guard_start(s);
	struct wire w;
	struct peer p;
	int fd;

	fd = open_connection(s, &w, cli, &p);
	guard_ask(&g, ASK_RESTORE);
	net_close(cli, fd);
	if (s->arg == ORPHANS)
		peer_await(&p, SEG_FIN);
	guard_ask(&g, ASK_LOWER);
	peer_await(&p, SEG_RST);
	guard_ask(&g, ASK_RESTORE);
	guard_end(&g);
	want_str(expect_dropped(&p, cli, fd), "sender_owner", "socket");
}

const struct scenario limits_scenarios[] = {
	ROW("orphan-limit", "closed when the limit of orphans is reached", limit_close, V4,
	    .flags = SC_ALONE, .arg = ORPHANS),
	ROW("orphan-limit-v6", "the same over IPv6", limit_close, V6,
	    .flags = SC_ALONE, .arg = ORPHANS),
	ROW("orphan-limit-timer", "the limit of orphans is reached before a retransmission",
	    limit_timer, V4, .flags = SC_ALONE, .arg = ORPHANS),
	ROW("memory-limit", "closed with data unsent when TCP's memory is used up",
	    limit_close, V4, .flags = SC_ALONE, .arg = MEMORY),
	ROW("memory-limit-v6", "the same over IPv6", limit_close, V6,
	    .flags = SC_ALONE, .arg = MEMORY),
	ROW("memory-limit-timer", "TCP's memory is used up before a probe of a closed window",
	    limit_timer, V4, .flags = SC_ALONE, .arg = MEMORY),
	ROW_END
};
