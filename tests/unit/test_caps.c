/* SPDX-License-Identifier: GPL-2.0 */
/* What BTF says of a kernel, read from small BTFs that are made here. */
#include <bpf/btf.h>

#include "attach/caps.h"
#include "attach/hooks.h"
#include "test.h"

/* A kernel being made: the types of which prototypes consist. */
struct kernel {
	struct btf *btf;
	int sk, gfp, reason;	/* struct sock *, int, enum sk_rst_reason */
	int voidp;
};

static int ok(int id)
{
	assert_true(id > 0);
	return id;
}

static void kernel_new(struct kernel *k)
{
	k->btf = btf__new_empty();
	assert_non_null(k->btf);
	k->gfp = ok(btf__add_int(k->btf, "int", 4, BTF_INT_SIGNED));
	k->sk = ok(btf__add_struct(k->btf, "sock", 8));
	for (int i = 0; i < 3; i++)
		assert_int_equal(btf__add_field(k->btf, "x", k->gfp, 32 * i, 0), 0);
	k->sk = ok(btf__add_ptr(k->btf, k->sk));
	k->voidp = ok(btf__add_ptr(k->btf, 0));
	k->reason = 0;
}

/* enum sk_rst_reason as from 6.10 on, behind a typedef and a const if `wrapped`. */
static void kernel_gives_reasons(struct kernel *k, bool wrapped)
{
	k->reason = ok(btf__add_enum(k->btf, "sk_rst_reason", 4));
	assert_int_equal(btf__add_enum_value(k->btf, "SK_RST_REASON_NOT_SPECIFIED", 0), 0);
	assert_int_equal(btf__add_enum_value(k->btf, "SK_RST_REASON_NO_SOCKET", 1), 0);
	assert_int_equal(btf__add_enum_value(k->btf, "SK_RST_REASON_TCP_STATE", 14), 0);
	if (!wrapped)
		return;
	k->reason = ok(btf__add_typedef(k->btf, "reason_t", k->reason));
	k->reason = ok(btf__add_const(k->btf, k->reason));
}

/* A prototype whose arguments have these types; the first 0 ends them. */
static int proto(struct kernel *k, const int *args)
{
	int id = ok(btf__add_func_proto(k->btf, 0));
	char name[16];

	for (int i = 0; args[i]; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		assert_int_equal(btf__add_func_param(k->btf, name, args[i]), 0);
	}
	return id;
}

static int add_func(struct kernel *k, const char *name, const int *args)
{
	return ok(btf__add_func(k->btf, name, BTF_FUNC_STATIC, proto(k, args)));
}

/* As the kernel has it: typedef void (*btf_trace_X)(void *, ...). */
static void add_tracepoint(struct kernel *k, const char *name, const int *args)
{
	int with_data[8] = { k->voidp };
	char typedef_name[64];
	int n = 0;

	while (args[n]) {
		with_data[n + 1] = args[n];
		n++;
	}
	snprintf(typedef_name, sizeof(typedef_name), "btf_trace_%s", name);
	ok(btf__add_typedef(k->btf, typedef_name, ok(btf__add_ptr(k->btf, proto(k, with_data)))));
}

#define FUNC(k, name, ...) add_func(k, name, (const int[]){ __VA_ARGS__, 0 })
#define TRACEPOINT(k, name, ...) add_tracepoint(k, name, (const int[]){ __VA_ARGS__, 0 })

static const struct cap_symbol wanted[] = {
	{ .name = "tcp_send_active_reset" },
	{ .name = "tcp_v4_send_reset" },
	{ .name = "tcp_reset" },
	{ .name = "tcp_send_reset", .tracepoint = true },
	{ .name = "tcp_receive_reset", .tracepoint = true },
};

#define N_WANTED ((int)(N(wanted)))

static void read_caps(struct caps *caps, struct kernel *k)
{
	memset(caps, 0, sizeof(*caps));
	assert_int_equal(caps_from_btf(caps, k->btf, wanted, N_WANTED), 0);
	assert_true(caps->btf);
	assert_int_equal(caps->n_symbols, N_WANTED);
	caps_own_ids(caps, k->btf, NULL);
	btf__free(k->btf);
}

