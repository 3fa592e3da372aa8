/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules: each cause with the reason that the kernel gives and, if the rule can do without it,
 * the same incident from an older kernel.
 */
#include "rule_cases.h"
#include "cause/rules.h"
#include "cause/rules_match.h"
#include "cause/situations.h"
#include "test.h"

/* Whether a row with this cause (there may be several) states why it is so sure. */
static bool says_why(const char *cause, enum confidence sure)
{
	for (size_t r = 0; r < n_rules; r++)
		if (!strcmp(rules[r].cause, cause) && rules[r].why[sure])
			return true;
	return false;
}

/* A killed process did not choose to close. */
static const char *advice_of(const struct rule_case *c, const struct incident *inc)
{
	const char *signal = c->shape.exit ? c->shape.exit : "exit";

	if (!strcmp(signal, "exit") || !strcmp(c->cause, "data-after-close"))
		return inc->situation ? situation_find(inc->situation)->advice : rule_find(c->cause)->advice;
	if (!strcmp(signal, "SIGSEGV"))
		return "find out why the process crashed: coredumpctl, the service's log, dmesg";
	assert_string_equal(signal, "SIGKILL");
	return "find out who sent the process its SIGKILL: dmesg for the OOM killer, a service "
	       "manager, a container's limits or probes";
}

static void compare(size_t i, const char *reason, enum confidence sure)
{
	const struct rule_case *c = rule_case(i);
	struct incident inc;

	shape_incident(&inc, &c->shape, reason);
	diagnose(&inc);
	if (strcmp(inc.cause, c->cause) || inc.confidence != sure)
		fail_msg("case %zu, reason %s: %s %d, not %s %d", i, reason ? reason : "-", inc.cause,
			 inc.confidence, c->cause, sure);
	if (strcmp(inc.cause, "socket-killed"))
		assert_int_equal(inc.killer.pid, UNKNOWN);
	assert_string_equal(inc.cause_text, c->text ? c->text : rule_find(c->cause)->headline);
	/* if the sender is not known, the advice is only about its missing record */
	if (c->shape.unseen && sure == GUESS)
		assert_non_null(strstr(inc.advice, "lost or missed"));
	else
		assert_string_equal(inc.advice, advice_of(c, &inc));
	if (!says_why(c->cause, sure))
		fail_msg("case %zu: %s does not say why", i, c->cause);
}

static void with_reason(void **state)
{
	const struct rule_case *c;

	for (size_t i = 0; (c = rule_case(i)); i++)
		compare(i, c->shape.reason, c->sure);
}

/* Kernels up to 6.9 give no reason; 6.10 and 6.11 give NOT_SPECIFIED for active resets. */
static void without_reason(void **state)
{
	const struct rule_case *c;

	for (size_t i = 0; (c = rule_case(i)); i++) {
		if (!c->inferred)
			continue;
		compare(i, NULL, c->inferred);
		compare(i, "NOT_SPECIFIED", c->inferred);
	}
}

/* A case that needs the kernel's reason must not get its cause without it. */
static void reason_missing(void **state)
{
	const struct rule_case *c;
	struct incident inc;

	for (size_t i = 0; (c = rule_case(i)); i++) {
		if (c->inferred)
			continue;
		shape_incident(&inc, &c->shape, NULL);
		diagnose(&inc);
		if (!strcmp(inc.cause, c->cause))
			fail_msg("case %zu: %s can be inferred, and is said not to be", i, inc.cause);
	}
}

/* Whether the tables have a case with this cause and this confidence. */
static bool has_case(const char *cause, enum confidence sure)
{
	const struct rule_case *c;

	for (size_t i = 0; (c = rule_case(i)); i++)
		if (!strcmp(cause, c->cause) && (c->sure == sure || c->inferred == sure))
			return true;
	return false;
}

static void every_row_has_its_cases(void **state)
{
	for (size_t r = 0; r < n_rules; r++) {
		for (int sure = GUESS; sure <= CERTAIN; sure++)
			if (rules[r].why[sure] && !has_case(rules[r].cause, sure))
				fail_msg("no case for %s: %s", rules[r].cause, rules[r].why[sure]);
		assert_true(rules[r].why[GUESS] || rules[r].why[LIKELY] || rules[r].why[CERTAIN]);
		assert_null(rules[r].why[CONFIDENCE_UNSET]);
	}
}

