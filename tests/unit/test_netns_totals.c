/* SPDX-License-Identifier: GPL-2.0 */
/* What is recorded in a namespace against what the kernel counts in it. */
#include "account/netns_totals.h"
#include "test.h"

#define SECOND 1000000000ULL
#define START (10 * SECOND)
#define MIDDLE (50 * SECOND)
#define STOP (90 * SECOND)

static const struct netns_doubts certain;

static struct netns_reading reading(uint32_t netns, uint64_t time_ns, uint64_t out_rsts)
{
	return (struct netns_reading){
		.netns = netns, .time_ns = time_ns,
		.counters = { .value[CTR_OUT_RSTS] = out_rsts, .known[CTR_OUT_RSTS] = true },
	};
}

static void begin(struct netns_totals *t, uint32_t netns, uint64_t out_rsts)
{
	struct netns_reading r = reading(netns, START, out_rsts);

	assert_int_equal(netns_totals_begin(t, &r), 0);
}

static void end(struct netns_totals *t, uint32_t netns, uint64_t out_rsts)
{
	struct netns_reading r = reading(netns, STOP, out_rsts);

	assert_int_equal(netns_totals_end(t, &r), 0);
}

static void event(struct netns_totals *t, uint32_t netns, enum rst_event_type type, uint64_t time_ns)
{
	struct rst_event ev = { .type = type, .time_ns = time_ns, .flow.netns = netns };

	assert_int_equal(netns_totals_event(t, &ev), 0);
}

static const struct netns_row *row(struct netns_totals *t, uint32_t netns)
{
	const struct netns_row *r = netns_totals_find(t, netns);

	assert_non_null(r);
	return r;
}

static int setup(void **state)
{
	*state = netns_totals_new();
	return !*state;
}

static int teardown(void **state)
{
	netns_totals_free(*state);
	return 0;
}

static void what_is_counted_where(void **state)
{
	struct netns_totals *t = *state;
	struct rst_event own = { .type = EV_RECEIVED, .time_ns = MIDDLE, .flags = EVF_NO_RST,
				 .flow.netns = 7 };

	begin(t, 7, 100);
	begin(t, 8, 3);
	event(t, 7, EV_SENT_ACTIVE, MIDDLE);
	event(t, 7, EV_SENT_REPLY, MIDDLE);
	event(t, 7, EV_SENT_NETFILTER, MIDDLE);
	event(t, 7, EV_RECEIVED, MIDDLE);
	event(t, 7, EV_CALL, MIDDLE);
	event(t, 7, EV_DESTROY, MIDDLE);
	event(t, 7, EV_ABORTED, MIDDLE);
	assert_int_equal(netns_totals_event(t, &own), 0);
	event(t, 8, EV_RECEIVED, MIDDLE);
	end(t, 7, 102);
	end(t, 8, 3);
	assert_int_equal(row(t, 7)->state, NETNS_COMPARED);
	assert_int_equal(row(t, 7)->recorded, 2);
	assert_int_equal(row(t, 7)->replies, 1);
	assert_int_equal(row(t, 7)->netfilter, 1);
	assert_int_equal(row(t, 7)->received, 1);
	assert_int_equal(row(t, 7)->growth.value[CTR_OUT_RSTS], 2);
	assert_false(row(t, 7)->growth.known[CTR_ABORT_FAILED]);
	assert_int_equal(netns_difference(row(t, 7)), 0);
	assert_int_equal(netns_likely(row(t, 7), &certain), 0);
	assert_int_equal(row(t, 8)->recorded, 0);
	assert_int_equal(row(t, 8)->received, 1);
	assert_null(netns_totals_find(t, 9));
}

/* The other counters, each in the namespace of the end that the kernel counted it for. */
static void other_counters(void **state)
{
	struct netns_totals *t = *state;
	struct netns_reading r = reading(7, START, 0);
	struct incident inc;

	r.counters.known[CTR_ESTAB_RESETS] = r.counters.known[CTR_ABORT_ON_CLOSE] = true;
	assert_int_equal(netns_totals_begin(t, &r), 0);
	begin(t, 8, 0);
	incident_init(&inc);
	inc.kind = KIND_ACTIVE;
	inc.cause = "close-with-unread";
	inc.mono_ns = MIDDLE;
	inc.sender.netns = 7;
	inc.sender.seen = true;
	inc.sender.old_state = 1;
	netns_totals_incident(t, &inc);
	inc.rev = 1;			/* the same record again: not counted again */
	netns_totals_incident(t, &inc);
	r.time_ns = STOP;
	r.counters.value[CTR_ESTAB_RESETS] = 3;
	r.counters.value[CTR_ABORT_ON_CLOSE] = 1;
	assert_int_equal(netns_totals_end(t, &r), 0);
	end(t, 8, 0);
	assert_int_equal(row(t, 7)->claimed[CTR_ESTAB_RESETS], 1);
	assert_int_equal(netns_unclaimed(row(t, 7), CTR_ESTAB_RESETS), 2);
	assert_int_equal(netns_unclaimed(row(t, 7), CTR_ABORT_ON_CLOSE), 0);
	assert_int_equal(netns_unclaimed(row(t, 7), CTR_LISTEN_OVERFLOWS), 0);
	assert_int_equal(row(t, 8)->claimed[CTR_ESTAB_RESETS], 0);
}

