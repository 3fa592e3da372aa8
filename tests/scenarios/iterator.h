/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ITERATOR_H
#define ITERATOR_H

/*
 * For actor_call(): has a BPF program destroy the sockets of this namespace with
 * these ports (the own one, the other end's) as the caller reads its iterator.
 * Returns 0, or a negative errno: -EINVAL where the kernel has no bpf_sock_destroy().
 */
long do_iterate_and_destroy(const long *arg);

#endif
