/* SPDX-License-Identifier: GPL-2.0 */
/* The choice of hooks, best first, on kernels made up by filling in a struct caps. */
#include "kernels.h"
#include "test.h"

static void everything_works(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_1(&caps);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_int_equal(plan.n, N_PROBES);
	is_by(&plan, "reset sent actively", LADDER_FENTRY, "tcp_send_active_reset");
	is_by(&plan, "reset sent in reply", LADDER_FENTRY, "tcp_v4_send_reset");
	is_by(&plan, "reset received", LADDER_FENTRY, "tcp_reset");
	is_by(&plan, "socket state", LADDER_TRACEPOINT, "inet_sock_set_state");
	is_by(&plan, "send failed", LADDER_FENTRY, "inet_sendmsg");
	is_by(&plan, "receive failed", LADDER_FENTRY, "inet_recvmsg");
	is_by(&plan, "peer's TTL", LADDER_FENTRY, "tcp_finish_connect");
	is_by(&plan, "splice in failed", LADDER_FENTRY, "tcp_splice_read");
	is_by(&plan, "connect failed", LADDER_FENTRY, "inet_stream_connect");
	is_by(&plan, "accept", LADDER_FENTRY, "inet_csk_accept");
	is_by(&plan, "socket destroyed", LADDER_TRACEPOINT, "tcp_destroy_sock");
	is_by(&plan, "SIGPIPE", LADDER_TRACEPOINT, "signal_generate");
	is_by(&plan, "error taken", LADDER_FENTRY, "sk_getsockopt");
	/* it is in a module, which may be loaded later */
	is_by(&plan, "firewall reject", LADDER_KPROBE, "nf_send_reset");
	assert_true(plan_has(&plan, "fentry_tcp_v6_send_reset"));
	assert_true(plan_has(&plan, "fexit_inet_sendpage"));
	assert_false(plan_has(&plan, "tp_tcp_send_reset"));
	assert_false(plan_has(&plan, "kprobe_tcp_reset"));
	/* nothing is said about ways that were not refused, except two better ones of later kernels */
	for (int i = 0; i < plan.n; i++)
		if (strcmp(plan.choice[i].probe->name, "reset sent in reply") &&
		    strcmp(plan.choice[i].probe->name, "reset of handshake"))
			assert_string_equal(plan.choice[i].refused, "");
	assert_string_equal(chosen(&plan, "reset sent in reply")->refused,
			    "tracepoint: tcp_send_reset misses resets without a socket");
	assert_string_equal(chosen(&plan, "reset of handshake")->refused,
			    "tracepoint: kfree_skb names no socket");
	assert_int_equal(plan.active_reason_arg, 0);
	assert_int_equal(plan.reply_reason_arg, 0);
	assert_int_equal(plan.tp_reason_arg, 0);
	assert_int_equal(plan.reset_skb_arg, 1);
	assert_int_equal(plan.accept_args, 4);
	assert_false(plan.tp_sends_active);
	assert_false(plan.tp_sends_reply);
	assert_true(plan.sees_sent);
}

static void reasons_given(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_12(&caps);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset sent actively", LADDER_FENTRY, "tcp_send_active_reset");
	/* runs only if a RST is sent, which entering the function does not mean yet */
	is_by(&plan, "reset sent in reply", LADDER_TRACEPOINT, "tcp_send_reset");
	assert_string_equal(chosen(&plan, "reset sent in reply")->refused, "");
	is_by(&plan, "send failed", LADDER_FENTRY, "inet_sendmsg");
	assert_int_equal(plan.active_reason_arg, 1);
	assert_int_equal(plan.reply_reason_arg, 2);
	assert_int_equal(plan.tp_reason_arg, 2);
	assert_int_equal(plan.accept_args, 2);
	assert_false(plan.tp_sends_active);
	assert_true(plan.tp_sends_reply);
	kernel_6_18(&caps);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_int_equal(plan.active_reason_arg, 2);
}

