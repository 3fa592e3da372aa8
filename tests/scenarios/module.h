/* SPDX-License-Identifier: GPL-2.0 */
/* Modules of the kernel, which are common to the whole host. */
#ifndef MODULE_H
#define MODULE_H

/*
 * Unloads a module, and before it those that need it. Returns 0, also if it is not loaded; -EAGAIN
 * while it is in use; or another negative errno.
 */
int module_unload(const char *name);

#endif
