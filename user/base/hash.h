/* SPDX-License-Identifier: GPL-2.0 */
/* The hash tables of uthash. Where memory for one is refused, the program says so and ends. */
#ifndef HASH_H
#define HASH_H

void out_of_memory(void) __attribute__((noreturn));

/* By default it is exit(-1) without a word. To be told and to go on would leave the entry out. */
#define uthash_fatal(msg) out_of_memory()

#include <uthash.h>

#endif
