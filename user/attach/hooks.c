/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/hooks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

#define FENTRY(...) { .ladder = LADDER_FENTRY, .prog = { __VA_ARGS__ } }
#define TRACEPOINT(...) { .ladder = LADDER_TRACEPOINT, .prog = { __VA_ARGS__ } }
#define KPROBE(...) { .ladder = LADDER_KPROBE, .prog = { __VA_ARGS__ } }

/*
 * A function hook is the better rung where a tracepoint leaves something out,
 * the tracepoint where it says more: from 6.10 on tcp_send_reset fires for
 * every RST sent in reply and for nothing else, while entering
 * tcp_v4_send_reset() does not yet mean a RST.
 */
const struct probe probes[N_PROBES] = {
	[PROBE_SENT_ACTIVE] = {
		.name = "reset sent actively", .required = true, .spared = true,
		.without = "resets that this host decides to send",
		.rung = {
			FENTRY({ "fentry_tcp_send_active_reset", "tcp_send_active_reset", 0, 0, NULL }),
			TRACEPOINT({ "tp_tcp_send_reset", "tcp_send_reset", 0, 0, NULL }),
			KPROBE({ "kprobe_tcp_send_active_reset", "tcp_send_active_reset", 0, 0, NULL }),
		},
	}, [PROBE_SENT_REPLY] = {
		.name = "reset sent in reply", .required = true, .spared = true,
		.without = "resets that answer a segment (closed ports, data after close)",
		.rung = {
			{ LADDER_TRACEPOINT, 3, { { "tp_tcp_send_reset", "tcp_send_reset", 0, 0, NULL } },
			  "misses resets without a socket" },
			FENTRY({ "fentry_tcp_v4_send_reset", "tcp_v4_send_reset", 0, 0, NULL },
			       { "fentry_tcp_v6_send_reset", "tcp_v6_send_reset", 0, 1, NULL }),
			KPROBE({ "kprobe_tcp_v4_send_reset", "tcp_v4_send_reset", 0, 0, NULL },
			       { "kprobe_tcp_v6_send_reset", "tcp_v6_send_reset", 0, 1, NULL }),
			/* before 6.10 it fires only with a full socket, so not for a closed port */
			TRACEPOINT({ "tp_tcp_send_reset", "tcp_send_reset", 0, 0, NULL }),
		},
	}, [PROBE_RECEIVED] = {
		.name = "reset received", .required = true, .spared = true,
		.without = "which socket a reset hit",
		.rung = {
			FENTRY({ "fentry_tcp_reset", "tcp_reset", 0, 0, NULL }),
			KPROBE({ "kprobe_tcp_reset", "tcp_reset", 0, 0, NULL }),
			/* it shows the socket, not the RST */
			TRACEPOINT({ "tp_tcp_receive_reset", "tcp_receive_reset", 1, 0, NULL }),
		},
	}, [PROBE_DROPPED] = {
		.name = "reset dropped",
		.without = "resets that a connection or a listener ignored (challenge ACK, out of window)",
		.rung = {
			{ LADDER_TRACEPOINT, 3, { { "tp_kfree_skb", "kfree_skb", 0, 0, NULL } },
			  "gives no reason" },
		},
	}, [PROBE_HANDSHAKE] = {
		/* tcp_send_challenge_ack() is hooked for the probe above: see bpf/hook_ignored.bpf.h */
		.name = "reset of handshake",
		.without = "resets that came during a handshake or in TIME_WAIT",
		.rung = {
			{ LADDER_TRACEPOINT, 4, { { "tp_kfree_skb", "kfree_skb", 0, 0, NULL } },
			  "names no socket" },
			FENTRY({ "fentry_tcp_check_req", "tcp_check_req", 0, 0, NULL },
			       { "fentry_tcp_timewait_state_process", "tcp_timewait_state_process", 0, 0, NULL },
			       { "fentry_tcp_send_challenge_ack", "tcp_send_challenge_ack", 0, 1, NULL }),
			KPROBE({ "kprobe_tcp_check_req", "tcp_check_req", 0, 0, NULL },
			       { "kprobe_tcp_timewait_state_process", "tcp_timewait_state_process", 0, 0, NULL },
			       { "kprobe_tcp_send_challenge_ack", "tcp_send_challenge_ack", 0, 1, NULL }),
		},
	}, [PROBE_STATE] = {
		.name = "socket state", .spared = true,
		.without = "owners learnt from connect, listen and close; the state before a reset; timeouts",
		.rung = {
			TRACEPOINT({ "tp_inet_sock_set_state", "inet_sock_set_state", 3, 0, NULL }),
		},
	}, [PROBE_PEER_TTL] = {
		.name = "peer's TTL", .with_segment = true, .spared = true,
		.without = "resets that a device in between sent in the peer's name (injected)",
		.rung = {
			FENTRY({ "fentry_tcp_finish_connect", "tcp_finish_connect", 2, 0, NULL }),
			KPROBE({ "kprobe_tcp_finish_connect", "tcp_finish_connect", 2, 0, NULL }),
		},
	}, [PROBE_SEND] = {
		.name = "send failed",
		.without = "which send or write failed, and whether the victim noticed anything",
		.rung = {
			FENTRY({ "fexit_inet_sendmsg", "inet_sendmsg", 3, 0, NULL },
			       { "fexit_inet6_sendmsg", "inet6_sendmsg", 3, 1, NULL },
			       { "fexit_inet_sendpage", "inet_sendpage", 5, 1, NULL }),
			TRACEPOINT({ "tp_sock_send_length", "sock_send_length", 3, 0, NULL }),
			KPROBE({ "kprobe_inet_sendmsg", "inet_sendmsg", 3, 0, NULL },
			       { "kretprobe_inet_sendmsg", "inet_sendmsg", 3, 0, NULL },
			       { "kprobe_inet6_sendmsg", "inet6_sendmsg", 3, 1, NULL },
			       { "kretprobe_inet6_sendmsg", "inet6_sendmsg", 3, 1, NULL },
			       { "kprobe_inet_sendpage", "inet_sendpage", 5, 1, NULL },
			       { "kretprobe_inet_sendpage", "inet_sendpage", 5, 1, NULL }),
		},
	}, [PROBE_RECEIVE] = {
		.name = "receive failed",
		.without = "which recv or read failed, and whether the victim noticed anything",
		.rung = {
			FENTRY({ "fexit_inet_recvmsg", "inet_recvmsg", 4, 0, NULL },
			       { "fexit_inet6_recvmsg", "inet6_recvmsg", 4, 1, NULL }),
			TRACEPOINT({ "tp_sock_recv_length", "sock_recv_length", 3, 0, NULL }),
			KPROBE({ "kprobe_inet_recvmsg", "inet_recvmsg", 4, 0, NULL },
			       { "kretprobe_inet_recvmsg", "inet_recvmsg", 4, 0, NULL },
			       { "kprobe_inet6_recvmsg", "inet6_recvmsg", 4, 1, NULL },
			       { "kretprobe_inet6_recvmsg", "inet6_recvmsg", 4, 1, NULL }),
		},
	}, [PROBE_SPLICE] = {
		.name = "splice in failed",
		.without = "splice() from a reset socket",
		.rung = {
			FENTRY({ "fexit_tcp_splice_read", "tcp_splice_read", 5, 0, NULL }),
			KPROBE({ "kprobe_tcp_splice_read", "tcp_splice_read", 5, 0, NULL },
			       { "kretprobe_tcp_splice_read", "tcp_splice_read", 5, 0, NULL }),
		},
	}, [PROBE_ERROR_TAKEN] = {
		.name = "error taken",
		.without = "which getsockopt(SO_ERROR) or recvmmsg took an error; it is known only that a call "
			   "did, but not of a non-blocking connect over IPv6 that ICMP refused",
		.rung = {
			FENTRY({ "fentry_sk_getsockopt", "sk_getsockopt", 0, 0, NULL },
			       { "fentry_do_recvmmsg", "do_recvmmsg", 5, 1, NULL }),
			FENTRY({ "fentry_sock_getsockopt", "sock_getsockopt", 5, 0, NULL },
			       { "fentry_do_recvmmsg", "do_recvmmsg", 5, 1, NULL }),
			KPROBE({ "kprobe_sk_getsockopt", "sk_getsockopt", 0, 0, NULL },
			       { "kprobe_do_recvmmsg", "do_recvmmsg", 5, 1, NULL }),
			KPROBE({ "kprobe_sock_getsockopt", "sock_getsockopt", 5, 0, NULL },
			       { "kprobe_do_recvmmsg", "do_recvmmsg", 5, 1, NULL }),
		},
	}, [PROBE_CONNECT] = {
		.name = "connect failed", .spared = true,
		.without = "which connect was refused",
		.rung = {
			FENTRY({ "fexit_inet_stream_connect", "inet_stream_connect", 4, 0, NULL }),
			KPROBE({ "kprobe_inet_stream_connect", "inet_stream_connect", 4, 0, NULL },
			       { "kretprobe_inet_stream_connect", "inet_stream_connect", 4, 0, NULL }),
			/* it shows that connect failed, not the errno */
			TRACEPOINT({ "tp_inet_sk_error_report", "inet_sk_error_report", 1, 0, NULL }),
		},
	}, [PROBE_REJECT] = {
		.name = "firewall reject",
		.without = "resets that a REJECT rule sends (a local victim's record remains)",
		.rung = {
			KPROBE({ "kprobe_nf_send_reset", "nf_send_reset", 0, 1, "nf_reject_ipv4" },
			       { "kprobe_nf_send_reset6", "nf_send_reset6", 0, 1, "nf_reject_ipv6" }),
		},
	}, [PROBE_ACCEPT] = {
		.name = "accept", .spared = true,
		.without = "who accepted, until the first send or receive tells",
		.rung = {
			FENTRY({ "fexit_inet_csk_accept", "inet_csk_accept", 0, 0, NULL }),
			KPROBE({ "kretprobe_inet_csk_accept", "inet_csk_accept", 0, 0, NULL }),
		},
	}, [PROBE_DESTROYED] = {
		.name = "socket destroyed", .spared = true,
		.without = "whether a reset went unnoticed",
		.rung = {
			TRACEPOINT({ "tp_tcp_destroy_sock", "tcp_destroy_sock", 1, 0, NULL }),
			FENTRY({ "fentry_tcp_v4_destroy_sock", "tcp_v4_destroy_sock", 1, 0, NULL }),
			KPROBE({ "kprobe_tcp_v4_destroy_sock", "tcp_v4_destroy_sock", 1, 0, NULL }),
		},
	}, [PROBE_SIGPIPE] = {
		.name = "SIGPIPE",
		.without = "whether a failing write raised SIGPIPE",
		.rung = {
			TRACEPOINT({ "tp_signal_generate", "signal_generate", 5, 0, NULL }),
		},
	},
};

