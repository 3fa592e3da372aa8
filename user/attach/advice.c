/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/advice.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

static const char *fentry(const struct caps *caps)
{
	if (!caps->own_btf)
		return "a kernel with BTF of its own (CONFIG_DEBUG_INFO_BTF=y)";
	switch (caps->trampolines) {
	case 0:
		return NULL;
	case -EPERM:
	case -EACCES:
		return "seccomp or a security module denies BPF trampolines: run on a host that permits fentry";
	default:
		return "CONFIG_BPF_JIT=y and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y; on arm64 a newer kernel";
	}
}

static const char *kprobe(const struct caps *caps)
{
	switch (caps->kprobes) {
	case 0:
		return NULL;
	case -ENOENT:
		return "CONFIG_KPROBES=y and CONFIG_KPROBE_EVENTS=y";
	case -EPERM:
	case -EACCES:
		if (caps->perf_paranoid > 2 && !(caps->privileges >> CAP_SYS_ADMIN & 1))
			return "CAP_SYS_ADMIN, or sysctl kernel.perf_event_paranoid=2";
		return "seccomp or a security module denies kprobes: run on a host that permits them";
	default:
		return NULL;
	}
}

const char *advice_way(const struct caps *caps, enum ladder ladder)
{
	return ladder == LADDER_FENTRY ? fentry(caps) :
	       ladder == LADDER_KPROBE ? kprobe(caps) : NULL;
}

const char *advice_better(const struct caps *caps, const struct choice *c, int i)
{
	return advice_way(caps, c->better[i].rung->ladder);
}

void advice_modules(const struct choice *c, char *names, size_t len)
{
	names[0] = '\0';
	for (int i = 0; c->waiting >> i; i++) {
		size_t n = strlen(names);

		if (c->waiting >> i & 1)
			snprintf(names + n, len - n, "%s%s", n ? " " : "", c->rung->prog[i].module);
	}
}
