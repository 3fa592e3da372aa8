/* SPDX-License-Identifier: GPL-2.0 */
#include "app/command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"

static struct passwd *find_user(const char *name)
{
	struct passwd *pw = getpwnam(name);
	char *end;
	unsigned long uid;

	if (pw)
		return pw;
	errno = 0;
	uid = strtoul(name, &end, 10);
	return errno || !*name || *end || uid > (uid_t)-2 ? NULL : getpwuid((uid_t)uid);
}

int command_user_find(struct command_user *user, const char *name)
{
	const struct passwd *pw = find_user(name);

	if (!pw)
		return -EINVAL;
	*user = (struct command_user){ name, pw->pw_uid, pw->pw_gid };
	return 0;
}

static int become(const struct command_user *user)
{
	const struct passwd *pw;

	if (!user->name)
		return 0;
	pw = getpwuid(user->uid);
	return !pw || initgroups(pw->pw_name, user->gid) || setgid(user->gid) || setuid(user->uid);
}

static void exec_when_told(int gate, char *const argv[], const struct command_user *user,
			   const sigset_t *blocked)
{
	char c;
	ssize_t n;
	int err;

	do
		n = read(gate, &c, 1);
	while (n < 0 && errno == EINTR);
	/* the tracer ignores SIGPIPE, which exec would pass on to the command */
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, blocked, NULL);
	if (become(user)) {
		say("cannot become user %s: %s", user->name, strerror(errno));
		_exit(126);
	}
	execvp(argv[0], argv);
	err = errno;
	say("%s: %s", argv[0], strerror(err));
	_exit(err == ENOENT ? 127 : 126);
}

int command_fork(struct command *c, char *const argv[], const struct command_user *user,
		 const sigset_t *blocked)
{
	int fd[2], err;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(fd[0]);
		close(fd[1]);
		return err;
	}
	if (!pid) {
		close(fd[1]);
		exec_when_told(fd[0], argv, user, blocked);
	}
	close(fd[0]);
	*c = (struct command){ .pid = pid, .gate = fd[1] };
	return 0;
}

void command_go(struct command *c)
{
	close(c->gate);
	c->gate = -1;
}

static void set_status(struct command *c, int status)
{
	c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	c->ended = true;
}

bool command_reap(struct command *c)
{
	int status;

	if (!c->ended && waitpid(c->pid, &status, WNOHANG) == c->pid)
		set_status(c, status);
	return c->ended;
}

void command_stop(struct command *c)
{
	int status;

	if (c->ended)
		return;
	kill(c->pid, SIGTERM);
	if (c->gate >= 0)
		command_go(c);
	while (waitpid(c->pid, &status, 0) < 0)
		if (errno != EINTR)
			return;
	set_status(c, status);
}
