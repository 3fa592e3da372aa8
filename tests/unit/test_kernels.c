/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The choice of hooks on real kernels: decided from what tests/btf/save.sh kept
 * of their type information. What is expected here was read in the prototypes.
 */
#include <bpf/btf.h>

#include "attach/caps.h"
#include "kernels.h"
#include "test.h"

#define NO CAP_ABSENT

struct kernel {
	const char *version;
	/* tcp_send_active_reset, tcp_v4_send_reset, tracepoint tcp_send_reset */
	int active_args, active_reason;
	int reply_args, reply_reason;
	int tp_args, tp_reason;
	int reset_args;			/* tcp_reset */
	int accept_args;		/* inet_csk_accept */
	int sendpage_args;		/* inet_sendpage */
	int length_args;		/* tracepoints sock_{send,recv}_length */
	int report_args;		/* tracepoint inet_sk_error_report */
	int sk_getsockopt_args, sock_getsockopt_args;
	int n_reasons;
	int kfree_args;			/* tracepoint kfree_skb */
	/* what is chosen if the kernel refuses nothing */
	enum ladder reply_by;
	bool sees_sent_by_tp;		/* the tracepoint alone shows every RST */
	bool calls_by_tp;		/* failing calls are shown without a function hook */
};

static const struct kernel kernels[] = {
	{
		.version = "5.10",
		.active_args = 2, .reply_args = 2, .tp_args = 2, .reset_args = 1,
		.accept_args = 4, .sendpage_args = 5, .length_args = NO, .report_args = NO,
		.sk_getsockopt_args = NO, .sock_getsockopt_args = 5,
		.kfree_args = 2, .reply_by = LADDER_FENTRY,
	}, {
		.version = "6.1",
		.active_args = 2, .reply_args = 2, .tp_args = 2, .reset_args = 2,
		.accept_args = 4, .sendpage_args = 5, .length_args = NO, .report_args = 1,
		.sk_getsockopt_args = 5, .sock_getsockopt_args = 5,
		.kfree_args = 3, .reply_by = LADDER_FENTRY,
	}, {
		.version = "6.12",	/* from .117 on: a stable update removed the argument */
		.active_args = 2, .active_reason = 1, .reply_args = 3, .reply_reason = 2,
		.tp_args = 3, .tp_reason = 2, .reset_args = 2,
		.accept_args = 2, .sendpage_args = NO, .length_args = 3, .report_args = 1,
		.sk_getsockopt_args = 5, .sock_getsockopt_args = NO, .n_reasons = 26,
		.kfree_args = 4, .reply_by = LADDER_TRACEPOINT, .sees_sent_by_tp = true, .calls_by_tp = true,
	}, {
		.version = "6.18",
		.active_args = 3, .active_reason = 2, .reply_args = 3, .reply_reason = 2,
		.tp_args = 3, .tp_reason = 2, .reset_args = 2,
		.accept_args = 2, .sendpage_args = NO, .length_args = 3, .report_args = 1,
		.sk_getsockopt_args = 5, .sock_getsockopt_args = NO, .n_reasons = 26,
		.kfree_args = 4, .reply_by = LADDER_TRACEPOINT, .sees_sent_by_tp = true, .calls_by_tp = true,
	}, {
		.version = "7.2",
		.active_args = 2, .active_reason = 1, .reply_args = 3, .reply_reason = 2,
		.tp_args = 3, .tp_reason = 2, .reset_args = 2,
		.accept_args = 2, .sendpage_args = NO, .length_args = 3, .report_args = 1,
		.sk_getsockopt_args = 5, .sock_getsockopt_args = NO, .n_reasons = 26,
		.kfree_args = 4, .reply_by = LADDER_TRACEPOINT, .sees_sent_by_tp = true, .calls_by_tp = true,
	},
};

#define N_KERNELS ((int)(N(kernels)))

static void read_caps(struct caps *caps, const struct kernel *k)
{
	struct cap_symbol wanted[MAX_CAP_SYMBOLS];
	int n = hooks_symbols(wanted, MAX_CAP_SYMBOLS);
	char path[64];
	struct btf *btf;

	snprintf(path, sizeof(path), "tests/data/btf/%s.btf", k->version);
	btf = btf__parse(path, NULL);
	if (!btf)
		fail_msg("cannot read %s", path);
	memset(caps, 0, sizeof(*caps));
	caps->own_btf = true;
	assert_int_equal(caps_from_btf(caps, btf, wanted, n), 0);
	caps_own_ids(caps, btf, NULL);
	btf__free(btf);
}

