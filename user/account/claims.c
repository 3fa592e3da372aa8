/* SPDX-License-Identifier: GPL-2.0 */
#include "account/claims.h"

#include <netinet/tcp.h>
#include <string.h>

#include "base/array.h"

/*
 * Counters that go with one cause. A row with .linger2 counts only where TCP_LINGER2 was
 * negative, one with .full only where the answer came from a full socket.
 */
static const struct {
	enum counter counter;
	const char *cause;
	enum kind kind;
	bool linger2, full;
} by_cause[] = {
	/* __tcp_close() */
	{ CTR_ABORT_ON_CLOSE, "close-with-unread", KIND_ACTIVE, false, false },
	{ CTR_ABORT_ON_DATA, "linger-zero", KIND_ACTIVE, false, false },
	{ CTR_ABORT_ON_LINGER, "linger2-timeout", KIND_ACTIVE, true, false },
	/* tcp_rcv_state_process() */
	{ CTR_ABORT_ON_DATA, "data-after-shutdown", KIND_REPLY, false, false },
	{ CTR_ABORT_ON_DATA, "linger2-timeout", KIND_REPLY, false, false },
	{ CTR_ABORT_ON_DATA, "data-after-close", KIND_REPLY, false, true },
	/* __tcp_close(), tcp_out_of_resources() */
	{ CTR_ABORT_ON_MEMORY, "out-of-memory", KIND_ACTIVE, false, false },
	/* tcp_write_err(), tcp_keepalive_timer() */
	{ CTR_ABORT_ON_TIMEOUT, "keepalive-timeout", KIND_ACTIVE, false, false },
	{ CTR_ABORT_ON_TIMEOUT, "retransmit-timeout", KIND_TIMEOUT, false, false },
	{ CTR_ABORT_ON_TIMEOUT, "user-timeout", KIND_TIMEOUT, false, false },
	/* tcp_check_req() */
	{ CTR_EMBRYONIC_RSTS, "syn-in-connection", KIND_REPLY, false, false },
	{ CTR_ATTEMPT_FAILS, "syn-in-connection", KIND_REPLY, false, false },
	{ CTR_EMBRYONIC_RSTS, "accept-queue-overflow", KIND_REPLY, false, false },
	{ CTR_LISTEN_OVERFLOWS, "accept-queue-overflow", KIND_REPLY, false, false },
};

const char *counter_also(enum counter c)
{
	switch (c) {
	case CTR_ABORT_ON_DATA:
		return "closes with SO_LINGER 0 that need no reset";
	case CTR_ATTEMPT_FAILS:
	case CTR_EMBRYONIC_RSTS:
		return "half-open connections that a reset or a new SYN ended";
	case CTR_LISTEN_OVERFLOWS:
		return "segments dropped in silence because the accept queue was full";
	default:
		return NULL;
	}
}

static int add(struct claim *claims, int n, const struct endpoint *ep, enum counter counter)
{
	if (n < MAX_CLAIMS)
		claims[n++] = (struct claim){ ep->netns, counter };
	return n;
}

/* By its owner, when an ICMP message had been noted on it: an attempt that fails has its error in sk_err. */
static bool was_given_up(const struct incident *inc)
{
	return inc->kind == KIND_TIMEOUT && inc->victim.old_state == TCP_SYN_SENT && !inc->victim.sk_err;
}

/* What the kernel counts when an end's socket goes to CLOSE: tcp_set_state(), tcp_done(). */
static int add_end(struct claim *claims, int n, const struct endpoint *ep)
{
	if (!ep->seen)
		return n;
	if (ep->old_state == TCP_ESTABLISHED || ep->old_state == TCP_CLOSE_WAIT)
		return add(claims, n, ep, CTR_ESTAB_RESETS);
	if (ep->old_state == TCP_SYN_SENT || ep->old_state == TCP_SYN_RECV)
		return add(claims, n, ep, CTR_ATTEMPT_FAILS);
	return n;
}

int claims_of(const struct incident *inc, struct claim claims[MAX_CLAIMS])
{
	const struct endpoint *decides = inc->kind == KIND_TIMEOUT ? &inc->victim : &inc->sender;
	int n = was_given_up(inc) ? 0 : add_end(claims, 0, &inc->victim);

	if (inc->kind == KIND_ACTIVE)
		n = add_end(claims, n, &inc->sender);
	if (!inc->cause || !decides->seen)
		return n;
	for (size_t i = 0; i < ARRAY_SIZE(by_cause); i++)
		if (by_cause[i].kind == inc->kind && !strcmp(by_cause[i].cause, inc->cause) &&
		    (!by_cause[i].linger2 || decides->linger2 < 0) &&
		    (!by_cause[i].full || decides->have_sock))
			n = add(claims, n, decides, by_cause[i].counter);
	return n;
}
