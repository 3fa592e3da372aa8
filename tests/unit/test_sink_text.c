/* SPDX-License-Identifier: GPL-2.0 */
/* What people read, byte for byte. */
#include <netinet/tcp.h>
#include <time.h>

#include "capture.h"
#include "incident/format.h"
#include "cause/rules.h"
#include "test.h"

static void text_example(void **state)
{
	struct incident inc;

	example_incident(&inc);
	expect_incident(&sink_text, &inc,
		"14:03:22.118  nginx[812] ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412  "
		"closed with 312 bytes unread\n"
		"              sender  close(14) in ESTABLISHED after 4.2 s, 1.1 KiB in, 0 out"
		"  nginx.service\n"
		"              victim  recvfrom(5) = ECONNRESET  after 83 µs\n"
		"              advice  read the request to its end before close\n");
}

static void text_color(void **state)
{
	struct incident inc;
	struct capture c;

	example_incident(&inc);
	capture_open(&c, &sink_text);
	c.sink.color = true;
	capture_incident(&c, &inc);
	assert_non_null(strstr(c.text, "\033[1mnginx[812] ─RST→ ab[991]\033[0m"));
	assert_non_null(strstr(c.text, "\033[31mclosed with 312 bytes unread\033[0m"));
	assert_null(strstr(c.text, "\033[0m\033[0m"));
	capture_close(&c);
}

/* The block once more, as an update of the same id. */
static void text_update(void **state)
{
	struct incident inc;

	example_incident(&inc);
	inc.rev = 1;
	inc.passed = true;
	inc.sender = (struct endpoint){ .local = 0, .pid = UNKNOWN };
	inc.advice[0] = '\0';
	inc.cause = NULL;
	inc.n_failures = 0;
	inc.outcome = OUTCOME_UNNOTICED;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  10.0.0.1 ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412  "
		"closed with 312 bytes unread\n"
		"              update  revision 1 of b1-7: replaces the block shown before\n"
		"              victim  the socket was closed before any call saw the reset\n");
}

/* A record that was shown gets a short line for what came later, whatever its block said. */
static void text_completion(void **state)
{
	struct incident inc;

	example_incident(&inc);
	inc.rev = 1;
	inc.passed = inc.only_outcome = true;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  nginx[812] ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412  "
		"later: recvfrom(5) = ECONNRESET  after 83 µs\n");
	/* of these calls, the first was shown before */
	inc.n_failures = 3;
	inc.n_told = 1;
	inc.failures[1] = inc.failures[2] = inc.failures[0];
	inc.failures[1].err = EPIPE;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  nginx[812] ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412\n"
		"              later: recvfrom(5) = EPIPE  after 83 µs, and 1 more\n");
	inc.n_told = 3;
	inc.outcome = OUTCOME_UNNOTICED;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  nginx[812] ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412\n"
		"              later: the socket was closed before any call saw the reset\n");
}

/* No program was hurt, so no "?" stands for a process. */
static void text_nobody(void **state)
{
	struct incident inc;

	example_incident(&inc);
	endpoint_init(&inc.victim);
	inc.victim.local = 1;
	inc.n_failures = 0;
	inc.outcome = OUTCOME_NONE;
	inc.sender = (struct endpoint){ .local = 0, .pid = UNKNOWN };
	inc.advice[0] = '\0';
	inc.cause = NULL;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  10.0.0.1 ─RST→ nobody  10.0.0.1:80 → 10.0.0.9:53412  closed with 312 bytes unread\n"
		"              victim  nobody: the reset ended no socket\n");
	inc.seg_flags = TH_SYN | TH_ACK;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  10.0.0.1 ─RST→ nobody  10.0.0.1:80 → 10.0.0.9:53412  closed with 312 bytes unread\n"
		"              victim  nobody: the handshake was not over\n");
	/* a listener may answer for a connection that is over */
	inc.seg_flags = TH_ACK;
	inc.listener = true;
	inc.sender.end.how = END_RST_SENT;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  10.0.0.1 ─RST→ nobody  10.0.0.1:80 → 10.0.0.9:53412  closed with 312 bytes unread\n"
		"              victim  nobody: the reset ended no socket\n");
}

