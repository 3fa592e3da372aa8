/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a program of the tracer's is attached to a function of a module. */
#ifndef ATTACHED_H
#define ATTACHED_H

#include <stdbool.h>

/* Also true if the kernel shows no list of kprobes: then nothing can be waited for. */
bool kprobe_attached(const char *function);

#endif
