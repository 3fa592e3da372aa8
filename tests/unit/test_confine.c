/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a process that has confined itself can still do. Each case runs in a child, as nothing of it can
 * be undone. Run it as root: then nothing but the confinement refuses.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/confine.h"
#include "host/link_reader.h"
#include "test.h"

#define NOT_HERE 77	/* the kernel lacks what the case is about */

static char inside[] = "/tmp/rsttrace-confine-XXXXXX", outside[] = "/tmp/rsttrace-other-XXXXXX";

static int begin(void **state)
{
	int fd = mkstemp(outside);

	return !mkdtemp(inside) || fd < 0 || close(fd);
}

static int end(void **state)
{
	char made[64];

	snprintf(made, sizeof(made), "%s/made", inside);
	unlink(made);
	return rmdir(inside) || unlink(outside);
}

/* Ends the child with the line that was wrong. */
#define MUST(condition) do { if (!(condition)) _exit(__LINE__ % 251 + 1); } while (0)
#define DENIED(call, with) MUST((call) == -1 && errno == (with))

static void in_child(void (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HERE)
		skip();
	if (status)
		fail_msg("status 0x%x: the condition in line N with N %% 251 + 1 == %d", status, WEXITSTATUS(status));
}

static void confined_to_files(void)
{
	static const struct confine_paths paths = { { "/proc", "/no/such/folder" }, { inside } };
	int err = confine_files(&paths);

	if (err == -ENOSYS)
		_exit(NOT_HERE);
	MUST(!err);
}

static void only_files(void)
{
	char made[64];

	snprintf(made, sizeof(made), "%s/made", inside);
	MUST(close(open(outside, O_RDONLY)) == 0);
	confined_to_files();
	MUST(close(open("/proc/self/status", O_RDONLY)) == 0);
	MUST(close(open(made, O_WRONLY | O_CREAT | O_APPEND, 0600)) == 0);
	MUST(close(open(made, O_WRONLY | O_TRUNC)) == 0);
	DENIED(open(outside, O_RDONLY), EACCES);
	DENIED(open(outside, O_WRONLY), EACCES);
	DENIED(open("/etc/passwd", O_RDONLY), EACCES);
	DENIED(open("/etc/shadow", O_RDONLY), EACCES);
	DENIED(open("/proc/self/root/etc/passwd", O_RDONLY), EACCES);
	DENIED(open("/tmp/rsttrace-new", O_WRONLY | O_CREAT, 0600), EACCES);
	DENIED(unlink(outside), EACCES);
}

static void files(void **state)
{
	in_child(only_files);
}

static int bpf(uint64_t command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static void no_calls(void)
{
	char *const argv[] = { "true", NULL };
	union bpf_attr attr = { .map_fd = -1 };

	MUST(!confine_calls());
	DENIED(execve("/bin/true", argv, argv + 1), EPERM);
	DENIED(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, argv + 1, 0), EPERM);
	DENIED(bpf(BPF_PROG_LOAD, &attr), EPERM);
	DENIED(bpf(BPF_MAP_CREATE, &attr), EPERM);
	DENIED(bpf(BPF_BTF_LOAD, &attr), EPERM);
	DENIED(bpf(BPF_OBJ_GET, &attr), EPERM);
	DENIED(bpf(BPF_PROG_GET_FD_BY_ID, &attr), EPERM);
	/* the kernel looks at 32 bits of the command */
	DENIED(bpf(1ULL << 32 | BPF_PROG_LOAD, &attr), EPERM);
	DENIED(bpf(1000, &attr), EPERM);
	DENIED(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM);
	DENIED(syscall(SYS_io_uring_setup, 1, NULL), EPERM);
	DENIED(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0), EPERM);
	DENIED(unshare(0), EPERM);
}

static void calls(void **state)
{
	in_child(no_calls);
}

/* A program loaded before can be attached after it, as the second load of the programs is. Root only. */
static void attaches(void)
{
	/* r0 = 0; exit */
	static const struct bpf_insn code[] = { { .code = 0xb7 }, { .code = 0x95 } };
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT, .insn_cnt = 2,
				.insns = (uintptr_t)code, .license = (uintptr_t)"GPL" };
	union bpf_attr attr = {};
	int prog = bpf(BPF_PROG_LOAD, &load);

	if (prog < 0)
		_exit(NOT_HERE);
	MUST(!confine_privileges(0) && !confine_calls());
	attr.raw_tracepoint.name = (uintptr_t)"sys_exit";
	attr.raw_tracepoint.prog_fd = prog;
	/* before 5.19 the whole call may want CAP_BPF, which then stays */
	MUST(bpf(BPF_RAW_TRACEPOINT_OPEN, &attr) >= 0 || errno == EPERM);
	DENIED(bpf(BPF_PROG_LOAD, &load), EPERM);
}

static void spares(void **state)
{
	in_child(attaches);
}

static void no_privileges(void)
{
	char line[256];
	FILE *f;

	MUST(!confine_privileges(0));
	f = fopen("/proc/self/status", "r");
	MUST(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "CapEff:", 7) || !strncmp(line, "CapPrm:", 7) || !strncmp(line, "CapAmb:", 7))
			MUST(strtoull(line + 7, NULL, 16) == 0);
	fclose(f);
}

static void privileges(void **state)
{
	in_child(no_privileges);
}

/* What Landlock keeps from this process is read by its child, which can do nothing else. */
static void links_are_read(void)
{
	char path[64], direct[256], asked[256];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", getppid());
	n = readlink(path, direct, sizeof(direct));
	MUST(n > 0);
	MUST(link_read(path, asked, sizeof(asked)) == n);
	MUST(!link_reader_start(confine_reader));
	confined_to_files();
	DENIED(readlink(path, asked, sizeof(asked)), EACCES);
	MUST(link_read(path, asked, sizeof(asked)) == n && !memcmp(asked, direct, n));
	MUST(link_read("/proc/1/no/such/link", asked, sizeof(asked)) == -1);
	MUST(link_read(path, asked, sizeof(asked)) == n);
}

static void links(void **state)
{
	in_child(links_are_read);
}

static void only_reads_links(void)
{
	char *const argv[] = { "true", NULL };
	char text[256];

	MUST(!confine_reader());
	MUST(readlink("/proc/self/exe", text, sizeof(text)) > 0);
	DENIED(open("/proc/self/status", O_RDONLY), EPERM);
	DENIED(execve("/bin/true", argv, argv + 1), EPERM);
	DENIED(socket(AF_INET, SOCK_STREAM, 0), EPERM);
	DENIED(fork(), EPERM);
}

static void reader(void **state)
{
	in_child(only_reads_links);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(calls),
		cmocka_unit_test(spares),
		cmocka_unit_test(privileges),
		cmocka_unit_test(links),
		cmocka_unit_test(reader),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
