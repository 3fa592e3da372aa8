/* SPDX-License-Identifier: GPL-2.0 */
/* What became of a run's connections: each is counted once, and the sentences about them are true. */
#include <netinet/tcp.h>

#include "account/connections.h"
#include "output/verdict.h"
#include "test.h"

#define SECOND 1000000000ULL
#define NETNS 5

/* A run in which the kernel counted so many connections opened in NETNS. */
struct run {
	struct totals t;
	int n;
};

static void begin(struct run *r)
{
	struct netns_reading reading = { .netns = NETNS, .time_ns = 10 * SECOND };

	*r = (struct run){ .t.connections = connections_new(), .t.netns = netns_totals_new() };
	assert_true(r->t.connections && r->t.netns);
	reading.counters.known[CTR_OUT_RSTS] = reading.counters.known[CTR_ACTIVE_OPENS] = true;
	reading.counters.known[CTR_PASSIVE_OPENS] = true;
	assert_int_equal(netns_totals_begin(r->t.netns, &reading), 0);
}

static void kernel_counts(struct run *r, int opened, int accepted)
{
	struct netns_reading reading = { .netns = NETNS, .time_ns = 90 * SECOND };

	reading.counters.known[CTR_OUT_RSTS] = reading.counters.known[CTR_ACTIVE_OPENS] = true;
	reading.counters.known[CTR_PASSIVE_OPENS] = true;
	reading.counters.value[CTR_ACTIVE_OPENS] = opened;
	reading.counters.value[CTR_PASSIVE_OPENS] = accepted;
	assert_int_equal(netns_totals_end(r->t.netns, &reading), 0);
}

static void end(struct run *r, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	verdict_print(out, &r->t);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
	connections_free(r->t.connections);
	netns_totals_free(r->t.netns);
}

/* nginx, the server, resets its connection with ab, one second old, 40 s after boot. */
static struct incident reset(struct run *r)
{
	struct incident inc;

	incident_init(&inc);
	snprintf(inc.id, sizeof(inc.id), "id-%d", ++r->n);
	inc.kind = KIND_ACTIVE;
	inc.cause = "close-with-unread";
	inc.outcome = OUTCOME_ERROR;
	inc.mono_ns = 40 * SECOND;
	inc.sport = 80;
	inc.dport = 40000 + r->n;
	inc.sender.local = inc.victim.local = 1;
	inc.sender.netns = inc.victim.netns = NETNS;
	inc.sender.age_us = inc.victim.age_us = 1000000;
	inc.sender.role = ROLE_SERVER;
	inc.victim.role = ROLE_CLIENT;
	inc.sender.sock_id = 1000 + r->n;
	inc.victim.sock_id = 2000 + r->n;
	strcpy(inc.sender.comm, "nginx");
	strcpy(inc.victim.comm, "ab");
	return inc;
}

static void tell(struct run *r, struct incident inc)
{
	assert_int_equal(totals_add(&r->t, &inc), 0);
}

#define ONE "nginx, the server, closed with data unread.\n"
#define EACH "A call failed by that, or took it for the end of the data, in each of them.\n"

static void some_of_all(void **state)
{
	struct run r;

	begin(&r);
	for (int i = 0; i < 40; i++) {
		struct incident inc = reset(&r);

		if (i)
			inc.outcome = OUTCOME_UNNOTICED;
		tell(&r, inc);
	}
	kernel_counts(&r, 200, 190);
	end(&r, "40 of 200 connections were reset: " ONE
		"A call failed by that, or took it for the end of the data, in 1 of them.\n"
		"The kernel counted 200 connections that were opened meanwhile in that network namespace, by any "
		"process (ActiveOpens).\n");
}

/* The clients are on other hosts: what the server accepted is the whole. */
static void accepted(void **state)
{
	struct run r;
	struct incident inc;

	begin(&r);
	inc = reset(&r);
	inc.victim.local = 0;
	inc.victim.sock_id = 0;
	inc.outcome = OUTCOME_REMOTE;
	tell(&r, inc);
	kernel_counts(&r, 7, 3);
	end(&r, "1 of 3 connections was reset: " ONE
		"No call was seen to fail by that.\n"
		"The kernel counted 3 connections that were accepted meanwhile in that network namespace, by any "
		"process (PassiveOpens).\n");
}

/*
 * The whole is not known: a connection is older than the run, of another namespace, or its age is
 * not known.
 */
static void of_how_many(void **state)
{
	for (int i = 0; i < 5; i++) {
		struct run r;
		struct incident inc;

		begin(&r);
		tell(&r, reset(&r));
		inc = reset(&r);
		if (i == 0)
			inc.sender.age_us = inc.victim.age_us = 35000000;
		else if (i == 1)
			inc.sender.netns = inc.victim.netns = NETNS + 1;
		else if (i == 2)
			inc.sender.role = inc.victim.role = ROLE_UNKNOWN;
		else if (i == 3)
			inc.sender.age_us = inc.victim.age_us = UNKNOWN;
		inc.sender.role = i == 2 ? ROLE_UNKNOWN : ROLE_SERVER;
		tell(&r, inc);
		tell(&r, reset(&r));
		kernel_counts(&r, i == 4 ? 2 : 200, i == 4 ? 2 : 200);	/* fewer than are known */
		end(&r, i == 2 ? "3 connections were reset:\n    2 were reset: " ONE
				 "    1 was reset: nginx closed with data unread.\n" EACH :
			"3 connections were reset: " ONE EACH);
	}
}

