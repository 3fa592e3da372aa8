/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of the kernel and of the record, as words. */
#include <netinet/tcp.h>

#include "account/counter.h"
#include "attach/hooks.h"
#include "incident/incident.h"
#include "incident/names.h"
#include "output/record.h"
#include "test.h"

static void words(void **state)
{
	char buf[16];

	assert_null(kind_name(KIND_NONE));
	assert_string_equal(kind_name(KIND_REPLY), "reply");
	assert_string_equal(kind_name(KIND_NETFILTER), "netfilter");
	assert_string_equal(kind_name(KIND_RECEIVED), "received");
	assert_string_equal(kind_name(KIND_TIMEOUT), "timeout");
	assert_null(outcome_name(OUTCOME_UNSET));
	assert_string_equal(outcome_name(OUTCOME_UNNOTICED), "unnoticed");
	assert_string_equal(outcome_name(OUTCOME_PENDING), "pending");
	assert_string_equal(outcome_name(OUTCOME_NONE), "none");
	assert_string_equal(confidence_name(GUESS), "guess");
	assert_string_equal(confidence_name(LIKELY), "likely");
	assert_string_equal(owner_how_name(OWNER_CALLER), "caller");
	assert_string_equal(owner_how_name(OWNER_SNAPSHOT), "snapshot");
	assert_string_equal(owner_how_name(OWNER_LISTENER), "listener");
	assert_string_equal(owner_how_name(OWNER_KERNEL), "kernel");
	assert_null(owner_how_name(OWNER_HOW_MAX));
	assert_string_equal(sigpipe_action_name(SIGPIPE_HANDLED), "handled");
	assert_string_equal(sigpipe_action_name(SIGPIPE_IGNORED), "ignored");
	assert_string_equal(returned_name(RETURNED_PART), "part");
	assert_string_equal(event_name(EV_SENT_ACTIVE), "sent-active");
	assert_string_equal(event_name(EV_FORK), "fork");
	assert_null(event_name(0));
	assert_null(event_name(EV_TYPE_MAX));
	assert_string_equal(tcp_state_name(1), "ESTABLISHED");
	assert_string_equal(tcp_state_name(10), "LISTEN");
	assert_string_equal(tcp_state_name(12), "NEW_SYN_RECV");
	assert_null(tcp_state_name(0));
	assert_null(tcp_state_name(13));
	assert_string_equal(errno_name(ETIMEDOUT, buf, sizeof(buf)), "ETIMEDOUT");
	assert_string_equal(errno_name(-5, buf, sizeof(buf)), "-5");
}

/* A table may be as long as its enum and still lack an entry. */
static void no_holes(void **state)
{
	static const struct { const char *(*name)(unsigned int v); unsigned int first, max; } tables[] = {
		{ kind_name, KIND_NONE + 1, KIND_MAX },
		{ outcome_name, OUTCOME_UNSET + 1, OUTCOME_MAX },
		{ confidence_name, CONFIDENCE_UNSET + 1, CONFIDENCE_MAX },
		{ owner_how_name, 0, OWNER_HOW_MAX },
		{ sigpipe_action_name, SIGPIPE_NONE + 1, SIGPIPE_ACTION_MAX },
		{ returned_name, RETURNED_ERROR + 1, RETURNED_MAX },
		{ event_name, 1, EV_TYPE_MAX },
		{ fate_name, 0, FATE_MAX },
		{ fate_text, 0, FATE_MAX },
		{ tcp_state_name, TCP_ESTABLISHED, TCP_CLOSING + 1 },
	};

	for (size_t i = 0; i < N(tables); i++)
		for (unsigned int v = tables[i].first; v < tables[i].max; v++)
			assert_non_null(tables[i].name(v));
	for (size_t i = 0; i < N(tables) - 1; i++)
		assert_null(tables[i].name(tables[i].max));
	for (int i = 0; i < N_COUNTERS; i++)
		assert_non_null(counter_names[i]);
	for (int l = 0; l < LADDER_MAX; l++)
		assert_non_null(ladder_name(l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(no_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
