/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looks up what a process id stands for: program, control group, container, unit. As that reads
 * /proc and the cgroup tree, it is behind an ops struct, so that tests and replays run without it.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <stdint.h>

#include "incident/incident.h"

struct resolver {
	const struct resolver_ops *ops;
};

/*
 * Both functions fill members of ep that they find and leave the others alone.
 * They return 0, or a negative errno when nothing was found.
 */
struct resolver_ops {
	/* exe, cgroup, container and its names, unit of the process ep->pid, if it still runs */
	int (*pid)(struct resolver *r, struct endpoint *ep);
	/* cgroup, container and its names, unit from ep->cgroup_id, if the group is still there */
	int (*cgroup)(struct resolver *r, struct endpoint *ep);
	void (*free)(struct resolver *r);
};

/*
 * Fills exe, cgroup, container and unit of an end on this host, from the process or, where
 * that has ended, from the id of its control group. Call it soon after the event, while the
 * process lives. Finding nothing is no error.
 */
void resolve_endpoint(struct resolver *r, struct endpoint *ep);

/*
 * The live resolver. proc is where procfs is ("/proc"); root is put before the paths of container
 * engines' files ("" on a real host); now_ns gives the monotonic time by which answers are kept
 * (NULL: CLOCK_MONOTONIC). Returns 0 and the resolver, which resolver_free() frees, or -ENOMEM.
 * Without a cgroup2 mount it works, but finds less.
 */
int resolver_open(const char *proc, const char *root, uint64_t (*now_ns)(void),
		  struct resolver **out);

/* NULL is allowed. */
void resolver_free(struct resolver *r);

#endif
