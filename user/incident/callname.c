/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/callname.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "incident/incident.h"

/* Calls that work on the descriptor in their first argument. */
static const char *const first_arg[] = {
	"close", "connect", "fsync", "getsockopt", "ioctl", "listen", "pread64", "preadv",
	"preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readv", "recv", "recvfrom",
	"recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendfile", "sendfile64",
	"sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "tee", "vmsplice", "write",
	"writev",
};

enum fd_arg { FD_NONE, FD_FIRST, FD_SECOND, FD_SPLICE };

struct looked_up {
	uint32_t arch;
	int32_t nr;
	char name[32];
	enum fd_arg fd;
};

static enum fd_arg fd_of(const char *name)
{
	if (!strcmp(name, "dup2") || !strcmp(name, "dup3"))
		return FD_SECOND;
	if (!strcmp(name, "splice"))
		return FD_SPLICE;
	for (size_t i = 0; i < ARRAY_SIZE(first_arg); i++)
		if (!strcmp(name, first_arg[i]))
			return FD_FIRST;
	return FD_NONE;
}

/*
 * libseccomp searches its whole table for each name, and only few different calls
 * ever fail, so each answer is kept. libseccomp names an architecture by the same
 * AUDIT_ARCH_* value as the kernel.
 */
static const struct looked_up *look_up(const struct rst_call *call)
{
	static _Thread_local struct looked_up kept[64];
	struct looked_up *l = &kept[((uint32_t)call->nr ^ call->arch >> 28) % ARRAY_SIZE(kept)];
	char *name;

	if (l->arch == call->arch && l->nr == call->nr)
		return l;
	errno = 0;
	name = call->arch ? seccomp_syscall_resolve_num_arch(call->arch, call->nr) : NULL;
	if (!name && errno == ENOMEM)	/* kept as the answer, it would leave the call nameless for the whole run */
		out_of_memory();
	l->arch = call->arch;
	l->nr = call->nr;
	text_copy(l->name, sizeof(l->name), name);
	l->fd = fd_of(l->name);
	free(name);
	return l;
}

bool call_in_pieces(const char *name, bool receives)
{
	static const char *const sends[] = {
		"io_uring", "io_uring_enter", "sendfile", "sendfile64", "sendmmsg", "splice",
	};

	for (size_t i = 0; !receives && i < ARRAY_SIZE(sends); i++)
		if (!strcmp(name, sends[i]))
			return true;
	return receives && !strncmp(name, "recvmmsg", 8);
}

void call_name(const struct rst_call *call, char *buf, size_t len)
{
	text_copy(buf, len, look_up(call)->name);
}

int64_t call_fd(const struct rst_call *call, bool receives)
{
	switch (look_up(call)->fd) {
	case FD_FIRST:
		return call->arg[0];
	case FD_SECOND:
		return call->arg[1];
	case FD_SPLICE:
		return receives ? call->arg[0] : call->arg[2];
	default:
		return UNKNOWN;
	}
}
