/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/btf_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "base/array.h"

/* The types that the programs read most and that differ between versions and configurations. */
static const char *const sized[] = { "sock", "tcp_sock", "sk_buff", "task_struct", "socket" };

#define N_SIZED ARRAY_SIZE(sized)

/* The size of a struct, or -1 if the BTF does not have it. */
static long size_in(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id < 0 ? -1 : (long)btf__type_by_id(btf, id)->size;
}

/* The size of TCP sockets, which the kernel allocates from a cache of their own. -1: cannot be read. */
static long size_in_slab(const char *slab)
{
	char path[256];
	long size = -1;
	FILE *f;

	snprintf(path, sizeof(path), "%s/TCP/object_size", slab);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &size) != 1)
		size = -1;
	fclose(f);
	return size;
}

static bool same(const char *path, const char *name, long in_file, long in_kernel, char *why,
		 size_t len)
{
	if (in_kernel < 0 || in_file == in_kernel)
		return true;
	snprintf(why, len, "--btf %s: not of this kernel: struct %s has %ld bytes there, %ld here",
		 path, name, in_file, in_kernel);
	return false;
}

static bool fits(const char *path, const struct btf *btf, const struct btf *own,
		 const char *slab, char *why, size_t len)
{
	for (size_t i = 0; i < N_SIZED; i++) {
		long in_file = size_in(btf, sized[i]);

		if (in_file < 0) {
			snprintf(why, len, "--btf %s: not a kernel's types: no struct %s", path,
				 sized[i]);
			return false;
		}
		if (own && !same(path, sized[i], in_file, size_in(own, sized[i]), why, len))
			return false;
	}
	return same(path, "tcp_sock", size_in(btf, "tcp_sock"), size_in_slab(slab), why, len);
}

#define LONGEST_CHAIN 64	/* the longest chain of qualifiers and typedefs that is followed */

static bool named(const struct btf *btf, __u32 off)
{
	return btf__name_by_offset(btf, off) != NULL;
}

static bool members_sound(const struct btf *btf, const struct btf_type *t, __u32 n)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++)
		if (m[i].type >= n || !named(btf, m[i].name_off))
			return false;
	return true;
}

static bool params_sound(const struct btf *btf, const struct btf_type *t, __u32 n)
{
	const struct btf_param *p = btf_params(t);

	for (int i = 0; i < btf_vlen(t); i++)
		if (p[i].type >= n || !named(btf, p[i].name_off))
			return false;
	return t->type < n;
}

static bool values_sound(const struct btf *btf, const struct btf_type *t)
{
	const struct btf_enum *e = btf_enum(t);

	for (int i = 0; i < btf_vlen(t); i++)
		if (!named(btf, e[i].name_off))
			return false;
	return true;
}

static bool chain_ends(const struct btf *btf, const struct btf_type *t, __u32 n)
{
	for (int i = 0; i < LONGEST_CHAIN; i++) {
		if (t->type >= n)
			return false;
		t = btf__type_by_id(btf, t->type);
		if (!btf_is_mod(t) && !btf_is_typedef(t))
			return true;
	}
	return false;
}

static bool type_sound(const struct btf *btf, const struct btf_type *t, __u32 n)
{
	if (!named(btf, t->name_off))
		return false;
	if (btf_is_composite(t))
		return members_sound(btf, t, n);
	if (btf_is_func_proto(t))
		return params_sound(btf, t, n);
	if (btf_is_enum(t))
		return values_sound(btf, t);
	if (btf_is_array(t))
		return btf_array(t)->type < n && btf_array(t)->index_type < n;
	if (btf_is_ptr(t) || btf_is_mod(t) || btf_is_typedef(t) || btf_is_func(t))
		return chain_ends(btf, t, n);
	return true;
}

/* libbpf checks the sizes of types but not the numbers of the types they refer to. */
static bool sound(const struct btf *btf)
{
	__u32 n = btf__type_cnt(btf);

	for (__u32 id = 1; id < n; id++)
		if (!type_sound(btf, btf__type_by_id(btf, id), n))
			return false;
	return true;
}

struct btf *btf_file_open(const char *path, const struct btf *own, const char *slab,
			  char *why, size_t len)
{
	struct btf *btf = btf__parse(path, NULL);
	int err = btf ? 0 : -errno;

	if (btf && !sound(btf))
		snprintf(why, len, "--btf %s: damaged: it refers to what is not in it", path);
	else if (btf && fits(path, btf, own, slab, why, len))
		return btf;
	else if (err && access(path, R_OK))
		snprintf(why, len, "--btf %s: %s", path, strerror(errno));
	else if (err)
		snprintf(why, len, "--btf %s: not BTF, nor an ELF file with a .BTF section", path);
	btf__free(btf);
	return NULL;
}
