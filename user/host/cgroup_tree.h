/* SPDX-License-Identifier: GPL-2.0 */
/* The tree of control groups, version 2: which group an id belongs to. */
#ifndef CGROUP_TREE_H
#define CGROUP_TREE_H

#include <stdint.h>

#include "host/cgroup_path.h"

struct cgroup_tree {
	char *mount;	/* where a whole cgroup2 tree is mounted; NULL: nowhere */
	int fd;		/* of the mount, to open groups by their ids; -1: that is not possible */
};

/* proc is where procfs is ("/proc"). Without a mount nothing will be found. */
void cgroup_tree_open(struct cgroup_tree *t, const char *proc);
void cgroup_tree_close(struct cgroup_tree *t);

/*
 * The place of the group. The kernel opens it by its id where it allows that (CAP_DAC_READ_SEARCH);
 * otherwise the whole tree is walked. Returns 0 or -ENOENT.
 */
int cgroup_tree_find(struct cgroup_tree *t, uint64_t id, struct cgroup_place *place);

#endif
