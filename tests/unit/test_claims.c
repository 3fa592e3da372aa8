/* SPDX-License-Identifier: GPL-2.0 */
/* What an incident accounts for in the kernel's counters. */
#include <errno.h>
#include <netinet/tcp.h>

#include "account/claims.h"
#include "test.h"

enum { SENDER_NS = 7, VICTIM_NS = 8 };

static void make(struct incident *inc, enum kind kind, const char *cause, uint8_t sender,
		 uint8_t victim)
{
	incident_init(inc);
	inc->kind = kind;
	inc->cause = cause;
	inc->sender.netns = SENDER_NS;
	inc->sender.seen = sender != 0;
	inc->sender.old_state = sender;
	inc->victim.netns = VICTIM_NS;
	inc->victim.seen = victim != 0;
	inc->victim.old_state = victim;
}

/* Counts the claims, so that their order does not matter. */
static void count(const struct incident *inc, int got[2][N_COUNTERS])
{
	struct claim claims[MAX_CLAIMS];
	int n = claims_of(inc, claims);

	memset(got, 0, 2 * sizeof(got[0]));
	for (int i = 0; i < n; i++)
		got[claims[i].netns == VICTIM_NS][claims[i].counter]++;
}

static int total(int got[2][N_COUNTERS])
{
	int n = 0;

	for (int i = 0; i < 2 * N_COUNTERS; i++)
		n += got[i / N_COUNTERS][i % N_COUNTERS];
	return n;
}

static void both_ends_of_an_abort(void **state)
{
	struct incident inc;
	int got[2][N_COUNTERS];

	make(&inc, KIND_ACTIVE, "close-with-unread", TCP_ESTABLISHED, TCP_CLOSE_WAIT);
	count(&inc, got);
	assert_int_equal(got[0][CTR_ESTAB_RESETS], 1);
	assert_int_equal(got[1][CTR_ESTAB_RESETS], 1);
	assert_int_equal(got[0][CTR_ABORT_ON_CLOSE], 1);
	assert_int_equal(total(got), 3);
}

static void a_refused_connect(void **state)
{
	struct incident inc;
	int got[2][N_COUNTERS];

	make(&inc, KIND_REPLY, "closed-port", 0, TCP_SYN_SENT);
	count(&inc, got);
	assert_int_equal(got[1][CTR_ATTEMPT_FAILS], 1);
	assert_int_equal(total(got), 1);
}

/* Only an error that ends the socket counts, not one that was noted on it before its owner closed it. */
static void a_connect_answered_by_icmp(void **state)
{
	struct incident inc;
	int got[2][N_COUNTERS];

	make(&inc, KIND_TIMEOUT, "icmp-unreachable", 0, TCP_SYN_SENT);
	inc.victim.sk_err = ECONNREFUSED;
	count(&inc, got);
	assert_int_equal(got[1][CTR_ATTEMPT_FAILS], 1);
	assert_int_equal(total(got), 1);
	inc.victim.sk_err = 0;
	count(&inc, got);
	assert_int_equal(total(got), 0);
}

/* An orphan that answers data counts that, a timewait sock does not. */
static void data_after_close(void **state)
{
	struct incident inc;
	int got[2][N_COUNTERS];

	make(&inc, KIND_REPLY, "data-after-close", TCP_FIN_WAIT1, TCP_CLOSE_WAIT);
	inc.sender.have_sock = true;
	count(&inc, got);
	assert_int_equal(got[0][CTR_ABORT_ON_DATA], 1);
	assert_int_equal(got[1][CTR_ESTAB_RESETS], 1);
	assert_int_equal(total(got), 2);
	inc.sender.have_sock = false;
	count(&inc, got);
	assert_int_equal(got[0][CTR_ABORT_ON_DATA], 0);
	assert_int_equal(total(got), 1);
}

static void linger2(void **state)
{
	struct incident inc;
	int got[2][N_COUNTERS];

	make(&inc, KIND_ACTIVE, "linger2-timeout", 5, 0);
	inc.sender.linger2 = -1;
	count(&inc, got);
	assert_int_equal(got[0][CTR_ABORT_ON_LINGER], 1);
	assert_int_equal(total(got), 1);
	inc.sender.linger2 = 0;		/* the wait ran out: no counter */
	count(&inc, got);
	assert_int_equal(total(got), 0);
}

