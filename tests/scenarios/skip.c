/* SPDX-License-Identifier: GPL-2.0 */
#include "skip.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Whether KERNEL or KERNEL/HOOKS is what this runs on. */
static bool here(const struct skip_list *l, const char *pattern)
{
	char name[192];

	snprintf(name, sizeof(name), "%s/%s", l->kernel, l->hooks);
	return !fnmatch(pattern, strchr(pattern, '/') ? name : l->kernel, 0);
}

int skip_listed(const struct skip_list *l, const char *scenario, char *reason, size_t len)
{
	char line[512], kernel[128], name[128];
	int at, found = 0;
	FILE *f;

	if (!l->file)
		return 0;
	f = fopen(l->file, "re");
	if (!f)
		return -errno;
	while (!found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (*line == '#' || sscanf(line, "%127s %127s %n", kernel, name, &at) != 2)
			continue;
		found = here(l, kernel) && !fnmatch(name, scenario, 0);
		if (found)
			snprintf(reason, len, "%s", line + at);
	}
	fclose(f);
	return found;
}
