/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's types cut down: named ones stay whole, the others go. */
#include <bpf/btf.h>

#include "attach/btf_trim.h"
#include "attach/name_set.h"
#include "test.h"

static int ok(int id)
{
	assert_true(id > 0);
	return id;
}

static void field(struct btf *btf, const char *name, int type, int byte)
{
	assert_int_equal(btf__add_field(btf, name, type, byte * 8, 0), 0);
}

/*
 * A kernel whose types refer to each other in every possible way:
 *
 *   struct sock { struct sock_common { int family; union { int port;
 *   struct { short lo, hi; }; } } common; state_t state; struct sock *next;
 *   const struct net *net; struct dentry *dentry; int ports[4];
 *   callback_t callback; int bits : 3; int *counter; }
 */
static struct btf *kernel_btf(void)
{
	struct btf *btf = btf__new_empty();
	int i32, i16, common, in, uni, st, state, sock, net, dentry, arr, fn;

	assert_non_null(btf);
	i32 = ok(btf__add_int(btf, "int", 4, BTF_INT_SIGNED));
	i16 = ok(btf__add_int(btf, "short", 2, BTF_INT_SIGNED));
	ok(btf__add_struct(btf, "unrelated", 4));
	field(btf, "x", i32, 0);
	in = ok(btf__add_struct(btf, NULL, 4));
	field(btf, "lo", i16, 0);
	field(btf, "hi", i16, 2);
	uni = ok(btf__add_union(btf, NULL, 4));
	field(btf, "port", i32, 0);
	field(btf, NULL, in, 0);
	common = ok(btf__add_struct(btf, "sock_common", 8));
	field(btf, "family", i32, 0);
	field(btf, NULL, uni, 4);
	st = ok(btf__add_enum(btf, "tcp_state", 4));
	btf__add_enum_value(btf, "TCP_ESTABLISHED", 1);
	btf__add_enum_value(btf, "TCP_CLOSE", 7);
	state = ok(btf__add_typedef(btf, "state_t", ok(btf__add_volatile(btf, st))));
	net = ok(btf__add_struct(btf, "net", 4));
	field(btf, "inum", i32, 0);
	dentry = ok(btf__add_struct(btf, "dentry", 4));
	field(btf, "d_flags", i32, 0);
	arr = ok(btf__add_array(btf, ok(btf__add_int(btf, "__ARRAY_SIZE_TYPE__", 8, 0)), i32, 4));
	fn = ok(btf__add_func_proto(btf, i32));
	btf__add_func_param(btf, "d", ok(btf__add_ptr(btf, dentry)));
	fn = ok(btf__add_typedef(btf, "callback_t", ok(btf__add_ptr(btf, fn))));
	ok(btf__add_enum(btf, "unrelated_enum", 4));
	btf__add_enum_value(btf, "UNRELATED", 1);
	sock = ok(btf__add_struct(btf, "sock", 80));
	field(btf, "common", common, 0);
	field(btf, "state", state, 8);
	field(btf, "next", sock + 1, 16);	/* the pointer type that is added next */
	field(btf, "net", sock + 3, 24);
	field(btf, "dentry", sock + 4, 32);
	field(btf, "ports", arr, 40);
	field(btf, "callback", fn, 56);
	assert_int_equal(btf__add_field(btf, "bits", i32, 64 * 8, 3), 0);
	field(btf, "counter", sock + 5, 72);
	assert_int_equal(btf__add_ptr(btf, sock), sock + 1);
	ok(btf__add_const(btf, net));
	ok(btf__add_ptr(btf, sock + 2));
	ok(btf__add_ptr(btf, dentry));
	assert_int_equal(btf__add_ptr(btf, i32), sock + 5);
	ok(btf__add_func(btf, "tcp_reset", BTF_FUNC_STATIC, fn));
	return btf;
}

/* The types of a BPF object: they name these, and one of them in a flavour of its own. */
static struct btf *local_btf(void)
{
	struct btf *btf = btf__new_empty();