/* Only what happened between the two readings is in both figures. */
static void the_same_time(void **state)
{
	struct netns_totals *t = *state;

	begin(t, 7, 100);
	event(t, 7, EV_SENT_REPLY, START - SECOND);
	event(t, 7, EV_SENT_REPLY, START + SECOND);
	event(t, 7, EV_SENT_REPLY, STOP - SECOND);
	end(t, 7, 102);
	event(t, 7, EV_SENT_REPLY, STOP + SECOND);
	event(t, 7, EV_SENT_NETFILTER, STOP + SECOND);
	event(t, 7, EV_RECEIVED, STOP + SECOND);
	assert_int_equal(row(t, 7)->recorded, 2);
	assert_int_equal(row(t, 7)->netfilter, 0);
	assert_int_equal(row(t, 7)->received, 0);
	assert_int_equal(row(t, 7)->near, 0);
	assert_int_equal(netns_difference(row(t, 7)), 0);
}

static void at_the_very_reading(void **state)
{
	struct netns_totals *t = *state;

	begin(t, 7, 100);
	event(t, 7, EV_SENT_REPLY, START - 1000);
	event(t, 7, EV_SENT_ACTIVE, MIDDLE);
	end(t, 7, 102);
	event(t, 7, EV_SENT_REPLY, STOP + 1000);
	assert_int_equal(row(t, 7)->recorded, 1);
	assert_int_equal(row(t, 7)->near, 2);
	assert_int_equal(netns_difference(row(t, 7)), 1);
	assert_int_equal(netns_likely(row(t, 7), &certain), 1 << SOURCE_READING);
}

static void new_namespace(void **state)
{
	struct netns_totals *t = *state;

	event(t, 7, EV_SENT_REPLY, START - 5 * SECOND);
	event(t, 7, EV_SENT_REPLY, MIDDLE);
	end(t, 7, 2);
	assert_int_equal(row(t, 7)->state, NETNS_COMPARED);
	assert_int_equal(netns_difference(row(t, 7)), 0);
	event(t, 8, EV_SENT_ACTIVE, MIDDLE);
	end(t, 8, 3);
	assert_int_equal(netns_likely(row(t, 8), &certain), 1 << SOURCE_NO_BASELINE);
	/* more than this namespace counted: an earlier one had its number */
	event(t, 9, EV_SENT_ACTIVE, MIDDLE);
	end(t, 9, 0);
	assert_int_equal(netns_difference(row(t, 9)), -1);
	assert_int_equal(netns_likely(row(t, 9), &certain), 1 << SOURCE_REUSED);
}

static void ended_namespace(void **state)
{
	struct netns_totals *t = *state;
	struct netns_sum sum;

	begin(t, 7, 100);
	event(t, 7, EV_SENT_REPLY, MIDDLE);
	begin(t, 8, 100);	/* nothing happened in this namespace */
	assert_int_equal(row(t, 7)->state, NETNS_UNREAD);
	/* the counters of 9 went back: it is not the one that was read first */
	begin(t, 9, 100);
	event(t, 9, EV_SENT_REPLY, MIDDLE);
	end(t, 9, 99);
	assert_int_equal(row(t, 9)->state, NETNS_REPLACED);
	assert_int_equal(netns_likely(row(t, 9), &certain), 0);
	netns_totals_sum(t, &sum);
	assert_int_equal(sum.compared, 0);
	assert_int_equal(sum.uncompared, 2);
	assert_int_equal(sum.uncompared_recorded, 2);
	assert_int_equal(sum.recorded, 0);
	assert_false(sum.growth.known[CTR_OUT_RSTS]);
}

static void unread_counters(void **state)
{
	struct netns_totals *t = *state;
	struct netns_reading r = { .netns = 7, .time_ns = STOP };

	event(t, 7, EV_SENT_REPLY, MIDDLE);
	assert_int_equal(netns_totals_end(t, &r), 0);
	assert_int_equal(row(t, 7)->state, NETNS_UNREAD);
}

