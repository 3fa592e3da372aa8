/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's BTF, trimmed to the types that are used here. Of the whole, libbpf
 * would copy and index all 140,000 types, and search them once for each type that
 * it relocates: most of the start-up time.
 */
#ifndef BTF_TRIM_H
#define BTF_TRIM_H

#include <stdint.h>

struct btf;
struct name_set;

/* Adds the names of the structs, unions and enums that a BPF object knows. Returns 0 or -ENOMEM. */
int btf_names(struct name_set *set, const struct btf *local);

/*
 * Copies from a kernel's BTF every struct, union, enum, function and typedef
 * in the set, with all they contain by value, and the prototypes they lead to;
 * pointers to anything else become void *. The result is the caller's
 * (btf__free), as is *ids (free), which maps each id in the result to the id
 * in the kernel's BTF. NULL and errno on failure.
 */
struct btf *btf_trim(const void *raw, uint32_t size, const struct name_set *names, uint32_t **ids);

#endif
