/* SPDX-License-Identifier: GPL-2.0 */
/* What the tracer says of its own probes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes.h"

static pid_t spawn(const char *path, const char *hooks, int out)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	if (dup2(out, STDOUT_FILENO) >= 0)
		execlp(path, path, "--hooks", hooks, "check", (char *)NULL);
	_exit(127);
}

int probes_check(const char *path, const char *hooks, char **text)
{
	int p[2], status = 0, err = 0;
	char *buf = NULL;
	size_t len = 0;
	FILE *in;
	pid_t pid;

	if (pipe(p))
		return -errno;
	pid = spawn(path, hooks, p[1]);
	close(p[1]);
	in = pid < 0 ? NULL : fdopen(p[0], "r");
	if (!in) {
		close(p[0]);
		return -ENOMEM;
	}
	/* No NUL in a text: all of it is one record. */
	if (getdelim(&buf, &len, 0, in) < 0)
		err = -ENODATA;
	fclose(in);
	if (waitpid(pid, &status, 0) != pid || status)
		err = -ECHILD;
	if (err)
		free(buf);
	else
		*text = buf;
	return err;
}

int probe_missing(const char *text, const char *probe)
{
	size_t n = strlen(probe);
	const char *p;

	for (p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, probe, n) || p[n] != ' ')
			continue;
		p += n + strspn(p + n, " ");
		return !strncmp(p, "MISSING", 7);
	}
	return -ENOENT;
}