/* The error is known from the socket, but no probe saw the call that took it. */
static void text_unseen_call(void **state)
{
	struct incident inc;
	struct capture c;

	example_incident(&inc);
	inc.failures[0] = (struct failure){ .err = ECONNREFUSED, .fd = UNKNOWN, .pid = UNKNOWN,
					    .tid = UNKNOWN, .delay_us = UNKNOWN, .sigpipe = UNKNOWN };
	capture_open(&c, &sink_text);
	capture_incident(&c, &inc);
	assert_non_null(strstr(c.text, "victim  ECONNREFUSED, from a call that was not visible\n"));
	assert_null(strchr(c.text, '?'));
	capture_close(&c);
}

static void text_failures(void **state)
{
	struct incident inc;

	example_incident(&inc);
	inc.sender.local = 0;
	inc.advice[0] = '\0';
	inc.cause = NULL;
	inc.confidence = LIKELY;
	inc.n_failures = MAX_FAILURES + 2;
	inc.failures[1] = (struct failure){
		.err = 0, .syscall = "read", .fd = 5, .pid = 991, .tid = 991, .delay_us = 83,
	};
	inc.failures[2] = (struct failure){
		.err = EPIPE, .syscall = "write", .fd = 5, .pid = 991, .tid = 991,
		.delay_us = UNKNOWN, .sigpipe = 1, .action = SIGPIPE_KILLED,
	};
	inc.failures[3] = inc.failures[4] = inc.failures[5] = inc.failures[2];
	inc.failures[3].action = SIGPIPE_IGNORED;
	inc.failures[4].action = SIGPIPE_HANDLED;
	inc.failures[5].action = SIGPIPE_NONE;
	inc.failures[6] = inc.failures[0];
	inc.failures[6].pid = 992;
	strcpy(inc.failures[6].comm, "ab\n");
	inc.failures[7] = (struct failure){ .err = ECONNREFUSED, .fd = UNKNOWN, .pid = UNKNOWN,
					    .delay_us = UNKNOWN, .sigpipe = UNKNOWN };
	expect_incident(&sink_text, &inc,
		"14:03:22.118  nginx[812] ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412  "
		"closed with 312 bytes unread (likely)\n"
		"              victim  recvfrom(5) = ECONNRESET  after 83 µs\n"
		"                      read(5) = 0  end of file: the reset was swallowed  after 83 µs\n"
		"                      write(5) = EPIPE  SIGPIPE killed the process\n"
		"                      write(5) = EPIPE  SIGPIPE ignored\n"
		"                      write(5) = EPIPE  SIGPIPE raised and handled\n"
		"                      write(5) = EPIPE  SIGPIPE raised\n"
		"                      recvfrom(5) = ECONNRESET  after 83 µs  by ab\\x0a[992]\n"
		"                      ECONNREFUSED, from a call that was not visible\n"
		"                      and 2 more failing calls\n");
}

/*
 * The other end may be the kernel, an unknown owner or another host; a segment may be answered
 * without a socket.
 */
static void text_who(void **state)
{
	struct incident inc;

	incident_init(&inc);
	inc.family = 6;
	inc.saddr[15] = 1;
	inc.daddr[15] = 1;
	inc.sport = 81;
	inc.dport = 40000;
	inc.sender.local = 1;
	inc.sender.owner = OWNER_KERNEL;
	inc.victim.local = 1;
	inc.outcome = OUTCOME_PENDING;
	expect_incident(&sink_text, &inc,
		"--:--:--.---  kernel ─RST→ ?  [::1]:81 → [::1]:40000  cause not known\n"
		"              victim  no call has seen the reset yet\n");

	inc.kind = KIND_TIMEOUT;
	inc.sender.owner = OWNER_SOCKET;
	inc.sender.pid = 7;
	inc.victim.local = 0;
	inc.outcome = OUTCOME_REMOTE;
	expect_incident(&sink_text, &inc,
		"--:--:--.---  ?[7] ─abort→ ::1  [::1]:81 → [::1]:40000  cause not known\n");
}

