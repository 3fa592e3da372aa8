/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/caps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

#include "attach/name_set.h"

#define REASON_ENUM "sk_rst_reason"
#define REASON_PREFIX "SK_RST_REASON_"
#define DROP_ENUM "skb_drop_reason"
#define DROP_PREFIX "SKB_DROP_REASON_"
#define ITER_FUNC "bpf_iter_task_file"
#define TP_PREFIX "btf_trace_"
/*
 * Kernels up to 5.10 charge a user for maps by this struct. Later ones charge the memory control
 * group and do not have it.
 */
#define MEMLOCK_STRUCT "bpf_map_memory"
/* Kernels with this struct (6.1 and later) can allocate map entries in any context of a program. */
#define ALLOC_STRUCT "bpf_mem_alloc"

/*
 * On PREEMPT_RT a spinlock_t is an rt_mutex, and a program that waits for it would sleep. Up to
 * 5.10 ring buffers have such a lock, later a raw one, which does not sleep.
 */
#define RING_STRUCT "bpf_ringbuf"
#define RING_LOCK "spinlock"
#define SLEEPING_LOCK "spinlock"
#define MUTEX_PREFIX "rt_mutex"

/* Follows typedefs and qualifiers. */
static const struct btf_type *skip_mods(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* The prototype of a function, or of a tracepoint's btf_trace_* typedef. */
static const struct btf_type *proto_of(const struct btf *btf, const struct btf_type *t)
{
	if (btf_is_func(t))
		return btf__type_by_id(btf, t->type);
	t = skip_mods(btf, t->type);	/* a pointer to the prototype */
	return t && btf_is_ptr(t) ? skip_mods(btf, t->type) : NULL;
}

static void read_symbol(struct cap_symbol *sym, const struct btf *btf, const struct btf_type *t)
{
	const struct btf_type *proto = proto_of(btf, t);
	const struct btf_param *p;
	/* a tracepoint's prototype begins with the void * of its private data */
	int skip = sym->tracepoint ? 1 : 0;

	if (!proto || !btf_is_func_proto(proto))
		return;
	p = btf_params(proto);
	sym->args = btf_vlen(proto) - skip;
	for (int i = skip; i < btf_vlen(proto); i++) {
		const struct btf_type *arg = skip_mods(btf, p[i].type);
		const char *name = arg ? btf__name_by_offset(btf, arg->name_off) : NULL;

		if (!name || !btf_is_any_enum(arg))
			continue;
		if (!strcmp(name, REASON_ENUM))
			sym->reason_arg = i - skip;
		if (!strcmp(name, DROP_ENUM))
			sym->drop_arg = i - skip;
	}
}

/*
 * Collects the names of an enum's values, without their prefix, by value. Returns the highest
 * value plus one.
 */
static int read_names(char (*out)[40], int max, const struct btf *btf, const struct btf_type *t,
		      const char *prefix)
{
	const struct btf_enum *e = btf_enum(t);
	int n = 0;

	for (int i = 0; i < btf_vlen(t); i++, e++) {
		const char *name = btf__name_by_offset(btf, e->name_off);

		if (e->val < 0 || e->val >= max || strncmp(name, prefix, strlen(prefix)))
			continue;
		snprintf(out[e->val], sizeof(out[0]), "%s", name + strlen(prefix));
		if (e->val >= n)
			n = e->val + 1;
	}
	return n;
}

static const struct btf_type *member_type(const struct btf *btf, const struct btf_member *m)
{
	const struct btf_type *t = skip_mods(btf, m->type);

	return t && btf_is_struct(t) ? t : NULL;
}

static bool has_rt_mutex(const struct btf *btf, const struct btf_type *lock)
{
	const struct btf_member *m = btf_members(lock);

	for (int i = 0; i < btf_vlen(lock); i++) {
		const struct btf_type *t = member_type(btf, &m[i]);

		if (t && !strncmp(btf__name_by_offset(btf, t->name_off), MUTEX_PREFIX, strlen(MUTEX_PREFIX)))
			return true;
	}
	return false;
}

static bool ring_sleeps(const struct btf *btf, const struct btf_type *ring)
{
	const struct btf_member *m = btf_members(ring);

	for (int i = 0; i < btf_vlen(ring); i++) {
		const struct btf_type *t = member_type(btf, &m[i]);

		if (t && !strcmp(btf__name_by_offset(btf, m[i].name_off), RING_LOCK) &&
		    !strcmp(btf__name_by_offset(btf, t->name_off), SLEEPING_LOCK))
			return has_rt_mutex(btf, t);
	}
	return false;
}

static void read_type(struct caps *caps, const struct btf *btf, __u32 id, const char *name)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	bool tp = btf_is_typedef(t);

	if (btf_is_enum(t) && !strcmp(name, REASON_ENUM))
		caps->n_reasons = read_names(caps->reason, MAX_REASONS, btf, t, REASON_PREFIX);
	if (btf_is_enum(t) && !strcmp(name, DROP_ENUM))
		caps->n_drops = read_names(caps->drop, MAX_DROPS, btf, t, DROP_PREFIX);
	if (btf_is_struct(t) && !strcmp(name, MEMLOCK_STRUCT))
		caps->memlock_counts = true;
	if (btf_is_struct(t) && !strcmp(name, RING_STRUCT))
		caps->ring_sleeps = ring_sleeps(btf, t);
	if (btf_is_struct(t) && !strcmp(name, ALLOC_STRUCT))
		caps->maps_grow = true;
	if (!btf_is_func(t) && !(tp && !strncmp(name, TP_PREFIX, strlen(TP_PREFIX))))
		return;
	if (tp)
		name += strlen(TP_PREFIX);
	for (int i = 0; i < caps->n_symbols; i++)
		if (caps->symbol[i].tracepoint == tp && !strcmp(caps->symbol[i].name, name))
			read_symbol(&caps->symbol[i], btf, t);
}

