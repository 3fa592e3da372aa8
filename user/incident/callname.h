/* SPDX-License-Identifier: GPL-2.0 */
/* System calls by number, in any ABI, and which argument is the socket. */
#ifndef CALLNAME_H
#define CALLNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/* The call's name ("" when it has none) in buf, as the kernel knows it. */
void call_name(const struct rst_call *call, char *buf, size_t len);

/*
 * The descriptor of the socket that the call works on; UNKNOWN for a call that has
 * none among its arguments (exit_group; the socket that accept returns). `receives`
 * chooses between the two descriptors of splice: true for the one that it reads from.
 */
int64_t call_fd(const struct rst_call *call, bool receives);

/*
 * Whether the call works in pieces, and returns the pieces before an error in place of the error.
 * io_uring does with MSG_WAITALL, from Linux 5.19 on.
 */
bool call_in_pieces(const char *name, bool receives);

#endif
