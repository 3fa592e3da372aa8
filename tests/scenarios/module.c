/* SPDX-License-Identifier: GPL-2.0 */
#include "module.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int module_unload(const char *name)
{
	struct dirent *holder;
	char path[300];
	int err = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/module/%s/holders", name);
	dir = opendir(path);
	while (dir && !err && (holder = readdir(dir)))
		if (holder->d_name[0] != '.')
			err = module_unload(holder->d_name);
	if (dir)
		closedir(dir);
	if (!err && syscall(SYS_delete_module, name, O_NONBLOCK) && errno != ENOENT)
		err = -errno;
	return err;
}
