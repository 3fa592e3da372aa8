/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "btf_file.h"
#include "caps.h"
#include "hooks.h"
#include "privileges.h"

#define OWN_BTF "/sys/kernel/btf/vmlinux"
#define SLAB_DIR "/sys/kernel/slab"

static struct btf *open_types(const char *file, struct btf *own, char *why, size_t len)
{
	struct btf *btf;

	if (file)
		return btf_file_open(file, own, SLAB_DIR, why, len);
	/* without its own: what libbpf finds beside the kernel's image */
	btf = own ?: btf__load_vmlinux_btf();
	if (!btf)
		snprintf(why, len, "this kernel has no BTF (" OWN_BTF "): give its types with "
			 "--btf FILE, from BTFHub, from Debian's linux-image-VERSION-dbg, or made "
			 "by pahole --btf_encode_detached FILE vmlinux");
	return btf;
}

static int read_symbols(struct caps *caps, const struct btf *types, char *why, size_t len)
{
	struct cap_symbol wanted[MAX_CAP_SYMBOLS];
	int n = hooks_symbols(wanted, MAX_CAP_SYMBOLS), found = 0;
	int err = caps_from_btf(caps, types, wanted, n);

	if (err) {
		snprintf(why, len, "cannot read the kernel's types: %s", strerror(-err));
		return err;
	}
	for (int i = 0; i < n; i++)
		found += caps->symbol[i].args != CAP_ABSENT;
	if (found)
		return 0;
	snprintf(why, len, "%s%s: has none of the functions to hook: a kernel's whole BTF is needed",
		 caps->btf_file ? "--btf " : OWN_BTF, caps->btf_file ?: "");
	return -ENOENT;
}

/* Where BPF memory counts: as high as it may be, which is without limit for the privileged. */
static void raise_memlock(struct caps *caps)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (!caps->memlock_counts || caps->memlock == UINT64_MAX)
		return;
	if (setrlimit(RLIMIT_MEMLOCK, &limit)) {
		if (getrlimit(RLIMIT_MEMLOCK, &limit))
			return;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_MEMLOCK, &limit))
			return;
	}
	caps->memlock = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

/*
 * Where memory is short, that may be why a trial was refused, and the loader
 * knows how much is needed. What really is refused shows when it is loaded.
 */
static void doubt_tries(struct caps *caps)
{
	if (!caps->memlock_counts || caps->memlock == UINT64_MAX)
		return;
	if (caps->read_kernel == -EPERM)
		caps->read_kernel = 0;
	if (caps->trampolines == -EPERM)
		caps->trampolines = 0;
}

/* What no choice of hooks can make up for. */
static int check_tries(const struct caps *caps, char *why, size_t len)
{
	if (!caps->read_kernel)
		return 0;
	/* the helper is "unknown" then; everything else is refused as a whole */
	if (caps->read_kernel == -EINVAL)
		snprintf(why, len, "the kernel is locked down (lockdown=confidentiality): no program "
			 "may read its memory; boot it with lockdown=integrity or none");
	else
		snprintf(why, len, "the kernel refuses BPF programs (%s) although the capabilities "
			 "are there: a user namespace, seccomp or a security module does so",
			 kernel_error(caps->read_kernel));
	return caps->read_kernel;
}

static int look(struct caps *caps, struct btf *own, struct btf **types, char *why, size_t len)
{
	char lacking[64];
	int err = -ENOENT;

	*types = open_types(caps->btf_file, own, why, len);
	if (*types)
		err = read_symbols(caps, *types, why, len);
	/* a type's number is the kernel's only in its own BTF */
	if (*types != own)
		caps->iter_task_file = own ? caps_iter_task_file(own) : 0;
	privileges_missing(caps, lacking, sizeof(lacking));
	if (lacking[0]) {
		snprintf(why, len, "tracing needs privileges, and this process lacks %s: "
			 "run it with sudo", lacking);
		return -EPERM;
	}
	if (err)
		return err;
	raise_memlock(caps);
	caps_try(caps, own);
	doubt_tries(caps);
	return check_tries(caps, why, len);
}

/* From 6.16 on the file can be mapped; a read takes a call for each page of its 5 MB. */
static struct btf *own_types(void)
{
	int fd = open(OWN_BTF, O_RDONLY | O_CLOEXEC);
	struct btf *btf = NULL;
	void *map = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st))
		map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map != MAP_FAILED) {
		btf = btf__new(map, st.st_size);
		munmap(map, st.st_size);
	}
	if (fd >= 0)
		close(fd);
	return btf ?: btf__parse(OWN_BTF, NULL);
}

int kernel_probe(struct caps *caps, const char *file, struct btf **types, char *why, size_t len)
{
	struct btf *own = own_types();
	int err;

	caps->own_btf = own;
	caps->btf_file = file;
	caps_ask(caps);
	err = look(caps, own, types, why, len);
	if (own && *types != own)
		btf__free(own);
	if (!err)
		return 0;
	btf__free(*types);
	*types = NULL;
	return err;
}
