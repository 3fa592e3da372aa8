/* SPDX-License-Identifier: GPL-2.0 */
/* Counts of a run, and the table at its end. */
#include "cause/rules.h"
#include "output/summary.h"
#include "test.h"
#include "account/totals.h"

static void add(struct totals *t, const char *cause, const char *sender, const char *victim)
{
	struct incident inc;

	incident_init(&inc);
	inc.cause = cause;
	inc.sender.local = inc.victim.local = 1;
	snprintf(inc.sender.comm, sizeof(inc.sender.comm), "%s", sender);
	snprintf(inc.victim.comm, sizeof(inc.victim.comm), "%s", victim);
	totals_add(t, &inc);
}

static void by_cause_and_pair(void **state)
{
	struct totals t = { 0 };
	char copy[] = "closed-port";	/* equal text at another address */

	add(&t, "closed-port", "a", "b");
	add(&t, copy, "a", "c");
	add(&t, "close-with-unread", "a", "b");
	add(&t, NULL, "a", "b");
	assert_int_equal(t.incidents, 4);
	assert_int_equal(t.n_cause, 3);
	assert_string_equal(t.cause[0].cause, "closed-port");
	assert_int_equal(t.cause[0].count, 2);
	assert_string_equal(t.cause[2].cause, "unknown");
	assert_int_equal(t.n_pair, 2);
	assert_string_equal(t.pair[0].victim, "b");
	assert_int_equal(t.pair[0].count, 3);
	assert_int_equal(t.pair[1].count, 1);
}

static void ends_without_a_process(void **state)
{
	struct totals t = { 0 };
	struct incident inc;

	incident_init(&inc);
	inc.sender.local = 1;
	inc.sender.owner = OWNER_KERNEL;
	inc.victim.local = 0;
	totals_add(&t, &inc);
	inc.sender.owner = OWNER_NONE;
	totals_add(&t, &inc);
	assert_string_equal(t.pair[0].sender, "kernel");
	assert_string_equal(t.pair[0].victim, "remote host");
	assert_string_equal(t.pair[1].sender, "?");
}

static void names_without_an_end(void **state)
{
	struct totals t = { 0 };
	struct incident inc;

	incident_init(&inc);
	memset(inc.sender.comm, 'x', sizeof(inc.sender.comm));
	totals_add(&t, &inc);
	assert_string_equal(t.pair[0].sender, "xxxxxxxxxxxxxxx");
}

static void more_pairs_than_rows(void **state)
{
	struct totals t = { 0 };
	char name[16];
	int i;

	for (i = 0; i < MAX_PAIRS + 3; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		add(&t, "closed-port", name, "v");
	}
	add(&t, "closed-port", "p0", "v");
	assert_int_equal(t.n_pair, MAX_PAIRS);
	assert_int_equal(t.pairs_rest, 3);
	assert_int_equal(t.pair[0].count, 2);
	assert_int_equal(t.incidents, MAX_PAIRS + 4);
}

static void more_causes_than_rows(void **state)
{
	static char names[MAX_CAUSES + 2][8];
	struct totals t = { 0 };
	int i;

	for (i = 0; i < MAX_CAUSES + 2; i++) {
		snprintf(names[i], sizeof(names[i]), "c%d", i);
		add(&t, names[i], "s", "v");
	}
	assert_int_equal(t.n_cause, MAX_CAUSES);
	assert_int_equal(t.incidents, MAX_CAUSES + 2);
}

static void lost_per_cpu(void **state)
{
	struct rst_stats cpus[3] = { 0 };
	struct totals t = { 0 };

	cpus[0].seen[EV_SENT_ACTIVE] = 5;
	cpus[0].seen[EV_SENT_REPLY] = 2;
	cpus[0].seen[EV_SENT_NETFILTER] = 9;
	cpus[0].seen[EV_CALL] = 100;
	cpus[2].lost[EV_RECEIVED] = 1;
	cpus[2].lost[EV_CALL] = 2;
	totals_lost(&t, cpus, 3);
	assert_int_equal(t.doubts.lost, 0);
	assert_int_equal(t.lost, 3);
	assert_int_equal(t.n_lost_cpu, 1);
	assert_int_equal(t.lost_cpu[0].cpu, 2);
	assert_int_equal(t.lost_cpu[0].lost, 3);
	assert_int_equal(t.sent, 7);
	/* a second reading is of the same CPU */
	totals_lost(&t, cpus, 3);
	assert_int_equal(t.lost, 6);
	assert_int_equal(t.n_lost_cpu, 1);
	assert_int_equal(t.lost_cpu[0].lost, 6);
	/* OutRsts may be higher by the number of RSTs whose events were lost */
	cpus[1].lost[EV_SENT_REPLY] = 1;
	cpus[2].lost[EV_SENT_ACTIVE] = 4;
	totals_lost(&t, cpus, 3);
	assert_int_equal(t.doubts.lost, 5);
}