static void text_foreign_bytes(void **state)
{
	struct incident inc;

	example_incident(&inc);
	memcpy(inc.sender.comm, "\033[2Jx\x7f\xc2\x9b\xff" "1234567", 16);
	strcpy(inc.victim.comm, "a\xe2\x80\xae");
	inc.sender.local = 1;
	inc.sender.bytes_in = inc.sender.bytes_out = UNKNOWN;
	strcpy(inc.sender.unit, "a\nb.service");
	strcpy(inc.sender.pod, "a/\033");
	strcpy(inc.sender.container_name, "cart\r");
	inc.advice[0] = '\0';
	inc.cause = NULL;
	inc.n_failures = 0;
	inc.outcome = OUTCOME_UNSET;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  \\x1b[2Jx\\x7f\\xc2\\x9b\\xff1234567[812] ─RST→ a\\xe2\\x80\\xae[991]  "
		"10.0.0.1:80 → 10.0.0.9:53412\n"
		"              cause   closed with 312 bytes unread\n"
		"              sender  close(14) in ESTABLISHED after 4.2 s  a\\x0ab.service  "
		"pod a/\\x1b  container cart\\x0d\n");
}

static void fill_long(char *buf, size_t len, const char *word)
{
	size_t n = 0;

	while (n + strlen(word) < len)
		n += snprintf(buf + n, len - n, "%s", word);
}

static size_t widest_line(const char *text)
{
	size_t widest = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");
		char line[4096];

		assert_true(n < sizeof(line));
		memcpy(line, text, n);
		line[n] = '\0';
		if (fmt_width(line) > widest)
			widest = fmt_width(line);
		text += n + (text[n] == '\n');
	}
	return widest;
}

/* Joins the folded lines below the headline. */
static void unfold(char *text)
{
	static const char fold[] = "\n                      ";
	char *p;

	while ((p = strstr(text, fold))) {
		*p = ' ';
		memmove(p + 1, p + strlen(fold), strlen(p + strlen(fold)) + 1);
	}
}

/* However much there is to say, no line is longer than 120 columns. */
static void text_width(void **state)
{
	struct incident inc;
	struct capture c;

	example_incident(&inc);
	inc.family = 6;
	memset(inc.saddr, 0xfe, 16);
	memset(inc.daddr, 0xfd, 16);
	inc.confidence = GUESS;
	fill_long(inc.cause_text, sizeof(inc.cause_text), "żółw waits ");
	fill_long(inc.advice, sizeof(inc.advice), "read more ");
	fill_long(inc.sender.comm, sizeof(inc.sender.comm), "\001");
	inc.sender.unread = inc.sender.unsent = 5000;
	inc.sender.idle_us = 75000000;
	inc.sender.retrans = 3;
	inc.sender.linger0 = inc.sender.mptcp = 1;
	strcpy(inc.sender.exit, "SIGSEGV");
	strcpy(inc.sender.container,
	       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	inc.accept_queue = 129;
	inc.accept_queue_max = 128;
	inc.rst_ttl = 255;
	inc.flow_ttl = 57;
	inc.rst_ip_id = 0;
	capture_open(&c, &sink_text);
	c.sink.verbose = true;
	capture_incident(&c, &inc);
	assert_in_range(widest_line(c.text), 60, 120);
	assert_non_null(strstr(c.text, "\n              cause   żółw waits żółw"));
	unfold(c.text);
	assert_non_null(strstr(c.text,
		"\n              sender  close(14) in ESTABLISHED after 4.2 s, 1.1 KiB in, 0 out, "
		"4.9 KiB unread, 4.9 KiB unsent, idle for 1 min 15 s, 3 segments sent again, "
		"SO_LINGER 0, MPTCP subflow, process ended by SIGSEGV, accept queue 129 of 128  "
		"nginx.service  container 0123456789ab\n"));
	assert_non_null(strstr(c.text,
		"\n              detail  id b1-7, cause close-with-unread, confidence guess, "
		"sender known by caller, victim known by socket, TTL 255, flow's TTL 57, "
		"IP-ID 0\n"));
	capture_close(&c);
}

/* The RST was sent later than the close that caused it, and also made a call of the sender's fail. */
static void text_sender(void **state)
{
	struct incident inc;

	example_incident(&inc);
	inc.cause = NULL;
	inc.advice[0] = '\0';
	inc.sender.closed_us = 20000;
	inc.n_failures = 2;
	inc.failures[1] = inc.failures[0];
	inc.failures[0] = (struct failure){
		.err = ETIMEDOUT, .syscall = "read", .fd = 14, .pid = 812, .delay_us = 5,
		.sigpipe = 0, .on_sender = true,
	};
	expect_incident(&sink_text, &inc,
		"14:03:22.118  nginx[812] ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412  "
		"closed with 312 bytes unread\n"
		"              sender  close(14) 20.0 ms before the RST, in ESTABLISHED after 4.2 s, "
		"1.1 KiB in, 0 out  nginx.service\n"
		"                      read(14) = ETIMEDOUT  after 5 µs\n"
		"              victim  recvfrom(5) = ECONNRESET  after 83 µs\n");
	inc.sender = (struct endpoint){ .local = 1, .pid = UNKNOWN, .fd = UNKNOWN, .unread = UNKNOWN,
		.unsent = UNKNOWN, .age_us = UNKNOWN, .idle_us = UNKNOWN, .bytes_in = UNKNOWN,
		.bytes_out = UNKNOWN, .closed_us = 1500 };
	inc.n_failures = 0;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  ? ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412  "
		"closed with 312 bytes unread\n"
		"              sender  closed 1.5 ms before the RST\n");
}

