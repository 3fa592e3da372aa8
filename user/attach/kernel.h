/* SPDX-License-Identifier: GPL-2.0 */
/* Fills the caps of the running kernel, and says in one line why it cannot be traced at all. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>

struct btf;
struct caps;

/*
 * `file` has the kernel's types; NULL: they are read from the kernel. Raises
 * RLIMIT_MEMLOCK where BPF memory counts against it. Returns 0 and *types (the
 * caller's, btf__free), trimmed to the types that `local` names and those that
 * caps need; or a negative errno with one line in `why`, and in caps what was
 * found out until then.
 */
int kernel_probe(struct caps *caps, const char *file, const struct btf *local, struct btf **types,
		 char *why, size_t len);

#endif
