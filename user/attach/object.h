/* SPDX-License-Identifier: GPL-2.0 */
/* What the loader does to the BPF object before and while the kernel takes it. */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/hooks.h"
#include "rsttrace.skel.h"

/*
 * kernel_probe() with what the object names. Returns the descriptor of a file in
 * memory with the kernel's types that it needs, or a negative errno and `why`.
 */
int object_probe(struct caps *caps, const char *file, char *why, size_t len);

/* About how much a kernel that counts it takes this object for, in bytes. */
uint64_t object_memory(const struct rsttrace_bpf *skel);

/* Makes the maps as large as this host can have use for. */
void object_sizes(struct rsttrace_bpf *skel, const struct caps *caps);

/* Sets the programs' constants, see bpf/compat.bpf.h. */
void object_constants(struct rsttrace_bpf *skel, const struct plan *plan);

/*
 * Makes the functions that the programs call static where the kernel could not
 * verify them by themselves (VERIFIED_ONCE in bpf/compat.bpf.h), as libbpf does
 * with hidden ones.
 */
void object_subprograms(struct rsttrace_bpf *skel);

/*
 * Tells libbpf, before it opens the object, what the snapshot program is and
 * where fentry and fexit programs go. `caps` are borrowed until the handlers,
 * which are zeroes before, are unregistered. Returns 0 or a negative errno.
 */
#define OBJECT_HANDLERS 4
int object_register(int handler[OBJECT_HANDLERS], const struct caps *caps);
void object_unregister(const int handler[OBJECT_HANDLERS]);

/* Whether the program gets typed pointers where the kernel gives them. */
bool object_typed(const struct rsttrace_bpf *skel, const char *prog);

/*
 * Gives each program that is to be loaded a log of its own, of so many bytes:
 * the one that is not empty after a failed load is of the program that was
 * refused. The caller frees what it returns; NULL: out of memory.
 */
char *object_logs(struct rsttrace_bpf *skel, size_t bytes);

/* That program's name (of the skeleton's life), or NULL. `verbose` prints the log. */
const char *object_refused(const struct rsttrace_bpf *skel, const char *logs, size_t bytes,
			   bool verbose);

#endif
