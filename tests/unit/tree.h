/* SPDX-License-Identifier: GPL-2.0 */
/* A temporary folder with a made-up /proc; paths are relative to it. */
#ifndef TREE_H
#define TREE_H

#include <stdint.h>

/* Makes a folder; its name ends with XXXXXX. Returns 0 or a negative errno. */
int tree_new(char *dir);
/* Removes the folder with all its contents. */
int tree_remove(const char *dir);

/* Makes a file with this text, and the folders above it; with text NULL, only the folders. */
void tree_put(const char *dir, const char *path, const char *text);
void tree_link(const char *dir, const char *path, const char *target);
uint64_t tree_inode(const char *dir, const char *path);

#endif
