/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The report for CI: cases named by what does not change between runs, and valid XML whatever the
 * names.
 */
#include "capture.h"
#include "incident/format.h"
#include "test.h"

static void feed(struct capture *c, struct incident *inc, enum outcome outcome)
{
	inc->outcome = outcome;
	assert_int_equal(sink_junit.incident(&c->sink, inc), 0);
}

static void begin(struct capture *c, struct incident *inc)
{
	example_incident(inc);
	capture_open(c, &sink_junit);
	if (!c->sink.state)
		assert_int_equal(sink_junit.begin(&c->sink), 0);
}

static void end(struct capture *c)
{
	static const struct totals none;

	assert_int_equal(sink_junit.end(&c->sink, &none), 0);
	fflush(c->sink.out);
}

static void close_it(struct capture *c)
{
	sink_junit.free(&c->sink);
	capture_close(c);
}

static int count(const char *text, const char *what)
{
	int n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* Other processes with the same names, and another client port, are the same case. */
static void one_case_a_kind(void **state)
{
	struct capture c;
	struct incident inc;

	begin(&c, &inc);
	feed(&c, &inc, OUTCOME_ERROR);
	inc.sender.pid++;
	inc.victim.pid++;
	inc.dport++;
	feed(&c, &inc, OUTCOME_UNNOTICED);
	inc.sport = 443;
	feed(&c, &inc, OUTCOME_UNNOTICED);
	inc.situation = "gave-up";
	feed(&c, &inc, OUTCOME_ERROR);
	end(&c);
	assert_non_null(strstr(c.text, "tests=\"3\" failures=\"2\""));
	assert_non_null(strstr(c.text, "message=\"1 of 2 resets hurt somebody\""));
	assert_non_null(strstr(c.text, ", port 443\">"));
	assert_non_null(strstr(c.text, ", port 443, gave-up\">"));
	assert_int_equal(count(c.text, "<testcase "), 3);
	assert_int_equal(count(c.text, "</testcase>"), 3);
	close_it(&c);
}

/* A late error turns a case that had passed into a failure, and is no second reset. */
static void late_error(void **state)
{
	struct capture c;
	struct incident inc;

	begin(&c, &inc);
	feed(&c, &inc, OUTCOME_PENDING);
	inc.rev = 1;
	inc.passed = true;
	inc.was = OUTCOME_PENDING;
	feed(&c, &inc, OUTCOME_ERROR);
	end(&c);
	assert_non_null(strstr(c.text, "tests=\"1\" failures=\"1\""));
	assert_non_null(strstr(c.text, "message=\"1 of 1 resets hurt somebody\""));
	close_it(&c);
}

static void nothing_happened(void **state)
{
	struct capture c;
	struct incident inc;

	begin(&c, &inc);
	end(&c);
	assert_non_null(strstr(c.text, "tests=\"1\" failures=\"0\""));
	assert_int_equal(count(c.text, "<testcase "), 1);
	close_it(&c);
}

static void cases_are_bounded(void **state)
{
	struct capture c;
	struct incident inc;

	begin(&c, &inc);
	for (int i = 0; i < 1200; i++) {
		snprintf(inc.victim.comm, sizeof(inc.victim.comm), "c%d", i);
		feed(&c, &inc, OUTCOME_UNNOTICED);
	}
	end(&c);
	assert_int_equal(count(c.text, "<testcase "), 1001);
	assert_non_null(strstr(c.text, "<system-out>200 resets"));
	close_it(&c);
}

/* No byte in a name ends a tag or an attribute, or is invalid in XML 1.0. */
static void hostile_names(void **state)
{
	for (int first = 1; first < 256; first++) {
		struct capture c;
		struct incident inc;

		begin(&c, &inc);
		for (size_t i = 0; i < sizeof(inc.sender.comm) - 1; i++)
			inc.sender.comm[i] = inc.victim.comm[i] = (char)(first + i * 7) ?: '<';
		feed(&c, &inc, OUTCOME_ERROR);
		end(&c);
		assert_int_equal(count(c.text, "<"), 9);
		assert_int_equal(count(c.text, "<testcase "), 1);
		for (const char *p = c.text; *p;) {
			uint32_t cp;
			int n = utf8_char(p, strlen(p), &cp);

			assert_true(n && (cp >= 0x20 || cp == '\n' || cp == '\t'));
			p += n;
		}
		close_it(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_case_a_kind),
		cmocka_unit_test(late_error),
		cmocka_unit_test(nothing_happened),
		cmocka_unit_test(cases_are_bounded),
		cmocka_unit_test(hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
