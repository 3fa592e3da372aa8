/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the names of container, unit and pod in the path of a control group. Pure:
 * the text of paths and of /proc/PID/cgroup in, names out.
 */
#ifndef CGROUP_PATH_H
#define CGROUP_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Sizes as in struct endpoint. What is not known, or does not fit, is empty. */
struct cgroup_place {
	char path[256];
	char container[72];	/* id (64 hex digits with most engines), or an LXC name */
	char unit[128];		/* the systemd unit; a container's own scope is left out */
	char pod[40];		/* Kubernetes pod uid, with dashes */
	bool mixed;		/* there are version 1 hierarchies, too, which a v2 id does not show */
};

/*
 * Reads one path. The deepest container and the deepest unit win, so that a
 * container inside a container names the inner one.
 */
void cgroup_path_parse(const char *path, size_t len, struct cgroup_place *out);

/*
 * Reads the text of /proc/PID/cgroup. With several hierarchies the unit is
 * that of the name=systemd line where that has one, the container of whichever
 * line has one.
 * Returns 0, or -ENOENT when there is no line to read (out is all empty then).
 */
int cgroup_file_parse(const char *text, size_t len, struct cgroup_place *out);

#endif
