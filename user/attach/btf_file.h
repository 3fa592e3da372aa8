/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's types from a file, for a kernel that was built without them. */
#ifndef BTF_FILE_H
#define BTF_FILE_H

#include <stddef.h>

struct btf;

/*
 * Reads BTF, raw or in an ELF file. Compares the size of types with those of
 * the running kernel, as far as that can be known: from its own BTF (NULL: it
 * has none), and from `slab`, a directory like /sys/kernel/slab. Returns what
 * the caller frees (btf__free), or NULL and one line in `why`.
 */
struct btf *btf_file_open(const char *path, const struct btf *own, const char *slab,
			  char *why, size_t len);

#endif