static void more_cpus_than_rows(void **state)
{
	static struct rst_stats cpus[MAX_LOST_CPUS + 1];
	struct totals t = { 0 };
	int i;

	for (i = 0; i <= MAX_LOST_CPUS; i++)
		cpus[i].lost[EV_CALL] = 1;
	totals_lost(&t, cpus, MAX_LOST_CPUS + 1);
	assert_int_equal(t.lost, MAX_LOST_CPUS + 1);
	assert_int_equal(t.n_lost_cpu, MAX_LOST_CPUS);
}

/* The summary as a string; the caller frees it. */
static char *summary(const struct totals *t)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(summary_print(out, t), 0);
	fclose(out);
	return text;
}

static void expect_summary(const struct totals *t, const char *want)
{
	char *text = summary(t);

	assert_string_equal(text, want);
	free(text);
}

/* What happens in a namespace between two readings of its counters. */
struct story {
	uint32_t netns;
	bool no_start, no_end;
	int replies, received, netfilter, explained;
	struct counters counters;	/* at the end; at the start all are 0 */
};

#define OUT_RSTS(n) { .value = { [CTR_OUT_RSTS] = n }, .known = { [CTR_OUT_RSTS] = true } }

static void happen(struct netns_totals *n, const struct story *s, enum rst_event_type type, int times)
{
	struct rst_event ev = { .type = type, .time_ns = 50000000000, .flow.netns = s->netns };

	while (times--)
		assert_int_equal(netns_totals_event(n, &ev), 0);
}

static void tell(struct totals *t, const struct story *s)
{
	struct netns_reading r = { .netns = s->netns, .time_ns = 10000000000 };
	struct incident inc;

	if (!t->netns)
		t->netns = netns_totals_new();
	assert_non_null(t->netns);
	memcpy(r.counters.known, s->counters.known, sizeof(r.counters.known));
	if (!s->no_start)
		assert_int_equal(netns_totals_begin(t->netns, &r), 0);
	happen(t->netns, s, EV_SENT_REPLY, s->replies);
	happen(t->netns, s, EV_RECEIVED, s->received);
	happen(t->netns, s, EV_SENT_NETFILTER, s->netfilter);
	incident_init(&inc);
	inc.cause = "closed-port";
	inc.kind = KIND_REPLY;
	inc.sender.seen = true;
	inc.netns = s->netns;
	inc.mono_ns = 50000000000;
	for (int i = 0; i < s->explained; i++)
		netns_totals_incident(t->netns, &inc);
	r.time_ns = 90000000000;
	r.counters = s->counters;
	if (!s->no_end)
		assert_int_equal(netns_totals_end(t->netns, &r), 0);
}

static void expect_told(struct totals *t, const char *want)
{
	char *text = summary(t), *tail = strstr(text, "kernel: ");

	tail = tail ? tail : strstr(text, "not compared: ");
	assert_string_equal(tail ? tail : text, want);
	free(text);
	netns_totals_free(t->netns);
	t->netns = NULL;
}

static void summary_table(void **state)
{
	struct totals t = { 0 };
	char want[1024];
	int i;

	add(&t, "closed-port", "kernel", "curl");
	for (i = 0; i < 11; i++)
		add(&t, "close-with-unread", "nginx", "ab");
	t.outcome[OUTCOME_UNSET] = 9;
	t.outcome[OUTCOME_ERROR] = t.cause[0].hurt = 1;
	t.outcome[OUTCOME_UNNOTICED] = 2;
	tell(&t, &(struct story){
		.netns = 5, .replies = 12, .received = 9, .explained = 12,
		.counters = { .value = { [CTR_OUT_RSTS] = 12, [CTR_ESTAB_RESETS] = 9,
					 [CTR_ABORT_FAILED] = 2 },
			      .known = { [CTR_OUT_RSTS] = true, [CTR_ESTAB_RESETS] = true,
					 [CTR_ABORT_FAILED] = true } } });
	snprintf(want, sizeof(want),
		 "12 resets\n"
		 "outcomes: 1 error, 2 unnoticed, 9 not known\n"
		 "     count    hurt  cause\n"
		 "        11       0  close-with-unread      %s\n"
		 "         1       1  closed-port            %s\n"
		 "     count  sender → victim\n"
		 "        11  nginx → ab\n"
		 "         1  kernel → curl\n"
		 "kernel: OutRsts +12, EstabResets +9; recorded 12 sent, 9 received; "
		 "explained 12 of 12\n"
		 "network namespace 5: TCPAbortFailed +2: so many resets never left: no route, "
		 "a firewall's rule, or no memory\n"
		 "network namespace 5: EstabResets +9, accounted for 0\n",
		 rule_find("close-with-unread")->headline, rule_find("closed-port")->headline);
	expect_summary(&t, want);
	netns_totals_free(t.netns);
}

