/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's BTF, cut down to the types that a BPF object names. libbpf
 * searches the whole of it once for each type it relocates; with some 140,000
 * types and two dozen searches that is most of the start-up time.
 */
#ifndef BTF_TRIM_H
#define BTF_TRIM_H

#include <stdbool.h>

struct btf;

/* A set of type and symbol names, for one pass over a large BTF. */
struct name_set;

struct name_set *name_set_new(void);
void name_set_free(struct name_set *set);
/* The string is borrowed. `flavour`: ignore a ___suffix. Returns 0 or -ENOMEM. */
int name_set_add(struct name_set *set, const char *name, bool flavour);
bool name_set_has(const struct name_set *set, const char *name);

/*
 * Copies from `kernel` every struct, union and enum that `local` names, with
 * all they contain by value; pointers to anything else become void *. The
 * result is the caller's (btf__free). NULL and errno on failure.
 */
struct btf *btf_trim(const struct btf *kernel, const struct btf *local);

#endif
