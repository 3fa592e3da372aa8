/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls by number, in each ABI that a traced process may use. The numbers
 * are those of the kernel's tables, given here as numbers, so that the
 * library's are held against them.
 */
#include "incident/callname.h"
#include "events.h"
#include "incident/incident.h"
#include "test.h"

/* arch/x86/entry/syscalls, include/uapi/asm-generic/unistd.h, arch/arm/tools/syscall.tbl */
static const struct {
	const char *name;
	int x86_64, i386, arm64, arm;	/* -1: no such call there */
} numbers[] = {
	{ "read", 0, 3, 63, 3 },
	{ "write", 1, 4, 64, 4 },
	{ "close", 3, 6, 57, 6 },
	{ "recvfrom", 45, 371, 207, 292 },
	{ "sendto", 44, 369, 206, 290 },
	{ "sendmsg", 46, 370, 211, 296 },
	{ "recvmsg", 47, 372, 212, 297 },
	{ "connect", 42, 362, 203, 283 },
	{ "splice", 275, 313, 76, 340 },
	{ "getsockopt", 55, 365, 209, 295 },
	{ "exit_group", 231, 252, 94, 248 },
	{ "recvmmsg", 299, 337, 243, 365 },
	{ "recvmmsg_time64", -1, 417, -1, 417 },
	{ "dup2", 33, 63, -1, 63 },
	{ "dup3", 292, 330, 24, 358 },
};

static void named(uint32_t arch, int nr, const char *name)
{
	struct rst_call call = { .arch = arch, .nr = nr };
	char buf[32];

	if (nr < 0)
		return;
	call_name(&call, buf, sizeof(buf));
	assert_string_equal(buf, name);
}

static void names_in_each_abi(void **state)
{
	for (size_t i = 0; i < N(numbers); i++) {
		named(ARCH_X86_64, numbers[i].x86_64, numbers[i].name);
		named(ARCH_I386, numbers[i].i386, numbers[i].name);
		named(ARCH_AARCH64, numbers[i].arm64, numbers[i].name);
		named(ARCH_ARM, numbers[i].arm, numbers[i].name);
	}
}

static void no_name(void **state)
{
	named(ARCH_AARCH64, 5000, "");
	named(ARCH_ARM, 0x0f0001, "breakpoint");	/* arm's private calls have names, too */
	named(0, 63, "");			/* no call */
}

static int64_t fd_of(uint32_t arch, int nr, bool receives)
{
	const struct rst_call call = { .arch = arch, .nr = nr, .arg = { 11, 12, 13 } };

	return call_fd(&call, receives);
}

static void descriptors(void **state)
{
	/*
	 * number 63 is read() in this ABI and dup2() in i386, so read() must not be taken for
	 * an i386 call
	 */
	assert_int_equal(fd_of(ARCH_AARCH64, 63, true), 11);
	assert_int_equal(fd_of(ARCH_ARM, 63, true), 12);
	assert_int_equal(fd_of(ARCH_I386, 63, true), 12);
	assert_int_equal(fd_of(ARCH_AARCH64, 76, true), 11);
	assert_int_equal(fd_of(ARCH_AARCH64, 76, false), 13);
	assert_int_equal(fd_of(ARCH_ARM, 340, false), 13);
	assert_int_equal(fd_of(ARCH_ARM, 417, true), 11);
	assert_int_equal(fd_of(ARCH_AARCH64, 94, false), UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_each_abi),
		cmocka_unit_test(no_name),
		cmocka_unit_test(descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
