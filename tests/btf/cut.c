/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cut BTF OUT - keeps of a kernel's type information what the choice of hooks reads: the prototypes
 * of the functions and tracepoints in its table, and the names of the reasons. Pointers lose the
 * type that they point to, structs their members; the rest is as in the kernel. Of 5 MB some 4 KB
 * are left.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "attach/hooks.h"

struct cut {
	const struct btf *from;
	struct btf *to;
	int *new_id;	/* by old id; 0: not copied yet */
};

static int copy(struct cut *c, __u32 id);

static const char *name_of(const struct cut *c, const struct btf_type *t)
{
	return btf__name_by_offset(c->from, t->name_off);
}

static int copy_proto(struct cut *c, const struct btf_type *t)
{
	const struct btf_param *p = btf_params(t);
	int types[16], n = btf_vlen(t), id;

	if (n > 16)
		return -E2BIG;
	for (int i = 0; i < n; i++) {
		types[i] = copy(c, p[i].type);
		if (types[i] < 0)
			return types[i];
	}
	id = copy(c, t->type);
	id = id < 0 ? id : btf__add_func_proto(c->to, id);
	for (int i = 0; i < n && id > 0; i++) {
		int err = btf__add_func_param(c->to, btf__name_by_offset(c->from, p[i].name_off),
					      types[i]);

		if (err)
			return err;
	}
	return id;
}

/* Copies a type that refers to one other type, and that type before it. */
static int copy_referring(struct cut *c, const struct btf_type *t)
{
	int to = copy(c, t->type);

	if (to < 0)
		return to;
	switch (btf_kind(t)) {
	case BTF_KIND_TYPEDEF:
		return btf__add_typedef(c->to, name_of(c, t), to);
	case BTF_KIND_CONST:
		return btf__add_const(c->to, to);
	case BTF_KIND_VOLATILE:
		return btf__add_volatile(c->to, to);
	case BTF_KIND_RESTRICT:
		return btf__add_restrict(c->to, to);
	case BTF_KIND_FUNC:
		return btf__add_func(c->to, name_of(c, t), btf_vlen(t), to);
	case BTF_KIND_PTR:
		return btf__add_ptr(c->to, to);
	}
	return -EINVAL;
}

static bool to_function(const struct cut *c, const struct btf_type *ptr)
{
	const struct btf_type *t = btf__type_by_id(c->from, ptr->type);

	return t && btf_is_func_proto(t);
}

static int copy(struct cut *c, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(c->from, id);
	int new_id;

	if (!id || c->new_id[id])
		return c->new_id[id];
	if (btf_is_func_proto(t))
		new_id = copy_proto(c, t);
	else if (btf_is_ptr(t) && !to_function(c, t))
		new_id = btf__add_ptr(c->to, 0);
	else if (btf_is_struct(t))
		new_id = btf__add_struct(c->to, name_of(c, t), t->size);
	else if (btf_is_union(t))
		new_id = btf__add_union(c->to, name_of(c, t), t->size);
	else if (btf_is_int(t) || btf_is_any_enum(t))
		new_id = btf__add_type(c->to, c->from, t);
	else
		new_id = copy_referring(c, t);
	c->new_id[id] = new_id;
	return new_id;
}

/* The names that caps.c looks for. */
static bool is_wanted(const struct btf_type *t, const char *name)
{
	static const char tp_prefix[] = "btf_trace_";
	struct cap_symbol symbol[MAX_CAP_SYMBOLS];
	int n = hooks_symbols(symbol, MAX_CAP_SYMBOLS);
	bool tp = btf_is_typedef(t) && !strncmp(name, tp_prefix, strlen(tp_prefix));

	if (btf_is_enum(t))
		return !strcmp(name, "sk_rst_reason") || !strcmp(name, "skb_drop_reason");
	if (!tp && !btf_is_func(t))
		return false;
	name += tp ? strlen(tp_prefix) : 0;
	for (int i = 0; i < n; i++)
		if (symbol[i].tracepoint == tp && !strcmp(symbol[i].name, name))
			return true;
	return !tp && !strcmp(name, "bpf_iter_task_file");
}

static int cut(struct cut *c)
{
	for (__u32 id = 1; id < btf__type_cnt(c->from); id++) {
		const struct btf_type *t = btf__type_by_id(c->from, id);
		const char *name = name_of(c, t);
		int err = name && name[0] && is_wanted(t, name) ? copy(c, id) : 0;

		if (err < 0)
			return err;
	}
	return 0;
}

static int save(const struct btf *btf, const char *path)
{
	__u32 size;
	const void *raw = btf__raw_data(btf, &size);
	FILE *f = raw ? fopen(path, "we") : NULL;
	bool written = f && fwrite(raw, size, 1, f) == 1;

	return !f || fclose(f) || !written ? -EIO : 0;
}

int main(int argc, char **argv)
{
	struct cut c = { .from = argc == 3 ? btf__parse(argv[1], NULL) : NULL,
			 .to = btf__new_empty() };
	int err;

	if (!c.from || !c.to) {
		fprintf(stderr, "usage: cut BTF OUT\n");
		return 2;
	}
	c.new_id = calloc(btf__type_cnt(c.from), sizeof(*c.new_id));
	err = c.new_id ? cut(&c) : -ENOMEM;
	err = err ? err : save(c.to, argv[2]);
	if (err)
		fprintf(stderr, "cut: %s: %s\n", argv[1], strerror(-err));
	free(c.new_id);
	btf__free(c.to);
	btf__free((struct btf *)c.from);
	return err ? 1 : 0;
}
