/* SPDX-License-Identifier: GPL-2.0 */
#include "attached.h"

#include <dirent.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRACER "rsttrace"
#define MAX_FD 256

/* Whether debugfs lists a kprobe on the function that is not left over from an unloaded module. */
static bool is_listed(const char *function)
{
	FILE *f = fopen("/sys/kernel/debug/kprobes/list", "re");
	bool found = false;
	char line[256], at[64];

	snprintf(at, sizeof(at), "  %s+", function);
	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, at) && !strstr(line, "[GONE]");
	if (f)
		fclose(f);
	return found;
}

/* Whether the descriptor is that of a kprobe on the function with a program attached. */
static bool runs_program(int pid, int fd, const char *function)
{
	char name[64] = "";
	union bpf_attr attr = { .task_fd_query = {
		.pid = (uint32_t)pid, .fd = (uint32_t)fd,
		.buf = (uintptr_t)name, .buf_len = sizeof(name),
	} };

	return !syscall(SYS_bpf, BPF_TASK_FD_QUERY, &attr, sizeof(attr)) &&
	       attr.task_fd_query.fd_type == BPF_FD_TYPE_KPROBE && !strcmp(name, function);
}

static bool is_tracer(int pid)
{
	char path[40], comm[20] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = 0;
	fclose(f);
	return !strcmp(comm, TRACER "\n");
}

bool kprobe_attached(const char *function)
{
	bool found = access("/sys/kernel/debug/kprobes/list", R_OK) != 0;
	struct dirent *d;
	DIR *proc;
	int pid, fd;

	/*
	 * Both have to be true: a kprobe is listed a moment before its program is attached, and a
	 * kprobe of an unloaded module keeps its program.
	 */
	if (found || !is_listed(function))
		return found;
	proc = opendir("/proc");
	while (proc && !found && (d = readdir(proc))) {
		pid = atoi(d->d_name);
		if (pid <= 0 || !is_tracer(pid))
			continue;
		for (fd = 0; !found && fd < MAX_FD; fd++)
			found = runs_program(pid, fd, function);
	}
	if (proc)
		closedir(proc);
	return found;
}
