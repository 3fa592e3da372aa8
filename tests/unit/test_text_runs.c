/* SPDX-License-Identifier: GPL-2.0 */
/* Text for people: similar records are counted, and blocks are in order of time. */
#include <time.h>

#include "capture.h"
#include "output/text_runs.h"
#include "test.h"

#define MS 1000000LL
#define START (1000 * MS)

/* The example's record, so many ms later, from another port of the client. */
static struct incident alike(int ms, int client)
{
	struct incident inc;

	example_incident(&inc);
	snprintf(inc.id, sizeof(inc.id), "id-%d", client);
	inc.dport = 40000 + client;
	inc.time_ns += ms * MS;
	inc.mono_ns = START + ms * MS;
	return inc;
}

static void text_sink(struct capture *c, bool runs, int hold_ms)
{
	capture_open(c, &sink_text);
	c->sink.runs = runs;
	c->sink.hold_ns = hold_ms * MS;
}

static void take(struct capture *c, struct incident inc)
{
	capture_incident(c, &inc);
}

static void tick(struct capture *c, int ms)
{
	assert_int_equal(c->sink.ops->tick(&c->sink, START + ms * MS), 0);
	assert_int_equal(sink_flush(&c->sink), 0);
}

static void end(struct capture *c)
{
	static const struct totals none;

	assert_int_equal(c->sink.ops->end(&c->sink, &none), 0);
	assert_int_equal(sink_flush(&c->sink), 0);
	assert_true(c->sink.ops->next(&c->sink) == UINT64_MAX);
}

static void done(struct capture *c)
{
	c->sink.ops->free(&c->sink);
	capture_close(c);
}

static int count(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void first_whole_others_counted(void **state)
{
	struct incident unnoticed = alike(20, 3);
	struct capture c;

	unnoticed.outcome = OUTCOME_UNNOTICED;
	text_sink(&c, true, 0);
	take(&c, alike(0, 1));
	tick(&c, 0);
	assert_int_equal(count(c.text, "─RST→"), 1);
	take(&c, alike(10, 2));
	take(&c, unnoticed);
	tick(&c, 1019);
	assert_int_equal(count(c.text, "─RST→"), 1);
	assert_null(strstr(c.text, "more like"));
	/* no similar record for a second: the run is over */
	assert_int_equal(c.sink.ops->next(&c.sink), START + 1020 * MS);
	tick(&c, 1020);
	assert_non_null(strstr(c.text, "\n14:03:22.138  nginx → ab  port 80  close-with-unread, "
				       "2 more like that of 14:03:22.118: 1 error, 1 unnoticed\n"));
	/* the next one begins another run */
	take(&c, alike(2000, 4));
	end(&c);
	assert_int_equal(count(c.text, "─RST→"), 2);
	assert_int_equal(count(c.text, "more like"), 1);
	done(&c);
}

/* A run that does not end is shown nevertheless. */
static void long_run(void **state)
{
	struct capture c;

	text_sink(&c, true, 0);
	for (int ms = 0; ms <= 25000; ms += 500) {
		take(&c, alike(ms, ms));
		tick(&c, ms);
	}
	end(&c);
	assert_int_equal(count(c.text, "─RST→"), 1);
	assert_non_null(strstr(c.text, "20 more like that of 14:03:22.118: 20 error\n"));
	assert_int_equal(count(c.text, "more like"), 3);
	assert_non_null(strstr(c.text, "10 more like that of 14:03:22.118: 10 error\n"));
	done(&c);
}

/*
 * A record with another cause, situation, process, owner's end or server port belongs to another
 * run.
 */
static void not_alike(void **state)
{
	struct incident cause = alike(1, 2), sender = alike(2, 3), victim = alike(3, 4), port = alike(4, 5),
			situation = alike(5, 6), crash = alike(6, 7);
	struct capture c;

	cause.cause = "linger-zero";
	strcpy(sender.sender.comm, "apache2");
	strcpy(victim.victim.comm, "wrk");
	port.sport = 81;
	situation.situation = "gave-up";
	strcpy(crash.sender.exit, "SIGSEGV");
	text_sink(&c, true, 0);
	take(&c, alike(0, 1));
	take(&c, cause);
	take(&c, sender);
	take(&c, victim);
	take(&c, port);
	take(&c, situation);
	take(&c, crash);
	end(&c);
	assert_int_equal(count(c.text, "─RST→"), 7);
	assert_null(strstr(c.text, "more like"));
	done(&c);
}

/* The same if the server is the victim. */
static void server_is_the_victim(void **state)
{
	struct capture c;

	text_sink(&c, true, 0);
	for (int i = 0; i < 3; i++) {
		struct incident inc = alike(i, i);

		inc.sport = inc.dport;
		inc.dport = 443;
		take(&c, inc);
	}
	end(&c);
	assert_int_equal(count(c.text, "─RST→"), 1);
	assert_non_null(strstr(c.text, "port 443  close-with-unread, 2 more"));
	done(&c);
}

/* A late outcome is shown for a record that was shown; for one that was only counted it is counted. */
static void later_outcomes(void **state)
{
	struct incident first = alike(0, 1), second = alike(1, 2);
	struct capture c;

	first.outcome = second.outcome = OUTCOME_PENDING;
	text_sink(&c, true, 0);
	take(&c, first);
	take(&c, second);
	tick(&c, 1001);
	assert_non_null(strstr(c.text, "1 more like that of 14:03:22.118: 1 pending\n"));
	first.rev = second.rev = 1;
	first.passed = second.passed = first.only_outcome = second.only_outcome = true;
	first.outcome = second.outcome = OUTCOME_ERROR;
	take(&c, first);
	take(&c, second);
	end(&c);
	assert_int_equal(count(c.text, "later: recvfrom(5) = ECONNRESET"), 1);
	assert_non_null(strstr(c.text, "outcomes of those like that of 14:03:22.118: 1 error\n"));
	done(&c);
}

/* More kinds than there is room for: each record is shown, none is lost. */
static void many_kinds(void **state)
{
	struct capture c;

	text_sink(&c, true, 0);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MAX_RUNS + 10; i++) {
			struct incident inc = alike(round, i);

			inc.sport = 1000 + i;
			take(&c, inc);
		}
	end(&c);
	assert_int_equal(count(c.text, "─RST→") + count(c.text, "1 more like"), 2 * (MAX_RUNS + 10));
	done(&c);
}

