/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/btf_trim.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "attach/name_set.h"

#define ENUM64_WORDS 3	/* struct btf_enum64, which older headers do not have */
#define LONGEST_CHAIN 16

/* A trimming in progress: which types are taken, and their new ids. */
struct trim {
	const char *types;	/* the types of the whole BTF */
	uint32_t types_len;
	const char *strs;
	uint32_t strs_len;
	uint32_t n;		/* ids so far */
	uint32_t *at;		/* where a type is, by its id */
	uint32_t *new_id;	/* by old id; 0: not taken */
	uint32_t *taken;	/* old ids by their new ones */
	uint32_t n_taken;	/* void included */
	uint32_t len;		/* of the types taken, in bytes */
	FILE *names;		/* of the result */
};

static const struct btf_type *type_of(const struct trim *tr, uint32_t id)
{
	static const struct btf_type nothing;

	return id && id < tr->n ? (const struct btf_type *)(tr->types + tr->at[id]) : &nothing;
}

/* How many bytes follow the struct btf_type; negative: a kind that is not known. */
static int64_t tail_len(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return btf_vlen(t) * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return btf_vlen(t) * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return btf_vlen(t) * ENUM64_WORDS * sizeof(uint32_t);
	case BTF_KIND_FUNC_PROTO:
		return btf_vlen(t) * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return btf_vlen(t) * sizeof(struct btf_var_secinfo);
	}
	return -1;
}

static const char *name_of(const struct trim *tr, uint32_t off)
{
	return tr->strs + (off < tr->strs_len ? off : 0);
}

static bool is_wanted(const struct trim *tr, const struct btf_type *t, const struct name_set *names)
{
	if (!btf_is_composite(t) && !btf_is_any_enum(t) && !btf_is_func(t) && !btf_is_typedef(t))
		return false;
	return t->name_off && name_set_has(names, name_of(tr, t->name_off));
}

static void take(struct trim *tr, uint32_t id)
{
	if (!id || id >= tr->n || tr->new_id[id])
		return;
	tr->new_id[id] = tr->n_taken;
	tr->taken[tr->n_taken++] = id;
	tr->len += sizeof(struct btf_type) + tail_len(type_of(tr, id));
}

/* Finds out where each type is, and takes those that are named. */
static int scan(struct trim *tr, const struct name_set *names)
{
	uint32_t at = 0;

	while (tr->types_len - at >= sizeof(struct btf_type)) {
		const struct btf_type *t = (const void *)(tr->types + at);
		int64_t tail = tail_len(t);

		if (tail < 0 || tail > tr->types_len - at - (int64_t)sizeof(*t))
			return -EINVAL;
		tr->at[tr->n++] = at;
		if (is_wanted(tr, t, names))
			take(tr, tr->n - 1);
		at += sizeof(*t) + tail;
	}
	return at == tr->types_len ? 0 : -EINVAL;
}

/* Takes the types that this one contains by value or has as parameters. */
static void take_parts(struct trim *tr, uint32_t old)
{
	const struct btf_type *t = type_of(tr, old);

	if (btf_is_composite(t)) {
		for (int i = 0; i < btf_vlen(t); i++)
			take(tr, btf_members(t)[i].type);
	} else if (btf_is_array(t)) {
		take(tr, btf_array(t)->type);
		take(tr, btf_array(t)->index_type);
	} else if (btf_is_mod(t) || btf_is_typedef(t) || btf_is_func(t) ||
		   (btf_is_ptr(t) && btf_is_func_proto(type_of(tr, t->type)))) {
		take(tr, t->type);
	} else if (btf_is_func_proto(t)) {
		for (int i = 0; i < btf_vlen(t); i++)
			take(tr, btf_params(t)[i].type);
	}
}

/* A pointer keeps its target only if that was taken as a named type or as a prototype. */
static uint32_t pointee(const struct trim *tr, uint32_t id)
{
	const struct btf_type *t = type_of(tr, id);

	for (int i = 0; i < LONGEST_CHAIN && btf_is_mod(t); i++) {
		id = t->type;
		t = type_of(tr, id);
	}
	return id < tr->n && (btf_is_composite(t) || btf_is_func_proto(t)) ? tr->new_id[id] : 0;
}

static uint32_t renumbered(const struct trim *tr, uint32_t id)
{
	return id < tr->n ? tr->new_id[id] : 0;
}

static void move_name(struct trim *tr, uint32_t *off)
{
	const char *name = name_of(tr, *off);

	*off = name[0] ? ftell(tr->names) : 0;
	if (name[0])
		fwrite(name, strlen(name) + 1, 1, tr->names);
}

