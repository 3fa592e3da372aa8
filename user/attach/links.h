/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs that are attached. A program on a function of a module is detached
 * when the module is unloaded, and has to be attached again when it is loaded again.
 */
#ifndef LINKS_H
#define LINKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "attach/hooks.h"

#define MAX_LINKS (N_PROBES * MAX_RUNG_PROGS)

struct bpf_link;
struct bpf_object;

struct links {
	struct {
		struct bpf_link *link;
		const char *prog;
		ino_t folder;	/* in sysfs, of the hook's module; 0: none */
	} at[MAX_LINKS];
	int n;
};

/*
 * Attaches a program, unless it is attached already, as two probes may share one. The name
 * is borrowed; module is NULL where the hook is in none. Returns 0 or a negative errno.
 */
int links_add(struct links *l, struct bpf_object *obj, const char *prog, const char *module);

/*
 * Whether the module was loaded, unloaded or loaded again since links_add() was called for the
 * program. If so, the program's link, if there is one, is removed.
 */
bool links_outdated(struct links *l, const char *prog, const char *module);

bool links_have(const struct links *l, const char *prog);

/* Detaches all programs. */
void links_clear(struct links *l);

#endif