static void summary_says_what_is_missing(void **state)
{
	struct totals t = { 0 };

	add(&t, "no-such-code", "a\033", "b");
	tell(&t, &(struct story){ .netns = 5, .replies = 12, .received = 1, .explained = 11,
				  .counters = OUT_RSTS(14) });
	t.doubts.lost = 2;
	t.suppressed = 4;
	t.rules = &(const struct rule_counts){ &(struct rule_count){ .rule = "port=80", .count = 6 }, 1 };
	t.pairs_rest = 2, t.unmatched = 3, t.lost = 5;
	t.missed = 7;
	t.unkept = 3;
	t.unfollowed = 1;
	t.lost_cpu[0].cpu = 0;
	t.lost_cpu[0].lost = 3;
	t.lost_cpu[1].cpu = 1;
	t.lost_cpu[1].lost = 2;
	t.n_lost_cpu = 2;
	expect_summary(&t,
		       "1 reset, 4 more hidden by the filters, 6 more suppressed by rule\n"
		       "outcomes: 1 not known\n"
		       "     count    hurt  cause\n"
		       "         1       0  no-such-code\n"
		       "     count  sender → victim\n"
		       "         1  a\\x1b → b\n"
		       "         2  other pairs\n"
		       "kernel: OutRsts +14; recorded 12 sent, 1 received; explained 11 of 14\n"
		       "network namespace 5: OutRsts +14, recorded 12, 2 not recorded: "
		       "events lost, no room in the ring buffer\n"
		       "suppressed: 6 by port=80\n"
		       "unmatched: 3 failing calls on sockets no reset was seen for\n"
		       "missed: 7 runs of a program that the kernel refused, as it was at "
		       "work on that CPU already\n"
		       "owners: 3 sockets found no room in the map of owners\n"
		       "not followed: 1 process that the command started, and what these "
		       "started: resets of theirs may be missing\n"
		       "lost: 5 events found no room in the ring buffer (CPU 0: 3, CPU 1: 2)\n");
	netns_totals_free(t.netns);
}

/* Ignored RSTs are counted by their fate, over all CPUs; they are no incidents. */
static void ignored_resets(void **state)
{
	struct rst_stats cpus[2] = { 0 };
	struct totals t = { 0 };

	cpus[0].ignored[FATE_NO_SOCKET] = 2;
	cpus[0].ignored[FATE_CHALLENGED] = 1;
	cpus[1].ignored[FATE_NO_SOCKET] = 5;
	totals_lost(&t, cpus, 2);
	assert_int_equal(t.ignored[FATE_NO_SOCKET], 7);
	assert_int_equal(t.lost, 0);
	assert_int_equal(t.n_lost_cpu, 0);
	expect_summary(&t, "no resets recorded\n"
			   "ignored: 1 answered with a challenge ACK, 7 for no socket "
			   "(resets that ended no socket)\n");
}

/* A connect that is given up causes no reset by itself, so it is no incident either. */
static void cancelled_connects(void **state)
{
	struct rst_stats cpus[2] = { 0 };
	struct totals t = { 0 };

	cpus[0].seen[EV_CANCELLED] = 1;
	totals_lost(&t, cpus, 2);
	expect_summary(&t, "no resets recorded\n"
			   "1 connect was given up before any answer (shown with --events)\n");
	totals_lost(&t, cpus, 2);
	expect_summary(&t, "no resets recorded\n"
			   "2 connects were given up before any answer (shown with --events)\n");
}

static void summary_of_nothing(void **state)
{
	struct totals t = { 0 };

	expect_summary(&t, "no resets recorded\n");
	tell(&t, &(struct story){ .netns = 5, .counters = OUT_RSTS(0) });
	expect_summary(&t, "no resets recorded\n");
	t.suppressed = 7;
	expect_summary(&t, "no resets recorded, 7 more hidden by the filters\n");
	netns_totals_free(t.netns);
}

