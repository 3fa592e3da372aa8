/* SPDX-License-Identifier: GPL-2.0 */
/* The rules of --suppress: what they cover, what they count, and what a reload changes. */
#include "app/suppress.h"
#include "cause/rules.h"
#include "events.h"
#include "incident/facts.h"
#include "test.h"

/* nginx[812] 10.0.0.1:80 resets ab[991] 10.0.0.9:53412 by closing with unread data. */
static struct incident reset(const char *id)
{
	struct rst_event out = sent_active(10), in = received(11);
	struct incident inc;

	incident_init(&inc);
	facts_sent(&inc, &out, &events_meta);
	facts_received(&inc, &in, &events_meta);
	inc.cause = "close-with-unread";
	inc.situation = "probe";
	inc.outcome = OUTCOME_NONE;
	snprintf(inc.id, sizeof(inc.id), "%s", id);
	inc.rev = 0;
	return inc;
}

static bool covers(const char *rule)
{
	struct suppress s = {};
	struct incident inc = reset("a");
	bool covered;

	assert_int_equal(suppress_add(&s, rule), 0);
	covered = suppress_incident(&s, &inc);
	assert_int_equal(s.counts.row[0].count, covered);
	suppress_free(&s);
	return covered;
}

static void keys(void **state)
{
	static const char *const covering[] = {
		"situation=probe", "cause=close-with-unread", "process=nginx", "process=a?", "port=80",
		"port=53412", "lport=80", "rport=53412", "addr=10.0.0.1", "addr=10.0.0.0/8",
		"direction=sent", "outcome=none", "situation=probe,port=80",
		"cause=linger-zero,cause=close-with-unread", "situation=client-left,situation=probe",
	};
	static const char *const others[] = {
		"situation=client-left", "cause=linger-zero", "process=curl", "port=81", "lport=81", "rport=81",
		"addr=10.0.0.2", "addr=fe80::/10", "cgroup=/no/such", "outcome=error",
		"situation=probe,port=81", "port=80,process=curl",
	};

	for (size_t i = 0; i < N(covering); i++)
		if (!covers(covering[i]))
			fail_msg("%s does not cover it", covering[i]);
	for (size_t i = 0; i < N(others); i++)
		if (covers(others[i]))
			fail_msg("%s covers it", others[i]);
}

static void mistakes(void **state)
{
	static const char *const wrong[] = {
		"", ",", "port", "=80", "port=", "port=0", "port=65536", "port=8x", "colour=red", "pid=1",
		"situation=close-with-unread", "cause=probe", "cause=", "process=", "cgroup=",
		"addr=example", "direction=both", "outcome=bad", "port=80,port=81", "process=a\nb",
		"process=\xc3\xa4", "port=80,lport",
	};
	struct suppress s = {};
	char long_rule[400] = "process=";

	for (size_t i = 0; i < N(wrong); i++)
		if (suppress_add(&s, wrong[i]) != -EINVAL)
			fail_msg("'%s' is taken", wrong[i]);
	memset(long_rule + 8, 'x', sizeof(long_rule) - 9);
	assert_int_equal(suppress_add(&s, long_rule), -EINVAL);
	assert_int_equal(s.counts.n, 0);
	suppress_free(&s);
}

static void counts(void **state)
{
	struct suppress s = {};
	struct incident a = reset("a"), b = reset("b"), c = reset("c");

	b.situation = NULL;
	c.situation = NULL;
	c.cause = "linger-zero";
	assert_int_equal(suppress_add(&s, "situation=probe"), 0);
	assert_int_equal(suppress_add(&s, "port=80,cause=close-with-unread"), 0);
	assert_int_equal(suppress_add(&s, "situation=probe"), 0);
	assert_int_equal(s.counts.n, 2);
	assert_true(suppress_incident(&s, &a));
	assert_true(suppress_incident(&s, &b));
	assert_false(suppress_incident(&s, &c));
	assert_int_equal(s.counts.row[0].count, 1);
	assert_int_equal(s.counts.row[1].count, 1);
	/* a later revision counts anew, under the rule that covers it then */
	assert_true(suppress_uncount(&s, &a));
	assert_false(suppress_uncount(&s, &a));
	assert_false(suppress_uncount(&s, &c));
	assert_int_equal(s.counts.row[0].count, 0);
	a.situation = NULL;
	assert_true(suppress_incident(&s, &a));
	assert_int_equal(s.counts.row[1].count, 2);
	suppress_free(&s);
	assert_false(suppress_incident(NULL, &a));
	assert_false(suppress_uncount(NULL, &a));
}

static void reloads(void **state)
{
	struct suppress s = {}, fresh = {};
	struct incident a = reset("a"), b = reset("b");

	suppress_add(&s, "port=80");
	assert_true(suppress_incident(&s, &a));
	suppress_add(&fresh, "port=81");
	assert_int_equal(suppress_replace(&s, &fresh), 0);
	assert_int_equal(fresh.counts.n, 0);
	assert_false(suppress_incident(&s, &b));
	/* what was hidden stays counted, and is shown if it has more to tell */
	assert_int_equal(s.counts.row[0].count, 1);
	assert_true(suppress_uncount(&s, &a));
	assert_int_equal(s.counts.row[0].count, 0);
	suppress_add(&fresh, "port=80");
	assert_int_equal(suppress_replace(&s, &fresh), 0);
	assert_int_equal(s.counts.n, 2);
	assert_true(suppress_incident(&s, &b));
	assert_int_equal(s.counts.row[0].count, 1);
	suppress_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(counts),
		cmocka_unit_test(reloads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
