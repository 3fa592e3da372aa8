/* SPDX-License-Identifier: GPL-2.0 */
/* Counting a run, and the table that ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "rules.h"
#include "summary.h"
#include "totals.h"

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
	char copy[] = "closed-port";	/* equal by text, not by address */

	(void)state;
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

	(void)state;
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

	(void)state;
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

	(void)state;
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

	(void)state;
	for (i = 0; i < MAX_CAUSES + 2; i++) {
		snprintf(names[i], sizeof(names[i]), "c%d", i);
		add(&t, names[i], "s", "v");
	}
	assert_int_equal(t.n_cause, MAX_CAUSES);
	assert_int_equal(t.incidents, MAX_CAUSES + 2);
}

static void counters(void **state)
{
	struct totals t = { .counter = { { "OutRsts", 12 }, { "EstabResets", 0 } }, .n_counter = 2 };

	(void)state;
	assert_int_equal(totals_counter(&t, "OutRsts"), 12);
	assert_int_equal(totals_counter(&t, "EstabResets"), 0);
	assert_int_equal(totals_counter(&t, "TCPAbortOnClose"), -1);
}

static void lost_per_cpu(void **state)
{
	struct rst_stats cpus[3] = { 0 };
	struct totals t = { 0 };

	(void)state;
	cpus[0].seen[EV_SENT_ACTIVE] = 5;
	cpus[0].seen[EV_SENT_REPLY] = 2;
	cpus[0].seen[EV_SENT_NETFILTER] = 9;
	cpus[0].seen[EV_CALL] = 100;
	cpus[2].lost[EV_RECEIVED] = 1;
	cpus[2].lost[EV_CALL] = 2;
	totals_lost(&t, cpus, 3);
	assert_int_equal(t.lost, 3);
	assert_int_equal(t.n_lost_cpu, 1);
	assert_int_equal(t.lost_cpu[0].cpu, 2);
	assert_int_equal(t.lost_cpu[0].lost, 3);
	assert_int_equal(t.sent, 7);
	/* a second reading adds to the same CPU */
	totals_lost(&t, cpus, 3);
	assert_int_equal(t.lost, 6);
	assert_int_equal(t.n_lost_cpu, 1);
	assert_int_equal(t.lost_cpu[0].lost, 6);
}

static void more_cpus_than_rows(void **state)
{
	static struct rst_stats cpus[MAX_LOST_CPUS + 1];
	struct totals t = { 0 };
	int i;

	(void)state;
	for (i = 0; i <= MAX_LOST_CPUS; i++)
		cpus[i].lost[EV_CALL] = 1;
	totals_lost(&t, cpus, MAX_LOST_CPUS + 1);
	assert_int_equal(t.lost, MAX_LOST_CPUS + 1);
	assert_int_equal(t.n_lost_cpu, MAX_LOST_CPUS);
}

/* The summary as a string, to be freed. */
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

static void set_counters(struct totals *t, uint64_t out_rsts, uint64_t estab_resets)
{
	t->counter[0].name = "OutRsts";
	t->counter[0].delta = out_rsts;
	t->counter[1].name = "EstabResets";
	t->counter[1].delta = estab_resets;
	t->n_counter = 2;
}

static void summary_table(void **state)
{
	struct totals t = { 0 };
	char want[1024];
	int i;

	(void)state;
	add(&t, "closed-port", "kernel", "curl");
	for (i = 0; i < 11; i++)
		add(&t, "close-with-unread", "nginx", "ab");
	set_counters(&t, 12, 9);
	t.sent = 12;
	t.received = 9;
	snprintf(want, sizeof(want),
		 "12 resets\n"
		 "     count  cause\n"
		 "        11  close-with-unread      %s\n"
		 "         1  closed-port            %s\n"
		 "     count  sender → victim\n"
		 "        11  nginx → ab\n"
		 "         1  kernel → curl\n"
		 "kernel: OutRsts +12, EstabResets +9; recorded 12 sent, 9 received\n",
		 rule_find("close-with-unread")->headline, rule_find("closed-port")->headline);
	expect_summary(&t, want);
}

static void summary_says_what_is_missing(void **state)
{
	struct totals t = { 0 };

	(void)state;
	add(&t, "no-such-code", "a\033", "b");
	set_counters(&t, 14, 1);
	t.sent = 12;
	t.received = 1;
	t.suppressed = 4;
	t.pairs_rest = 2;
	t.unmatched = 3;
	t.lost = 5;
	t.lost_cpu[0].cpu = 0;
	t.lost_cpu[0].lost = 3;
	t.lost_cpu[1].cpu = 1;
	t.lost_cpu[1].lost = 2;
	t.n_lost_cpu = 2;
	expect_summary(&t,
		       "1 reset, 4 more hidden by the filters\n"
		       "     count  cause\n"
		       "         1  no-such-code\n"
		       "     count  sender → victim\n"
		       "         1  a\\x1b → b\n"
		       "         2  other pairs\n"
		       "kernel: OutRsts +14, EstabResets +1; recorded 12 sent, 1 received; "
		       "2 sent but not recorded\n"
		       "unmatched: 3 failing calls on sockets no reset was seen for\n"
		       "lost: 5 events found no room in the ring buffer (CPU 0: 3, CPU 1: 2)\n");
}

static void summary_of_nothing(void **state)
{
	struct totals t = { 0 };

	(void)state;
	expect_summary(&t, "no resets recorded\n");
	set_counters(&t, 0, 3);
	expect_summary(&t, "no resets recorded\n");
	t.suppressed = 7;
	expect_summary(&t, "no resets recorded, 7 more hidden by the filters\n");
}

static void summary_of_nothing_that_does_not_add_up(void **state)
{
	struct totals t = { 0 };

	(void)state;
	set_counters(&t, 1, 0);
	expect_summary(&t, "no resets recorded\n"
			   "kernel: OutRsts +1, EstabResets +0; recorded 0 sent, 0 received; "
			   "1 sent but not recorded\n");
}

static void summary_without_counters(void **state)
{
	struct totals t = { 0 };
	char *text;

	(void)state;
	add(&t, "closed-port", "a", "b");
	t.sent = 1;
	text = summary(&t);
	assert_non_null(strstr(text, "\nrecorded 1 sent, 0 received\n"));
	free(text);
	/* seen in another network namespace, whose counters we did not read */
	set_counters(&t, 0, 0);
	text = summary(&t);
	assert_non_null(strstr(text, "recorded 1 sent, 0 received; 1 more than OutRsts counts "
				     "(other network namespaces)\n"));
	free(text);
}

static void summary_write_error(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct totals t = { 0 };

	(void)state;
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
		cmocka_unit_test(counters),
		cmocka_unit_test(lost_per_cpu),
		cmocka_unit_test(more_cpus_than_rows),
		cmocka_unit_test(summary_table),
		cmocka_unit_test(summary_says_what_is_missing),
		cmocka_unit_test(summary_of_nothing),
		cmocka_unit_test(summary_of_nothing_that_does_not_add_up),
		cmocka_unit_test(summary_without_counters),
		cmocka_unit_test(summary_write_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
