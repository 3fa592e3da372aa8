/* SPDX-License-Identifier: GPL-2.0 */
/* Finds out what the running kernel offers, from files of /proc and /sys and by trying. */
#include "attach/caps.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/array.h"
#include "host/kernel_names.h"

#define PARANOID_FILE "/proc/sys/kernel/perf_event_paranoid"
#define LOCKDOWN_FILE "/sys/kernel/security/lockdown"
#define TRIAL_FUNC "tcp_reset"
#define KPROBE_TYPE_FILE "/sys/bus/event_source/devices/kprobe/type"

static uint64_t effective_capabilities(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &h, d))
		return 0;
	return d[0].effective | (uint64_t)d[1].effective << 32;
}

static int read_number(const char *path, int *out)
{
	FILE *f = fopen(path, "re");
	int err = 0;

	if (!f)
		return -errno;
	if (fscanf(f, "%d", out) != 1)
		err = -ENODATA;
	fclose(f);
	return err;
}

/* Reads the lockdown mode, the word in brackets: "none integrity [confidentiality]". */
static void read_lockdown(char *mode, size_t len)
{
	char line[64] = "", word[24];
	FILE *f = fopen(LOCKDOWN_FILE, "re");

	if (!f)
		return;
	if (fgets(line, sizeof(line), f) && sscanf(line, "%*[^[][%23[a-z]", word) == 1)
		snprintf(mode, len, "%s", word);
	else if (sscanf(line, "[%23[a-z]", word) == 1)
		snprintf(mode, len, "%s", word);
	fclose(f);
}

void caps_ask(struct caps *caps)
{
	struct rlimit limit;
	struct utsname u;

	if (!uname(&u)) {
		snprintf(caps->host, sizeof(caps->host), "%s", u.nodename);
		snprintf(caps->release, sizeof(caps->release), "%s", u.release);
		snprintf(caps->machine, sizeof(caps->machine), "%s", u.machine);
	}
	caps->privileges = effective_capabilities();
	caps->memlock = UINT64_MAX;
	if (!getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY)
		caps->memlock = limit.rlim_cur;
	if (read_number(PARANOID_FILE, &caps->perf_paranoid))
		caps->perf_paranoid = 0;
	read_lockdown(caps->lockdown, sizeof(caps->lockdown));
	caps->kernel_addresses = kernel_names_shown("/proc");
}

#define INSN(op, dst, src, value) \
	{ .code = (op), .dst_reg = (dst), .src_reg = (src), .imm = (value) }
#define RETURN_0 INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0)

/* Loads a program that reads eight bytes at address 0, which gives an error if it ran. */
static int try_read_kernel(void)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, -8),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 8),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, BPF_FUNC_probe_read_kernel),
		RETURN_0,
	};
	int prog = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "rst_try", "GPL", insns,
				 ARRAY_SIZE(insns), NULL);

	if (prog < 0)
		return -errno;
	close(prog);
	return 0;
}

/* Loads and attaches a program that returns 0 at once to the entry of this function. */
static int try_trampoline(int func)
{
	const struct bpf_insn insns[] = { RETURN_0 };
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY);
	int prog, link;

	opts.attach_btf_id = func;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "rst_try", "GPL", insns, 2, &opts);
	if (prog < 0)
		return -errno;
	link = bpf_raw_tracepoint_open(NULL, prog);
	if (link < 0)
		link = -errno;
	else
		close(link);
	close(prog);
	return link < 0 ? link : 0;
}

/* Opens a kprobe through the perf PMU; needs no tracefs. */
static int try_kprobe(void)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	int fd, type, err = read_number(KPROBE_TYPE_FILE, &type);

	if (err)
		return err;
	attr.type = type;
	attr.config1 = (unsigned long)TRIAL_FUNC;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

void caps_try(struct caps *caps)
{
	const struct cap_symbol *func = caps_symbol(caps, TRIAL_FUNC, false);

	caps->read_kernel = try_read_kernel();
	caps->trampolines = func && func->id ? try_trampoline(func->id) : -ENOENT;
	caps->kprobes = try_kprobe();
	caps->tried = true;
}