static void is(const struct caps *caps, const char *name, bool tp, int args, int reason_arg)
{
	const struct cap_symbol *s = caps_symbol(caps, name, tp);

	assert_non_null(s);
	assert_int_equal(s->args, args);
	assert_int_equal(s->reason_arg, reason_arg);
	assert_int_equal(caps_args(caps, name, tp), args);
}

/* The functions up to 6.9, with tcp_reset as it was up to 5.14. */
static void no_reason(void **state)
{
	struct kernel k;
	struct caps caps;

	kernel_new(&k);
	FUNC(&k, "tcp_send_active_reset", k.sk, k.gfp);
	FUNC(&k, "tcp_v4_send_reset", k.sk, k.voidp);
	FUNC(&k, "tcp_reset", k.sk);
	TRACEPOINT(&k, "tcp_send_reset", k.sk, k.voidp);
	TRACEPOINT(&k, "tcp_receive_reset", k.sk);
	read_caps(&caps, &k);
	is(&caps, "tcp_send_active_reset", false, 2, 0);
	is(&caps, "tcp_v4_send_reset", false, 2, 0);
	is(&caps, "tcp_reset", false, 1, 0);
	is(&caps, "tcp_send_reset", true, 2, 0);
	is(&caps, "tcp_receive_reset", true, 1, 0);
	assert_int_equal(caps.n_reasons, 0);
	assert_int_equal(caps.iter_task_file, 0);
}

/*
 * struct bpf_ringbuf with a lock of this typedef, a struct with one member, or with that member in
 * a union.
 */
static void add_ring(struct kernel *k, const char *lock_typedef, const char *lock_struct,
		     const char *inner, bool in_union)
{
	int id, member = ok(btf__add_struct(k->btf, inner, 8));

	if (in_union) {
		id = ok(btf__add_union(k->btf, NULL, 8));
		assert_int_equal(btf__add_field(k->btf, "rlock", member, 0, 0), 0);
		member = id;
	}
	id = ok(btf__add_struct(k->btf, lock_struct, 8));
	assert_int_equal(btf__add_field(k->btf, in_union ? "" : "lock", member, 0, 0), 0);
	id = ok(btf__add_typedef(k->btf, lock_typedef, id));
	ok(btf__add_struct(k->btf, "bpf_ringbuf", 16));
	assert_int_equal(btf__add_field(k->btf, "mask", k->voidp, 0, 0), 0);
	assert_int_equal(btf__add_field(k->btf, "spinlock", id, 64, 0), 0);
}

/* The lock sleeps if BTF shows an rt_mutex in it, whatever the version. */
static void ring_lock(void **state)
{
	static const struct {
		const char *lock_typedef, *lock_struct, *inner;
		bool in_union, sleeps;
	} kernels[] = {
		{ "spinlock_t", "spinlock", "rt_mutex", false, true },		/* 5.10, PREEMPT_RT */
		{ "spinlock_t", "spinlock", "rt_mutex_base", false, true },	/* 5.15, PREEMPT_RT */
		{ "spinlock_t", "spinlock", "raw_spinlock", true, false },	/* 5.10 */
		{ "raw_spinlock_t", "raw_spinlock", "qspinlock", false, false },	/* from 6.1 on */
	};

	for (size_t i = 0; i < N(kernels); i++) {
		struct kernel k;
		struct caps caps;

		kernel_new(&k);
		add_ring(&k, kernels[i].lock_typedef, kernels[i].lock_struct, kernels[i].inner,
			 kernels[i].in_union);
		read_caps(&caps, &k);
		assert_int_equal(caps.ring_sleeps, kernels[i].sleeps);
	}
}

