/* SPDX-License-Identifier: GPL-2.0 */
#include "app/signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_open(struct signals *s, bool reopens, bool command, bool screen)
{
	sigset_t set;
	int err;

	*s = (struct signals){ .fd = -1, .reopens = reopens };
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	if (reopens || command || screen)
		sigaddset(&set, SIGHUP);
	if (command || screen)
		sigaddset(&set, SIGQUIT);
	if (command) {
		sigaddset(&set, SIGUSR1);
		sigaddset(&set, SIGUSR2);
	}
	/* shells ignore SIGINT for a program run with &; an ignored signal would never arrive */
	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(&set, sig) == 1)
			signal(sig, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);	/* write() to a closed pipe is to fail with EPIPE instead */
	if (sigprocmask(SIG_BLOCK, &set, &s->before))
		return -errno;
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd >= 0)
		return 0;
	err = -errno;
	sigprocmask(SIG_SETMASK, &s->before, NULL);
	return err;
}

/*
 * Sends the tracer's signals on to the command; the run ends when the command does. Signals from
 * the terminal are not sent on: the kernel sends those to both.
 */
static void pass_on(const struct signals *s, const struct signalfd_siginfo *info)
{
	if (info->ssi_signo != SIGCHLD && info->ssi_code != SI_KERNEL)
		kill(s->command, (int)info->ssi_signo);
}

void signals_read(struct signals *s)
{
	struct signalfd_siginfo info;

	while (read(s->fd, &info, sizeof(info)) == sizeof(info)) {
		/* SIGQUIT and SIGHUP come here only where signals_open() has blocked them */
		bool ends = info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM ||
			    info.ssi_signo == SIGQUIT || info.ssi_signo == SIGHUP;

		if (info.ssi_signo == SIGHUP && s->reopens)
			s->reopen = true;
		else if (s->command)
			pass_on(s, &info);
		else
			s->stop |= ends;
	}
}

void signals_close(struct signals *s)
{
	close(s->fd);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
}
