/* SPDX-License-Identifier: GPL-2.0 */
/* Which incidents and events are shown. */
#include <arpa/inet.h>

#include "events.h"
#include "incident/facts.h"
#include "app/filter.h"
#include "cause/rules.h"
#include "test.h"

/* nginx[812] on 10.0.0.1:80 resets ab[991] on 10.0.0.9:53412; both are on this host. */
static struct incident local_incident(void)
{
	struct rst_event out = sent_active(10), in = received(11);
	struct incident inc;

	incident_init(&inc);
	facts_sent(&inc, &out, &events_meta);
	facts_received(&inc, &in, &events_meta);
	diagnose(&inc);
	strcpy(inc.sender.cgroup, "/system.slice/nginx.service");
	strcpy(inc.victim.cgroup, "/user.slice/user-1000.slice");
	return inc;
}

/* The same between other addresses. */
static struct incident between(const char *saddr, const char *daddr)
{
	struct incident inc = local_incident();
	struct rst_event ev = sent_active(10);

	event_flow(&ev, saddr, SERVER_PORT, daddr, CLIENT_PORT);
	inc.family = ev.flow.family;
	memcpy(inc.saddr, ev.flow.laddr, 16);
	memcpy(inc.daddr, ev.flow.raddr, 16);
	return inc;
}

static bool shows(const struct filter *f, struct incident inc)
{
	return filter_incident(f, &inc);
}

static bool shows_event(const struct filter *f, struct rst_event ev)
{
	return filter_event(f, &ev);
}

static void everything(void **state)
{
	struct filter f = {};
	struct incident inc;

	assert_true(shows(&f, local_incident()));
	assert_true(shows_event(&f, sent_active(10)));
	assert_true(shows_event(&f, event_at(EV_FORK, 10)));
	incident_init(&inc);
	diagnose(&inc);
	assert_true(filter_incident(&f, &inc));
}

/* Prefixes, with addresses just inside and just outside of each. */
static const struct { const char *prefix, *in, *out; } prefixes[] = {
	{ "10.0.0.1", "10.0.0.1", "10.0.0.2" },
	{ "10.0.0.1/32", "10.0.0.1", "10.0.0.0" },
	{ "192.168.7.0/31", "192.168.7.1", "192.168.7.2" },
	{ "192.168.6.0/23", "192.168.7.255", "192.168.8.0" },
	{ "192.168.6.77/23", "192.168.6.0", "192.168.5.255" },	/* host bits of a prefix do not matter */
	{ "172.16.0.0/12", "172.31.255.255", "172.32.0.0" },
	{ "10.0.0.0/9", "10.127.255.255", "10.128.0.0" },
	{ "128.0.0.0/1", "255.255.255.255", "127.255.255.255" },
	{ "fd00::1", "fd00::1", "fd00::2" },
	{ "fd00::/8", "fdff::1", "fe00::1" },
	{ "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1" },
	{ "2001:db8::8/125", "2001:db8::f", "2001:db8::7" },
	{ "2001:db8::1/127", "2001:db8::", "2001:db8::2" },
	{ "8000::/1", "ffff::", "7fff::" },
};

static void addresses(void **state)
{
	size_t i;

	for (i = 0; i < N(prefixes); i++) {
		bool v6 = strchr(prefixes[i].prefix, ':');
		const char *other = v6 ? "0100::5" : "5.5.5.5";
		struct rst_event ev = sent_active(10);
		struct filter f = {};

		assert_int_equal(filter_parse_addr(&f, prefixes[i].prefix), 0);
		/* at either end */
		assert_true(shows(&f, between(prefixes[i].in, other)));
		assert_true(shows(&f, between(other, prefixes[i].in)));
		if (shows(&f, between(prefixes[i].out, other)) ||
		    shows(&f, between(other, prefixes[i].out)))
			fail_msg("%s lets %s through", prefixes[i].prefix, prefixes[i].out);
		event_flow(&ev, prefixes[i].in, 1, other, 2);
		assert_true(shows_event(&f, ev));
		event_flow(&ev, other, 1, prefixes[i].in, 2);
		assert_true(shows_event(&f, ev));
		event_flow(&ev, other, 1, prefixes[i].out, 2);
		assert_false(shows_event(&f, ev));
	}
}