/* Replaces the old ids and name offsets in a copied type by the new ones. */
static void adapt(struct trim *tr, struct btf_type *t)
{
	move_name(tr, &t->name_off);
	if (btf_is_composite(t)) {
		for (struct btf_member *m = btf_members(t); m < btf_members(t) + btf_vlen(t); m++) {
			move_name(tr, &m->name_off);
			m->type = renumbered(tr, m->type);
		}
	} else if (btf_is_func_proto(t)) {
		t->type = 0;	/* what it returns was not taken */
		for (struct btf_param *p = btf_params(t); p < btf_params(t) + btf_vlen(t); p++) {
			move_name(tr, &p->name_off);
			p->type = renumbered(tr, p->type);
		}
	} else if (btf_is_any_enum(t)) {
		uint32_t words = btf_is_enum(t) ? 2 : ENUM64_WORDS;

		for (int i = 0; i < btf_vlen(t); i++)
			move_name(tr, (uint32_t *)(t + 1) + i * words);
	} else if (btf_is_array(t)) {
		btf_array(t)->type = renumbered(tr, btf_array(t)->type);
		btf_array(t)->index_type = renumbered(tr, btf_array(t)->index_type);
	} else if (btf_is_ptr(t)) {
		t->type = pointee(tr, t->type);
	} else if (btf_is_mod(t) || btf_is_typedef(t) || btf_is_func(t)) {
		t->type = renumbered(tr, t->type);
	}
}

/* Finds types and names in the whole BTF. */
static int open_raw(struct trim *tr, const void *raw, uint32_t size)
{
	const struct btf_header *h = raw;
	uint64_t types, strs;

	if (size < sizeof(*h) || h->magic != BTF_MAGIC)
		return -EINVAL;
	types = (uint64_t)h->hdr_len + h->type_off;
	strs = (uint64_t)h->hdr_len + h->str_off;
	if (types + h->type_len > size || strs + h->str_len > size || types % sizeof(uint32_t) ||
	    !h->str_len || ((const char *)raw)[strs + h->str_len - 1])
		return -EINVAL;
	tr->types = (const char *)raw + types;
	tr->types_len = h->type_len;
	tr->strs = (const char *)raw + strs;
	tr->strs_len = h->str_len;
	return 0;
}

/* Makes the trimmed BTF of a header, the types that were taken, and their names. */
static struct btf *put_together(struct trim *tr, char **names, size_t *names_len)
{
	struct btf_header h = { .magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(h) };
	char *types = malloc(tr->len + 1), *all;
	struct btf *btf = NULL;
	uint32_t at = 0;

	for (uint32_t i = 1; types && i < tr->n_taken; i++) {
		const struct btf_type *t = type_of(tr, tr->taken[i]);
		uint32_t len = sizeof(*t) + tail_len(t);

		memcpy(types + at, t, len);
		adapt(tr, (struct btf_type *)(types + at));
		at += len;
	}
	if (types && !fflush(tr->names)) {
		h.str_off = h.type_len = tr->len;
		h.str_len = *names_len;
		all = malloc(sizeof(h) + tr->len + *names_len);
		if (all) {
			memcpy(all, &h, sizeof(h));
			memcpy(all + sizeof(h), types, tr->len);
			memcpy(all + sizeof(h) + tr->len, *names, *names_len);
			btf = btf__new(all, sizeof(h) + tr->len + *names_len);
		}
		free(all);
	}
	free(types);
	return btf;
}

int btf_names(struct name_set *set, const struct btf *local)
{
	int err = 0;

	for (uint32_t id = 1; id < btf__type_cnt(local) && !err; id++) {
		const struct btf_type *t = btf__type_by_id(local, id);

		if (btf_is_composite(t) || btf_is_any_enum(t))
			err = name_set_add(set, btf__name_by_offset(local, t->name_off), true);
	}
	return err;
}

struct btf *btf_trim(const void *raw, uint32_t size, const struct name_set *names, uint32_t **ids)
{
	struct trim tr = { .n = 1, .n_taken = 1 };
	struct btf *btf = NULL;
	size_t names_len = 0;
	char *buf = NULL;
	int err = open_raw(&tr, raw, size);

	if (!err) {
		size_t most = tr.types_len / sizeof(struct btf_type) + 1;

		tr.at = malloc(most * sizeof(uint32_t));
		tr.new_id = calloc(most, sizeof(uint32_t));
		tr.taken = calloc(most, sizeof(uint32_t));
		tr.names = open_memstream(&buf, &names_len);
		err = tr.at && tr.new_id && tr.taken && tr.names ? scan(&tr, names) : -ENOMEM;
	}
	if (!err) {
		for (uint32_t i = 1; i < tr.n_taken; i++)
			take_parts(&tr, tr.taken[i]);
		fputc('\0', tr.names);
		btf = put_together(&tr, &buf, &names_len);
		err = btf ? 0 : -errno;
	}
	if (tr.names)
		fclose(tr.names);
	free(buf);
	free(tr.at);
	free(tr.new_id);
	if (err)
		free(tr.taken);
	else
		*ids = tr.taken;
	errno = -err;
	return btf;
}
