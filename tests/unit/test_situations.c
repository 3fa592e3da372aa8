/* SPDX-License-Identifier: GPL-2.0 */
/* The situations: each by exchanges that fit, after the rules have found the cause. */
#include "cause/rules.h"
#include "cause/settings.h"
#include "cause/situations.h"
#include "situation_cases.h"
#include "test.h"

static const char *or_none(const char *s)
{
	return s ? s : "none";
}

/* Whether the exchange gets the situation that it should. */
static bool fits(size_t i, const struct story *st)
{
	const struct situation *row = situation_find(st->situation);
	const char *text = st->text ? st->text : row ? row->headline : "";
	struct incident inc;

	story_incident(&inc, st);
	diagnose(&inc);
	if (!strcmp(inc.cause, st->cause) && inc.situation_confidence == st->sure &&
	    !strcmp(or_none(inc.situation), or_none(st->situation)) && !strcmp(inc.situation_text, text))
		return !row || row->why[st->sure];
	print_error("story %zu: %s, %s %d: %s\n    not %s, %s %d: %s\n", i, inc.cause,
		    or_none(inc.situation), inc.situation_confidence, inc.situation_text, st->cause,
		    or_none(st->situation), st->sure, text);
	return false;
}

static void told(void **state)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n_stories; i++)
		wrong += !fits(i, &stories[i]);
	assert_int_equal(wrong, 0);
}

/* Diagnosed again when more is known: nothing of the first time stays. */
static void told_twice(void **state)
{
	struct incident inc;

	story_incident(&inc, &stories[0]);
	diagnose(&inc);
	assert_non_null(inc.situation);
	inc.sender.end.how = END_UNKNOWN;
	inc.recent = false;
	inc.seg_flags = TH_ACK;
	diagnose(&inc);
	assert_null(inc.situation);
	assert_string_equal(inc.situation_text, "");
	assert_string_equal(inc.advice, rule_find("stray-segment")->advice);
}

static bool has_story(const char *name, enum confidence sure)
{
	for (size_t i = 0; i < n_stories; i++)
		if (stories[i].situation && !strcmp(stories[i].situation, name) && stories[i].sure == sure)
			return true;
	return false;
}

static void is_sentence(const char *text, size_t max)
{
	size_t n = strlen(text);

	assert_in_range(n, 10, max - 1);
	assert_true(text[n - 1] != '.' && text[n - 1] != ' ' && text[0] != ' ');
	assert_null(strstr(text, ". "));
}

static void rows(void **state)
{
	const struct incident *inc = NULL;

	for (size_t i = 0; i < n_situations; i++) {
		const struct situation *s = &situations[i];

		assert_ptr_equal(situation_find(s->name), s);
		assert_null(rule_find(s->name) && strcmp(s->name, "keepalive-race") ? s : NULL);
		is_sentence(s->headline, 80);
		is_sentence(s->advice, sizeof(inc->advice));
		for (int c = GUESS; c <= CERTAIN; c++)
			if (s->why[c] && !has_story(s->name, c))
				fail_msg("no story for %s: %s", s->name, s->why[c]);
	}
	assert_null(situation_find("unheard-of"));
	assert_null(situation_find(NULL));
}

/* Whichever end is the sender, a client is never advised to read a request. */
static void advice_fits_the_role(void **state)
{
	struct incident inc;

	for (size_t i = 0; i < 2 * n_stories; i++) {
		story_incident(&inc, &stories[i / 2]);
		if (i % 2) {	/* the same with the roles exchanged */
			enum rst_role role = inc.sender.role;

			inc.sender.role = inc.victim.role;
			inc.victim.role = role;
		}
		diagnose(&inc);
		assert_null(strstr(inc.advice, "read the request"));
		assert_false(inc.sender.role == ROLE_CLIENT && strstr(inc.advice, "read the rest"));
		is_sentence(inc.advice, sizeof(inc.advice));
	}
	for (size_t i = 0; i < n_rules; i++)
		assert_null(strstr(rules[i].advice, "read the request"));
}

/*
 * The advice depends on a killed process, on other listeners of the port, and on whose timeout it
 * was.
 */
