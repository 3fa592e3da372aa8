/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of the kernel and of the record, in words. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
