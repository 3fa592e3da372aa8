/* SPDX-License-Identifier: GPL-2.0 */
/* How the programs of a BPF object use the kernel's fields, as its relocations show. */
#ifndef USES_H
#define USES_H

#include <bpf/btf.h>

#define MAX_MEMBERS 64

enum { READ = 1, AS_BITS = 2, ASKED = 4 };

struct uses {
	const struct btf *local;
	unsigned char of[][MAX_MEMBERS];	/* by type id, then by member or enumerator */
};

/*
 * Reads the object at this path, whose types are `local`. The caller frees the result; NULL:
 * failed, with errno.
 */
struct uses *uses_read(const struct btf *local, const char *path);

/* The type below qualifiers and typedefs; *id becomes the id of that type. */
const struct btf_type *skip_mods(const struct btf *btf, __u32 *id);

/* A string of the BTF; "" if it has none there. */
const char *str(const struct btf *btf, __u32 off);

#endif
