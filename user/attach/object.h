/* SPDX-License-Identifier: GPL-2.0 */
/* How the loader prepares the BPF object before it is loaded, and reads the logs afterwards. */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/hooks.h"
#include "rsttrace.skel.h"

/*
 * kernel_probe() for the types that the object uses. Returns the descriptor of a file
 * in memory that has those of the kernel, or a negative errno and `why`.
 */
int object_probe(struct caps *caps, const char *file, char *why, size_t len);

/* About how many bytes this object counts for, on a kernel that charges them to RLIMIT_MEMLOCK. */
uint64_t object_memory(const struct rsttrace_bpf *skel);

/* Sets the sizes of the maps by those of this host. */
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
 * Registers handlers for sections with libbpf, before it opens the object: what the
 * snapshot program is, and where fentry and fexit programs are attached. `caps` are
 * borrowed until the handlers are unregistered; the array is zeroed before. Returns 0
 * or a negative errno.
 */
#define OBJECT_HANDLERS 4
int object_register(int handler[OBJECT_HANDLERS], const struct caps *caps);
void object_unregister(const int handler[OBJECT_HANDLERS]);

/* Whether the program gets typed pointers where the kernel gives them. */
bool object_typed(const struct rsttrace_bpf *skel, const char *prog);

/*
 * Gives each program that is to be loaded a log of its own, of so many bytes. After a
 * failed load the log that is not empty is that of the refused program. The caller
 * frees what it returns; NULL: out of memory.
 */
char *object_logs(struct rsttrace_bpf *skel, size_t bytes);

/* The refused program's name (valid as long as the skeleton), or NULL. `verbose` prints the log. */
const char *object_refused(const struct rsttrace_bpf *skel, const char *logs, size_t bytes,
			   bool verbose);

#endif