/* /0 stands for every address of its family, and no other. */
static void whole_family(void **state)
{
	struct filter f = {};

	assert_int_equal(filter_parse_addr(&f, "0.0.0.0/0"), 0);
	assert_true(shows(&f, between("1.2.3.4", "5.6.7.8")));
	assert_false(shows(&f, between("fd00::1", "fd00::2")));
	assert_int_equal(filter_parse_addr(&f, "::/0"), 0);
	assert_false(shows(&f, between("1.2.3.4", "5.6.7.8")));
	assert_true(shows(&f, between("fd00::1", "fd00::2")));
	/* the bytes of a v4 address are no v6 address */
	assert_int_equal(filter_parse_addr(&f, "a00:1::"), 0);
	assert_false(shows(&f, between("10.0.0.1", "10.0.0.9")));
}

static void no_addresses(void **state)
{
	static const char *const words[] = {
		"", "/", "/8", "10.0.0", "10.0.0.256", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1",
		"10.0.0.1/8x", "10.0.0.1/8/8", "::1/129", "::1/", ":::", "localhost", "10.0.0.1 ",
		"1111:2222:3333:4444:5555:6666:7777:8888/128888888888888888888888888888888888888",
	};
	struct filter f = {}, before;
	size_t i;

	assert_int_equal(filter_parse_addr(&f, "10.0.0.0/8"), 0);
	before = f;
	for (i = 0; i < N(words); i++) {
		if (filter_parse_addr(&f, words[i]) != -EINVAL)
			fail_msg("'%s' passes for an address", words[i]);
		assert_memory_equal(&f, &before, sizeof(f));
	}
}

static void ports(void **state)
{
	struct incident inc = local_incident();
	struct filter f = { .port = SERVER_PORT };

	assert_true(shows(&f, inc));
	f.port = CLIENT_PORT;
	assert_true(shows(&f, inc));
	f.port = 81;
	assert_false(shows(&f, inc));
	f.port = SERVER_PORT;
	assert_true(shows_event(&f, sent_active(10)));
	assert_true(shows_event(&f, received(10)));
	f.port = 81;
	assert_false(shows_event(&f, received(10)));
}

/* With a local flow, each port is at one end here, and across from the other. */
static void ports_of_local_flow(void **state)
{
	struct incident inc = local_incident();

	assert_true(shows(&(struct filter){ .lport = SERVER_PORT }, inc));
	assert_true(shows(&(struct filter){ .lport = CLIENT_PORT }, inc));
	assert_true(shows(&(struct filter){ .rport = SERVER_PORT }, inc));
	assert_true(shows(&(struct filter){ .rport = CLIENT_PORT }, inc));
	assert_false(shows(&(struct filter){ .lport = 81 }, inc));
	assert_false(shows(&(struct filter){ .rport = 81 }, inc));
}

static void ports_of_remote_flow(void **state)
{
	struct incident inc = local_incident();

	inc.victim.local = 0;	/* sent from here */
	assert_true(shows(&(struct filter){ .lport = SERVER_PORT }, inc));
	assert_false(shows(&(struct filter){ .lport = CLIENT_PORT }, inc));
	assert_true(shows(&(struct filter){ .rport = CLIENT_PORT }, inc));
	assert_false(shows(&(struct filter){ .rport = SERVER_PORT }, inc));
	inc.victim.local = 1;	/* received here */
	inc.sender.local = 0;
	assert_true(shows(&(struct filter){ .lport = CLIENT_PORT }, inc));
	assert_false(shows(&(struct filter){ .lport = SERVER_PORT }, inc));
	assert_true(shows(&(struct filter){ .rport = SERVER_PORT }, inc));
	assert_false(shows(&(struct filter){ .rport = CLIENT_PORT }, inc));
	assert_true(shows(&(struct filter){ .rport = SERVER_PORT, .lport = CLIENT_PORT }, inc));
	assert_false(shows(&(struct filter){ .rport = SERVER_PORT, .lport = 81 }, inc));
}

/* An event is of one end. */
static void ports_of_event(void **state)
{
	assert_true(shows_event(&(struct filter){ .lport = SERVER_PORT }, sent_active(10)));
	assert_false(shows_event(&(struct filter){ .lport = CLIENT_PORT }, sent_active(10)));
	assert_true(shows_event(&(struct filter){ .rport = SERVER_PORT }, received(10)));
	assert_false(shows_event(&(struct filter){ .rport = CLIENT_PORT }, received(10)));
}

/* A process takes part as sender, as victim, or as the caller of a call that failed. */
static void pids(void **state)
{
	struct incident inc = local_incident();
	struct filter f = { .pid = SERVER_PID };

	assert_true(shows(&f, inc));
	f.pid = CLIENT_PID;
	assert_true(shows(&f, inc));
	f.pid = 5;
	assert_false(shows(&f, inc));
	inc.n_failures = 2;
	inc.failures[1].pid = 5;
	assert_true(shows(&f, inc));
	inc.n_failures = 1;
	assert_false(shows(&f, inc));
	inc.n_failures = 100;	/* more than were kept */
	assert_true(shows(&f, inc));
}