	assert_non_null(btf);
	ok(btf__add_struct(btf, "sock___old", 1));
	ok(btf__add_struct(btf, "net", 1));
	ok(btf__add_enum(btf, "tcp_state", 4));
	ok(btf__add_struct(btf, "not_in_this_kernel", 1));
	ok(btf__add_struct(btf, NULL, 1));
	ok(btf__add_typedef(btf, "unrelated", 1));	/* named, but no relocation needs it */
	return btf;
}

static struct btf *cut(const struct btf *kernel, const struct name_set *set, uint32_t **ids)
{
	uint32_t size;
	const void *raw = btf__raw_data(kernel, &size);

	return btf_trim(raw, size, set, ids);
}

static struct btf *trimmed(void)
{
	struct btf *kernel = kernel_btf(), *local = local_btf(), *btf;
	struct name_set *set = name_set_new();
	uint32_t *ids;

	assert_int_equal(btf_names(set, local), 0);
	btf = cut(kernel, set, &ids);
	assert_non_null(btf);
	free(ids);
	name_set_free(set);
	btf__free(kernel);	/* the copy does not depend on it */
	btf__free(local);
	return btf;
}

static const struct btf_type *type_named(const struct btf *btf, const char *name, int kind)
{
	int id = btf__find_by_name_kind(btf, name, kind);

	assert_true(id > 0);
	return btf__type_by_id(btf, id);
}

static const struct btf_member *member_named(const struct btf *btf, const struct btf_type *t,
					     const char *name)
{
	for (int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			return &btf_members(t)[i];
	fail_msg("no member %s", name);
	return NULL;
}

static const struct btf_type *type_of(const struct btf *btf, const struct btf_member *m)
{
	const struct btf_type *t = btf__type_by_id(btf, m->type);

	assert_non_null(t);
	return t;
}

static void named_ones_stay(void **state)
{
	struct btf *btf = trimmed();
	const struct btf_type *sock = type_named(btf, "sock", BTF_KIND_STRUCT);

	assert_int_equal(sock->size, 80);
	assert_int_equal(btf_vlen(sock), 9);
	assert_int_equal(btf_vlen(type_named(btf, "net", BTF_KIND_STRUCT)), 1);
	assert_int_equal(btf_vlen(type_named(btf, "tcp_state", BTF_KIND_ENUM)), 2);
	assert_int_equal(btf_member_bit_offset(sock, 5), 40 * 8);
	assert_int_equal(btf_member_bit_offset(sock, 7), 64 * 8);
	assert_int_equal(btf_member_bitfield_size(sock, 7), 3);
	btf__free(btf);
}

static void rest_goes(void **state)
{
	struct btf *btf = trimmed();

	assert_int_equal(btf__find_by_name_kind(btf, "unrelated", BTF_KIND_STRUCT), -ENOENT);
	assert_int_equal(btf__find_by_name_kind(btf, "unrelated_enum", BTF_KIND_ENUM), -ENOENT);
	assert_int_equal(btf__find_by_name_kind(btf, "dentry", BTF_KIND_STRUCT), -ENOENT);
	assert_int_equal(btf__find_by_name_kind(btf, "tcp_reset", BTF_KIND_FUNC), -ENOENT);
	btf__free(btf);
}

/* What is inside a named type stays too, whether it has a name or not. */
static void contents_come_along(void **state)
{
	struct btf *btf = trimmed();
	const struct btf_type *sock = type_named(btf, "sock", BTF_KIND_STRUCT), *t;

	t = type_of(btf, member_named(btf, sock, "common"));
	assert_string_equal(btf__name_by_offset(btf, t->name_off), "sock_common");
	t = type_of(btf, member_named(btf, t, ""));
	assert_true(btf_is_union(t));
	assert_string_equal(btf__name_by_offset(btf, type_of(btf, member_named(btf, t, "port"))->name_off),
			    "int");
	t = type_of(btf, member_named(btf, t, ""));
	assert_true(btf_is_struct(t));
	t = type_of(btf, member_named(btf, t, "hi"));
	assert_int_equal(t->size, 2);

	t = type_of(btf, member_named(btf, sock, "state"));
	assert_true(btf_is_typedef(t));
	t = btf__type_by_id(btf, t->type);
	assert_true(btf_is_volatile(t));
	assert_ptr_equal(btf__type_by_id(btf, t->type), type_named(btf, "tcp_state", BTF_KIND_ENUM));

	t = type_of(btf, member_named(btf, sock, "ports"));
	assert_true(btf_is_array(t));
	assert_int_equal(btf_array(t)->nelems, 4);
	assert_true(btf_is_int(btf__type_by_id(btf, btf_array(t)->type)));
	assert_int_equal(btf__type_by_id(btf, btf_array(t)->index_type)->size, 8);
	btf__free(btf);
}

/* A pointer to a named type keeps that type, any other becomes void *. */
static void pointers(void **state)
{
	struct btf *btf = trimmed();
	const struct btf_type *sock = type_named(btf, "sock", BTF_KIND_STRUCT), *t;

	t = type_of(btf, member_named(btf, sock, "next"));
	assert_true(btf_is_ptr(t));
	assert_ptr_equal(btf__type_by_id(btf, t->type), sock);
	t = type_of(btf, member_named(btf, sock, "net"));
	assert_true(btf_is_ptr(t));
	assert_ptr_equal(btf__type_by_id(btf, t->type), type_named(btf, "net", BTF_KIND_STRUCT));
	t = type_of(btf, member_named(btf, sock, "dentry"));
	assert_true(btf_is_ptr(t));
	assert_int_equal(t->type, 0);
	t = type_of(btf, member_named(btf, sock, "counter"));
	assert_true(btf_is_ptr(t));
	assert_int_equal(t->type, 0);
	t = type_of(btf, member_named(btf, sock, "callback"));
	assert_true(btf_is_typedef(t));
	assert_true(btf_is_ptr(btf__type_by_id(btf, t->type)));
	btf__free(btf);
}

/* Every id that a type refers to exists. */
static void ids_resolve(void **state)
{
	struct btf *btf = trimmed();
	__u32 n = btf__type_cnt(btf);

	for (__u32 id = 1; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_is_composite(t))
			for (int i = 0; i < btf_vlen(t); i++)
				assert_in_range(btf_members(t)[i].type, 1, n - 1);
		else if (btf_is_array(t))
			assert_in_range(btf_array(t)->type, 1, n - 1);
		else if (btf_is_ptr(t) || btf_is_mod(t) || btf_is_typedef(t))
			assert_in_range(t->type, 0, n - 1);
	}
	btf__free(btf);
}

