/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/callname.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "base/array.h"
#include "incident/incident.h"

/* Calls that work on the descriptor in their first argument. */
static const char *const first_arg[] = {
	"close", "connect", "fsync", "getsockopt", "ioctl", "listen", "pread64", "preadv",
	"preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readv", "recv", "recvfrom",
	"recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendfile", "sendfile64",
	"sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "tee", "vmsplice", "write",
	"writev",
};

void call_name(const struct rst_call *call, char *buf, size_t len)
{
	/* libseccomp's architecture tokens are the kernel's AUDIT_ARCH_* values */
	char *name = call->arch ? seccomp_syscall_resolve_num_arch(call->arch, call->nr) : NULL;

	snprintf(buf, len, "%s", name ? name : "");
	free(name);
}

int64_t call_fd(const struct rst_call *call, bool receives)
{
	char name[32];

	call_name(call, name, sizeof(name));
	if (!strcmp(name, "dup2") || !strcmp(name, "dup3"))
		return call->arg[1];
	if (!strcmp(name, "splice"))
		return receives ? call->arg[0] : call->arg[2];
	for (size_t i = 0; i < ARRAY_SIZE(first_arg); i++)
		if (!strcmp(name, first_arg[i]))
			return call->arg[0];
	return UNKNOWN;
}
