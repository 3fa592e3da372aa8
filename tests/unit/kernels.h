/* SPDX-License-Identifier: GPL-2.0 */
/* Kernels that are nothing but a filled-in struct caps, and what is chosen for them. */
#ifndef KERNELS_H
#define KERNELS_H

#include "attach/hooks.h"

/* They have what their version has, and refuse nothing ... */
void kernel_6_1(struct caps *caps);
void kernel_6_12(struct caps *caps);
void kernel_6_18(struct caps *caps);
/* ... except this one, which allows neither trampolines nor kprobes. */
void kernel_6_18_locked(struct caps *caps);

/* A function, or a tracepoint if its name begins with "tp:". */
void has(struct caps *caps, const char *name, int args, int reason_arg);
void lacks(struct caps *caps, const char *name);

/* What was chosen for a probe, by its name. */
struct choice *chosen(const struct plan *plan, const char *probe);
/* A probe's chosen rung has this program. */
bool plan_has(const struct plan *plan, const char *prog);
/* The probe hangs on this symbol, by this kind of hook. */
void is_by(const struct plan *plan, const char *probe, enum ladder ladder, const char *symbol);
void is_missing(const struct plan *plan, const char *probe, const char *why);

#endif