static void likely_sources(void **state)
{
	struct netns_row r = { .state = NETNS_COMPARED, .at_start = true, .recorded = 10,
			       .growth.value = { [CTR_OUT_RSTS] = 10, [CTR_ABORT_FAILED] = 2 } };
	struct netns_doubts lossy = { .lost = 3 }, blind = { .no_probe = true };
	struct netns_doubts refused = { .missed = 2 }, crowded = { .crowded = 9 };

	assert_int_equal(netns_likely(&r, &lossy), 0);
	r.growth.value[CTR_OUT_RSTS] = 12;
	assert_int_equal(netns_likely(&r, &certain), 1 << SOURCE_ABORT_FAILED);
	/* if one source explains the whole difference, no other is named */
	assert_int_equal(netns_likely(&r, &lossy), 1 << SOURCE_ABORT_FAILED);
	r.growth.value[CTR_OUT_RSTS] = 14;
	assert_int_equal(netns_likely(&r, &lossy), 1 << SOURCE_ABORT_FAILED | 1 << SOURCE_LOST);
	assert_int_equal(netns_likely(&r, &refused), 1 << SOURCE_ABORT_FAILED | 1 << SOURCE_MISSED);
	assert_int_equal(netns_likely(&r, &crowded), 1 << SOURCE_ABORT_FAILED | 1 << SOURCE_CROWDED);
	assert_int_equal(netns_likely(&r, &blind), 1 << SOURCE_ABORT_FAILED | 1 << SOURCE_NO_PROBE);
	r.growth.value[CTR_OUT_RSTS] = 16;
	assert_int_equal(netns_likely(&r, &lossy),
			 1 << SOURCE_ABORT_FAILED | 1 << SOURCE_LOST | 1 << SOURCE_UNKNOWN);
	r.growth.value[CTR_ABORT_FAILED] = 0;
	assert_int_equal(netns_likely(&r, &certain), 1 << SOURCE_UNKNOWN);
	/* the kernel counted fewer than were recorded, which no loss explains */
	r.growth.value[CTR_OUT_RSTS] = 9;
	assert_int_equal(netns_likely(&r, &lossy), 1 << SOURCE_UNKNOWN);
	r.replies = 1;
	assert_int_equal(netns_likely(&r, &lossy), 1 << SOURCE_REFUSED);
	r.growth.value[CTR_OUT_RSTS] = 8;
	r.near = 1;
	assert_int_equal(netns_likely(&r, &lossy), 1 << SOURCE_READING | 1 << SOURCE_REFUSED);
	r.near = 5;
	assert_int_equal(netns_likely(&r, &lossy), 1 << SOURCE_READING);
	for (int i = 0; i < N_SOURCES; i++) {
		assert_non_null(netns_sources[i].code);
		assert_non_null(netns_sources[i].text);
	}
}

static void incident(struct netns_totals *t, enum kind kind, const char *cause, int rev)
{
	struct incident inc;

	incident_init(&inc);
	inc.kind = kind;
	inc.cause = cause;
	inc.rev = rev;
	inc.netns = 7;
	inc.mono_ns = MIDDLE;
	inc.sender.seen = kind != KIND_RECEIVED && kind != KIND_TIMEOUT;
	netns_totals_incident(t, &inc);
}

static void explained(void **state)
{
	struct netns_totals *t = *state;
	struct netns_sum sum;

	begin(t, 7, 0);
	for (int i = 0; i < 3; i++)
		event(t, 7, EV_SENT_ACTIVE, MIDDLE);
	incident(t, KIND_ACTIVE, "linger-zero", 0);
	incident(t, KIND_REPLY, "closed-port", 0);
	incident(t, KIND_ACTIVE, "unknown", 0);
	/* not counted: a revision, a RST of another host, and one that OutRsts does not count */
	incident(t, KIND_ACTIVE, "linger-zero", 1);
	incident(t, KIND_RECEIVED, "peer-reset", 0);
	incident(t, KIND_TIMEOUT, "retransmit-timeout", 0);
	incident(t, KIND_NETFILTER, "firewall-reject", 0);
	end(t, 7, 3);
	netns_totals_sum(t, &sum);
	assert_int_equal(sum.explained, 2);
	assert_int_equal(sum.growth.value[CTR_OUT_RSTS], 3);
	assert_false(sum.differs);
}

