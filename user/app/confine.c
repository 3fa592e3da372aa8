/* SPDX-License-Identifier: GPL-2.0 */
#include "app/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"

/* ---- files --------------------------------------------------------------------- */

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define OF_FILES (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE)
#define ALL_OF_FIRST ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)	/* all rights of Landlock's first version */
#define REFER (1ULL << 13)	/* since its second version */
#define TRUNCATE (1ULL << 14)	/* since the third one, Linux 6.2 */

static uint64_t handled(int version)
{
	return ALL_OF_FIRST | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0);
}

static int allow(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = access };
	struct stat st;
	int err;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : -errno;
	if (!fstat(beneath.parent_fd, &st) && !S_ISDIR(st.st_mode))
		beneath.allowed_access &= OF_FILES | TRUNCATE;
	err = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) ? -errno : 0;
	close(beneath.parent_fd);
	return err;
}

int confine_files(const struct confine_paths *paths)
{
	int version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = { .handled_access_fs = handled(version) };
	uint64_t write = READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | TRUNCATE;
	int rules, err = 0;

	if (version < 0)
		return -ENOSYS;
	rules = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules < 0)
		return -errno;
	for (int i = 0; !err && paths->read[i]; i++)
		err = allow(rules, paths->read[i], READ);
	for (int i = 0; !err && paths->write[i]; i++)
		err = allow(rules, paths->write[i], write & attr.handled_access_fs);
	if (!err && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, rules, 0)))
		err = -errno;
	close(rules);
	return err;
}

/* ---- system calls -------------------------------------------------------------- */

/*
 * Commands of bpf() that stay allowed: those that read the kernel side's counters, and those that
 * attach and detach loaded programs, as the second load is attached once the kernel has refused a run.
 */
static bool bpf_stays(unsigned int command)
{
	return command == BPF_MAP_LOOKUP_ELEM || command == BPF_MAP_GET_NEXT_KEY ||
	       command == BPF_MAP_LOOKUP_BATCH || command == BPF_OBJ_GET_INFO_BY_FD ||
	       command == BPF_RAW_TRACEPOINT_OPEN || command == BPF_LINK_CREATE || command == BPF_LINK_DETACH;
}

static int deny_bpf(scmp_filter_ctx filter)
{
	int err = 0;

	/* the kernel looks at the lower half of the argument only */
	for (unsigned int command = 0; !err && command <= BPF_LINK_DETACH; command++)
		if (!bpf_stays(command))
			err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(bpf), 1,
					       SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, command));
	return err ?: seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(bpf), 1,
				       SCMP_A0(SCMP_CMP_GT, BPF_LINK_DETACH, 0));
}

/* Loads the filter for all threads. */
static int load(scmp_filter_ctx filter)
{
	/* libseccomp sets no_new_privs itself */
	int err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	return err ?: seccomp_load(filter);
}

int confine_calls(void)
{
	static const int denied[] = {
		SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
		SCMP_SYS(process_vm_writev), SCMP_SYS(perf_event_open), SCMP_SYS(io_uring_setup),
		SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(mount), SCMP_SYS(umount2),
		SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsmount),
		SCMP_SYS(mount_setattr), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(setns),
		SCMP_SYS(unshare), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
		SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl),
		SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(pidfd_getfd),
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int err = filter ? deny_bpf(filter) : -ENOMEM;

	for (size_t i = 0; !err && i < ARRAY_SIZE(denied); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), denied[i], 0);
	err = err ?: load(filter);
	seccomp_release(filter);
	return err;
}

/* ---- capabilities -------------------------------------------------------------- */

static int keep_only(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= permitted >> 32 * i;
		data[i].effective = data[i].permitted & effective >> 32 * i;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

int confine_privileges(uint64_t keep)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return keep_only(keep, keep);
}

int confine_effective(uint64_t keep)
{
	return keep_only(UINT64_MAX, keep);
}

int confine_reader(void)
{
	static const int allowed[] = {
		SCMP_SYS(read), SCMP_SYS(sendto), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(exit_group),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
	};
	scmp_filter_ctx filter;
	int err = confine_privileges(1ULL << CAP_SYS_PTRACE);

	if (err)
		return err;
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	err = filter ? 0 : -ENOMEM;
	for (size_t i = 0; !err && i < ARRAY_SIZE(allowed); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	err = err ?: load(filter);
	seccomp_release(filter);
	return err;
}