static void reason_third(void **state)
{
	struct kernel k;
	struct caps caps;

	kernel_new(&k);
	kernel_gives_reasons(&k, false);
	FUNC(&k, "tcp_send_active_reset", k.sk, k.gfp, k.reason);
	FUNC(&k, "tcp_v4_send_reset", k.sk, k.voidp, k.reason);
	FUNC(&k, "tcp_reset", k.sk, k.voidp);
	TRACEPOINT(&k, "tcp_send_reset", k.sk, k.voidp, k.reason);
	read_caps(&caps, &k);
	is(&caps, "tcp_send_active_reset", false, 3, 2);
	is(&caps, "tcp_v4_send_reset", false, 3, 2);
	is(&caps, "tcp_reset", false, 2, 0);
	/* the tracepoint's private data does not count */
	is(&caps, "tcp_send_reset", true, 3, 2);
	is(&caps, "tcp_receive_reset", true, CAP_ABSENT, 0);
}

/* The reason as second argument, as in 6.12.111; its type may have another name. */
static void reason_second(void **state)
{
	struct kernel k;
	struct caps caps;

	kernel_new(&k);
	kernel_gives_reasons(&k, true);
	FUNC(&k, "tcp_send_active_reset", k.sk, k.reason);
	read_caps(&caps, &k);
	is(&caps, "tcp_send_active_reset", false, 2, 1);
	is(&caps, "tcp_v4_send_reset", false, CAP_ABSENT, 0);
}

/* An enum argument of another name is no reason. */
static void other_enum(void **state)
{
	struct kernel k;
	struct caps caps;

	kernel_new(&k);
	k.reason = ok(btf__add_enum(k.btf, "skb_drop_reason", 4));
	assert_int_equal(btf__add_enum_value(k.btf, "SKB_DROP_REASON_TCP_RESET", 3), 0);
	FUNC(&k, "tcp_send_active_reset", k.sk, k.gfp, k.reason);
	read_caps(&caps, &k);
	is(&caps, "tcp_send_active_reset", false, 3, 0);
	assert_int_equal(caps_symbol(&caps, "tcp_send_active_reset", false)->drop_arg, 2);
	assert_int_equal(caps.n_reasons, 0);
	assert_int_equal(caps.n_drops, 4);
	assert_string_equal(caps.drop[3], "TCP_RESET");
	assert_string_equal(caps.drop[2], "");
}

/* A function and a tracepoint with one name are two symbols. */
static void names_apart(void **state)
{
	struct kernel k;
	struct caps caps;

	kernel_new(&k);
	FUNC(&k, "tcp_send_reset", k.sk);			/* but it is asked for as a tracepoint */
	TRACEPOINT(&k, "tcp_reset", k.sk);			/* but it is asked for as a function */
	ok(btf__add_typedef(k.btf, "tcp_receive_reset", k.gfp));	/* a type, no function */
	ok(btf__add_struct(k.btf, "tcp_v4_send_reset", 8));
	FUNC(&k, "tcp_send_active_reset_now", k.sk);		/* has another name that begins with it */
	read_caps(&caps, &k);
	for (int i = 0; i < N_WANTED; i++)
		is(&caps, wanted[i].name, wanted[i].tracepoint, CAP_ABSENT, 0);
	assert_null(caps_symbol(&caps, "tcp_reset", true));
	assert_int_equal(caps_args(&caps, "tcp_reset", true), CAP_ABSENT);
	assert_int_equal(caps_args(&caps, "never_asked_for", false), CAP_ABSENT);
}

/* A function and a tracepoint with one name, both asked for. */
static void one_name_twice(void **state)
{
	static const struct cap_symbol both[] = {
		{ .name = "tcp_reset" }, { .name = "tcp_reset", .tracepoint = true },
	};
	struct kernel k;
	struct caps caps;

	kernel_new(&k);
	TRACEPOINT(&k, "tcp_reset", k.sk);
	FUNC(&k, "tcp_reset", k.sk, k.voidp, k.gfp);
	memset(&caps, 0, sizeof(caps));
	assert_int_equal(caps_from_btf(&caps, k.btf, both, 2), 0);
	is(&caps, "tcp_reset", false, 3, 0);
	is(&caps, "tcp_reset", true, 1, 0);
	btf__free(k.btf);
}

