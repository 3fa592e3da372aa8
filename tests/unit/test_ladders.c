/* SPDX-License-Identifier: GPL-2.0 */
/* One ladder forced upon all probes, and the table of the ladders itself. */
#include "kernels.h"
#include "test.h"

/* With a forced ladder nothing else is chosen, except for probes with only one way. */
static void forced(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_12(&caps);
	hooks_plan(&plan, &caps, LADDER_FENTRY);
	is_by(&plan, "reset sent in reply", LADDER_FENTRY, "tcp_v4_send_reset");
	is_by(&plan, "socket destroyed", LADDER_FENTRY, "tcp_v4_destroy_sock");
	is_by(&plan, "socket state", LADDER_TRACEPOINT, "inet_sock_set_state");
	is_by(&plan, "SIGPIPE", LADDER_TRACEPOINT, "signal_generate");
	is_by(&plan, "firewall reject", LADDER_KPROBE, "nf_send_reset");
	assert_false(plan.tp_sends_reply);

	hooks_plan(&plan, &caps, LADDER_TRACEPOINT);
	is_missing(&plan, "error taken", "no tracepoint hook for it");
	is_by(&plan, "reset sent actively", LADDER_TRACEPOINT, "tcp_send_reset");
	is_by(&plan, "receive failed", LADDER_TRACEPOINT, "sock_recv_length");
	is_missing(&plan, "splice in failed", "no tracepoint hook for it");
	is_missing(&plan, "accept", "no tracepoint hook for it");
	assert_true(plan.tp_sends_active);

	hooks_plan(&plan, &caps, LADDER_KPROBE);
	for (int i = 0; i < plan.n; i++) {
		assert_non_null(plan.choice[i].rung);
		assert_string_equal(plan.choice[i].refused, "");
	}
	is_by(&plan, "reset received", LADDER_KPROBE, "tcp_reset");
	is_by(&plan, "accept", LADDER_KPROBE, "inet_csk_accept");
	is_by(&plan, "socket destroyed", LADDER_KPROBE, "tcp_v4_destroy_sock");
	is_by(&plan, "socket state", LADDER_TRACEPOINT, "inet_sock_set_state");
}

static void forced_and_refused(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_18_locked(&caps);
	hooks_plan(&plan, &caps, LADDER_FENTRY);
	is_missing(&plan, "reset received", "fentry: Operation not permitted");
	is_by(&plan, "socket state", LADDER_TRACEPOINT, "inet_sock_set_state");
	hooks_plan(&plan, &caps, LADDER_KPROBE);
	is_missing(&plan, "reset received", "kprobe: not in this kernel");
}

static bool is_listed(const struct cap_symbol *list, int n, const char *name, bool tp)
{
	for (int i = 0; i < n; i++)
		if (list[i].tracepoint == tp && !strcmp(list[i].name, name))
			return true;
	return false;
}

static void symbols(void **state)
{
	struct cap_symbol list[MAX_CAP_SYMBOLS];
	int n = hooks_symbols(list, MAX_CAP_SYMBOLS);

	assert_in_range(n, 10, MAX_CAP_SYMBOLS);
	for (int p = 0; p < N_PROBES; p++)
		for (int r = 0; r < MAX_RUNGS; r++)
			for (const struct hook_prog *h = probes[p].rung[r].prog; h->prog; h++)
				assert_true(is_listed(list, n, h->symbol,
						      probes[p].rung[r].ladder == LADDER_TRACEPOINT));
	for (int i = 0; i < n; i++)	/* each appears once */
		assert_false(is_listed(list, i, list[i].name, list[i].tracepoint));
	/* with less room, nothing after it is written */
	list[3].name = "guard";
	assert_int_equal(hooks_symbols(list, 3), 3);
	assert_string_equal(list[3].name, "guard");
}

/* The table itself: what the choice relies on. */
static void table(void **state)
{
	int required = 0;

	for (int p = 0; p < N_PROBES; p++) {
		assert_non_null(probes[p].name);
		assert_non_null(probes[p].without);
		assert_non_null(probes[p].rung[0].prog[0].prog);
		required += probes[p].required;
		for (int r = 0; r < MAX_RUNGS; r++) {
			const struct rung *g = &probes[p].rung[r];

			assert_null(g->prog[MAX_RUNG_PROGS - 1].prog);
			assert_true(!g->prog[0].prog || g->ladder != LADDER_AUTO);
			assert_true(!g->prog[0].optional || g->prog[0].module);
		}
	}
	assert_true(required > 0);
}

static void words(void **state)
{
	enum ladder l = LADDER_AUTO;

	assert_int_equal(ladder_parse("fentry", &l), 0);
	assert_int_equal(l, LADDER_FENTRY);
	assert_int_equal(ladder_parse("tracepoint", &l), 0);
	assert_int_equal(l, LADDER_TRACEPOINT);
	assert_int_equal(ladder_parse("auto", &l), 0);
	assert_int_equal(l, LADDER_AUTO);
	assert_int_equal(ladder_parse("kprobe", &l), 0);
	assert_int_equal(l, LADDER_KPROBE);
	assert_int_equal(ladder_parse("fexit", &l), -EINVAL);
	assert_int_equal(ladder_parse("", &l), -EINVAL);
	assert_int_equal(ladder_parse("fentry ", &l), -EINVAL);
	assert_int_equal(l, LADDER_KPROBE);
	assert_string_equal(ladder_name(LADDER_FENTRY), "fentry");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forced),
		cmocka_unit_test(forced_and_refused),
		cmocka_unit_test(symbols),
		cmocka_unit_test(table),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