static void tracepoints_only(void **state)
{
	static const char refused[] = "fentry: Operation not permitted";
	static const char neither[] = "fentry: Operation not permitted; kprobe: not in this kernel";
	struct caps caps;
	struct plan plan;

	kernel_6_18_locked(&caps);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset sent actively", LADDER_TRACEPOINT, "tcp_send_reset");
	is_by(&plan, "reset sent in reply", LADDER_TRACEPOINT, "tcp_send_reset");
	is_by(&plan, "reset received", LADDER_TRACEPOINT, "tcp_receive_reset");
	is_by(&plan, "socket state", LADDER_TRACEPOINT, "inet_sock_set_state");
	is_by(&plan, "send failed", LADDER_TRACEPOINT, "sock_send_length");
	is_by(&plan, "receive failed", LADDER_TRACEPOINT, "sock_recv_length");
	is_by(&plan, "connect failed", LADDER_TRACEPOINT, "inet_sk_error_report");
	is_by(&plan, "socket destroyed", LADDER_TRACEPOINT, "tcp_destroy_sock");
	is_by(&plan, "SIGPIPE", LADDER_TRACEPOINT, "signal_generate");
	is_missing(&plan, "splice in failed", neither);
	is_missing(&plan, "peer's TTL", neither);
	is_missing(&plan, "accept", neither);
	/* two functions for each way, but one reason for each way */
	is_missing(&plan, "error taken", neither);
	is_missing(&plan, "firewall reject", "kprobe: not in this kernel");
	assert_string_equal(chosen(&plan, "reset sent actively")->refused, refused);
	assert_string_equal(chosen(&plan, "reset received")->refused, neither);
	assert_string_equal(chosen(&plan, "socket destroyed")->refused, "");
	assert_true(plan.tp_sends_active);
	assert_true(plan.tp_sends_reply);
	assert_true(plan.sees_sent);
	assert_true(plan_has(&plan, "tp_sock_recv_length"));
	assert_false(plan_has(&plan, "fexit_tcp_splice_read"));
}

/* No trampolines, as on arm64 before 6.4; the tracepoint comes before the kprobe. */
static void kprobes_and_tracepoints(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_1(&caps);
	caps.trampolines = -ENOTSUP;
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset sent actively", LADDER_TRACEPOINT, "tcp_send_reset");
	/* 6.1's tracepoint shows only replies with a full socket */
	is_by(&plan, "reset sent in reply", LADDER_KPROBE, "tcp_v4_send_reset");
	/* and of a RST that arrives, only the socket */
	is_by(&plan, "reset received", LADDER_KPROBE, "tcp_reset");
	is_by(&plan, "peer's TTL", LADDER_KPROBE, "tcp_finish_connect");
	is_by(&plan, "send failed", LADDER_KPROBE, "inet_sendmsg");
	is_by(&plan, "receive failed", LADDER_KPROBE, "inet_recvmsg");
	is_by(&plan, "splice in failed", LADDER_KPROBE, "tcp_splice_read");
	is_by(&plan, "accept", LADDER_KPROBE, "inet_csk_accept");
	/* with its tracepoint the errno would have to be guessed */
	is_by(&plan, "connect failed", LADDER_KPROBE, "inet_stream_connect");
	assert_true(plan_has(&plan, "kprobe_inet6_sendmsg"));
	assert_true(plan_has(&plan, "kretprobe_inet6_sendmsg"));
	assert_string_equal(chosen(&plan, "send failed")->refused,
			    "fentry: Operation not supported; tracepoint: no sock_send_length in BTF");
	assert_true(plan.tp_sends_active);
	assert_false(plan.tp_sends_reply);

	caps_refuse(&caps, "kprobe_tcp_reset", -EINVAL);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset received", LADDER_TRACEPOINT, "tcp_receive_reset");
	/* the peer's TTL could be read, but there is no RST's TTL to compare it with */
	is_missing(&plan, "peer's TTL", "fentry: Operation not supported; "
		   "kprobe: no segment where the reset is received");
}

