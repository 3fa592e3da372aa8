/* SPDX-License-Identifier: GPL-2.0 */
/* Hooks that can only be attached once the run has begun: on modules that load later, and the spares. */
#ifndef LATE_HOOKS_H
#define LATE_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

struct loader;

struct late_hooks {
	struct loader *loader;	/* NULL: nothing is ever due */
	bool quiet;
	uint64_t next_ns;	/* when they are to be tried again; UINT64_MAX: not at all */
	uint64_t until_ns;
};

/* The first try loads the spares; later ones show if that failed. */
void late_hooks_begin(struct late_hooks *h, struct loader *loader, bool quiet, uint64_t now_ns);

/* A module loads. It can be traced a moment later. */
void late_hooks_module(struct late_hooks *h, uint64_t now_ns);

void late_hooks_step(struct late_hooks *h, uint64_t now_ns);

/* Tries once more, due or not. */
void late_hooks_try(const struct late_hooks *h);

#endif
