/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What explain knows: that it knows every code, has sentences of its own for each, and finds them
 * under the names that people use.
 */
#include "rule_cases.h"
#include "cause/rules.h"
#include "test.h"
#include "topics.h"

/* enum sk_rst_reason of Linux 6.10 to 6.18, without MAX, which is no reason */
static const char *const reasons[] = {
	"NOT_SPECIFIED", "NO_SOCKET", "TCP_INVALID_ACK_SEQUENCE", "TCP_RFC7323_PAWS",
	"TCP_TOO_OLD_ACK", "TCP_ACK_UNSENT_DATA", "TCP_FLAGS", "TCP_OLD_ACK", "TCP_ABORT_ON_DATA",
	"TCP_TIMEWAIT_SOCKET", "INVALID_SYN", "TCP_ABORT_ON_CLOSE", "TCP_ABORT_ON_LINGER",
	"TCP_ABORT_ON_MEMORY", "TCP_STATE", "TCP_KEEPALIVE_TIMEOUT", "TCP_DISCONNECT_WITH_DATA",
	"MPTCP_RST_EUNSPEC", "MPTCP_RST_EMPTCP", "MPTCP_RST_ERESOURCE", "MPTCP_RST_EPROHIBIT",
	"MPTCP_RST_EWQ2BIG", "MPTCP_RST_EBADPERF", "MPTCP_RST_EMIDDLEBOX", "ERROR",
};

static const struct {
	int number;
	const char *name;
} errors[] = {
	{ ECONNRESET, "ECONNRESET" }, { EPIPE, "EPIPE" }, { ECONNREFUSED, "ECONNREFUSED" },
	{ ETIMEDOUT, "ETIMEDOUT" }, { ECONNABORTED, "ECONNABORTED" },
	{ EHOSTUNREACH, "EHOSTUNREACH" }, { ENETUNREACH, "ENETUNREACH" }, { ENOTCONN, "ENOTCONN" },
	/* from ICMP: icmp_err_convert[], icmpv6_err_convert() */
	{ EACCES, "EACCES" }, { EPROTO, "EPROTO" }, { EHOSTDOWN, "EHOSTDOWN" },
	{ ENONET, "ENONET" }, { ENOPROTOOPT, "ENOPROTOOPT" }, { EOPNOTSUPP, "EOPNOTSUPP" },
	/* from kTLS and MPTCP */
	{ EBADMSG, "EBADMSG" },
};

static void finds(const char *word, enum topic_kind kind, const char *name)
{
	struct topic t;

	if (topic_find(word, &t))
		fail_msg("'%s' is not known", word);
	if (t.kind != kind || strcmp(t.name, name))
		fail_msg("'%s' finds %s, not %s", word, t.name, name);
}

static void causes_known(void **state)
{
	const struct topics *all = *state;
	size_t n = 0, i;

	for (i = 0; i < n_cause_codes; i++)
		finds(cause_codes[i], TOPIC_CAUSE, cause_codes[i]);
	for (i = 0; i < n_rules; i++)
		finds(rules[i].cause, TOPIC_CAUSE, rules[i].cause);
	for (i = 0; i < all->n; i++)
		n += all->topic[i].kind == TOPIC_CAUSE;
	assert_int_equal(n, n_cause_codes);
}

