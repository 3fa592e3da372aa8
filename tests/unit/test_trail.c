/* SPDX-License-Identifier: GPL-2.0 */
/* Which incident another one followed from. */
#include "incident/trail.h"
#include "test.h"

#define WINDOW_NS 300000000ULL
#define MS(n) ((n) * 1000000ULL)
#define PROXY 812

enum { BACKEND = 3000, CLIENT = 40000, PUBLISHED = 9000 };

static int setup(void **state)
{
	*state = trail_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	trail_free(*state);
	return 0;
}

static struct incident incident_at(const char *id, uint64_t ms, enum kind kind, int sport, int dport)
{
	struct incident inc;

	incident_init(&inc);
	strcpy(inc.id, id);
	inc.mono_ns = MS(1000) + MS(ms);
	inc.kind = kind;
	inc.family = 4;
	inc.saddr[0] = inc.daddr[0] = 10;
	inc.sport = sport;
	inc.dport = dport;
	inc.sender.netns = inc.victim.netns = 7;
	return inc;
}

/* The proxy's connection to its backend is reset. */
static struct incident backend_gone(const char *id, uint64_t ms)
{
	struct incident inc = incident_at(id, ms, KIND_REPLY, BACKEND, CLIENT + 1);

	inc.victim.pid = PROXY;
	inc.victim.role = ROLE_CLIENT;
	return inc;
}

/* The proxy resets what it has accepted. */
static struct incident client_reset(const char *id, uint64_t ms)
{
	struct incident inc = incident_at(id, ms, KIND_ACTIVE, PUBLISHED, CLIENT);

	inc.sender.pid = PROXY;
	inc.sender.role = ROLE_SERVER;
	return inc;
}

static const char *follows(struct trail *t, struct incident inc)
{
	static char id[sizeof(inc.id)];

	trail_note(t, &inc);
	trail_follow(t, &inc, WINDOW_NS, true);
	strcpy(id, inc.follows);
	return id;
}

static void note(struct trail *t, struct incident inc)
{
	trail_note(t, &inc);
}

static void passed_on(void **state)
{
	note(*state, backend_gone("root", 0));
	assert_string_equal(follows(*state, client_reset("on", 1)), "root");
	/* one incident explains one other: the next stands alone */
	assert_string_equal(follows(*state, client_reset("next", 2)), "");
	/* noted again as a revision, it is still the same one */
	note(*state, backend_gone("root", 0));
	assert_string_equal(follows(*state, client_reset("after", 3)), "");
}

static void not_passed_on(void **state)
{
	struct incident inc = client_reset("same role", 1);

	note(*state, backend_gone("root", 0));
	inc.sender.role = ROLE_CLIENT;
	assert_string_equal(follows(*state, inc), "");
	inc = client_reset("another process", 1);
	inc.sender.pid = PROXY + 1024;
	assert_string_equal(follows(*state, inc), "");
	assert_string_equal(follows(*state, client_reset("too late", 301)), "");
	inc = client_reset("closed before", 1);
	inc.sender.closed_us = 1001;
	assert_string_equal(follows(*state, inc), "");
	/* if two may be meant, neither is */
	note(*state, backend_gone("second", 0));
	assert_string_equal(follows(*state, client_reset("on", 1)), "");
}

/* Another incident of the proxy's may have been lost: then this may have come from that one. */
static void not_all_seen(void **state)
{
	struct incident inc = client_reset("on", 1);

	note(*state, backend_gone("root", 0));
	trail_note(*state, &inc);
	trail_follow(*state, &inc, WINDOW_NS, false);
	assert_string_equal(inc.follows, "");
	trail_follow(*state, &inc, WINDOW_NS, true);
	assert_string_equal(inc.follows, "root");
}

