/* SPDX-License-Identifier: GPL-2.0 */
/* A folder of the test's own, where a /proc is made up; paths are below it. */
#ifndef TREE_H
#define TREE_H

#include <stdint.h>

/* Makes a folder of the name, which ends in XXXXXX; 0 or a negative errno. */
int tree_new(char *dir);
/* With all that is in it. */
int tree_remove(const char *dir);

/* With the folders above; a NULL text makes these only. */
void tree_put(const char *dir, const char *path, const char *text);
void tree_link(const char *dir, const char *path, const char *target);
uint64_t tree_inode(const char *dir, const char *path);

#endif
