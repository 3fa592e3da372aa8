/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket that two processes hold. A process that did something to it in passing is not the victim
 * if the other one uses it.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "registry.h"

/* What the other process does with its copy of the socket. */
enum act {
	ACT_SHUTDOWN = 1,
	ACT_FAIL,	/* shuts down, then tries to write */
	ACT_CLOSE,	/* closes, which affects only its own copy */
	ACT_EXIT,
	ACT_EXEC,
	ACT_USE,
	ACT_MASK = 7,
};
#define ACT_FIRST (1 << 3)	/* done before the user's first use */
#define ACT_LAST (1 << 4)	/* done last: the user does not touch the socket afterwards */
#define IDLE (1 << 5)		/* no call of the victim fails */

static bool holds(void *ctx)
{
	struct actor *a = ctx;
	char path[64], line[64] = "";
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", a->pid);
	f = fopen(path, "re");
	if (f) {
		n = fread(line, 1, sizeof(line) - 1, f);
		fclose(f);
	}
	return memmem(line, n, HOLD_OPTION, strlen(HOLD_OPTION));
}

static long do_exec_hold(const long *arg)
{
	(void)arg;
	execl("/proc/self/exe", "rt-execed", HOLD_OPTION, (char *)NULL);
	return -errno;
}

static void act(struct scene *s, struct actor *other, const struct conn *c)
{
	switch (s->arg & ACT_MASK) {
	case ACT_SHUTDOWN:
		net_shutdown(other, c->sfd, SHUT_WR);
		net_wait_state(other, c->sfd, TCP_FIN_WAIT2);
		break;
	case ACT_FAIL:
		net_shutdown(other, c->sfd, SHUT_WR);
		net_wait_state(other, c->sfd, TCP_FIN_WAIT2);
		net_io_fails(other, IO_SEND_NOSIGNAL, c->sfd, EPIPE);
		break;
	case ACT_CLOSE:
		net_close(other, c->sfd);
		break;
	case ACT_EXIT:
		actor_dies(other, do_exit_group, (long[]){ 0 }, 1);
		break;
	case ACT_EXEC:
		actor_begin(other, do_exec_hold, NULL, 0);
		scene_until(s, "the other process to run another program", holds, other);
		break;
	case ACT_USE:
		net_send(c->client, c->cfd, 10);
		net_recv(other, c->sfd, 10);
		break;
	}
}

static void use(struct conn *c)
{
	net_send(c->client, c->cfd, 10);
	net_recv(c->server, c->sfd, 10);
}

static void two_hold_it(struct scene *s)
{
	struct conn c = conn_new(s);
	struct actor *other = actor_fork(c.server, "rt-other"), *victim = c.server;
	bool finished = (s->arg & ACT_MASK) <= ACT_FAIL;
	struct expect *e;

	if (!(s->arg & ACT_FIRST))
		use(&c);
	act(s, other, &c);
	if (!(s->arg & ACT_LAST))
		use(&c);
	else
		victim = other;
	e = conn_reset_by_client(s, &c);
	want_victim(e, victim, s->arg & IDLE ? "socket" : "caller|socket",
		    finished ? "FIN_WAIT2" : "ESTABLISHED");
	if (s->arg & IDLE)
		want_str(e, "outcome", "pending");
	else
		net_recv_reset(victim, c.sfd, e);
	if ((s->arg & ACT_MASK) == ACT_EXEC) {
		scene_checkpoint(s);
		actor_kill(other, 9);
	}
}

#define HANDS(name, summary, arg_) ROW(name, summary, two_hold_it, V4, .arg = arg_)
#define HANDS_IDLE(name, summary, arg_) HANDS(name "-idle", summary ", no call fails", (arg_) | IDLE)

const struct scenario hands_scenarios[] = {
	HANDS("shutdown-by-other", "used, shut down by another process, used on", ACT_SHUTDOWN),
	HANDS_IDLE("shutdown-by-other", "used, shut down by another process, used on",
		   ACT_SHUTDOWN),
	HANDS_IDLE("shutdown-by-other-first", "shut down by another process, then used",
		   ACT_SHUTDOWN | ACT_FIRST),
	HANDS_IDLE("shutdown-by-other-last", "used, then shut down by another process",
		   ACT_SHUTDOWN | ACT_LAST),
	HANDS_IDLE("failed-by-other", "used, a call of another process fails, used on", ACT_FAIL),
	HANDS_IDLE("failed-by-other-first", "a call of another process fails, then used",
		   ACT_FAIL | ACT_FIRST),
	HANDS_IDLE("used-by-other", "used by two processes in turn", ACT_USE),
	HANDS_IDLE("used-by-other-last", "used by one process, then by another", ACT_USE | ACT_LAST),
	HANDS_IDLE("closed-by-other", "used, another process closes its copy, used on", ACT_CLOSE),
	HANDS_IDLE("closed-by-other-first", "another process closes its copy, then used",
		   ACT_CLOSE | ACT_FIRST),
	HANDS_IDLE("exit-by-other", "used, another process with a copy ends, used on", ACT_EXIT),
	HANDS_IDLE("exit-by-other-first", "another process with a copy ends, then used",
		   ACT_EXIT | ACT_FIRST),
	HANDS_IDLE("exec-by-other", "used, another process takes its copy through exec, used on",
		   ACT_EXEC),
	HANDS_IDLE("exec-by-other-first", "another process takes its copy through exec, then used",
		   ACT_EXEC | ACT_FIRST),
	ROW_END
};
