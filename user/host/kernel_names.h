/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the running kernel's functions, by address. */
#ifndef KERNEL_NAMES_H
#define KERNEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_names;

/* Reads PROC/kallsyms. 0, -EACCES where the kernel hides its addresses, or another negative errno. */
int kernel_names_read(const char *proc, struct kernel_names **out);
void kernel_names_free(struct kernel_names *k);		/* NULL is allowed */

/* Whether PROC/kallsyms shows addresses to this process. Reads only its first lines. */
bool kernel_names_shown(const char *proc);

/*
 * "tcp_close+0x1c", with " [module]" if it is in one; false: no function is known there. `back` is 1
 * for a return address, else 0: the return address of a call that never returns may be just after
 * the end of its function, so the byte before it is looked up.
 */
bool kernel_name(const struct kernel_names *k, uint64_t addr, unsigned int back, char *text, size_t len);

#endif
