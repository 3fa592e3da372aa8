/* SPDX-License-Identifier: GPL-2.0 */
/* How the programs of a BPF object use the kernel's fields, by its relocations. */
#ifndef USES_H
#define USES_H

#include <bpf/btf.h>

#define MAX_MEMBERS 64

enum { READ = 1, AS_BITS = 2, ASKED = 4 };

struct uses {
	const struct btf *local;
	unsigned char of[][MAX_MEMBERS];	/* by type id and member or enumerator */
};

/* From the object at this path, whose types are `local`. The caller frees it; NULL and errno. */
struct uses *uses_read(const struct btf *local, const char *path);

/* The type behind qualifiers and typedefs; *id becomes its own. */
const struct btf_type *skip_mods(const struct btf *btf, __u32 *id);

/* A string of the BTF, "" where there is none. */
const char *str(const struct btf *btf, __u32 off);

#endif
