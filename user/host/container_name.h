/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names of a container and its pod, from the files that engines and the kubelet keep. No daemon
 * is asked, as it might not answer. Where no file has the name, there is none.
 */
#ifndef CONTAINER_NAME_H
#define CONTAINER_NAME_H

#include <stdint.h>

/* Sizes as in struct endpoint. What is not known, or does not fit, is empty. */
struct container_name {
	char name[128];		/* in a pod the name that the pod gives it */
	char pod[192];		/* NAMESPACE/NAME, as kubectl shows it */
};

struct container_names;

/*
 * root is put in front of every path ("" on a real host). Returns NULL when memory is short;
 * container_names_free() frees it and allows NULL.
 */
struct container_names *container_names_new(const char *root);
void container_names_free(struct container_names *n);

/*
 * The names of the container with that id, in the pod with that uid; either may be empty. Reads
 * files, unless it has done so for this id within the last minute (a second, where nothing was
 * found). now_ns is of any clock that does not go back. The answer stays valid until the next call.
 */
const struct container_name *container_names_find(struct container_names *n, const char *id,
						  const char *pod_uid, uint64_t now_ns);

#endif