/* A tracepoint typedef that leads to no prototype. */
static void broken_tracepoint(void **state)
{
	struct kernel k;
	struct caps caps;

	kernel_new(&k);
	ok(btf__add_typedef(k.btf, "btf_trace_tcp_send_reset", k.gfp));
	ok(btf__add_typedef(k.btf, "btf_trace_tcp_receive_reset", k.sk));
	read_caps(&caps, &k);
	is(&caps, "tcp_send_reset", true, CAP_ABSENT, 0);
	is(&caps, "tcp_receive_reset", true, CAP_ABSENT, 0);
}

static void numbers_with_holes(void **state)
{
	struct kernel k;
	struct caps caps;

	kernel_new(&k);
	ok(btf__add_enum(k.btf, "sk_rst_reason", 4));
	btf__add_enum_value(k.btf, "SK_RST_REASON_TCP_STATE", 14);	/* the order does not matter */
	btf__add_enum_value(k.btf, "SK_RST_REASON_NOT_SPECIFIED", 0);
	btf__add_enum_value(k.btf, "SK_RST_REASON_TCP_ABORT_ON_CLOSE", 11);
	btf__add_enum_value(k.btf, "OTHER_PREFIX", 3);
	btf__add_enum_value(k.btf, "SK_RST_REASON_BELOW", -1);
	btf__add_enum_value(k.btf, "SK_RST_REASON_BEYOND", MAX_REASONS);
	btf__add_enum_value(k.btf, "SK_RST_REASON_A_NAME_LONGER_THAN_THE_ROOM_FOR_IT_WOULD_EVER_BE", 20);
	read_caps(&caps, &k);
	assert_int_equal(caps.n_reasons, 21);
	assert_string_equal(caps.reason[0], "NOT_SPECIFIED");
	assert_string_equal(caps.reason[11], "TCP_ABORT_ON_CLOSE");
	assert_string_equal(caps.reason[14], "TCP_STATE");
	assert_string_equal(caps.reason[20], "A_NAME_LONGER_THAN_THE_ROOM_FOR_IT_WOUL");
	for (int i = 0; i < MAX_REASONS; i++)
		if (i != 0 && i != 11 && i != 14 && i != 20)
			assert_string_equal(caps.reason[i], "");
}

/* The iterator over open files is found by the id of its function. */
static void iterator(void **state)
{
	struct kernel k;
	struct caps caps;
	int id;

	kernel_new(&k);
	ok(btf__add_struct(k.btf, "bpf_iter_task_file", 8));	/* a type with its name is no iterator */
	id = FUNC(&k, "bpf_iter_task_file", k.voidp, k.voidp);
	FUNC(&k, "bpf_iter_task", k.voidp);
	read_caps(&caps, &k);
	assert_int_equal(caps.iter_task_file, id);
}

/* Programs are attached by the kernel's own numbers, even if its types were cut. */
static void own_numbers(void **state)
{
	struct cap_symbol both[] = { { .name = "tcp_reset" }, { .name = "tcp_reset", .tracepoint = true } };
	uint32_t ids[64];
	struct kernel k;
	struct caps caps = {};
	int iter, reset;

	kernel_new(&k);
	iter = FUNC(&k, "bpf_iter_task_file", k.voidp, k.voidp);
	reset = FUNC(&k, "tcp_reset", k.voidp);
	for (uint32_t i = 0; i < N(ids); i++)
		ids[i] = 1000 + i;
	assert_int_equal(caps_from_btf(&caps, k.btf, both, 2), 0);
	caps_own_ids(&caps, k.btf, ids);
	assert_int_equal(caps.iter_task_file, 1000 + iter);
	assert_int_equal(caps.symbol[0].id, 1000 + reset);
	assert_int_equal(caps.symbol[1].id, 0);
	caps_own_ids(&caps, NULL, NULL);
	assert_int_equal(caps.iter_task_file, 0);
	assert_int_equal(caps.symbol[0].id, 0);
	btf__free(k.btf);
}

