/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "attach/btf_file.h"
#include "attach/btf_trim.h"
#include "attach/caps.h"
#include "attach/hooks.h"
#include "attach/name_set.h"
#include "attach/privileges.h"

#define OWN_BTF "/sys/kernel/btf/vmlinux"
#define SLAB_DIR "/sys/kernel/slab"

/* What kernel_probe() works with. */
struct look {
	struct caps *caps;
	struct cap_symbol wanted[MAX_CAP_SYMBOLS];
	int n_wanted;
	struct name_set *names;	/* of all types and symbols that a trimmed BTF keeps */
	struct btf *own;	/* the kernel's own; NULL: it has none */
	uint32_t *own_ids;	/* the kernel's ids of the trimmed types */
	struct btf *types;	/* the types that are used; may be the same as own */
};

/* Trims a BTF, and frees the whole one. */
static struct btf *trimmed(const struct look *l, struct btf *whole, uint32_t **ids)
{
	__u32 size;
	const void *raw = whole ? btf__raw_data(whole, &size) : NULL;
	struct btf *btf = raw ? btf_trim(raw, size, l->names, ids) : NULL;

	btf__free(whole);
	return btf;
}

/* From 6.16 on the file can be mapped. Reading takes a system call for each page of its 5 MB. */
static struct btf *own_types(const struct look *l, uint32_t **ids)
{
	int fd = open(OWN_BTF, O_RDONLY | O_CLOEXEC);
	struct btf *btf = NULL;
	void *map = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st))
		map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map != MAP_FAILED) {
		btf = btf_trim(map, st.st_size, l->names, ids);
		munmap(map, st.st_size);
	}
	if (fd >= 0)
		close(fd);
	return btf ?: trimmed(l, btf__parse(OWN_BTF, NULL), ids);
}

static struct btf *open_types(const struct look *l, char *why, size_t len)
{
	const char *file = l->caps->btf_file;
	uint32_t *ids = NULL;
	struct btf *btf;

	if (!file && l->own)
		return l->own;
	snprintf(why, len, "this kernel has no BTF (" OWN_BTF "): give its types with "
		 "--btf FILE, from BTFHub, from Debian's linux-image-VERSION-dbg, or made "
		 "by pahole --btf_encode_detached FILE vmlinux");
	/* without /sys/kernel/btf, libbpf looks for a file beside the kernel's image */
	btf = trimmed(l, file ? btf_file_open(file, l->own, SLAB_DIR, why, len) :
			 btf__load_vmlinux_btf(), &ids);
	free(ids);
	return btf;
}

static int read_symbols(const struct look *l, char *why, size_t len)
{
	struct caps *caps = l->caps;
	int found = 0, err = caps_from_btf(caps, l->types, l->wanted, l->n_wanted);

	if (err) {
		snprintf(why, len, "cannot read the kernel's types: %s", strerror(-err));
		return err;
	}
	for (int i = 0; i < l->n_wanted; i++)
		found += caps->symbol[i].args != CAP_ABSENT;
	if (found)
		return 0;
	snprintf(why, len, "%s%s: has none of the functions to hook: a kernel's whole BTF is needed",
		 caps->btf_file ? "--btf " : OWN_BTF, caps->btf_file ?: "");
	return -ENOENT;
}

/*
 * Raises RLIMIT_MEMLOCK where BPF memory counts against it: to its hard limit, or beyond that if
 * the process has the privilege.
 */
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
 * A trial may have been refused for want of locked memory only. How much is needed is known when
 * the programs are loaded, so refusals are ignored here; loading shows the true ones.
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

/* Checks what all hooks need. */
static int check_tries(const struct caps *caps, char *why, size_t len)
{
	if (!caps->read_kernel)
		return 0;
	/*
	 * with lockdown the verifier refuses the helper as unknown (EINVAL); any other errno means
	 * that BPF is refused as a whole
	 */
	if (caps->read_kernel == -EINVAL)
		snprintf(why, len, "the kernel is locked down (lockdown=confidentiality): no program "
			 "may read its memory; boot it with lockdown=integrity or none");
	else
		snprintf(why, len, "the kernel refuses BPF programs (%s) although the capabilities "
			 "are there: a user namespace, seccomp or a security module does so",
			 kernel_error(caps->read_kernel));
	return caps->read_kernel;
}

static int look(struct look *l, char *why, size_t len)
{
	struct caps *caps = l->caps;
	char lacking[64];
	int err = -ENOENT;

	l->types = open_types(l, why, len);
	if (l->types)
		err = read_symbols(l, why, len);
	caps_own_ids(caps, l->own, l->own_ids);
	privileges_missing(caps, lacking, sizeof(lacking));
	if (lacking[0]) {
		snprintf(why, len, "tracing needs privileges, and this process lacks %s: "
			 "run it with sudo", lacking);
		return -EPERM;
	}
	if (err)
		return err;
	if (caps->ring_sleeps) {
		snprintf(why, len, "this PREEMPT_RT kernel's ring buffers have a lock that sleeps, which would "
			 "hang the host; such kernels from 6.1 on have another");
		return -EOPNOTSUPP;
	}
	raise_memlock(caps);
	caps_try(caps);
	doubt_tries(caps);
	return check_tries(caps, why, len);
}

int kernel_probe(struct caps *caps, const char *file, const struct btf *local, struct btf **types,
		 char *why, size_t len)
{
	struct look l = { .caps = caps, .names = name_set_new() };
	int err = -ENOMEM;

	l.n_wanted = hooks_symbols(l.wanted, MAX_CAP_SYMBOLS);
	if (!l.names || caps_names(l.names, l.wanted, l.n_wanted) || btf_names(l.names, local)) {
		snprintf(why, len, "out of memory");
		goto out;
	}
	l.own = own_types(&l, &l.own_ids);
	caps->own_btf = l.own;
	caps->btf_file = file;
	caps_ask(caps);
	err = look(&l, why, len);
	if (err && l.types != l.own)
		btf__free(l.types);
	if (err || l.types != l.own)
		btf__free(l.own);
	if (!err)
		*types = l.types;
	free(l.own_ids);
out:
	name_set_free(l.names);
	return err;
}
