/* SPDX-License-Identifier: GPL-2.0 */
#include "kernels.h"
#include "test.h"

/* Symbols of kernels, by version; a tracepoint's name begins with "tp:". */
struct symbol {
	const char *name;
	int args, reason_arg;
};

static const struct symbol everywhere[] = {
	{ "tcp_v4_send_reset", 2, 0 }, { "tcp_v6_send_reset", 2, 0 }, { "tcp_reset", 2, 0 },
	{ "inet_sendmsg", 3, 0 }, { "inet6_sendmsg", 3, 0 },
	{ "inet_recvmsg", 4, 0 }, { "inet6_recvmsg", 4, 0 },
	{ "tcp_finish_connect", 2, 0 }, { "tcp_splice_read", 5, 0 }, { "inet_stream_connect", 4, 0 },
	{ "tcp_v4_destroy_sock", 1, 0 },
	{ "sk_getsockopt", 5, 0 }, { "do_recvmmsg", 5, 0 },
	{ "tcp_check_req", 5, 0 }, { "tcp_timewait_state_process", 3, 0 },
	{ "tcp_send_challenge_ack", 1, 0 },
	{ "tp:tcp_receive_reset", 1, 0 }, { "tp:inet_sock_set_state", 3, 0 },
	{ "tp:inet_sk_error_report", 1, 0 }, { "tp:tcp_destroy_sock", 1, 0 },
	{ "tp:signal_generate", 5, 0 }, { NULL, 0, 0 },
};

static const struct symbol of_6_1[] = {
	{ "tcp_send_active_reset", 2, 0 }, { "inet_sendpage", 5, 0 }, { "inet_csk_accept", 4, 0 },
	{ "tp:tcp_send_reset", 2, 0 }, { "tp:kfree_skb", 3, 0 }, { NULL, 0, 0 },
};

static const struct symbol of_6_12[] = {
	{ "tcp_send_active_reset", 2, 1 }, { "tcp_v4_send_reset", 3, 2 },
	{ "tcp_v6_send_reset", 3, 2 }, { "inet_csk_accept", 2, 0 },
	{ "tp:tcp_send_reset", 3, 2 }, { "tp:sock_send_length", 3, 0 },
	{ "tp:sock_recv_length", 3, 0 }, { "tp:kfree_skb", 4, 0 }, { NULL, 0, 0 },
};

static const struct symbol of_6_18[] = {
	{ "tcp_send_active_reset", 3, 2 }, { NULL, 0, 0 },
};

static struct cap_symbol *row(struct caps *caps, const char *name)
{
	bool tp = !strncmp(name, "tp:", 3);
	struct cap_symbol *s = (struct cap_symbol *)caps_symbol(caps, tp ? name + 3 : name, tp);

	if (!s)
		fail_msg("no probe asks for %s", name);
	return s;
}

void has(struct caps *caps, const char *name, int args, int reason_arg)
{
	struct cap_symbol *s = row(caps, name);

	s->args = args;
	s->reason_arg = reason_arg;
}

void lacks(struct caps *caps, const char *name)
{
	has(caps, name, CAP_ABSENT, 0);
}

static void has_all(struct caps *caps, const struct symbol *s)
{
	for (; s->name; s++)
		has(caps, s->name, s->args, s->reason_arg);
}

/* A kernel that has the symbols common to all versions and refuses nothing. */
static void some_kernel(struct caps *caps)
{
	memset(caps, 0, sizeof(*caps));
	caps->btf = caps->own_btf = true;
	caps->n_symbols = hooks_symbols(caps->symbol, MAX_CAP_SYMBOLS);
	assert_in_range(caps->n_symbols, 1, MAX_CAP_SYMBOLS);
	for (int i = 0; i < caps->n_symbols; i++)
		caps->symbol[i].args = CAP_ABSENT;
	has_all(caps, everywhere);
}

void kernel_6_1(struct caps *caps)
{
	some_kernel(caps);
	has_all(caps, of_6_1);
	row(caps, "tp:kfree_skb")->drop_arg = 2;
}

void kernel_6_12(struct caps *caps)
{
	some_kernel(caps);
	has_all(caps, of_6_12);
	row(caps, "tp:kfree_skb")->drop_arg = 2;
}

void kernel_6_18(struct caps *caps)
{
	kernel_6_12(caps);
	has_all(caps, of_6_18);
}

void kernel_6_18_locked(struct caps *caps)
{
	kernel_6_18(caps);
	caps->trampolines = -EPERM;
	caps->kprobes = -ENOENT;
}

struct choice *chosen(const struct plan *plan, const char *probe)
{
	for (int i = 0; i < plan->n; i++)
		if (!strcmp(plan->choice[i].probe->name, probe))
			return (struct choice *)&plan->choice[i];
	fail_msg("no probe '%s'", probe);
	return NULL;
}

bool plan_has(const struct plan *plan, const char *prog)
{
	for (int i = 0; i < plan->n; i++) {
		const struct rung *r = plan->choice[i].rung;

		for (const struct hook_prog *p = r ? r->prog : NULL; p && p->prog; p++)
			if (!strcmp(p->prog, prog))
				return true;
	}
	return false;
}

void is_by(const struct plan *plan, const char *probe, enum ladder ladder,
	   const char *symbol)
{
	const struct choice *c = chosen(plan, probe);

	if (!c->rung)
		fail_msg("%s: missing (%s)", probe, c->refused);
	if (c->rung->ladder != ladder || strcmp(c->rung->prog[0].symbol, symbol))
		fail_msg("%s: %s at %s", probe, ladder_name(c->rung->ladder), c->rung->prog[0].symbol);
}

void is_missing(const struct plan *plan, const char *probe, const char *why)
{
	const struct choice *c = chosen(plan, probe);

	assert_null(c->rung);
	assert_string_equal(c->refused, why);
}
