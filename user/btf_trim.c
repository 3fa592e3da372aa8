/* SPDX-License-Identifier: GPL-2.0 */
#include "btf_trim.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#define MAX_NAMES 512

/* Most of a kernel's names are told apart by their first two characters. */
struct name_set {
	uint8_t seen[65536 / 8];
	char *name[MAX_NAMES];
	int n;
};

static uint16_t head_of(const char *name)
{
	return (uint8_t)name[0] << 8 | (name[0] ? (uint8_t)name[1] : 0);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct name_set *name_set_new(void)
{
	return calloc(1, sizeof(struct name_set));
}

void name_set_free(struct name_set *set)
{
	for (int i = 0; set && i < set->n; i++)
		free(set->name[i]);
	free(set);
}

int name_set_add(struct name_set *set, const char *name, bool flavour)
{
	const char *end = flavour ? strstr(name, "___") : NULL;
	char *copy;

	if (!name[0] || set->n == MAX_NAMES)
		return name[0] ? -ENOMEM : 0;
	copy = strndup(name, end && end != name ? (size_t)(end - name) : strlen(name));
	if (!copy)
		return -ENOMEM;
	set->name[set->n++] = copy;
	qsort(set->name, set->n, sizeof(char *), by_name);
	set->seen[head_of(copy) / 8] |= 1 << head_of(copy) % 8;
	return 0;
}

bool name_set_has(const struct name_set *set, const char *name)
{
	uint16_t head = head_of(name);

	return set->seen[head / 8] & 1 << head % 8 &&
	       bsearch(&name, set->name, set->n, sizeof(char *), by_name);
}

/* One trimming in progress: which types go along, and their new ids. */
struct trim {
	const struct btf *from;
	struct btf *to;
	struct name_set *names;
	uint32_t *new_id;	/* by old id; 0: not taken */
	uint32_t *taken;	/* old ids in the order of their new ones */
	uint32_t n_taken;
};

static bool is_named_kind(const struct btf_type *t)
{
	return btf_is_composite(t) || btf_is_any_enum(t);
}

static int take(struct trim *tr, uint32_t id)
{
	int new_id;

	if (!id || tr->new_id[id])
		return 0;
	new_id = btf__add_type(tr->to, tr->from, btf__type_by_id(tr->from, id));
	if (new_id < 0)
		return new_id;
	tr->new_id[id] = new_id;
	tr->taken[tr->n_taken++] = id;
	return 0;
}

/* A pointer's target counts only when it is one of the named types. */
static uint32_t pointee(const struct trim *tr, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(tr->from, id);

	while (t && btf_is_mod(t)) {
		id = t->type;
		t = btf__type_by_id(tr->from, id);
	}
	return t && btf_is_composite(t) && tr->new_id[id] ? id : 0;
}

/* Takes along what the type at this place in the list contains. */
static int take_parts(struct trim *tr, uint32_t old)
{
	const struct btf_type *t = btf__type_by_id(tr->from, old);
	int err = 0;

	if (btf_is_composite(t)) {
		for (int i = 0; i < btf_vlen(t) && !err; i++)
			err = take(tr, btf_members(t)[i].type);
	} else if (btf_is_array(t)) {
		err = take(tr, btf_array(t)->type);
		if (!err)
			err = take(tr, btf_array(t)->index_type);
	} else if (btf_is_mod(t) || btf_is_typedef(t)) {
		err = take(tr, t->type);
	}
	return err;
}

/* The copies still carry the old ids: give them the new. */
static void renumber(struct trim *tr, uint32_t old)
{
	struct btf_type *t = (struct btf_type *)btf__type_by_id(tr->to, tr->new_id[old]);

	if (btf_is_composite(t)) {
		for (int i = 0; i < btf_vlen(t); i++)
			btf_members(t)[i].type = tr->new_id[btf_members(t)[i].type];
	} else if (btf_is_array(t)) {
		btf_array(t)->type = tr->new_id[btf_array(t)->type];
		btf_array(t)->index_type = tr->new_id[btf_array(t)->index_type];
	} else if (btf_is_ptr(t)) {
		t->type = tr->new_id[pointee(tr, t->type)];
	} else if (btf_is_mod(t) || btf_is_typedef(t)) {
		t->type = tr->new_id[t->type];
	} else if (btf_is_func_proto(t)) {
		/* reached through a typedef only; nothing relocates through it */
		t->type = 0;
		for (int i = 0; i < btf_vlen(t); i++)
			btf_params(t)[i].type = 0;
	}
}

static int collect_names(struct trim *tr, const struct btf *local)
{
	for (uint32_t id = 1; id < btf__type_cnt(local); id++) {
		const struct btf_type *t = btf__type_by_id(local, id);
		int err = is_named_kind(t) ?
			  name_set_add(tr->names, btf__name_by_offset(local, t->name_off), true) : 0;

		if (err)
			return err;
	}
	return 0;
}

static int copy_types(struct trim *tr)
{
	uint32_t n = btf__type_cnt(tr->from);
	int err = 0;

	for (uint32_t id = 1; id < n && !err; id++) {
		const struct btf_type *t = btf__type_by_id(tr->from, id);

		if (is_named_kind(t) && t->name_off &&
		    name_set_has(tr->names, btf__name_by_offset(tr->from, t->name_off)))
			err = take(tr, id);
	}
	for (uint32_t i = 0; i < tr->n_taken && !err; i++)
		err = take_parts(tr, tr->taken[i]);
	for (uint32_t i = 0; i < tr->n_taken && !err; i++)
		renumber(tr, tr->taken[i]);
	return err;
}

struct btf *btf_trim(const struct btf *kernel, const struct btf *local)
{
	uint32_t n = btf__type_cnt(kernel);
	struct trim tr = {
		.from = kernel,
		.to = btf__new_empty(),
		.names = name_set_new(),
		.new_id = calloc(n, sizeof(uint32_t)),
		.taken = calloc(n, sizeof(uint32_t)),
	};
	int err = -ENOMEM;

	if (tr.to && tr.names && tr.new_id && tr.taken) {
		err = collect_names(&tr, local);
		if (!err)
			err = copy_types(&tr);
	}
	name_set_free(tr.names);
	free(tr.new_id);
	free(tr.taken);
	if (!err)
		return tr.to;
	btf__free(tr.to);
	errno = -err;
	return NULL;
}