/*
 * A 6.1 that allows neither: replies with a socket are better than none, and failing calls are not
 * seen.
 */
static void old_and_locked(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_1(&caps);
	caps.trampolines = -EPERM;
	caps.kprobes = -EACCES;
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset sent in reply", LADDER_TRACEPOINT, "tcp_send_reset");
	assert_int_equal(chosen(&plan, "reset sent in reply")->rung->min_args, 0);
	assert_false(plan.sees_sent);	/* replies without a socket are not seen */
	assert_true(plan.tp_sends_reply);
	is_missing(&plan, "send failed", "fentry: Operation not permitted; "
		   "tracepoint: no sock_send_length in BTF; kprobe: Permission denied");
}

static void lacking_hooks(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_1(&caps);
	lacks(&caps, "tcp_send_active_reset");		/* inlined */
	lacks(&caps, "tcp_v6_send_reset");		/* no IPv6 */
	lacks(&caps, "inet6_sendmsg");
	lacks(&caps, "inet_sendpage");
	lacks(&caps, "tp:signal_generate");
	lacks(&caps, "tp:tcp_destroy_sock");
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset sent actively", LADDER_TRACEPOINT, "tcp_send_reset");
	assert_string_equal(chosen(&plan, "reset sent actively")->refused,
			    "fentry: no tcp_send_active_reset in BTF");
	/* an optional function may be missing: the rung still works */
	is_by(&plan, "reset sent in reply", LADDER_FENTRY, "tcp_v4_send_reset");
	is_by(&plan, "send failed", LADDER_FENTRY, "inet_sendmsg");
	is_by(&plan, "socket destroyed", LADDER_FENTRY, "tcp_v4_destroy_sock");
	is_missing(&plan, "SIGPIPE", "tracepoint: no signal_generate in BTF");
	assert_true(plan.tp_sends_active);
	assert_false(plan.tp_sends_reply);

	lacks(&caps, "tcp_reset");
	lacks(&caps, "tp:tcp_receive_reset");
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_missing(&plan, "reset received", "fentry: no tcp_reset in BTF; "
		   "kprobe: no tcp_reset in BTF; tracepoint: no tcp_receive_reset in BTF");
	assert_int_equal(plan.reset_skb_arg, 0);
}

/* The verifier may refuse what BTF promises: then the next best way is taken. */
static void refused_programs(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_1(&caps);
	caps_refuse(&caps, "fentry_sk_getsockopt", -524);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "error taken", LADDER_KPROBE, "sk_getsockopt");
	assert_string_equal(chosen(&plan, "error taken")->refused,
			    "fentry: sk_getsockopt: not supported; fentry: no sock_getsockopt in BTF");
	caps_refuse(&caps, "fexit_inet6_recvmsg", -EINVAL);	/* optional, but it exists */
	caps_refuse(&caps, "kprobe_inet_recvmsg", -ENOENT);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_null(chosen(&plan, "receive failed")->rung);
	assert_int_equal(caps_refused(&caps, "fexit_inet6_recvmsg"), -EINVAL);
	assert_int_equal(caps_refused(&caps, "fexit_inet_recvmsg"), 0);
	for (int i = 0; i < 2 * MAX_REFUSED; i++)
		caps_refuse(&caps, "one too many", -EINVAL);
	assert_int_equal(caps.n_refused, MAX_REFUSED);
}

/* Up to 5.19 there is no sk_getsockopt, up to 5.14 no inet_sk_error_report. */
static void older_functions(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_1(&caps);
	lacks(&caps, "sk_getsockopt");
	has(&caps, "sock_getsockopt", 5, 0);
	lacks(&caps, "tp:inet_sk_error_report");
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "error taken", LADDER_FENTRY, "sock_getsockopt");
	caps.trampolines = -EPERM;
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "error taken", LADDER_KPROBE, "sock_getsockopt");
	is_by(&plan, "connect failed", LADDER_KPROBE, "inet_stream_connect");
}