static void pids_of_event(void **state)
{
	struct rst_event ev = received(10);	/* on ab's socket, while nginx runs */

	assert_true(shows_event(&(struct filter){ .pid = CLIENT_PID }, ev));
	assert_true(shows_event(&(struct filter){ .pid = SERVER_PID }, ev));
	assert_false(shows_event(&(struct filter){ .pid = 5 }, ev));
}

static void followed(void **state)
{
	struct incident inc = local_incident(), nobody;
	struct filter f = {};

	assert_false(filter_follows(&f, 1));
	assert_int_equal(filter_follow(&f, 4000), 0);
	assert_false(shows(&f, inc));
	assert_false(shows_event(&f, sent_active(10)));
	assert_int_equal(filter_follow(&f, CLIENT_PID), 0);
	assert_int_equal(filter_follow(&f, CLIENT_PID), 0);
	assert_true(filter_follows(&f, 4000));
	assert_true(filter_follows(&f, CLIENT_PID));
	assert_false(filter_follows(&f, SERVER_PID));
	assert_true(shows(&f, inc));
	assert_true(shows_event(&f, received(10)));
	incident_init(&nobody);
	diagnose(&nobody);
	assert_false(filter_incident(&f, &nobody));
	filter_free(&f);
}

/* A process that has ended is followed for a while: later its number may be another's. */
static void ended(void **state)
{
	struct filter f = {};

	assert_int_equal(filter_follow(&f, 4000), 0);
	assert_int_equal(filter_follow(&f, 4001), 0);
	assert_int_equal(filter_follow(&f, 4002), 0);
	filter_ended(&f, 4000, 1000);
	filter_ended(&f, 4001, 1001);
	filter_ended(&f, 5000, FOLLOW_ENDED_NS + 999);	/* never followed */
	assert_true(filter_follows(&f, 4000));
	assert_int_equal(filter_follow(&f, 4001), 0);	/* a new process with the same number */
	filter_ended(&f, 5000, FOLLOW_ENDED_NS + 1000);
	assert_false(filter_follows(&f, 4000));
	filter_ended(&f, 5000, UINT64_MAX);
	assert_true(filter_follows(&f, 4001));
	assert_true(filter_follows(&f, 4002));
	assert_true(f.follow);
	filter_free(&f);
}

/* With a command and a pid: either is enough. */
static void followed_and_pid(void **state)
{
	struct filter f = { .pid = SERVER_PID };
	struct incident inc = local_incident();

	assert_int_equal(filter_follow(&f, 4000), 0);
	assert_true(shows(&f, inc));
	inc.sender.pid = 1;
	assert_false(shows(&f, inc));
	inc.victim.pid = 4000;
	assert_true(shows(&f, inc));
	filter_free(&f);
}

static void names(void **state)
{
	static const struct { const char *pattern; bool shown; } patterns[] = {
		{ "nginx", true }, { "ab", true }, { "ngin", false }, { "ngin*", true },
		{ "*", true }, { "?b", true }, { "[a-c]b", true }, { "[!a]b", false }, { "NGINX", false },
		{ "helper", false }, { "", false },
	};
	struct incident inc = local_incident();
	size_t i;

	for (i = 0; i < N(patterns); i++) {
		struct filter f = { .comm = patterns[i].pattern };

		if (shows(&f, inc) != patterns[i].shown ||
		    shows_event(&f, received(10)) != patterns[i].shown)
			fail_msg("pattern '%s'", patterns[i].pattern);
	}
	inc.n_failures = 1;
	strcpy(inc.failures[0].comm, "helper");
	assert_true(shows(&(struct filter){ .comm = "helper" }, inc));
	/* a process that is not known matches no pattern, not even * */
	incident_init(&inc);
	diagnose(&inc);
	assert_false(shows(&(struct filter){ .comm = "*" }, inc));
}

static void namespaces(void **state)
{
	assert_true(shows(&(struct filter){ .netns = NETNS }, local_incident()));
	assert_false(shows(&(struct filter){ .netns = NETNS + 1 }, local_incident()));
	assert_true(shows_event(&(struct filter){ .netns = NETNS }, received(10)));
	assert_false(shows_event(&(struct filter){ .netns = NETNS + 1 }, received(10)));
}

