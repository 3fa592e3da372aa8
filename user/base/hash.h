/* SPDX-License-Identifier: GPL-2.0 */
/* The hash tables of uthash. Where memory for one is refused, the program says so and ends. */
#ifndef HASH_H
#define HASH_H

void out_of_memory(void) __attribute__((noreturn));

/* uthash's default is exit(-1) without a word; its other choice is to go on without the entry. */
#define uthash_fatal(msg) out_of_memory()

#include <uthash.h>

#endif
