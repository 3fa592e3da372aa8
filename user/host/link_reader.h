/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads the links in /proc that the kernel shows only to those who may trace the process (exe, ns/net).
 * A process that Landlock confines may not, whatever its capabilities. So before it is confined it
 * starts a child that can do nothing but read links, and asks that.
 */
#ifndef LINK_READER_H
#define LINK_READER_H

#include <sys/types.h>

/*
 * Starts the child, which calls limit() first: 0, or it ends. From then on link_read() asks it. It ends
 * with this process. 0 or a negative errno.
 */
int link_reader_start(int (*limit)(void));

/* As readlink(2): the number of bytes, or -1. */
ssize_t link_read(const char *path, char *buf, size_t size);

#endif