int caps_names(struct name_set *set, const struct cap_symbol *wanted, int n)
{
	char tp[128];
	int err = name_set_add(set, REASON_ENUM, false) ?: name_set_add(set, DROP_ENUM, false) ?:
		  name_set_add(set, ITER_FUNC, false) ?: name_set_add(set, MEMLOCK_STRUCT, false) ?:
		  name_set_add(set, ALLOC_STRUCT, false) ?:
		  name_set_add(set, RING_STRUCT, false);

	for (int i = 0; i < n && !err; i++) {
		snprintf(tp, sizeof(tp), TP_PREFIX "%s", wanted[i].name);
		err = name_set_add(set, wanted[i].tracepoint ? tp : wanted[i].name, false);
	}
	return err;
}

int caps_from_btf(struct caps *caps, const struct btf *btf,
		  const struct cap_symbol *wanted, int n)
{
	struct name_set *set;

	if (n > MAX_CAP_SYMBOLS)
		return -E2BIG;
	for (int i = 0; i < n; i++) {
		caps->symbol[i] = wanted[i];
		caps->symbol[i].args = CAP_ABSENT;
	}
	caps->n_symbols = n;
	set = name_set_new();
	if (!set || caps_names(set, wanted, n)) {
		name_set_free(set);
		return -ENOMEM;
	}
	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *name = t->name_off ? btf__name_by_offset(btf, t->name_off) : NULL;

		if (name && name_set_has(set, name))
			read_type(caps, btf, id, name);
	}
	name_set_free(set);
	caps->btf = true;
	return 0;
}

static int own_id(const struct btf *own, const uint32_t *ids, const char *name, __u32 kind)
{
	int id = own ? btf__find_by_name_kind(own, name, kind) : -ENOENT;

	return id < 0 ? 0 : ids ? (int)ids[id] : id;
}

void caps_own_ids(struct caps *caps, const struct btf *own, const uint32_t *ids)
{
	char tp[128];

	caps->iter_task_file = own_id(own, ids, ITER_FUNC, BTF_KIND_FUNC);
	for (int i = 0; i < caps->n_symbols; i++) {
		struct cap_symbol *s = &caps->symbol[i];

		snprintf(tp, sizeof(tp), TP_PREFIX "%s", s->name);
		s->id = s->tracepoint ? own_id(own, ids, tp, BTF_KIND_TYPEDEF) :
					own_id(own, ids, s->name, BTF_KIND_FUNC);
	}
}

const struct cap_symbol *caps_symbol(const struct caps *caps, const char *name, bool tracepoint)
{
	for (int i = 0; i < caps->n_symbols; i++)
		if (caps->symbol[i].tracepoint == tracepoint && !strcmp(caps->symbol[i].name, name))
			return &caps->symbol[i];
	return NULL;
}

int caps_args(const struct caps *caps, const char *name, bool tracepoint)
{
	const struct cap_symbol *s = caps_symbol(caps, name, tracepoint);

	return s ? s->args : CAP_ABSENT;
}

bool caps_typed(const struct caps *caps)
{
	for (int i = 0; i < caps->n_symbols; i++)
		if (caps->symbol[i].tracepoint && caps->symbol[i].args != CAP_ABSENT &&
		    !caps->symbol[i].id)
			return false;
	return !caps->typed_refused;
}

void caps_refuse(struct caps *caps, const char *prog, int err)
{
	if (caps->n_refused == MAX_REFUSED)
		return;
	caps->refused[caps->n_refused].prog = prog;
	caps->refused[caps->n_refused++].err = err;
}

int caps_refused(const struct caps *caps, const char *prog)
{
	for (int i = 0; i < caps->n_refused; i++)
		if (!strcmp(caps->refused[i].prog, prog))
			return caps->refused[i].err;
	return 0;
}