static const char *const ladder_names[] = {
	[LADDER_AUTO] = "auto",
	[LADDER_FENTRY] = "fentry",
	[LADDER_TRACEPOINT] = "tracepoint",
	[LADDER_KPROBE] = "kprobe",
};

_Static_assert(ARRAY_SIZE(ladder_names) == LADDER_MAX, "a name for every ladder");

enum probe_state choice_state(const struct choice *c)
{
	int n = 0;

	while (c->rung && c->rung->prog[n].prog)
		n++;
	if (!n)
		return PROBE_MISSING;
	return c->waiting == (1U << n) - 1 ? PROBE_WAITING : PROBE_ATTACHED;
}

const char *ladder_name(enum ladder l)
{
	return ladder_names[l];
}

int ladder_parse(const char *word, enum ladder *out)
{
	for (int l = LADDER_AUTO; l < LADDER_MAX; l++) {
		if (strcmp(word, ladder_names[l]))
			continue;
		*out = l;
		return 0;
	}
	return -EINVAL;
}

int hooks_symbols(struct cap_symbol *out, int max)
{
	int n = 0;

	for (int i = 0; i < N_PROBES; i++)
		for (int r = 0; r < MAX_RUNGS; r++)
			for (const struct hook_prog *p = probes[i].rung[r].prog; p->prog; p++) {
				bool tp = probes[i].rung[r].ladder == LADDER_TRACEPOINT;
				int k = 0;

				while (k < n && (out[k].tracepoint != tp || strcmp(out[k].name, p->symbol)))
					k++;
				if (k == n && n < max)
					out[n++] = (struct cap_symbol){ .name = p->symbol, .tracepoint = tp };
			}
	return n;
}