static void a_timeout_is_the_victims(void **state)
{
	struct incident inc;
	int got[2][N_COUNTERS];

	make(&inc, KIND_TIMEOUT, "retransmit-timeout", 0, TCP_ESTABLISHED);
	count(&inc, got);
	assert_int_equal(got[1][CTR_ABORT_ON_TIMEOUT], 1);
	assert_int_equal(got[1][CTR_ESTAB_RESETS], 1);
	assert_int_equal(total(got), 2);
}

static void who_was_not_seen_claims_nothing(void **state)
{
	struct incident inc;
	int got[2][N_COUNTERS];

	make(&inc, KIND_RECEIVED, "peer-reset", 0, TCP_ESTABLISHED);
	count(&inc, got);
	assert_int_equal(got[1][CTR_ESTAB_RESETS], 1);
	assert_int_equal(total(got), 1);
	inc.victim.seen = false;
	count(&inc, got);
	assert_int_equal(total(got), 0);
}

/* Counters that a cause adds on its own, without TCP_LINGER2 and without a full socket. */
static void by_cause(void **state)
{
	static const struct {
		enum kind kind;
		const char *cause;
		enum counter counter[2];
		int n;
	} cases[] = {
		{ KIND_ACTIVE, "close-with-unread", { CTR_ABORT_ON_CLOSE }, 1 },
		{ KIND_ACTIVE, "linger-zero", { CTR_ABORT_ON_DATA }, 1 },
		{ KIND_ACTIVE, "linger2-timeout", {}, 0 },
		{ KIND_ACTIVE, "out-of-memory", { CTR_ABORT_ON_MEMORY }, 1 },
		{ KIND_ACTIVE, "keepalive-timeout", { CTR_ABORT_ON_TIMEOUT }, 1 },
		{ KIND_ACTIVE, "socket-killed", {}, 0 },
		{ KIND_REPLY, "linger-zero", {}, 0 },
		{ KIND_REPLY, "data-after-shutdown", { CTR_ABORT_ON_DATA }, 1 },
		{ KIND_REPLY, "linger2-timeout", { CTR_ABORT_ON_DATA }, 1 },
		{ KIND_REPLY, "data-after-close", {}, 0 },
		{ KIND_REPLY, "syn-in-connection", { CTR_EMBRYONIC_RSTS, CTR_ATTEMPT_FAILS }, 2 },
		{ KIND_REPLY, "accept-queue-overflow",
		  { CTR_EMBRYONIC_RSTS, CTR_LISTEN_OVERFLOWS }, 2 },
		{ KIND_TIMEOUT, "retransmit-timeout", { CTR_ABORT_ON_TIMEOUT }, 1 },
		{ KIND_TIMEOUT, "user-timeout", { CTR_ABORT_ON_TIMEOUT }, 1 },
		{ KIND_TIMEOUT, "icmp-unreachable", {}, 0 },
	};

	for (size_t i = 0; i < N(cases); i++) {
		bool timeout = cases[i].kind == KIND_TIMEOUT;
		struct incident inc;
		int got[2][N_COUNTERS];

		/* no counter counts the end of a connection in FIN_WAIT1 */
		make(&inc, cases[i].kind, cases[i].cause, !timeout * TCP_FIN_WAIT1, timeout * TCP_FIN_WAIT1);
		count(&inc, got);
		for (int c = 0; c < cases[i].n; c++)
			assert_int_equal(got[timeout][cases[i].counter[c]], 1);
		if (total(got) != cases[i].n)
			fail_msg("%s: %d claims", cases[i].cause, total(got));
	}
}

/*
 * An incident without a cause accounts for nothing, nor does one whose counting end was not
 * seen.
 */
static void without_a_cause(void **state)
{
	struct incident inc;
	int got[2][N_COUNTERS];

	make(&inc, KIND_ACTIVE, NULL, TCP_ESTABLISHED, 0);
	count(&inc, got);
	assert_int_equal(total(got), 1);
	make(&inc, KIND_REPLY, "data-after-shutdown", 0, TCP_ESTABLISHED);
	count(&inc, got);
	assert_int_equal(got[1][CTR_ESTAB_RESETS], 1);
	assert_int_equal(total(got), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_of_an_abort),
		cmocka_unit_test(a_refused_connect),
		cmocka_unit_test(a_connect_answered_by_icmp),
		cmocka_unit_test(data_after_close),
		cmocka_unit_test(linger2),
		cmocka_unit_test(a_timeout_is_the_victims),
		cmocka_unit_test(who_was_not_seen_claims_nothing),
		cmocka_unit_test(by_cause),
		cmocka_unit_test(without_a_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