/* A return value read from the wrong place would be worse than none. */
static void wrong_arguments(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_12(&caps);
	has(&caps, "inet_recvmsg", 5, 0);
	has(&caps, "tp:sock_send_length", 4, 0);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "receive failed", LADDER_TRACEPOINT, "sock_recv_length");
	assert_string_equal(chosen(&plan, "receive failed")->refused,
			    "fentry: inet_recvmsg has 5 arguments, not 4");
	/* an optional function that exists has to fit too */
	has(&caps, "inet_sendpage", 6, 0);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_null(chosen(&plan, "send failed")->rung);
	has(&caps, "tp:sock_send_length", 3, 0);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "send failed", LADDER_TRACEPOINT, "sock_send_length");
}

static void argument_of_the_segment(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_1(&caps);
	has(&caps, "tcp_reset", 1, 0);		/* up to 5.14 */
	lacks(&caps, "inet_csk_accept");
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset received", LADDER_FENTRY, "tcp_reset");
	assert_int_equal(plan.reset_skb_arg, 0);
	is_missing(&plan, "peer's TTL", "fentry: no segment where the reset is received");
	assert_int_equal(plan.accept_args, 0);
	is_missing(&plan, "accept",
		   "fentry: no inet_csk_accept in BTF; kprobe: no inet_csk_accept in BTF");
}

/* No BTF, or none of these symbols in it: nothing is chosen, and everything is reported. */
static void nothing_there(void **state)
{
	struct caps caps;
	struct plan plan;

	memset(&caps, 0, sizeof(caps));
	caps.kprobes = -ENOENT;		/* otherwise a module could still bring the function */
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_int_equal(plan.n, N_PROBES);
	for (int i = 0; i < plan.n; i++) {
		assert_null(plan.choice[i].rung);
		assert_true(plan.choice[i].refused[0]);
	}
	assert_false(plan.tp_sends_active || plan.tp_sends_reply);
	assert_int_equal(plan.accept_args, 0);
}

static void drop_names(struct caps *caps, const char *const *names, int n)
{
	caps->n_drops = n;
	for (int i = 0; i < n; i++)
		snprintf(caps->drop[i], sizeof(caps->drop[i]), "%s", names[i]);
}

/* The numbers change between versions, so the name decides; a number without a name is not a RST's. */
static void drops_by_name(void **state)
{
	static const char *const names[] = {
		"NOT_DROPPED_YET", "TCP_RESET", "NO_SOCKET", "QDISC_DROP", "TCP_OVERWINDOW",
		"TCP_CLOSE", "NETFILTER_DROP", "TCP_FASTOPEN",
	};
	static const uint8_t want[] = { 0, DROP_RESET, DROP_NO_SOCKET, 0, DROP_SEQUENCE, DROP_CLOSED,
					DROP_FILTERED, 0 };
	struct caps caps;
	struct plan plan;

	kernel_6_1(&caps);
	drop_names(&caps, names, N(names));
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_memory_equal(plan.drop, want, sizeof(want));
	for (size_t i = N(names); i < RST_DROP_REASONS; i++)
		assert_int_equal(plan.drop[i], 0);
}

/* What netfilter drops is looked at only if no hook shows REJECT rules. */
static void filtered_by_drop(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_12(&caps);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "firewall reject", LADDER_KPROBE, "nf_send_reset");
	assert_false(plan.shows_filtered);
	caps.kprobes = -ENOENT;
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_true(plan.tp_drops && plan.shows_filtered);
	/* without a reason it is not known who dropped the segment */
	has(&caps, "tp:kfree_skb", 2, 0);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	assert_false(plan.tp_drops || plan.shows_filtered);
}