static void cgroups(void **state)
{
	static const struct { const char *top; bool shown; } tops[] = {
		{ "/system.slice/nginx.service", true },
		{ "/system.slice/nginx.service/", true },
		{ "/system.slice", true },
		{ "/user.slice", true },
		{ "/system.slice/nginx", false },	/* the name of a unit, not the beginning of one */
		{ "/system.slice/nginx.service/below", false },
		{ "/", true },
		{ "/machine.slice", false },
	};
	size_t i;

	for (i = 0; i < N(tops); i++)
		if (shows(&(struct filter){ .cgroup = tops[i].top }, local_incident()) != tops[i].shown)
			fail_msg("cgroup '%s'", tops[i].top);
}

static void directions(void **state)
{
	struct filter f = {};
	struct incident inc = local_incident();

	assert_int_equal(filter_parse_direction(&f, "sent"), 0);
	assert_true(shows(&f, inc));
	inc.sender.seen = false;
	assert_false(shows(&f, inc));
	assert_int_equal(filter_parse_direction(&f, "received"), 0);
	assert_true(shows(&f, inc));
	inc.victim.seen = false;
	assert_false(shows(&f, inc));
	assert_int_equal(filter_parse_direction(&f, "in"), -EINVAL);
	assert_int_equal(filter_parse_direction(&f, ""), -EINVAL);
	assert_int_equal(f.direction, RECEIVED);
}

static void causes(void **state)
{
	struct filter f = {};
	struct incident inc = local_incident();
	char one[] = "close-with-unread", two[] = "closed-port,close-with-unread", other[] = "unknown";

	assert_int_equal(filter_parse_causes(&f, one), 0);
	assert_true(shows(&f, inc));
	assert_int_equal(filter_parse_causes(&f, two), 0);
	assert_int_equal(f.n_causes, 2);
	assert_true(shows(&f, inc));
	assert_int_equal(filter_parse_causes(&f, other), 0);
	assert_int_equal(f.n_causes, 1);
	assert_false(shows(&f, inc));
	/* an event has no cause yet, so this does not hide it */
	assert_true(shows_event(&f, sent_active(10)));
}

static void no_causes(void **state)
{
	static const char *const words[] = {
		"", ",", "close", "closed-port,close", "closed-port, unknown",
		"unknown,a-word-that-is-longer-than-any-of-the-codes-will-ever-be",
	};
	char good[] = "closed-port", many[MAX_FILTER_CAUSES * 8 + 16] = "unknown";
	struct filter f = {}, before;
	size_t i;

	assert_int_equal(filter_parse_causes(&f, good), 0);
	before = f;
	for (i = 0; i < N(words); i++) {
		char word[128];

		snprintf(word, sizeof(word), "%s", words[i]);
		if (filter_parse_causes(&f, word) != -EINVAL)
			fail_msg("'%s' passes for causes", words[i]);
		/* the refused words are unchanged, because the user is shown them */
		assert_memory_equal(&f, &before, sizeof(f));
		assert_string_equal(word, words[i]);
	}
	for (i = 1; i < MAX_FILTER_CAUSES; i++)
		strcat(many, ",unknown");
	assert_int_equal(filter_parse_causes(&f, many), 0);
	assert_int_equal(f.n_causes, MAX_FILTER_CAUSES);
	memset(many, 0, sizeof(many));
	strcpy(many, "unknown");
	for (i = 1; i <= MAX_FILTER_CAUSES; i++)
		strcat(many, ",unknown");
	assert_int_equal(filter_parse_causes(&f, many), -EINVAL);
}

/* Conditions add up. */
static void together(void **state)
{
	struct incident inc = local_incident();
	struct filter f = { .pid = SERVER_PID, .comm = "ab", .port = SERVER_PORT, .netns = NETNS };

	assert_int_equal(filter_parse_addr(&f, "10.0.0.0/8"), 0);
	assert_true(shows(&f, inc));
	f.comm = "other";
	assert_false(shows(&f, inc));
	f.comm = NULL;
	f.port = 81;
	assert_false(shows(&f, inc));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),
		cmocka_unit_test(addresses),
		cmocka_unit_test(whole_family),
		cmocka_unit_test(no_addresses),
		cmocka_unit_test(ports),
		cmocka_unit_test(ports_of_local_flow),
		cmocka_unit_test(ports_of_remote_flow),
		cmocka_unit_test(ports_of_event),
		cmocka_unit_test(pids),
		cmocka_unit_test(pids_of_event),
		cmocka_unit_test(followed), cmocka_unit_test(ended),
		cmocka_unit_test(followed_and_pid),
		cmocka_unit_test(names),
		cmocka_unit_test(namespaces),
		cmocka_unit_test(cgroups),
		cmocka_unit_test(directions),
		cmocka_unit_test(causes),
		cmocka_unit_test(no_causes),
		cmocka_unit_test(together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