/* Both ends reset it, late segments cause more resets, and a NAT shows it twice. */
static void one_connection_many_records(void **state)
{
	struct incident inc, back, late, nat;
	struct run r;

	begin(&r);
	inc = back = late = nat = reset(&r);
	strcpy(back.id, "back");
	back.sport = inc.dport;
	back.dport = inc.sport;
	back.sender = inc.victim;
	back.victim = inc.sender;
	strcpy(late.id, "late");
	late.kind = KIND_REPLY;
	late.sender.sock_id = 0;
	strcpy(nat.id, "nat");
	nat.dport++;
	nat.translated = true;
	inc.outcome = OUTCOME_PENDING;
	late.outcome = OUTCOME_UNNOTICED;
	tell(&r, inc);
	tell(&r, back);
	tell(&r, late);
	tell(&r, nat);
	end(&r, "1 connection was reset: " ONE "A call failed by that, or took it for the end of the data.\n");
}

static void the_same_ports_again(void **state)
{
	struct incident inc, again;
	struct run r;

	begin(&r);
	inc = again = reset(&r);
	strcpy(again.id, "again");
	again.sender.sock_id = again.victim.sock_id = 9;
	tell(&r, inc);
	tell(&r, again);
	end(&r, "2 connections were reset: " ONE EACH);
}

/* The last revision of a record counts. */
static void revised(void **state)
{
	struct incident inc;
	struct run r;

	begin(&r);
	inc = reset(&r);
	inc.outcome = OUTCOME_PENDING;
	tell(&r, inc);
	inc.passed = true;
	inc.was = OUTCOME_PENDING;
	inc.was_cause = inc.cause;
	inc.cause = "linger-zero";
	inc.situation = "gave-up";
	inc.outcome = OUTCOME_EOF;
	tell(&r, inc);
	assert_int_equal(r.t.cause[0].count, 0);
	assert_int_equal(r.t.cause[1].count, 1);
	assert_int_equal(r.t.cause[1].hurt, 1);
	assert_int_equal(r.t.situation[0].count, 1);
	end(&r, "1 connection was reset: nginx, the server, closed with SO_LINGER set to 0.\n"
		"That is gave-up: the server gave the request up without an answer.\nA call failed by that, or took it for the end of the data.\n");
}

static void several_ends(void **state)
{
	struct incident inc;
	struct run r;

	begin(&r);
	for (int i = 0; i < 2; i++) {
		inc = reset(&r);
		inc.situation = "early-answer";
		tell(&r, inc);
	}
	inc = reset(&r);
	inc.kind = KIND_REPLY;
	inc.cause = "closed-port";
	inc.victim.old_state = TCP_SYN_SENT;
	inc.sender.role = ROLE_UNKNOWN;
	inc.sender.comm[0] = '\0';
	tell(&r, inc);
	inc = reset(&r);
	inc.kind = KIND_TIMEOUT;
	inc.cause = "retransmit-timeout";
	inc.sender.role = ROLE_UNKNOWN;
	inc.sender.comm[0] = '\0';
	inc.abort_err = ETIMEDOUT;
	tell(&r, inc);
	r.t.lost = 1;
	kernel_counts(&r, 9, 9);
	end(&r, "At least 4 of 9 connections came to a bad end:\n"
		"    2 were reset: nginx, the server, closed with data unread (early-answer).\n"
		"    1 was refused: nobody listens there.\n"
		"    1 was given up: retransmissions were exhausted.\n"
		EACH
		"The kernel counted 9 connections that were opened meanwhile in that network namespace, by any process "
		"(ActiveOpens).\n");
}

/* An answer to a segment of no connection ends no connection. */
static void no_connection(void **state)
{
	struct incident inc;
	struct run r;

	begin(&r);
	inc = reset(&r);
	inc.kind = KIND_REPLY;
	inc.cause = "stray-segment";
	inc.outcome = OUTCOME_NONE;
	tell(&r, inc);
	end(&r, "");
}

static void more_kinds_than_rows(void **state)
{
	struct run r;

	begin(&r);
	for (int i = 0; i < MAX_FATES + 10; i++) {
		struct incident inc = reset(&r);

		snprintf(inc.sender.comm, sizeof(inc.sender.comm), "p%d", i);
		tell(&r, inc);
	}
	end(&r, "74 connections were reset:\n"
		"    10 were reset: other reasons, which the table has.\n"
		"    1 was reset: p0, the server, closed with data unread.\n"
		"    1 was reset: p1, the server, closed with data unread.\n"
		"    1 was reset: p2, the server, closed with data unread.\n"
		"    1 was reset: p3, the server, closed with data unread.\n"
		"    60 for other reasons, which the table has.\n" EACH);
}

static void more_connections_than_room(void **state)
{
	struct incident inc;
	struct run r;

	begin(&r);
	inc = reset(&r);
	for (int i = 0; i < MAX_CONNECTIONS + 2; i++) {
		inc.dport = i % 50000;
		inc.daddr[0] = i / 50000;
		inc.sender.sock_id = inc.victim.sock_id = 1 + i;
		tell(&r, inc);
	}
	end(&r, "At least 100,000 connections were reset: " ONE EACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_of_all),
		cmocka_unit_test(accepted),
		cmocka_unit_test(of_how_many),
		cmocka_unit_test(one_connection_many_records),
		cmocka_unit_test(the_same_ports_again),
		cmocka_unit_test(revised),
		cmocka_unit_test(several_ends),
		cmocka_unit_test(no_connection),
		cmocka_unit_test(more_kinds_than_rows),
		cmocka_unit_test(more_connections_than_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