/* A cause that does not fit into the headline is written below, and only there. */
static void text_long_cause(void **state)
{
	const struct rule *rule = rule_find("close-with-unread");
	struct incident inc;
	char want[1024];
	size_t room;

	assert_non_null(rule);
	example_incident(&inc);
	inc.n_failures = 0;
	inc.sender.local = 0;
	inc.advice[0] = '\0';
	memset(inc.cause_text, 'x', 60);
	strcpy(inc.cause_text + 60, ".");
	inc.confidence = LIKELY;
	snprintf(want, sizeof(want),
		 "14:03:22.118  nginx[812] ─RST→ ab[991]  10.0.0.1:80 → 10.0.0.9:53412  %s (likely)\n"
		 "              cause   %s (likely)\n"
		 "              advice  %s\n", rule->headline, inc.cause_text, rule->advice);
	expect_incident(&sink_text, &inc, want);
	/* neither address fits */
	memset(inc.saddr, 0xfe, 16);
	memset(inc.daddr, 0xfe, 16);
	inc.family = 6;
	snprintf(want, sizeof(want),
		 "14:03:22.118  nginx[812] ─RST→ ab[991]\n"
		 "              [fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:80 → "
		 "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:53412\n"
		 "              cause   %s (likely)\n"
		 "              advice  %s\n", inc.cause_text, rule->advice);
	room = 120 - 14 - strlen("[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:80 > "
				 "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:53412");
	assert_true(room < strlen(rule->headline));
	expect_incident(&sink_text, &inc, want);
}

/* An incident without a text of its own gets the rule's. */
static void text_from_rule(void **state)
{
	struct incident inc;
	struct capture c;
	const struct rule *rule = rule_find("closed-port");

	assert_non_null(rule);
	incident_init(&inc);
	inc.cause = "closed-port";
	capture_open(&c, &sink_text);
	capture_incident(&c, &inc);
	assert_non_null(strstr(c.text, rule->headline));
	assert_non_null(strstr(c.text, "advice  "));
	capture_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_example),
		cmocka_unit_test(text_color),
		cmocka_unit_test(text_update),
		cmocka_unit_test(text_completion),
		cmocka_unit_test(text_nobody),
		cmocka_unit_test(text_unseen_call),
		cmocka_unit_test(text_failures),
		cmocka_unit_test(text_who),
		cmocka_unit_test(text_foreign_bytes),
		cmocka_unit_test(text_width),
		cmocka_unit_test(text_sender),
		cmocka_unit_test(text_long_cause),
		cmocka_unit_test(text_from_rule),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
