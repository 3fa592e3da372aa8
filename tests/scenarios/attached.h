/* SPDX-License-Identifier: GPL-2.0 */
/* Whether the tracer's program hangs on a function that came with a module. */
#ifndef ATTACHED_H
#define ATTACHED_H

#include <stdbool.h>

/* Also true where the kernel shows no list of kprobes: then nothing can be waited for. */
bool kprobe_attached(const char *function);

#endif
