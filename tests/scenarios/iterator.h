/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ITERATOR_H
#define ITERATOR_H

/*
 * For actor_call(): a BPF program destroys the sockets of this namespace with these two ports (its
 * own and the other end's) while the caller reads its iterator. Returns 0 or a negative errno:
 * -EINVAL if the kernel has no bpf_sock_destroy().
 */
long do_iterate_and_destroy(const long *arg);

#endif