const char *hooks_prog_name(const char *prog)
{
	for (int i = 0; i < N_PROBES; i++)
		for (int r = 0; r < MAX_RUNGS; r++)
			for (const struct hook_prog *p = probes[i].rung[r].prog; p->prog; p++)
				if (!strcmp(p->prog, prog))
					return p->prog;
	return NULL;
}

static void refuse(struct choice *c, const struct rung *r, const char *why)
{
	size_t n = strlen(c->refused);
	char text[128];

	snprintf(text, sizeof(text), "%s: %s", ladder_names[r->ladder], why);
	c->better[c->n_better].rung = r;
	snprintf(c->better[c->n_better++].why, sizeof(c->better[0].why), "%s", why);
	if (!strstr(c->refused, text))
		snprintf(c->refused + n, sizeof(c->refused) - n, "%s%s", n ? "; " : "", text);
}

const char *kernel_error(int err)
{
	/* its own ENOTSUPP (include/linux/errno.h) has no name in user space */
	return err == -524 ? "not supported" : err == -ENOENT ? "not in this kernel" : strerror(-err);
}

/* Fills `why` when the rung cannot be had. */
static bool rung_usable(const struct rung *r, const struct caps *caps, char *why, size_t len)
{
	int err = r->ladder == LADDER_FENTRY ? caps->trampolines :
		  r->ladder == LADDER_KPROBE ? caps->kprobes : 0;

	if (err) {
		snprintf(why, len, "%s", r->ladder == LADDER_FENTRY && !caps->own_btf ?
			 "the kernel has no BTF of its own" : kernel_error(err));
		return false;
	}
	for (const struct hook_prog *p = r->prog; p->prog; p++) {
		int args = caps_args(caps, p->symbol, r->ladder == LADDER_TRACEPOINT);

		err = caps_refused(caps, p->prog);
		if (!err && args == CAP_ABSENT && p->optional)
			continue;
		if (err)
			snprintf(why, len, "%s: %s", p->symbol, kernel_error(err));
		else if (args == CAP_ABSENT)
			snprintf(why, len, "no %s in BTF", p->symbol);
		else if (p->args && args != p->args)
			snprintf(why, len, "%s has %d arguments, not %d", p->symbol, args, p->args);
		else if (args < r->min_args)
			snprintf(why, len, "%s %s", p->symbol, r->lacks);
		else
			continue;
		return false;
	}
	return true;
}

