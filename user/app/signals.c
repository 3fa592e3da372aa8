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
	/* an ignored signal would never arrive, and shells ignore SIGINT for what they run with & */
	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(&set, sig) == 1)
			signal(sig, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);	/* a closed pipe is an error of write() instead */
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
 * The command is told what the tracer is told, and the run ends when the command does. What
 * comes from the terminal it has got itself: the kernel sends that to both.
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
		/* the others are not told of where they are to do as they always do */
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