/* A record that settles late stands before one that happened after it. */
static void in_order_of_time(void **state)
{
	static const int ms[] = { 100, 50, 299, 0, 200 };
	struct capture c;
	const char *at;

	text_sink(&c, false, 300);
	for (size_t i = 0; i < N(ms); i++)
		take(&c, alike(ms[i], ms[i]));
	tick(&c, 299);
	assert_string_equal(c.text, "");
	assert_int_equal(c.sink.ops->next(&c.sink), START + 300 * MS);
	tick(&c, 350);
	assert_int_equal(count(c.text, "─RST→"), 2);
	end(&c);
	assert_int_equal(count(c.text, "─RST→"), 5);
	at = c.text;
	for (size_t i = 0; i < 5; i++) {
		static const char *const order[] = { "40000", "40050", "40100", "40200", "40299" };

		at = strstr(at, order[i]);
		assert_non_null(at);
	}
	done(&c);
}

/*
 * What became of an incident stands below it, even if another one happened meanwhile, or it was
 * told first.
 */
static void under_the_first(void **state)
{
	struct incident before = alike(0, 5), first = alike(1, 1), between = alike(2, 2), passed = alike(3, 3),
			again = alike(4, 4), orphan = alike(5, 6);
	struct capture c;
	const char *at;

	strcpy(before.follows, "id-1");
	strcpy(passed.follows, "id-1");
	strcpy(again.follows, "id-3");
	strcpy(orphan.follows, "id-9");
	text_sink(&c, false, 300);
	take(&c, again);
	take(&c, passed);
	take(&c, between);
	take(&c, orphan);
	take(&c, first);
	take(&c, before);
	tick(&c, 300);
	assert_int_equal(count(c.text, "─RST→"), 4);
	end(&c);
	at = c.text;
	for (size_t i = 0; i < 6; i++) {
		static const char *const order[] = { "40001", "40005", "40003", "40004", "40002", "40006" };

		at = strstr(at, order[i]);
		assert_non_null(at);
	}
	assert_int_equal(count(c.text, "the incident id-1, above\n"), 2);
	assert_int_equal(count(c.text, "the incident id-3, above\n"), 1);
	assert_int_equal(count(c.text, "the incident id-9\n"), 1);
	done(&c);
}

/* However many records come at once, only a few are held. */
static void a_storm_is_not_held(void **state)
{
	struct capture c;

	text_sink(&c, false, 300);
	for (int i = 0; i < 1000; i++)
		take(&c, alike(0, i));
	assert_in_range(count(c.text, "─RST→"), 700, 1000);
	end(&c);
	assert_int_equal(count(c.text, "─RST→"), 1000);
	done(&c);
}

/* Records still held when the sink is closed without its end are freed. */
static void freed(void **state)
{
	struct capture c;

	text_sink(&c, true, 300);
	take(&c, alike(0, 1));
	take(&c, alike(1, 2));
	done(&c);
}

static int utc(void **state)
{
	setenv("TZ", "UTC0", 1);
	tzset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_whole_others_counted),
		cmocka_unit_test(long_run),
		cmocka_unit_test(not_alike),
		cmocka_unit_test(server_is_the_victim),
		cmocka_unit_test(later_outcomes),
		cmocka_unit_test(many_kinds),
		cmocka_unit_test(in_order_of_time),
		cmocka_unit_test(under_the_first),
		cmocka_unit_test(a_storm_is_not_held),
		cmocka_unit_test(freed),
	};

	return cmocka_run_group_tests(tests, utc, NULL);
}
