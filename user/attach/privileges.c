/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/privileges.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

const struct privilege privileges[] = {
	{ CAP_BPF, "CAP_BPF", true, "to load programs and make maps", NULL },
	{ CAP_PERFMON, "CAP_PERFMON", true, "to trace, and to read the kernel's memory", NULL },
	{ CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", false,
	  "up to Linux 5.10: to raise RLIMIT_MEMLOCK, unless it is high enough",
	  "everything, where BPF memory counts against a low RLIMIT_MEMLOCK" },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", false,
	  "to look at other users' processes: /proc/PID/exe, /proc/PID/ns",
	  "executables of other users' processes; counters of other network namespaces" },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", false,
	  "to read the counters of network namespaces without a process; for kprobes where "
	  "kernel.perf_event_paranoid is above 2; stands in for CAP_BPF and CAP_PERFMON",
	  "counters of network namespaces without a process" },
};
const int n_privileges = ARRAY_SIZE(privileges);

static bool has(const struct caps *caps, int number)
{
	return caps->privileges >> number & 1;
}

bool privilege_held(const struct caps *caps, const struct privilege *p)
{
	return has(caps, p->number) || (p->required && has(caps, CAP_SYS_ADMIN));
}

bool privilege_wanted(const struct caps *caps, const struct privilege *p)
{
	return p->number != CAP_SYS_RESOURCE ||
	       (caps->memlock_counts && caps->memlock != UINT64_MAX);
}

void privileges_missing(const struct caps *caps, char *names, size_t len)
{
	names[0] = '\0';
	for (int i = 0; i < n_privileges; i++) {
		size_t n = strlen(names);

		if (privileges[i].required && !privilege_held(caps, &privileges[i]))
			snprintf(names + n, len - n, "%s%s", n ? " and " : "", privileges[i].name);
	}
}
