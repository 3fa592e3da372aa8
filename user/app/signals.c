/* SPDX-License-Identifier: GPL-2.0 */
#include "app/signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_open(struct signals *s, bool hangup)
{
	sigset_t set;
	int err;

	*s = (struct signals){ .fd = -1 };
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	if (hangup)
		sigaddset(&set, SIGHUP);
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

void signals_read(struct signals *s)
{
	struct signalfd_siginfo info;

	while (read(s->fd, &info, sizeof(info)) == sizeof(info)) {
		s->stop |= info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM;
		s->reopen |= info.ssi_signo == SIGHUP;
	}
}

void signals_close(struct signals *s)
{
	close(s->fd);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
}