/* Each ignored RST is shown by one hook; by which, depends on what the tracepoint shows. */
static void ignored_by(void **state)
{
	struct caps caps;
	struct plan plan;

	kernel_6_12(&caps);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset dropped", LADDER_TRACEPOINT, "kfree_skb");
	is_by(&plan, "reset of handshake", LADDER_TRACEPOINT, "kfree_skb");
	assert_int_equal(plan.drop_reason_arg, 2);
	assert_int_equal(plan.drop_sk_arg, 3);
	assert_true(plan.tp_drops && plan.tp_handshakes);
	assert_false(plan.sees_challenge);

	hooks_plan(&plan, &caps, LADDER_KPROBE);
	is_by(&plan, "reset of handshake", LADDER_KPROBE, "tcp_check_req");
	assert_true(plan.tp_drops && !plan.tp_handshakes && plan.sees_challenge);

	kernel_6_1(&caps);
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_by(&plan, "reset dropped", LADDER_TRACEPOINT, "kfree_skb");
	is_by(&plan, "reset of handshake", LADDER_FENTRY, "tcp_check_req");
	assert_int_equal(plan.drop_sk_arg, 0);
	assert_true(plan.tp_drops && !plan.tp_handshakes && plan.sees_challenge);

	/* 5.10, where the function that challenges is inlined */
	has(&caps, "tp:kfree_skb", 2, 0);
	lacks(&caps, "tcp_send_challenge_ack");
	hooks_plan(&plan, &caps, LADDER_AUTO);
	is_missing(&plan, "reset dropped", "tracepoint: kfree_skb gives no reason");
	is_by(&plan, "reset of handshake", LADDER_FENTRY, "tcp_check_req");
	assert_false(plan.tp_drops || plan.tp_handshakes || plan.sees_challenge);
}

/* The programs that bpf/ makes with SPARED_TP() and SPARED_FUNC(): the second word is the name. */
static void spares_of_bpf(char *text, size_t len)
{
	static const char *const files[] = {
		"bpf/hook_call.bpf.h", "bpf/hook_received.bpf.h", "bpf/hook_reset.bpf.h",
		"bpf/hook_state.bpf.h",
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *f = fopen(files[i], "r");
		char line[256];

		assert_non_null(f);
		while (fgets(line, sizeof(line), f))
			if (!strncmp(line, "SPARED_", 7))
				n += snprintf(text + n, len - n, "%s", line);
		fclose(f);
		assert_true(n < len);
	}
}

/*
 * A program that wrongly counts on a spare leaves work undone; one that does not know of its spare
 * does work twice.
 */
static void spared_as_in_bpf(void **state)
{
	char text[4096] = "", word[80];
	int n = 0;

	spares_of_bpf(text, sizeof(text));
	for (int i = 0; i < N_PROBES; i++)
		for (int r = 0; r < MAX_RUNGS; r++)
			for (const struct hook_prog *p = probes[i].rung[r].prog; p->prog; p++) {
				bool spared = probes[i].spared &&
					      probes[i].rung[r].ladder != LADDER_KPROBE;

				snprintf(word, sizeof(word), "\", %s,", p->prog);
				assert_int_equal(spared, strstr(text, word) != NULL);
				n += spared;
			}
	assert_true(n > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_works),
		cmocka_unit_test(reasons_given),
		cmocka_unit_test(tracepoints_only),
		cmocka_unit_test(kprobes_and_tracepoints),
		cmocka_unit_test(old_and_locked),
		cmocka_unit_test(lacking_hooks),
		cmocka_unit_test(refused_programs),
		cmocka_unit_test(older_functions),
		cmocka_unit_test(wrong_arguments),
		cmocka_unit_test(argument_of_the_segment),
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(drops_by_name),
		cmocka_unit_test(filtered_by_drop),
		cmocka_unit_test(ignored_by),
		cmocka_unit_test(spared_as_in_bpf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
