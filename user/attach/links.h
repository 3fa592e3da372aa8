/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs that are attached. What hangs on a function of a module dies when
 * that is unloaded, and has to be attached anew when it comes back.
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
 * Attaches a program, once: two probes may share it. The name is borrowed; module
 * is NULL where the hook is in none. Returns 0 or a negative errno.
 */
int links_add(struct links *l, struct bpf_object *obj, const char *prog, const char *module);

/*
 * Whether the module has come, gone or been loaded anew since the program was attached or
 * found no module. A link that the unloading killed is removed.
 */
bool links_outdated(struct links *l, const char *prog, const char *module);

bool links_have(const struct links *l, const char *prog);

/* Takes off all links. */
void links_clear(struct links *l);

#endif
