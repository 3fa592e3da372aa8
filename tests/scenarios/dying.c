/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that end with a connection open: killed, crashed, or exited. */
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "net.h"
#include "registry.h"

#define UNREAD 100

static struct expect *expect_died(struct scene *s, const struct conn *c, const char *cause,
				  const char *how)
{
	struct expect *e = scene_expect(s, "active", cause);

	want_flow(e, &c->saddr, &c->caddr);
	want_sender(e, c->server, "caller");
	want_str(e, "sender_exit", how);
	/* a killed process made no call that caused the reset */
	maybe_str(e, "sender_syscall", "exit_group");
	want_str(e, "sender_state", "ESTABLISHED");
	want_victim(e, c->client, "caller|socket", "ESTABLISHED");
	return e;
}

static void killed_by(struct scene *s, const char *what, int sig, int status)
{
	if (!WIFSIGNALED(status) || WTERMSIG(status) != sig)
		scene_complain(s, "%s: expected death by signal %d, got wait status 0x%x", what,
			       sig, status);
}

static void sigkill_unread(struct scene *s)
{
	struct conn c = conn_unread(s, UNREAD);
	struct expect *e;

	killed_by(s, "server", SIGKILL, actor_kill(c.server, SIGKILL));
	e = expect_died(s, &c, "close-with-unread", "SIGKILL");
	want_int(e, "sender_unread", UNREAD);
	conn_client_notices(&c, e);
}

static void sigkill_linger(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	net_linger0(c.server, c.sfd);
	killed_by(s, "server", SIGKILL, actor_kill(c.server, SIGKILL));
	e = expect_died(s, &c, "linger-zero", "SIGKILL");
	want_bool(e, "sender_linger0", true);
	want_int(e, "sender_unread", 0);
	conn_client_notices(&c, e);
}

/* Prevents a core file by the dumpable flag, as a core handler ignores the size limit. */
static long do_crash(const long *arg)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGSEGV, SIG_DFL);
	*(volatile long *)arg[0] = 1;
	return 0;
}

static void crash_sigsegv(struct scene *s)
{
	struct conn c = conn_unread(s, UNREAD);
	struct expect *e;

	killed_by(s, "server", SIGSEGV, actor_dies(c.server, do_crash, (long[]){ 0 }, 1));
	e = expect_died(s, &c, "close-with-unread", "SIGSEGV");
	want_absent(e, "sender_syscall");
	want_int(e, "sender_unread", UNREAD);
	conn_client_notices(&c, e);
}

static void exit_unread(struct scene *s)
{
	struct conn c = conn_unread(s, UNREAD);
	struct expect *e;
	int status = actor_dies(c.server, do_exit_group, (long[]){ 3 }, 1);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 3)
		scene_complain(s, "server: expected exit 3, got wait status 0x%x", status);
	e = expect_died(s, &c, "close-with-unread", "exit");
	want_str(e, "sender_syscall", "exit_group");
	want_int(e, "sender_unread", UNREAD);
	conn_client_notices(&c, e);
}

/* The victim's process ends without another call on its socket. */
static void victim_killed(struct scene *s)
{
	struct conn c = conn_unread(s, UNREAD);
	struct expect *e;

	net_close(c.server, c.sfd);
	net_wait_state(c.client, c.cfd, TCP_CLOSE);
	killed_by(s, "client", SIGKILL, actor_kill(c.client, SIGKILL));
	e = scene_expect(s, "active", "close-with-unread");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller");
	want_victim(e, c.client, "caller|socket|snapshot", "ESTABLISHED");
	want_str(e, "outcome", "unnoticed");
}

const struct scenario dying_scenarios[] = {
	ROW("sigkill-unread", "killed with bytes unread", sigkill_unread, V4),
	ROW("sigkill-linger", "killed with SO_LINGER {1,0} set", sigkill_linger, V4),
	ROW("crash-sigsegv", "crashed with bytes unread", crash_sigsegv, V4),
	ROW("exit-unread", "plain exit with bytes unread", exit_unread, V4),
	ROW("victim-killed", "the victim is killed before it noticed", victim_killed, V4),
	ROW_END
};
