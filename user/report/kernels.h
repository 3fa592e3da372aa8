/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel of each host, as "rsttrace check --json" tells it in a line among the records. Pure. */
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>

struct kernels;

/* NULL when out of memory. */
struct kernels *kernels_new(void);
void kernels_free(struct kernels *k);

/* Takes in what a host says; both are numbers of a table of strings. 0 or -ENOMEM. */
int kernels_note(struct kernels *k, uint32_t host, uint32_t kernel);

/* 0: not known. Of a host that named several kernels it is not known which one it ran at that time. */
uint32_t kernels_of(const struct kernels *k, uint32_t host);

#endif