struct text {
	char buf[4096];
	size_t len;
};

static void __attribute__((format(printf, 2, 0))) print(void *ctx, const char *fmt, va_list ap)
{
	struct text *x = ctx;

	x->len += vsnprintf(x->buf + x->len, sizeof(x->buf) - x->len, fmt, ap);
	assert_true(x->len < sizeof(x->buf));
}

/* The result can be read and printed as C, as libbpf reads the file that it is given. */
static void dumps(void **state)
{
	struct text x = { .len = 0 };
	struct btf *btf = trimmed(), *again;
	struct btf_dump *d;
	const void *raw;
	__u32 size;

	raw = btf__raw_data(btf, &size);
	assert_non_null(raw);
	again = btf__new(raw, size);
	assert_non_null(again);
	d = btf_dump__new(again, print, &x, NULL);
	assert_non_null(d);
	for (__u32 id = 1; id < btf__type_cnt(again); id++)
		assert_int_equal(btf_dump__dump_type(d, id), 0);
	assert_non_null(strstr(x.buf, "struct sock {"));
	assert_non_null(strstr(x.buf, "struct sock *next;"));
	assert_non_null(strstr(x.buf, "int ports[4];"));
	assert_null(strstr(x.buf, "dentry {"));
	btf_dump__free(d);
	btf__free(again);
	btf__free(btf);
}

static void nothing_named(void **state)
{
	struct btf *kernel = kernel_btf(), *btf;
	struct name_set *set = name_set_new();
	uint32_t *ids;

	btf = cut(kernel, set, &ids);
	assert_non_null(btf);
	assert_int_equal(btf__type_cnt(btf), 1);	/* only void */
	free(ids);
	name_set_free(set);
	btf__free(btf);
	btf__free(kernel);
}

