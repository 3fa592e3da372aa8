/* SPDX-License-Identifier: GPL-2.0 */
#include "rule_cases.h"
#include "test.h"

const char *const cause_codes[] = {
	"closed-port", "stray-segment", "close-with-unread", "linger-zero", "disconnect",
	"data-after-close", "data-after-shutdown", "listener-closed", "accept-queue-overflow",
	"bad-syn-cookie", "syn-in-connection", "bad-handshake-ack", "keepalive-timeout",
	"linger2-timeout", "out-of-memory", "socket-killed", "firewall-reject", "mptcp-reset",
	"unknown", "retransmit-timeout", "user-timeout", "icmp-unreachable", "peer-refused",
	"peer-reset", "peer-reset-after-fin", "keepalive-race", "peer-reset-during-send",
	"injected",
};

const size_t n_cause_codes = N(cause_codes);

const struct rule_case *rule_case(size_t i)
{
	if (i < n_cases_sent)
		return &cases_sent[i];
	i -= n_cases_sent;
	return i < n_cases_received ? &cases_received[i] : NULL;
}

static int64_t value(struct maybe m)
{
	return m.known ? m.n : UNKNOWN;
}

void shape_incident(struct incident *inc, const struct shape *sh, const char *reason)
{
	struct endpoint *s = &inc->sender;

	incident_init(inc);
	inc->kind = sh->kind;
	snprintf(inc->reason, sizeof(inc->reason), "%s", reason ? reason : "");
	inc->sport = sh->sport;
	inc->recent = sh->recent;
	inc->listener = sh->listener;
	inc->join = sh->join;
	inc->by_kernel = sh->by_kernel;
	if (sh->seg)
		inc->seg_flags = sh->seg;
	inc->seg_len = value(sh->seg_len);
	if (sh->queue_max) {
		inc->accept_queue = sh->queue;
		inc->accept_queue_max = sh->queue_max;
	}
	inc->victim.tcp_state = sh->victim;
	inc->victim.unsent = value(sh->victim_unsent);
	inc->victim.seen = sh->victim;
	inc->victim.heard_us = value(sh->heard_us);
	inc->victim.idle_us = value(sh->idle_us);
	inc->victim.user_timeout_ms = value(sh->user_timeout_ms);
	inc->victim.age_us = value(sh->age_us);
	inc->victim.retrans = sh->retrans;
	inc->victim.retransmits = sh->retransmits;
	inc->unseen = sh->unseen;
	inc->filtered = sh->filtered;
	inc->abort = sh->abort;
	inc->listens = value(sh->listens);
	inc->loopback = sh->loopback;
	inc->family = sh->family;
	inc->rst_ttl = sh->rst_ttl ? sh->rst_ttl : UNKNOWN;
	inc->flow_ttl = sh->flow_ttl ? sh->flow_ttl : UNKNOWN;
	inc->nf_hook = sh->nf_hook;
	inc->abort_err = sh->abort_err;
	if (sh->icmp_type) {
		inc->family = 4;
		inc->icmp_type = sh->icmp_type;
		inc->icmp_code = sh->icmp_code;
		memcpy(inc->icmp_from, "\x0a\0\0\x01", 4);
	}
	if (sh->killer) {
		inc->killer.pid = 77;
		snprintf(inc->killer.comm, sizeof(inc->killer.comm), "%s", sh->killer);
		snprintf(inc->killer.syscall, sizeof(inc->killer.syscall), "%s", sh->killer_call);
	}
	if (sh->kind == KIND_TIMEOUT) {
		inc->victim.old_state = sh->victim;
		inc->victim.tcp_state = CLOSE;
	}
	s->closed_us = value(sh->closed_us);
	s->end.how = sh->ended;
	snprintf(s->syscall, sizeof(s->syscall), "%s", sh->syscall ? sh->syscall : "");
	if (sh->kind == KIND_RECEIVED || sh->kind == KIND_TIMEOUT)
		return;
	s->mptcp = sh->mptcp ? 1 : UNKNOWN;
	s->owner = sh->by_caller ? OWNER_CALLER : OWNER_SOCKET;
	s->seen = true;
	s->have_sock = !sh->no_sock && !sh->timewait;
	s->timewait = sh->timewait;
	snprintf(s->exit, sizeof(s->exit), "%s", sh->exit ? sh->exit : "");
	s->old_state = sh->old_state;
	s->tcp_state = sh->timewait ? TIME_WAIT : sh->state;
	if (!s->have_sock)
		return;
	s->bits = sh->bits;
	s->shutdown = sh->shutdown;
	s->unread = value(sh->unread);
	s->unsent = value(sh->unsent);
	s->linger0 = sh->linger0;
	s->linger2 = sh->linger2;
	s->sk_err = sh->sk_err;
	s->probes = value(sh->probes);
}
