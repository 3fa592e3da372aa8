/* SPDX-License-Identifier: GPL-2.0 */
#include "app/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void exec_when_told(int gate, char *const argv[], const sigset_t *blocked)
{
	char c;
	ssize_t n;

	do
		n = read(gate, &c, 1);
	while (n < 0 && errno == EINTR);
	/* SIG_IGN would survive exec and make the command deaf to SIGPIPE */
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, blocked, NULL);
	execvp(argv[0], argv);
	fprintf(stderr, "rsttrace: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int command_fork(struct command *c, char *const argv[], const sigset_t *blocked)
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
		exec_when_told(fd[0], argv, blocked);
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