static void incident_out_of_time(void **state)
{
	struct netns_totals *t = *state;
	struct incident inc;

	begin(t, 7, 0);
	incident_init(&inc);
	inc.kind = KIND_REPLY;
	inc.cause = "closed-port";
	inc.netns = 7;
	inc.sender.seen = true;
	inc.mono_ns = START - 1;
	netns_totals_incident(t, &inc);
	inc.mono_ns = MIDDLE;
	inc.netns = 8;		/* a namespace that is not known */
	netns_totals_incident(t, &inc);
	inc.netns = UNKNOWN;
	netns_totals_incident(t, &inc);
	inc.netns = 7;		/* begun at the first reading, ended at the last */
	inc.mono_ns = START;
	netns_totals_incident(t, &inc);
	end(t, 7, 0);
	inc.mono_ns = STOP;
	netns_totals_incident(t, &inc);
	assert_int_equal(row(t, 7)->explained, 1);
	assert_null(netns_totals_find(t, 8));
}

/* A receipt that the chain found to be false is taken back here, if it was counted. */
static void receipt_that_was_none(void **state)
{
	struct netns_totals *t = *state;
	struct rst_event got = { .type = EV_RECEIVED, .time_ns = MIDDLE, .flow.netns = 7 };
	struct incident inc;

	incident_init(&inc);
	inc.victim.netns = 7;
	inc.mono_ns = MIDDLE;
	begin(t, 7, 0);
	netns_totals_event(t, &got);
	netns_totals_event(t, &got);
	assert_int_equal(row(t, 7)->received, 2);
	netns_totals_no_receipt(t, &inc);
	assert_int_equal(row(t, 7)->received, 1);
	inc.mono_ns = START - 1;	/* before the first reading, so it was not counted */
	netns_totals_no_receipt(t, &inc);
	inc.mono_ns = MIDDLE;
	inc.victim.netns = 8;
	netns_totals_no_receipt(t, &inc);
	assert_int_equal(row(t, 7)->received, 1);
	/* the hook saw the segment, and said so itself */
	got.flags |= EVF_NO_RST;
	netns_totals_event(t, &got);
	assert_int_equal(row(t, 7)->received, 1);
}

static void in_order(void **state)
{
	static const uint32_t added[] = { 9, 7, 4026531840u, 8, 0 };
	static const uint32_t want[] = { 0, 7, 8, 9, 4026531840u };
	struct netns_totals *t = *state;
	const struct netns_row *r = NULL;

	begin(t, 5, 1);		/* nothing happened there, so it has no row */
	end(t, 5, 1);
	for (int i = 0; i < 5; i++)
		event(t, added[i], EV_SENT_REPLY, MIDDLE);
	for (int i = 0; i < 5; i++) {
		r = netns_totals_next(t, r);
		assert_non_null(r);
		assert_int_equal(r->netns, want[i]);
	}
	assert_null(netns_totals_next(t, r));
}

static void sum_of_all(void **state)
{
	struct netns_totals *t = *state;
	struct netns_sum sum;

	netns_totals_sum(t, &sum);
	assert_int_equal(sum.compared, 0);
	begin(t, 5, 7);
	end(t, 5, 7);
	begin(t, 6, 7);
	event(t, 6, EV_SENT_REPLY, MIDDLE);
	event(t, 6, EV_SENT_NETFILTER, MIDDLE);
	end(t, 6, 8);
	netns_totals_sum(t, &sum);
	assert_int_equal(sum.compared, 1);
	assert_int_equal(sum.netfilter, 1);
	assert_false(sum.differs);
	begin(t, 7, 0);
	end(t, 7, 2);		/* it sent RSTs, and none was recorded: a row, and a difference */
	netns_totals_sum(t, &sum);
	assert_int_equal(sum.compared, 2);
	assert_int_equal(sum.recorded, 1);
	assert_int_equal(sum.growth.value[CTR_OUT_RSTS], 3);
	assert_true(sum.differs);
	assert_int_equal(netns_totals_next(t, row(t, 6))->netns, 7);
	begin(t, 8, 0);
	end(t, 8, 0);		/* a namespace without a difference does not hide another one's */
	netns_totals_sum(t, &sum);
	assert_true(sum.differs);
	/* an earlier namespace of that number sent these two: they are no part of "explained N of M" */
	event(t, 9, EV_SENT_REPLY, MIDDLE);
	event(t, 9, EV_SENT_REPLY, MIDDLE);
	end(t, 9, 1);
	netns_totals_sum(t, &sum);
	assert_int_equal(sum.recorded, 1);
	assert_int_equal(sum.growth.value[CTR_OUT_RSTS], 3);
	assert_int_equal(sum.uncompared, 1);
	assert_int_equal(sum.uncompared_recorded, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_counted_where),
		TEST(other_counters),
		TEST(the_same_time),
		TEST(at_the_very_reading),
		TEST(new_namespace),
		TEST(ended_namespace),
		TEST(unread_counters),
		TEST(likely_sources),
		TEST(explained),
		TEST(incident_out_of_time),
		TEST(receipt_that_was_none),
		TEST(in_order),
		TEST(sum_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
