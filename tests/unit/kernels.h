/* SPDX-License-Identifier: GPL-2.0 */
/* Kernels made up by filling in a struct caps, and what is chosen for them. */
#ifndef KERNELS_H
#define KERNELS_H

#include "attach/hooks.h"

/* Each has what its version has, and refuses nothing ... */
void kernel_6_1(struct caps *caps);
void kernel_6_12(struct caps *caps);
void kernel_6_18(struct caps *caps);
/* ... but this one allows neither trampolines nor kprobes. */
void kernel_6_18_locked(struct caps *caps);

/* Gives the kernel a function, or a tracepoint if the name begins with "tp:". */
void has(struct caps *caps, const char *name, int args, int reason_arg);
void lacks(struct caps *caps, const char *name);

/* What was chosen for the probe of that name. */
struct choice *chosen(const struct plan *plan, const char *probe);
/* Whether some probe's chosen rung has this program. */
bool plan_has(const struct plan *plan, const char *prog);
/* Check how the probe is attached: to this symbol, by this kind of hook; or why it is missing. */
void is_by(const struct plan *plan, const char *probe, enum ladder ladder, const char *symbol);
void is_missing(const struct plan *plan, const char *probe, const char *why);

#endif
