/* SPDX-License-Identifier: GPL-2.0 */
/*
 * with_caps UID CAP[,CAP...] MEMLOCK_KB COMMAND [ARG...]
 *
 * Runs a command as a user that has exactly these capabilities (names without
 * CAP_, or "none") and this RLIMIT_MEMLOCK ("-": as it is).
 * Guests have neither setpriv nor capsh, so that all tests use this.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <grp.h>

static const struct {
	const char *name;
	int number;
} names[] = {
	{ "chown", CAP_CHOWN }, { "dac_override", CAP_DAC_OVERRIDE },
	{ "dac_read_search", CAP_DAC_READ_SEARCH }, { "net_admin", CAP_NET_ADMIN },
	{ "net_raw", CAP_NET_RAW }, { "sys_ptrace", CAP_SYS_PTRACE },
	{ "sys_admin", CAP_SYS_ADMIN }, { "sys_resource", CAP_SYS_RESOURCE },
	{ "syslog", CAP_SYSLOG }, { "perfmon", CAP_PERFMON }, { "bpf", CAP_BPF },
};

static void die(const char *what)
{
	fprintf(stderr, "with_caps: %s: %s\n", what, strerror(errno));
	exit(125);
}

static unsigned long long parse(char *list)
{
	unsigned long long set = 0;

	if (!strcmp(list, "none"))
		return 0;
	for (char *w = strtok(list, ","); w; w = strtok(NULL, ",")) {
		size_t i = 0;

		while (i < sizeof(names) / sizeof(names[0]) && strcasecmp(names[i].name, w))
			i++;
		if (i == sizeof(names) / sizeof(names[0])) {
			errno = EINVAL;
			die(w);
		}
		set |= 1ULL << names[i].number;
	}
	return set;
}

static void limit_memlock(const char *kb)
{
	struct rlimit rl;

	if (!strcmp(kb, "-"))
		return;
	rl.rlim_cur = rl.rlim_max = strtoull(kb, NULL, 10) * 1024;
	if (setrlimit(RLIMIT_MEMLOCK, &rl))
		die("setrlimit");
}

static void become(int uid, unsigned long long set)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		if (!(set & 1ULL << c) && prctl(PR_CAPBSET_DROP, c, 0, 0, 0))
			die("bounding set");
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) ||
	    setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		die("user");
	for (int i = 0; i < 2; i++) {
		unsigned half = set >> 32 * i;

		d[i] = (struct __user_cap_data_struct){ half, half, half };
	}
	if (syscall(SYS_capset, &h, d))
		die("capset");
	for (int c = 0; c < 64; c++)
		if (set & 1ULL << c && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0))
			die("ambient set");
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "usage: with_caps UID CAP[,CAP...]|none MEMLOCK_KB|- COMMAND [ARG...]\n");
		return 125;
	}
	limit_memlock(argv[3]);
	become(atoi(argv[1]), parse(argv[2]));
	execvp(argv[4], argv + 4);
	die(argv[4]);
}