static void advice_with_facts(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ "the client's process was ended by SIGKILL", "who sent the process its SIGKILL" },
		{ "answered nothing and was ended by SIGSEGV", "coredumpctl" },
		{ "one of several listeners", "tcp_migrate_req=1" },
		{ "data came 400 µs later: nginx", "nginx's keepalive_timeout" },
		{ "reset the connection after 173 µs", "a rule that rejects" },
		{ "(40 bytes) and was ended by SIGKILL", "who sent the process its SIGKILL" },
		{ "read 4,100 of 6,000", "uWSGI's log at this time: a limit on the request's size (buffer-size:" },
		{ "read 4,100 of 6,000", "a timeout (harakiri)" },
		{ "ended by SIGTERM", "took longer than request_terminate_timeout" },
		{ "126,972 of 127,115", "larger than its max_allowed_packet" },
		{ "left 1.2 s after", "nginx's proxy_read_timeout" },
		{ "heard nothing from the client in 60.0 s", "nginx's client_header_timeout" },
		{ "41 bytes and exited", "OpenSSH's LoginGraceTime" },
		{ "wrote 51 bytes and closed", "the server's timeout for a first request or a login" },
		{ "answered nothing for 2.0 s", "a timeout of 2.0 s at the server (gunicorn: --timeout)" },
		{ "had 16 bytes, answered", "the rest of the request" },
		{ "4,584 of 8,684", "set post-buffering" },
		{ "the client closed after 13.4 s", "an unused connection away (HAProxy: pool-purge-delay" },
		{ "with 41 bytes on the way", "the client had asked nothing" },
		{ "goes on as if", "the peer never sent that reset" },
		{ "though this host saw it", "nobody forged it" },
		{ "may not be the one that sent", "this host may have, and the event is lost" },
	};
	struct incident inc;
	size_t found = 0;

	for (size_t i = 0; i < n_stories; i++) {
		story_incident(&inc, &stories[i]);
		diagnose(&inc);
		for (size_t k = 0; k < N(cases); k++) {
			if (!strstr(inc.situation_text, cases[k].text))
				continue;
			assert_non_null(strstr(inc.advice, cases[k].says));
			found++;
		}
	}
	assert_int_equal(found, N(cases));
}

/*
 * Where the sending of a RST may be lost, it may have been sent here: nothing is told of another host's
 * end then. What the victim's own silence shows stands.
 */
static void lost_sending_is_no_peer(void **state)
{
	struct incident inc;
	size_t found = 0;

	for (size_t i = 0; i < n_stories; i++) {
		story_incident(&inc, &stories[i]);
		if (inc.kind != KIND_RECEIVED || inc.loopback || inc.translated)
			continue;
		diagnose(&inc);
		if (!inc.situation || !strcmp(inc.situation, "keepalive-race"))
			continue;
		found++;
		story_incident(&inc, &stories[i]);
		inc.lost |= LOST_SENDING;
		diagnose(&inc);
		assert_null(inc.situation);
	}
	assert_true(found > 3);
}

static const char *program(const char *comm, const char *exe)
{
	const struct setting *s;
	struct endpoint ep;

	endpoint_init(&ep);
	snprintf(ep.comm, sizeof(ep.comm), "%s", comm);
	snprintf(ep.exe, sizeof(ep.exe), "%s", exe);
	s = setting_of(&ep);
	return s ? s->program : "";
}

static void programs(void **state)
{
	static const struct { const char *comm, *exe, *program; } cases[] = {
		{ "nginx", "", "nginx" }, { "nginx: worker", "", "nginx" },
		{ "worker", "/usr/sbin/nginx", "nginx" }, { "node", "", "Node.js" },
		{ "MainThread", "/usr/bin/node", "Node.js" }, { "node_exporter", "", "" },
		{ "php-fpm8.2", "", "PHP-FPM" }, { "http-nio-8080-1", "", "Tomcat" },
		{ "gunicorn: worke", "", "gunicorn" }, { "qtp12345-17", "", "Jetty" },
		{ "wrk", "", "" }, { "wrk:worker_0", "", "Envoy" }, { "", "", "" },
		{ "mysqld_safe", "", "" }, { "mysqld", "", "MariaDB or MySQL" },
		{ "cache-worker", "", "Varnish" }, { "sshd", "", "OpenSSH" }, { "python3", "/usr/bin/python3.11", "" },
	};

	for (size_t i = 0; i < N(cases); i++)
		if (strcmp(program(cases[i].comm, cases[i].exe), cases[i].program))
			fail_msg("%s %s: %s", cases[i].comm, cases[i].exe,
				 program(cases[i].comm, cases[i].exe));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told),
		cmocka_unit_test(told_twice),
		cmocka_unit_test(rows),
		cmocka_unit_test(advice_fits_the_role),
		cmocka_unit_test(advice_with_facts),
		cmocka_unit_test(lost_sending_is_no_peer),
		cmocka_unit_test(programs),
	};

	return cmocka_run_group_tests_name("situations", tests, NULL, NULL);
}