/* --hooks does not apply to a probe with one ladder only. */
static bool ladder_allowed(const struct probe *p, const struct rung *r, enum ladder only)
{
	if (only == LADDER_AUTO || r->ladder == only)
		return true;
	for (int i = 0; i < MAX_RUNGS; i++)
		if (p->rung[i].prog[0].prog && p->rung[i].ladder != r->ladder)
			return false;
	return true;
}

static void choose(struct choice *c, const struct caps *caps, enum ladder only)
{
	for (int i = 0; i < MAX_RUNGS && c->probe->rung[i].prog[0].prog; i++) {
		const struct rung *r = &c->probe->rung[i];
		char why[96];

		if (!ladder_allowed(c->probe, r, only))
			continue;
		if (rung_usable(r, caps, why, sizeof(why))) {
			c->rung = r;
			return;
		}
		refuse(c, r, why);
	}
	if (!c->refused[0])
		snprintf(c->refused, sizeof(c->refused), "no %s hook for it", ladder_names[only]);
}

/* Gives up the probes of a flow's TTL where no hook shows the RST's segment, so its TTL is not known. */
static void choose_by_segment(struct plan *plan, bool segment)
{
	for (int i = 0; i < plan->n; i++) {
		struct choice *c = &plan->choice[i];

		if (!c->probe->with_segment || !c->rung || segment)
			continue;
		refuse(c, c->rung, "no segment where the reset is received");
		c->rung = NULL;
	}
}

static int reason_arg(const struct caps *caps, const char *name, bool tp)
{
	const struct cap_symbol *s = caps_symbol(caps, name, tp);

	return s ? s->reason_arg : 0;
}

static const struct rung *chosen(const struct plan *plan, enum probe_id probe)
{
	return plan->choice[probe].rung;
}

static bool chosen_by(const struct plan *plan, enum probe_id probe, enum ladder ladder)
{
	const struct rung *r = chosen(plan, probe);

	return r && r->ladder == ladder;
}