static void is(const struct kernel *k, const struct caps *caps, const char *name, bool tp,
	       int args, int reason_arg)
{
	const struct cap_symbol *s = caps_symbol(caps, name, tp);

	assert_non_null(s);
	if (s->args != args || s->reason_arg != reason_arg)
		fail_msg("%s: %s has %d arguments, the reason %d", k->version, name, s->args,
			 s->reason_arg);
}

static void arguments(void **state)
{
	struct caps caps;

	for (const struct kernel *k = kernels; k < kernels + N_KERNELS; k++) {
		read_caps(&caps, k);
		is(k, &caps, "tcp_send_active_reset", false, k->active_args, k->active_reason);
		is(k, &caps, "tcp_v4_send_reset", false, k->reply_args, k->reply_reason);
		is(k, &caps, "tcp_send_reset", true, k->tp_args, k->tp_reason);
		is(k, &caps, "tcp_reset", false, k->reset_args, 0);
		is(k, &caps, "tcp_receive_reset", true, 1, 0);
		is(k, &caps, "tcp_finish_connect", false, 2, 0);
		is(k, &caps, "inet_csk_accept", false, k->accept_args, 0);
		is(k, &caps, "inet_sendpage", false, k->sendpage_args, 0);
		is(k, &caps, "inet_recvmsg", false, 4, 0);
		is(k, &caps, "inet6_recvmsg", false, 4, 0);
		is(k, &caps, "sock_send_length", true, k->length_args, 0);
		is(k, &caps, "sock_recv_length", true, k->length_args, 0);
		is(k, &caps, "inet_sk_error_report", true, k->report_args, 0);
		is(k, &caps, "sk_getsockopt", false, k->sk_getsockopt_args, 0);
		is(k, &caps, "sock_getsockopt", false, k->sock_getsockopt_args, 0);
		assert_true(caps.iter_task_file > 0);
	}
}

static void reasons(void **state)
{
	struct caps caps;

	for (const struct kernel *k = kernels; k < kernels + N_KERNELS; k++) {
		read_caps(&caps, k);
		assert_int_equal(caps.n_reasons, k->n_reasons);
		if (!k->n_reasons)
			continue;
		assert_string_equal(caps.reason[1], "NO_SOCKET");
		assert_string_equal(caps.reason[11], "TCP_ABORT_ON_CLOSE");
		assert_string_equal(caps.reason[16], "TCP_DISCONNECT_WITH_DATA");
	}
}

static bool got(const struct plan *plan, const char *probe, enum ladder by)
{
	const struct choice *c = chosen(plan, probe);

	return c->rung && c->rung->ladder == by;
}

/* The constants that the programs get, however they are attached. */
static void constants(const struct kernel *k, const struct plan *plan)
{
	assert_int_equal(plan->active_reason_arg, k->active_reason);
	assert_int_equal(plan->reply_reason_arg, k->reply_reason);
	assert_int_equal(plan->tp_reason_arg, k->tp_reason);
	assert_int_equal(plan->reset_skb_arg, k->reset_args > 1);
	assert_int_equal(plan->accept_args, k->accept_args);
}

static bool is_drop(const struct caps *caps, const struct plan *plan, const char *name,
		    enum rst_drop want)
{
	for (int n = 0; n < caps->n_drops; n++)
		if (!strcmp(caps->drop[n], name))
			return plan->drop[n] == want;
	return false;
}

/* The drop of a RST is shown once it has a reason, and by socket once it has that too. */
static void drops(const struct kernel *k, const struct caps *caps, const struct plan *plan)
{
	assert_int_equal(caps_args(caps, "kfree_skb", true), k->kfree_args);
	assert_int_equal(plan->tp_drops, k->kfree_args > 2);
	assert_int_equal(plan->drop_reason_arg, k->kfree_args > 2 ? 2 : 0);
	assert_int_equal(plan->drop_sk_arg, k->kfree_args > 3 ? 3 : 0);
	assert_true(got(plan, "reset of handshake",
			k->kfree_args > 3 ? LADDER_TRACEPOINT : LADDER_FENTRY));
	if (k->kfree_args < 3) {
		assert_int_equal(caps->n_drops, 0);
		return;
	}
	assert_true(is_drop(caps, plan, "TCP_RESET", DROP_RESET));
	assert_true(is_drop(caps, plan, "NO_SOCKET", DROP_NO_SOCKET));
	assert_true(is_drop(caps, plan, "TCP_INVALID_SEQUENCE", DROP_SEQUENCE));
	assert_true(is_drop(caps, plan, "NOT_SPECIFIED", DROP_UNSPECIFIED));
	assert_true(is_drop(caps, plan, "TCP_FASTOPEN", 0));
}