static void reasons_known(void **state)
{
	const struct topics *all = *state;
	char word[64];
	size_t n = 0, i;

	for (i = 0; i < N(reasons); i++) {
		finds(reasons[i], TOPIC_REASON, reasons[i]);
		snprintf(word, sizeof(word), "SK_RST_REASON_%s", reasons[i]);
		finds(word, TOPIC_REASON, reasons[i]);
		for (char *c = word; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c += 'a' - 'A';
		finds(word, TOPIC_REASON, reasons[i]);
	}
	for (i = 0; i < all->n; i++)
		n += all->topic[i].kind == TOPIC_REASON;
	assert_int_equal(n, N(reasons));
}

static void errors_known(void **state)
{
	char word[64];

	for (size_t i = 0; i < N(errors); i++) {
		finds(errors[i].name, TOPIC_ERRNO, errors[i].name);
		finds(strerrordesc_np(errors[i].number), TOPIC_ERRNO, errors[i].name);
		snprintf(word, sizeof(word), "%d", errors[i].number);
		finds(word, TOPIC_ERRNO, errors[i].name);
		snprintf(word, sizeof(word), "-%d", errors[i].number);
		finds(word, TOPIC_ERRNO, errors[i].name);
	}
}

/* As people type or paste it. */
static void other_words(void **state)
{
	finds("Connection reset by peer", TOPIC_ERRNO, "ECONNRESET");
	finds("connection RESET by   peer.", TOPIC_ERRNO, "ECONNRESET");
	finds(" broken pipe\n", TOPIC_ERRNO, "EPIPE");
	finds("errno 111", TOPIC_ERRNO, "ECONNREFUSED");
	finds("Operation timed out", TOPIC_ERRNO, "ETIMEDOUT");
	finds("ConnectionResetError", TOPIC_ERRNO, "ECONNRESET");
	finds("econnaborted", TOPIC_ERRNO, "ECONNABORTED");
	finds("CLOSE_WITH_UNREAD", TOPIC_CAUSE, "close-with-unread");
	finds("tcp-abort-on-close", TOPIC_REASON, "TCP_ABORT_ON_CLOSE");
	finds("sigpipe", TOPIC_SIGNAL, "SIGPIPE");
	finds("141", TOPIC_SIGNAL, "SIGPIPE");
	finds("13", TOPIC_ERRNO, "EACCES");
	finds("when-reset", TOPIC_BELIEF, "when-reset");
	finds("second-write", TOPIC_BELIEF, "second-write");
	finds("read-sigpipe", TOPIC_BELIEF, "read-sigpipe");
	finds("zero-read", TOPIC_BELIEF, "zero-read");
	finds("EOF", TOPIC_BELIEF, "zero-read");
}

/* Every listed name leads to its own topic, and to no other. */
static void names_are_unique(void **state)
{
	const struct topics *all = *state;

	for (size_t i = 0; i < all->n; i++)
		finds(all->topic[i].name, all->topic[i].kind, all->topic[i].name);
}

static void part(const struct topic *t, const char *what, const char *text, size_t least)
{
	size_t n = text ? strlen(text) : 0;

	if (n < least)
		fail_msg("%s: too little on %s", t->name, what);
	if (text[0] == ' ' || text[n - 1] == ' ' || strstr(text, "  "))
		fail_msg("%s: a blank too many in %s", t->name, what);
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			fail_msg("%s: odd character in %s", t->name, what);
}

/* Sentences end in a full stop; a headline, an advice and a source do not. */
static void stop(const struct topic *t, const char *text, bool wanted)
{
	if ((text[strlen(text) - 1] == '.') != wanted)
		fail_msg("%s: full stop of '%.40s...'", t->name, text);
}

static void all_parts(void **state)
{
	const struct topics *all = *state;

	assert_true(all->n > n_cause_codes + N(reasons) + N(errors));
	for (size_t i = 0; i < all->n; i++) {
		const struct topic *t = &all->topic[i];

		part(t, "the headline", t->headline, 10);
		part(t, "the wire", t->wire, 40);
		part(t, "the calls", t->calls, 30);
		part(t, "what to do", t->advice, 20);
		part(t, "the source", t->source, 15);
		stop(t, t->headline, false);
		stop(t, t->wire, true);
		stop(t, t->calls, true);
		stop(t, t->advice, false);
		stop(t, t->source, false);
	}
}

static void different(const struct topic *a, const struct topic *b, const char *x, const char *y)
{
	if (!strcmp(x, y))
		fail_msg("%s and %s share '%.60s'", a->name, b->name, x);
}

static void no_text_twice(void **state)
{
	const struct topics *all = *state;

	for (size_t i = 0; i < all->n; i++)
		for (size_t j = 0; j < i; j++) {
			const struct topic *a = &all->topic[i], *b = &all->topic[j];

			different(a, b, a->name, b->name);
			different(a, b, a->headline, b->headline);
			different(a, b, a->wire, b->wire);
			different(a, b, a->calls, b->calls);
			different(a, b, a->advice, b->advice);
			different(a, b, a->source, b->source);
		}
}

/* The topics that a text refers to exist; a reason names the causes that it may stand for. */
static void references(void **state)
{
	const struct topics *all = *state;

	for (size_t i = 0; i < all->n; i++) {
		const struct topic *t = &all->topic[i];
		char see[256], *save = NULL;
		int caused = 0;

		if (t->kind != TOPIC_CAUSE)
			assert_non_null(t->see);
		snprintf(see, sizeof(see), "%s", t->see ? t->see : "");
		for (char *w = strtok_r(see, ", ", &save); w; w = strtok_r(NULL, ", ", &save)) {
			struct topic other;

			if (topic_find(w, &other) || strcmp(other.name, w) || !strcmp(w, t->name))
				fail_msg("%s refers to '%s'", t->name, w);
			caused += other.kind == TOPIC_CAUSE;
		}
		if (t->kind == TOPIC_REASON && !caused)
			fail_msg("%s stands for no cause", t->name);
	}
}

/* ---- the evidence that the rules' rows state -------------------------------------- */

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void some_incident(struct incident *inc, uint32_t *seed)
{
	static const char *const calls[] = { "", "close", "connect", "exit_group" };
	struct endpoint *s = &inc->sender;
	uint32_t r = next(seed) % (N(reasons) + 8);

	incident_init(inc);
	inc->kind = next(seed) % (KIND_TIMEOUT + 1);
	if (r < N(reasons))
		snprintf(inc->reason, sizeof(inc->reason), "%s", reasons[r]);
	snprintf(s->syscall, sizeof(s->syscall), "%s", calls[next(seed) % N(calls)]);
	s->have_sock = next(seed) % 3;
	s->timewait = !s->have_sock && next(seed) % 2;
	s->tcp_state = next(seed) % 12;
	s->old_state = next(seed) % 12;
	s->bits = next(seed) % 64;
	s->shutdown = next(seed) % 4;
	s->unread = (int64_t)(next(seed) % 3) - 1;
	s->unsent = next(seed) % 2;
	s->linger0 = next(seed) % 2;
	s->linger2 = (int)(next(seed) % 3) - 1;
	s->sk_err = next(seed) % 4 ? 0 : ECONNABORTED;
	inc->recent = next(seed) % 2;
	inc->listener = next(seed) % 2;
	if (next(seed) % 4)
		inc->seg_flags = next(seed) % 64;
	inc->accept_queue = next(seed) % 4;
	inc->accept_queue_max = next(seed) % 4;
	inc->victim.tcp_state = next(seed) % 12;
	inc->victim.unsent = next(seed) % 2;
}

/* Rules with the same cause say the same of it, apart from the evidence. */
static void rules_of_one_cause(void **state)
{
	for (size_t i = 0; i < n_rules; i++) {
		const struct rule *first = rule_find(rules[i].cause);
		struct topic t;

		assert_int_equal(topic_find(rules[i].cause, &t), 0);
		assert_string_equal(rules[i].headline, first->headline);
		assert_string_equal(rules[i].advice, first->advice);
		assert_string_equal(rules[i].wire, first->wire);
		assert_string_equal(rules[i].calls, first->calls);
		assert_string_equal(rules[i].source, first->source);
		for (int c = GUESS; c <= CERTAIN; c++)
			if (rules[i].why[c])
				assert_non_null(t.why[c]);
	}
}

/* For each confidence that a rule gives, its row states the evidence. */
static void evidence(void **state)
{
	uint32_t seed = 1;

	for (int i = 0; i < 200000; i++) {
		struct incident inc;
		struct topic t;

		some_incident(&inc, &seed);
		diagnose(&inc);
		assert_int_equal(topic_find(inc.cause, &t), 0);
		if (!t.why[inc.confidence])
			fail_msg("%s with confidence %d: no evidence stated", inc.cause, inc.confidence);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(causes_known),
		cmocka_unit_test(reasons_known),
		cmocka_unit_test(errors_known),
		cmocka_unit_test(other_words),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(all_parts),
		cmocka_unit_test(no_text_twice),
		cmocka_unit_test(references),
		cmocka_unit_test(rules_of_one_cause),
		cmocka_unit_test(evidence),
	};

	return cmocka_run_group_tests(tests, topics_setup, topics_teardown);
}