/*
 * Programs on tracepoints get typed pointers only if the kernel's BTF has all tracepoints that
 * exist.
 */
static void ids_of_tracepoints(void **state)
{
	struct cap_symbol wanted[] = { { .name = "inet_sock_set_state", .tracepoint = true },
				       { .name = "tcp_destroy_sock", .tracepoint = true },
				       { .name = "tcp_destroy_sock" } };
	struct caps caps = {};
	struct kernel k;

	kernel_new(&k);
	TRACEPOINT(&k, "inet_sock_set_state", k.sk, k.gfp, k.gfp);
	FUNC(&k, "tcp_destroy_sock", k.sk);
	assert_int_equal(caps_from_btf(&caps, k.btf, wanted, 3), 0);
	assert_false(caps_typed(&caps));
	caps_own_ids(&caps, k.btf, NULL);
	assert_int_equal(caps.symbol[0].id,
			 btf__find_by_name_kind(k.btf, "btf_trace_inet_sock_set_state",
						BTF_KIND_TYPEDEF));
	assert_int_equal(caps.symbol[1].id, 0);		/* absent, even if a function has its name */
	assert_true(caps_typed(&caps));
	caps.typed_refused = -EPERM;
	assert_false(caps_typed(&caps));
	btf__free(k.btf);
}

static void too_many(void **state)
{
	struct cap_symbol many[MAX_CAP_SYMBOLS + 1];
	struct kernel k;
	struct caps caps;

	for (int i = 0; i <= MAX_CAP_SYMBOLS; i++)
		many[i] = wanted[0];
	kernel_new(&k);
	memset(&caps, 0, sizeof(caps));
	assert_int_equal(caps_from_btf(&caps, k.btf, many, MAX_CAP_SYMBOLS + 1), -E2BIG);
	assert_false(caps.btf);
	assert_int_equal(caps_from_btf(&caps, k.btf, many, MAX_CAP_SYMBOLS), 0);
	btf__free(k.btf);
}

/* From BTF to the plan: what the programs are told of the arguments. */
static void up_to_the_plan(void **state)
{
	struct cap_symbol list[MAX_CAP_SYMBOLS];
	int n = hooks_symbols(list, MAX_CAP_SYMBOLS);
	struct kernel k;
	struct caps caps;
	struct plan plan;

	kernel_new(&k);
	kernel_gives_reasons(&k, false);
	FUNC(&k, "tcp_send_active_reset", k.sk, k.reason);
	FUNC(&k, "tcp_v4_send_reset", k.sk, k.voidp, k.reason);
	FUNC(&k, "tcp_reset", k.sk, k.voidp);
	FUNC(&k, "inet_csk_accept", k.sk, k.voidp);
	TRACEPOINT(&k, "tcp_send_reset", k.sk, k.voidp, k.reason);
	memset(&caps, 0, sizeof(caps));
	assert_int_equal(caps_from_btf(&caps, k.btf, list, n), 0);
	btf__free(k.btf);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_int_equal(plan.active_reason_arg, 1);
	assert_int_equal(plan.reply_reason_arg, 2);
	assert_int_equal(plan.tp_reason_arg, 2);
	assert_int_equal(plan.reset_skb_arg, 1);
	assert_int_equal(plan.accept_args, 2);
	assert_true(plan.tp_sends_reply);
	assert_false(plan.tp_sends_active);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring_lock),
		cmocka_unit_test(no_reason),
		cmocka_unit_test(reason_third),
		cmocka_unit_test(reason_second),
		cmocka_unit_test(other_enum),
		cmocka_unit_test(names_apart),
		cmocka_unit_test(one_name_twice),
		cmocka_unit_test(broken_tracepoint),
		cmocka_unit_test(numbers_with_holes),
		cmocka_unit_test(iterator),
		cmocka_unit_test(own_numbers),
		cmocka_unit_test(ids_of_tracepoints),
		cmocka_unit_test(too_many),
		cmocka_unit_test(up_to_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
