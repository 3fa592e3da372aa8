/* SPDX-License-Identifier: GPL-2.0 */
/* Incidents by outcome: which are shown, and how they are counted. */
#include "account/totals.h"
#include "app/filter.h"
#include "test.h"

static void outcomes(void **state)
{
	struct filter f = {};
	struct incident inc;

	incident_init(&inc);
	assert_int_equal(filter_parse_outcomes(&f, "error,eof"), 0);
	inc.outcome = OUTCOME_ERROR;
	assert_true(filter_incident(&f, &inc));
	inc.outcome = OUTCOME_EOF;
	assert_true(filter_incident(&f, &inc));
	for (int o = OUTCOME_UNSET; o < OUTCOME_MAX; o++) {
		inc.outcome = o;
		assert_int_equal(filter_incident(&f, &inc), o == OUTCOME_ERROR || o == OUTCOME_EOF);
	}
	assert_int_equal(filter_parse_outcomes(&f, "none"), 0);
	assert_false(filter_incident(&f, &inc));
	inc.outcome = OUTCOME_NONE;
	assert_true(filter_incident(&f, &inc));
	assert_int_equal(filter_parse_outcomes(&f, "non"), -EINVAL);
	assert_int_equal(filter_parse_outcomes(&f, "none,nonesuch"), -EINVAL);
	assert_int_equal(filter_parse_outcomes(&f, ""), -EINVAL);
	assert_int_equal(filter_parse_outcomes(&f, ","), -EINVAL);
	assert_true(filter_incident(&f, &inc));
}

/* A later revision moves its incident to another outcome and counts it once. */
static void later_outcome(void **state)
{
	struct totals t = { 0 };
	struct incident inc;

	incident_init(&inc);
	inc.cause = "closed-port";
	inc.outcome = OUTCOME_PENDING;
	totals_add(&t, &inc);
	assert_int_equal(t.outcome[OUTCOME_PENDING], 1);
	assert_int_equal(t.cause[0].hurt, 0);
	inc.passed = true;
	inc.was = OUTCOME_PENDING;
	inc.was_cause = inc.cause;
	inc.outcome = OUTCOME_EOF;
	totals_add(&t, &inc);
	assert_int_equal(t.outcome[OUTCOME_PENDING], 0);
	assert_int_equal(t.outcome[OUTCOME_EOF], 1);
	assert_int_equal(t.cause[0].hurt, 1);
	inc.was = OUTCOME_EOF;
	inc.outcome = OUTCOME_ERROR;
	totals_add(&t, &inc);
	assert_int_equal(t.outcome[OUTCOME_ERROR], 1);
	assert_int_equal(t.cause[0].hurt, 1);
	assert_int_equal(t.cause[0].count, 1);
	assert_int_equal(t.incidents, 1);
	assert_int_equal(t.pair[0].count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes),
		cmocka_unit_test(later_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