/* Only reasons for which a RST may be dropped. For most drops this look-up is all the work. */
static const struct { const char *name; enum rst_drop drop; } drop_names[] = {
	{ "NOT_SPECIFIED", DROP_UNSPECIFIED },	  { "NO_SOCKET", DROP_NO_SOCKET },
	{ "TCP_RESET", DROP_RESET },		  { "TCP_FLAGS", DROP_FLAGS },
	{ "TCP_INVALID_SEQUENCE", DROP_SEQUENCE }, { "TCP_INVALID_END_SEQUENCE", DROP_SEQUENCE },
	{ "TCP_OLD_SEQUENCE", DROP_SEQUENCE },	  { "TCP_OVERWINDOW", DROP_SEQUENCE },
	{ "TCP_INVALID_ACK_SEQUENCE", DROP_ACK }, { "TCP_RFC7323_PAWS", DROP_ACK },
	{ "TCP_RFC7323_TW_PAWS", DROP_ACK },	  { "TCP_RFC7323_TSECR", DROP_ACK },
	{ "TCP_CLOSE", DROP_CLOSED },		  { "NETFILTER_DROP", DROP_FILTERED },
};

static void plan_drops(struct plan *plan, const struct caps *caps)
{
	const struct cap_symbol *kfree_skb = caps_symbol(caps, "kfree_skb", true);

	plan->tp_drops = chosen_by(plan, PROBE_DROPPED, LADDER_TRACEPOINT);
	plan->tp_handshakes = chosen_by(plan, PROBE_HANDSHAKE, LADDER_TRACEPOINT);
	plan->shows_filtered = plan->tp_drops && !chosen(plan, PROBE_REJECT);
	plan->drop_reason_arg = kfree_skb ? kfree_skb->drop_arg : 0;
	plan->drop_sk_arg = caps_args(caps, "kfree_skb", true) > 3 ? 3 : 0;
	plan->sees_challenge = chosen(plan, PROBE_HANDSHAKE) && !plan->tp_handshakes &&
			       caps_args(caps, "tcp_send_challenge_ack", false) != CAP_ABSENT;
	for (int n = 0; n < caps->n_drops; n++)
		for (size_t i = 0; i < ARRAY_SIZE(drop_names); i++)
			if (!strcmp(caps->drop[n], drop_names[i].name))
				plan->drop[n] = drop_names[i].drop;
}

void hooks_plan(struct plan *plan, const struct caps *caps, enum ladder only)
{
	int n;

	memset(plan, 0, sizeof(*plan));
	for (plan->n = 0; plan->n < N_PROBES; plan->n++) {
		plan->choice[plan->n].probe = &probes[plan->n];
		choose(&plan->choice[plan->n], caps, only);
	}
	plan->active_reason_arg = reason_arg(caps, "tcp_send_active_reset", false);
	plan->reply_reason_arg = reason_arg(caps, "tcp_v4_send_reset", false);
	plan->tp_reason_arg = reason_arg(caps, "tcp_send_reset", true);
	plan->reset_skb_arg = caps_args(caps, "tcp_reset", false) > 1 ? 1 : 0;
	choose_by_segment(plan, plan->reset_skb_arg &&
				!chosen_by(plan, PROBE_RECEIVED, LADDER_TRACEPOINT));
	n = caps_args(caps, "inet_csk_accept", false);
	plan->accept_args = n > 0 ? n : 0;
	plan->tp_sends_active = chosen_by(plan, PROBE_SENT_ACTIVE, LADDER_TRACEPOINT);
	plan->tp_sends_reply = chosen_by(plan, PROBE_SENT_REPLY, LADDER_TRACEPOINT);
	plan_drops(plan, caps);
	plan->typed = caps_typed(caps);
	plan->misses_calls = !chosen(plan, PROBE_SEND) || !chosen(plan, PROBE_RECEIVE);
	/* the last rung of "reset sent in reply" misses replies without a socket */
	plan->sees_sent = !plan_lacks_sent(plan) &&
			  (!plan->tp_sends_reply || chosen(plan, PROBE_SENT_REPLY)->min_args);
}

bool plan_lacks_sent(const struct plan *plan)
{
	return !chosen(plan, PROBE_SENT_ACTIVE) || !chosen(plan, PROBE_SENT_REPLY);
}

const char *plan_refusal(const struct plan *plan)
{
	for (int i = 0; i < plan->n; i++)
		if (plan->choice[i].probe->required && !plan->choice[i].rung)
			return plan->choice[i].refused;
	return "too many tries";
}