/* Data after the reset of a connection, in either direction of the record. */
static void after_a_reset(void **state)
{
	struct incident late = incident_at("late", 50, KIND_REPLY, CLIENT, PUBLISHED);

	note(*state, client_reset("root", 0));
	late.sender.end.how = END_RST_RECEIVED;
	late.sender.end.ago_us = 50000;
	assert_string_equal(follows(*state, late), "root");
	late.sender.end.ago_us = 500000;	/* of an earlier connection */
	assert_string_equal(follows(*state, late), "");
	late.sender.end.ago_us = 50000;
	late.sender.netns = late.victim.netns = 8;
	assert_string_equal(follows(*state, late), "");
	late.sender.netns = 7;
	late.sender.end.how = END_CLOSED;
	assert_string_equal(follows(*state, late), "");
}

/* ... and whether this host saw that reset sent: under these addresses, or others before a NAT. */
static void after_a_reset_sent_here(void **state)
{
	struct incident late = incident_at("late", 50, KIND_REPLY, CLIENT, PUBLISHED);
	struct incident back = incident_at("back", 0, KIND_ACTIVE, CLIENT, PUBLISHED);
	struct incident root = client_reset("root", 0), sent = client_reset("sent", 0), once;

	late.sender.end.how = END_RST_RECEIVED;
	late.sender.end.ago_us = 50000;
	root.kind = KIND_RECEIVED;
	root.rst_seq = sent.rst_seq = 4711;
	note(*state, root);
	once = late;
	trail_follow(*state, &once, WINDOW_NS, true);
	assert_string_equal(once.follows, "root");
	assert_false(once.earlier_sent);
	sent.sport++;
	note(*state, sent);
	once = late;
	trail_follow(*state, &once, WINDOW_NS, true);
	assert_string_equal(once.follows, "root");
	assert_true(once.earlier_sent);
	root.kind = KIND_REPLY;
	root.rst_seq = 4712;
	root.sender.seen = true;
	note(*state, root);
	once = late;
	trail_follow(*state, &once, WINDOW_NS, true);
	assert_true(once.earlier_sent);
	/* one that went the other way is not the one that came to this end */
	back.sender.seen = true;
	note(*state, back);
	trail_follow(*state, &late, WINDOW_NS, true);
	assert_string_equal(late.follows, "back");
	assert_false(late.earlier_sent);
}

/* A RST as it was sent and as it arrived, with its source address translated. */
static void translated(void **state)
{
	struct incident sent = client_reset("sent", 0), got = client_reset("got", 1);

	sent.rst_seq = got.rst_seq = 4711;
	got.kind = KIND_RECEIVED;
	got.sender.pid = UNKNOWN;
	got.saddr[3] = 99;
	note(*state, sent);
	note(*state, got);
	trail_follow(*state, &got, WINDOW_NS, true);
	assert_string_equal(got.follows, "sent");
	assert_true(got.translated);
	/* both addresses are the same: no translation */
	got.follows[0] = got.saddr[3] = 0;
	trail_follow(*state, &got, WINDOW_NS, true);
	assert_string_equal(got.follows, "");
	/* neither address is the same: the number is equal by chance */
	got.saddr[3] = got.daddr[3] = 99;
	trail_follow(*state, &got, WINDOW_NS, true);
	assert_string_equal(got.follows, "");
}

/* What other connections meet between a reset and what follows it does not push it out. */
static void among_others(void **state)
{
	for (int port = 1; port <= 1000; port++) {
		struct incident end = incident_at("end", 0, KIND_ACTIVE, port, CLIENT);
		struct incident after = incident_at("after", 5, KIND_REPLY, port, CLIENT);

		note(*state, end);
		for (int i = 1; i <= 30; i++)
			note(*state, incident_at("other", 1, KIND_ACTIVE, PUBLISHED, port + 97 * i));
		after.sender.end = (struct ending){ .how = END_RST_SENT, .ago_us = 5000 };
		assert_string_equal(follows(*state, after), "end");
	}
}

#define TRAIL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIL_TEST(passed_on), TRAIL_TEST(not_passed_on), TRAIL_TEST(after_a_reset),
		TRAIL_TEST(after_a_reset_sent_here), TRAIL_TEST(translated), TRAIL_TEST(not_all_seen),
		TRAIL_TEST(among_others),
	};

	return cmocka_run_group_tests_name("trail", tests, NULL, NULL);
}
