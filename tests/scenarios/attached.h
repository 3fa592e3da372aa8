/* SPDX-License-Identifier: GPL-2.0 */
/* Whether the tracer's program hangs on a function that came with a module. */
#ifndef ATTACHED_H
#define ATTACHED_H

#include <stdbool.h>

/* True too where the kernel shows no list of kprobes: there is nothing to wait for. */
bool kprobe_attached(const char *function);

#endif
