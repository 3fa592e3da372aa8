/* SPDX-License-Identifier: GPL-2.0 */
/* The sockets that exist when tracing begins. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

struct bpf_program;

/*
 * Runs the iterator over every open file; its program puts the sockets it finds into the map. 0 or a
 * negative errno.
 */
int snapshot_take(const struct bpf_program *prog);

#endif