/* Silences as long as a usual timeout, within 2 %, or 0.2 s if that is more. */
static void usual_timeouts(void **state)
{
	static const int seconds[] = { 5, 10, 15, 20, 30, 40, 45, 50, 55, 60, 65, 70, 75, 90, 100, 120,
				       180, 240, 300, 350, 400, 600, 900, 1800, 3600, 7200 };

	for (size_t i = 0; i < N(seconds); i++) {
		int64_t us = seconds[i] * 1000000LL, margin = seconds[i] > 10 ? us / 50 : 200000;
		const struct usual_timeout *t = usual_timeout(us);

		assert_non_null(t);
		assert_int_equal(t->seconds, seconds[i]);
		assert_ptr_equal(usual_timeout(us - margin), t);
		assert_ptr_equal(usual_timeout(us + margin), t);
		assert_null(usual_timeout(us - margin - 1));
		assert_null(usual_timeout(us + margin + 1));
	}
	assert_null(usual_timeout(0));
	assert_null(usual_timeout(UNKNOWN));
}

static bool is_code(const char *cause)
{
	for (size_t i = 0; i < n_cause_codes; i++)
		if (!strcmp(cause, cause_codes[i]))
			return true;
	return false;
}

/* Text for people: one sentence, without a full stop, no shouting, short enough for the record. */
static void is_sentence(const char *text)
{
	size_t n = strlen(text);

	assert_in_range(n, 10, sizeof(((struct incident *)0)->advice) - 1);
	assert_true(text[n - 1] != '.' && text[n - 1] != ' ' && text[0] != ' ');
	assert_null(strstr(text, ". "));
	assert_null(strchr(text, '\n'));
}

static void rows(void **state)
{
	assert_true(n_rules > 0);
	for (size_t r = 0; r < n_rules; r++) {
		if (!is_code(rules[r].cause))
			fail_msg("%s is no code", rules[r].cause);
		assert_string_equal(rule_find(rules[r].cause)->cause, rules[r].cause);
		is_sentence(rules[r].headline);
		is_sentence(rules[r].advice);
		assert_true(rules[r].wire && rules[r].calls && rules[r].source);
		assert_true(rules[r].match != NULL);
	}
	assert_string_equal(rules[n_rules - 1].cause, "unknown");
	assert_null(rule_find("closed"));
	assert_null(rule_find(""));
}

/* An incident about which nothing is known, and a nonsensical one, get a cause too. */
static void anything(void **state)
{
	struct incident inc;
	int kind;

	incident_init(&inc);
	diagnose(&inc);
	assert_string_equal(inc.cause, "unknown");
	for (kind = KIND_NONE; kind <= KIND_TIMEOUT + 1; kind++) {
		incident_init(&inc);
		inc.kind = kind;
		memset(&inc.sender, 0xff, offsetof(struct endpoint, exit));
		memset(inc.sender.exit, 'x', sizeof(inc.sender.exit) - 1);
		memset(inc.sender.syscall, 'y', sizeof(inc.sender.syscall) - 1);
		inc.sender.exit[sizeof(inc.sender.exit) - 1] = '\0';
		inc.sender.syscall[sizeof(inc.sender.syscall) - 1] = '\0';
		inc.sender.tcp_state = CLOSE;
		inc.sender.have_sock = true;
		inc.sender.unread = INT64_MAX;
		inc.sender.closed_us = INT64_MAX;
		inc.seg_len = INT64_MAX;
		diagnose(&inc);
		assert_non_null(inc.cause);
		assert_true(inc.confidence >= GUESS && inc.confidence <= CERTAIN);
		assert_true(inc.cause_text[0]);
	}
}

/* Each revision of a record is diagnosed again: the text is replaced, not extended. */
static void again(void **state)
{
	struct incident inc;

	shape_incident(&inc, &(struct shape){ RECEIVED, .victim = ESTABLISHED, .victim_unsent = IS(16) }, NULL);
	diagnose(&inc);
	inc.kind = KIND_NETFILTER;
	diagnose(&inc);
	assert_string_equal(inc.cause, "firewall-reject");
	assert_string_equal(inc.cause_text, rule_find("firewall-reject")->headline);
	assert_int_equal(inc.confidence, CERTAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_reason),
		cmocka_unit_test(without_reason),
		cmocka_unit_test(reason_missing),
		cmocka_unit_test(every_row_has_its_cases),
		cmocka_unit_test(usual_timeouts),
		cmocka_unit_test(rows),
		cmocka_unit_test(anything),
		cmocka_unit_test(again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