/* Functions and tracepoints: their arguments, and the numbers by which the kernel knows them. */
static void prototypes(void **state)
{
	struct btf *kernel = kernel_btf(), *btf;
	struct name_set *set = name_set_new();
	int reason, i32, proto, func, tp, id;
	const struct btf_type *t;
	uint32_t *ids;

	i32 = btf__find_by_name_kind(kernel, "int", BTF_KIND_INT);
	reason = ok(btf__add_enum64(kernel, "why", 8, false));
	assert_int_equal(btf__add_enum64_value(kernel, "NO_REASON", 1), 0);
	proto = ok(btf__add_func_proto(kernel, i32));
	assert_int_equal(btf__add_func_param(kernel, "port", i32), 0);
	assert_int_equal(btf__add_func_param(kernel, "reason", reason), 0);
	func = ok(btf__add_func(kernel, "on_reset", BTF_FUNC_STATIC, proto));
	ok(btf__add_func(kernel, "another", BTF_FUNC_STATIC, proto));
	tp = ok(btf__add_typedef(kernel, "btf_trace_reset", ok(btf__add_ptr(kernel, proto))));
	assert_int_equal(name_set_add(set, "on_reset", false), 0);
	assert_int_equal(name_set_add(set, "btf_trace_reset", false), 0);
	btf = cut(kernel, set, &ids);
	assert_non_null(btf);

	id = btf__find_by_name_kind(btf, "on_reset", BTF_KIND_FUNC);
	assert_true(id > 0);
	assert_int_equal(ids[id], func);
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	assert_true(btf_is_func_proto(t));
	assert_int_equal(btf_vlen(t), 2);
	assert_string_equal(btf__name_by_offset(btf, btf_params(t)[1].name_off), "reason");
	assert_string_equal(btf__name_by_offset(btf,
			btf__type_by_id(btf, btf_params(t)[0].type)->name_off), "int");
	t = btf__type_by_id(btf, btf_params(t)[1].type);
	assert_true(btf_is_enum64(t));
	assert_string_equal(btf__name_by_offset(btf, *(__u32 *)(t + 1)), "NO_REASON");

	id = btf__find_by_name_kind(btf, "btf_trace_reset", BTF_KIND_TYPEDEF);
	assert_true(id > 0);
	assert_int_equal(ids[id], tp);
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	assert_true(btf_is_ptr(t));
	assert_true(btf_is_func_proto(btf__type_by_id(btf, t->type)));
	assert_int_equal(btf__find_by_name_kind(btf, "another", BTF_KIND_FUNC), -ENOENT);
	assert_int_equal(ids[0], 0);
	free(ids);
	name_set_free(set);
	btf__free(btf);
	btf__free(kernel);
}

/* A BTF that is cut at any byte is refused, as is one with an unknown kind of type. */
static void damaged(void **state)
{
	struct btf *kernel = kernel_btf();
	struct name_set *set = name_set_new();
	const struct btf_header *h;
	uint32_t *ids = NULL, size;
	const void *raw = btf__raw_data(kernel, &size);
	char *copy = malloc(size);

	for (uint32_t n = 0; n < size; n++) {
		memcpy(copy, raw, n);
		assert_null(btf_trim(copy, n, set, &ids));
		assert_int_equal(errno, EINVAL);
	}
	memcpy(copy, raw, size);
	h = (const void *)copy;
	((struct btf_type *)(copy + h->hdr_len + h->type_off))->info = 31U << 24;
	assert_null(btf_trim(copy, size, set, &ids));
	assert_null(ids);
	free(copy);
	name_set_free(set);
	btf__free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(named_ones_stay),
		cmocka_unit_test(rest_goes),
		cmocka_unit_test(contents_come_along),
		cmocka_unit_test(pointers),
		cmocka_unit_test(ids_resolve),
		cmocka_unit_test(dumps),
		cmocka_unit_test(nothing_named),
		cmocka_unit_test(prototypes),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