static void summary_of_nothing_that_does_not_add_up(void **state)
{
	struct totals t = { 0 };

	tell(&t, &(struct story){ .netns = 5, .counters = OUT_RSTS(1) });
	expect_summary(&t, "no resets recorded\n"
			   "kernel: OutRsts +1; recorded 0 sent, 0 received; explained 0 of 1\n"
			   "network namespace 5: OutRsts +1, recorded 0, 1 not recorded: "
			   "source unknown\n");
	netns_totals_free(t.netns);
}

static void summary_without_counters(void **state)
{
	struct totals t = { .sent = 1 };
	char *text;

	add(&t, "closed-port", "a", "b");
	text = summary(&t);
	assert_non_null(strstr(text, "\nrecorded 1 sent, 0 received\n"));
	free(text);
	/* a replay has the account, but no counters to compare it with */
	tell(&t, &(struct story){ .netns = 5, .no_start = true, .no_end = true, .replies = 1 });
	text = summary(&t);
	assert_non_null(strstr(text, "\nrecorded 1 sent, 0 received\n"));
	free(text);
	netns_totals_free(t.netns);
}

static void summary_of_several_namespaces(void **state)
{
	struct totals t = { .incidents = 1 };

	tell(&t, &(struct story){ .netns = 7, .replies = 1200, .received = 1000, .explained = 1200,
				  .counters = OUT_RSTS(1200) });
	tell(&t, &(struct story){ .netns = 8, .replies = 4, .netfilter = 2, .explained = 4,
				  .counters = OUT_RSTS(4) });
	tell(&t, &(struct story){ .netns = 9, .counters = OUT_RSTS(0) });
	expect_told(&t, "kernel: OutRsts +1,204 in 2 network namespaces; recorded 1,204 sent, "
			"1,000 received, 2 by REJECT rules, which OutRsts does not count; "
			"explained 1,204 of 1,204\n");
}

static void summary_names_the_one_that_differs(void **state)
{
	struct totals t = { .incidents = 1 };

	tell(&t, &(struct story){ .netns = 8, .replies = 4, .explained = 4,
				  .counters = OUT_RSTS(3) });
	tell(&t, &(struct story){ .netns = 7, .replies = 2, .explained = 2,
				  .counters = OUT_RSTS(2) });
	tell(&t, &(struct story){ .netns = 6, .no_start = true, .replies = 1, .explained = 1,
				  .counters = OUT_RSTS(3) });
	expect_told(&t, "kernel: OutRsts +8 in 3 network namespaces; recorded 7 sent, 0 received; "
			"explained 7 of 8\n"
			"network namespace 6: OutRsts +3, recorded 1, 2 not recorded: "
			"not seen at the start, it may have counted before\n"
			"network namespace 8: OutRsts +3, recorded 4, 1 more than counted: "
			"replies given up after the hook: no route, or a wrong signature\n");
}

static void summary_of_what_ended(void **state)
{
	struct totals t = { .incidents = 1 };

	tell(&t, &(struct story){ .netns = 5, .counters = OUT_RSTS(0) });
	tell(&t, &(struct story){ .netns = 6, .no_end = true, .replies = 31, .explained = 31 });
	expect_told(&t, "not compared: 31 sent in 1 network namespace that ended or cannot be read\n");
	tell(&t, &(struct story){ .netns = 5, .replies = 1, .counters = OUT_RSTS(1) });
	tell(&t, &(struct story){ .netns = 6, .no_end = true, .replies = 3 });
	tell(&t, &(struct story){ .netns = 7, .no_end = true, .replies = 4 });
	expect_told(&t, "kernel: OutRsts +1; recorded 1 sent, 0 received; explained 0 of 1\n"
			"not compared: 7 sent in 2 network namespaces that ended or cannot be read\n");
}

static void summary_write_error(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct totals t = { 0 };

	assert_non_null(full);
	assert_int_equal(summary_print(full, &t), -ENOSPC);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_cause_and_pair),
		cmocka_unit_test(ends_without_a_process),
		cmocka_unit_test(names_without_an_end),
		cmocka_unit_test(more_pairs_than_rows),
		cmocka_unit_test(more_causes_than_rows),
		cmocka_unit_test(lost_per_cpu),
		cmocka_unit_test(more_cpus_than_rows),
		cmocka_unit_test(summary_table),
		cmocka_unit_test(summary_says_what_is_missing),
		cmocka_unit_test(ignored_resets), cmocka_unit_test(cancelled_connects),
		cmocka_unit_test(summary_of_nothing), cmocka_unit_test(summary_of_nothing_that_does_not_add_up),
		cmocka_unit_test(summary_without_counters),
		cmocka_unit_test(summary_of_several_namespaces),
		cmocka_unit_test(summary_names_the_one_that_differs),
		cmocka_unit_test(summary_of_what_ended),
		cmocka_unit_test(summary_write_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
