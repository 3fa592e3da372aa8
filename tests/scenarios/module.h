/* SPDX-License-Identifier: GPL-2.0 */
/* Modules of the kernel: they are the whole host's. */
#ifndef MODULE_H
#define MODULE_H

/*
 * Takes a module out of the kernel, and before it those that need it. Returns 0,
 * also where there is none, -EAGAIN as long as it is in use, or another negative errno.
 */
int module_unload(const char *name);

#endif