/*
 * Every probe has its best rung, except where the version's functions decide: up to 5.14 a received
 * RST does not show its TTL.
 */
static void refusing_nothing(void **state)
{
	struct caps caps;
	struct plan plan;

	for (const struct kernel *k = kernels; k < kernels + N_KERNELS; k++) {
		read_caps(&caps, k);
		hooks_plan(&plan, &caps, LADDER_AUTO);
		constants(k, &plan);
		for (int i = 0; i < plan.n; i++)
			assert_true(plan.choice[i].rung || plan.choice[i].probe->with_segment ||
				    !strcmp(plan.choice[i].probe->name, "reset dropped"));
		drops(k, &caps, &plan);
		assert_int_equal(got(&plan, "peer's TTL", LADDER_FENTRY), k->reset_args == 2);
		assert_true(got(&plan, "reset sent actively", LADDER_FENTRY));
		assert_true(got(&plan, "reset sent in reply", k->reply_by));
		assert_true(got(&plan, "reset received", LADDER_FENTRY));
		assert_true(got(&plan, "send failed", LADDER_FENTRY));
		assert_string_equal(chosen(&plan, "error taken")->rung->prog[0].symbol,
				    k->sk_getsockopt_args == NO ? "sock_getsockopt" : "sk_getsockopt");
		assert_true(plan.sees_sent);
		assert_false(plan.misses_calls);
	}
}

/* Each ladder alone: all of these kernels have function hooks. */
static void one_ladder(void **state)
{
	struct caps caps;
	struct plan plan;

	for (const struct kernel *k = kernels; k < kernels + N_KERNELS; k++) {
		read_caps(&caps, k);
		for (enum ladder l = LADDER_FENTRY; l <= LADDER_KPROBE; l++) {
			bool tp = l == LADDER_TRACEPOINT;

			hooks_plan(&plan, &caps, l);
			constants(k, &plan);
			assert_true(got(&plan, "reset sent actively", l));
			assert_true(got(&plan, "reset sent in reply", l));
			assert_true(got(&plan, "reset received", l));
			assert_int_equal(got(&plan, "send failed", l), !tp || k->calls_by_tp);
			assert_int_equal(got(&plan, "receive failed", l), !tp || k->calls_by_tp);
			assert_int_equal(got(&plan, "connect failed", l),
					 !tp || k->report_args != NO);
			assert_int_equal(got(&plan, "accept", l), !tp);
			assert_int_equal(got(&plan, "peer's TTL", l), !tp && k->reset_args == 2);
			assert_int_equal(plan.sees_sent, !tp || k->sees_sent_by_tp);
		}
	}
}

/* A kernel that allows only tracepoints says what is lost by that. */
static void tracepoints_alone(void **state)
{
	struct caps caps;
	struct plan plan;

	for (const struct kernel *k = kernels; k < kernels + N_KERNELS; k++) {
		read_caps(&caps, k);
		caps.trampolines = -EPERM;
		caps.kprobes = -ENOENT;
		hooks_plan(&plan, &caps, LADDER_AUTO);
		constants(k, &plan);
		assert_true(plan.tp_sends_active && plan.tp_sends_reply);
		assert_int_equal(plan.sees_sent, k->sees_sent_by_tp);
		assert_int_equal(plan.misses_calls, !k->calls_by_tp);
		assert_null(chosen(&plan, "accept")->rung);
		if (k->calls_by_tp)
			continue;
		assert_string_equal(chosen(&plan, "send failed")->refused,
				    "fentry: Operation not permitted; "
				    "tracepoint: no sock_send_length in BTF; "
				    "kprobe: not in this kernel");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments),
		cmocka_unit_test(reasons),
		cmocka_unit_test(refusing_nothing),
		cmocka_unit_test(one_ladder),
		cmocka_unit_test(tracepoints_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
