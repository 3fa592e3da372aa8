/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/links.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/libbpf.h>

/* The inode of the module's sysfs folder, a new one each time it is loaded; 0: it is not loaded. */
static ino_t folder_of(const char *module)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/module/%s", module ? module : "");
	return module && !stat(path, &st) ? st.st_ino : 0;
}

static int find(const struct links *l, const char *prog)
{
	int i = 0;

	while (i < l->n && strcmp(l->at[i].prog, prog))
		i++;
	return i;
}

int links_add(struct links *l, struct bpf_object *obj, const char *name, const char *module)
{
	/* read before attaching, so that a module loaded anew in between is noticed */
	ino_t folder = folder_of(module);
	struct bpf_program *prog;

	if (find(l, name) < l->n)
		return 0;
	prog = bpf_object__find_program_by_name(obj, name);
	if (!prog)
		return -ENOENT;
	l->at[l->n].link = bpf_program__attach(prog);
	if (!l->at[l->n].link)
		return -errno;
	l->at[l->n].prog = name;
	l->at[l->n++].folder = folder;
	return 0;
}

bool links_outdated(struct links *l, const char *prog, const char *module)
{
	int i = find(l, prog);

	if (folder_of(module) == (i < l->n ? l->at[i].folder : 0))
		return false;
	if (i < l->n) {
		bpf_link__destroy(l->at[i].link);
		l->at[i] = l->at[--l->n];
	}
	return true;
}

bool links_have(const struct links *l, const char *prog)
{
	return find(l, prog) < l->n;
}

void links_clear(struct links *l)
{
	while (l->n)
		bpf_link__destroy(l->at[--l->n].link);
}
