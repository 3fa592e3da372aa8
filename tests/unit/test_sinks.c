/* SPDX-License-Identifier: GPL-2.0 */
/* What the sinks write, byte for byte, and what they answer when they cannot. */
#include <jansson.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "end_line.h"
#include "format.h"
#include "rules.h"
#include "sink.h"
#include "test.h"

/* A sink that writes to memory. */
struct capture {
	struct sink sink;
	char *text;
	size_t len;
};

static void capture_open(struct capture *c, const struct sink_ops *ops)
{
	*c = (struct capture){ .sink.ops = ops };
	c->sink.out = open_memstream(&c->text, &c->len);
	assert_non_null(c->sink.out);
}

static void capture_close(struct capture *c)
{
	fclose(c->sink.out);
	free(c->text);
}

static void expect_incident(const struct sink_ops *ops, const struct incident *inc,
			    const char *want)
{
	struct capture c;

	capture_open(&c, ops);
	assert_int_equal(ops->incident(&c.sink, inc), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
	assert_string_equal(c.text, want);
	capture_close(&c);
}

/* The contract's example. */
static void example(struct incident *inc)
{
	incident_init(inc);
	strcpy(inc->id, "b1-7");
	inc->time_ns = 1709215402118000001;
	inc->kind = KIND_ACTIVE;
	inc->family = 4;
	memcpy(inc->saddr, "\x0a\x00\x00\x01", 4);
	memcpy(inc->daddr, "\x0a\x00\x00\x09", 4);
	inc->sport = 80;
	inc->dport = 53412;
	inc->cause = "close-with-unread";
	strcpy(inc->cause_text, "closed with 312 bytes unread");
	strcpy(inc->advice, "read the request to its end before close");
	inc->confidence = CERTAIN;
	inc->outcome = OUTCOME_ERROR;
	inc->sender.local = inc->victim.local = 1;
	inc->sender.pid = inc->sender.tid = 812;
	strcpy(inc->sender.comm, "nginx");
	strcpy(inc->sender.syscall, "close");
	strcpy(inc->sender.state, "ESTABLISHED");
	strcpy(inc->sender.unit, "nginx.service");
	inc->sender.owner = OWNER_CALLER;
	inc->sender.fd = 14;
	inc->sender.age_us = 4200000;
	inc->sender.bytes_in = 1126;
	inc->sender.bytes_out = 0;
	inc->victim.pid = inc->victim.tid = 991;
	strcpy(inc->victim.comm, "ab");
	inc->victim.owner = OWNER_SOCKET;
	inc->n_failures = 1;
	inc->failures[0] = (struct failure){
		.err = ECONNRESET, .syscall = "recvfrom", .fd = 5, .pid = 991, .tid = 991,
		.comm = "ab", .delay_us = 83, .sigpipe = 0,
	};
}

static void text_example(void **state)
{
	struct incident inc;

	example(&inc);
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

	example(&inc);
	capture_open(&c, &sink_text);
	c.sink.color = true;
	assert_int_equal(sink_text.incident(&c.sink, &inc), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
	assert_non_null(strstr(c.text, "\033[1mnginx[812] ─RST→ ab[991]\033[0m"));
	assert_non_null(strstr(c.text, "\033[31mclosed with 312 bytes unread\033[0m"));
	assert_null(strstr(c.text, "\033[0m\033[0m"));
	capture_close(&c);
}

/* The same block again, as an update of the id. */
static void text_update(void **state)
{
	struct incident inc;

	example(&inc);
	inc.rev = 1;
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

static void text_failures(void **state)
{
	struct incident inc;

	example(&inc);
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
		"                      ? = ECONNREFUSED\n"
		"                      and 2 more failing calls\n");
}

/* Kernel, unknown owner, another host; a segment answered for nobody. */
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

	example(&inc);
	memcpy(inc.sender.comm, "\033[2Jx\x7f\xc2\x9b\xff" "1234567", 16);
	strcpy(inc.victim.comm, "a\xe2\x80\xae");
	inc.sender.local = 1;
	inc.sender.bytes_in = inc.sender.bytes_out = UNKNOWN;
	strcpy(inc.sender.unit, "a\nb.service");
	inc.advice[0] = '\0';
	inc.cause = NULL;
	inc.n_failures = 0;
	inc.outcome = OUTCOME_UNSET;
	expect_incident(&sink_text, &inc,
		"14:03:22.118  \\x1b[2Jx\\x7f\\xc2\\x9b\\xff1234567[812] ─RST→ a\\xe2\\x80\\xae[991]  "
		"10.0.0.1:80 → 10.0.0.9:53412\n"
		"              cause   closed with 312 bytes unread\n"
		"              sender  close(14) in ESTABLISHED after 4.2 s  a\\x0ab.service\n");
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

/* Takes back the folding of the lines below the headline. */
static void unfold(char *text)
{
	static const char fold[] = "\n                      ";
	char *p;

	while ((p = strstr(text, fold))) {
		*p = ' ';
		memmove(p + 1, p + strlen(fold), strlen(p + strlen(fold)) + 1);
	}
}

/* However much there is to say, it stays within 120 columns. */
static void text_width(void **state)
{
	struct incident inc;
	struct capture c;

	example(&inc);
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
	assert_int_equal(sink_text.incident(&c.sink, &inc), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
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

/* The RST came later than the close that led to it, and failed a call of the sender too. */
static void text_sender(void **state)
{
	struct incident inc;

	example(&inc);
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

/* Words that a headline has no room for go below it, and are said once. */
static void text_long_cause(void **state)
{
	const struct rule *rule = rule_find("close-with-unread");
	struct incident inc;
	char want[1024];
	size_t room;

	assert_non_null(rule);
	example(&inc);
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
	/* neither fits */
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

/* Without a text of its own, an incident has the rule's. */
static void text_from_rule(void **state)
{
	struct incident inc;
	struct capture c;
	const struct rule *rule = rule_find("closed-port");

	assert_non_null(rule);
	incident_init(&inc);
	inc.cause = "closed-port";
	capture_open(&c, &sink_text);
	assert_int_equal(sink_text.incident(&c.sink, &inc), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
	assert_non_null(strstr(c.text, rule->headline));
	assert_non_null(strstr(c.text, "advice  "));
	capture_close(&c);
}

static const char json_head[] =
	"{\"schema\":\"rsttrace/1\",\"id\":\"b1-7\",\"rev\":0,\"time_ns\":1709215402118000001,"
	"\"time\":\"2024-02-29T14:03:22.118000001Z\",\"kind\":\"active\",\"family\":\"ipv4\","
	"\"saddr\":\"10.0.0.1\",\"sport\":80,\"daddr\":\"10.0.0.9\",\"dport\":53412,"
	"\"community_id\":\"1:WoheE9aAwdvh7V/ijrnb1NCWT7U=\",\"cause\":\"close-with-unread\","
	"\"cause_text\":\"closed with 312 bytes unread\","
	"\"advice\":\"read the request to its end before close\",\"confidence\":\"certain\","
	"\"outcome\":\"error\",\"sender_local\":true,\"victim_local\":true,\"sender_pid\":812,"
	"\"sender_tid\":812,\"sender_comm\":\"nginx\",\"sender_owner\":\"caller\","
	"\"sender_syscall\":\"close\",\"sender_fd\":14,\"sender_state\":\"ESTABLISHED\","
	"\"sender_unit\":\"nginx.service\",\"sender_age_us\":4200000,\"sender_bytes_in\":1126,"
	"\"sender_bytes_out\":0,\"victim_pid\":991,\"victim_tid\":991,\"victim_comm\":\"ab\","
	"\"victim_owner\":\"socket\"";

static void json_example(void **state)
{
	struct incident inc;
	char want[4096];

	example(&inc);
	snprintf(want, sizeof(want),
		 "%s,\"error_errno\":\"ECONNRESET\",\"error_syscall\":\"recvfrom\",\"error_fd\":5,"
		 "\"error_pid\":991,\"error_tid\":991,\"error_comm\":\"ab\",\"error_delay_us\":83,"
		 "\"error_sigpipe\":false,\"error_side\":\"victim\",\"errors\":[{\"errno\":\"ECONNRESET\","
		 "\"syscall\":\"recvfrom\",\"fd\":5,\"pid\":991,\"tid\":991,\"comm\":\"ab\","
		 "\"delay_us\":83,\"sigpipe\":false,\"side\":\"victim\"}]}\n", json_head);
	expect_incident(&sink_json, &inc, want);
	inc.n_failures = 0;
	snprintf(want, sizeof(want), "%s}\n", json_head);
	expect_incident(&sink_json, &inc, want);
}

static void json_foreign_bytes(void **state)
{
	struct incident inc;
	struct capture c;
	json_t *obj;

	incident_init(&inc);
	memset(inc.sender.comm, 0xff, sizeof(inc.sender.comm));
	memset(inc.cause_text, 0x80, sizeof(inc.cause_text));
	strcpy(inc.victim.comm, "a\"\\\n\x01\xc3\xa9\xc3");
	capture_open(&c, &sink_json);
	assert_int_equal(sink_json.incident(&c.sink, &inc), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
	assert_ptr_equal(strchr(c.text, '\n'), c.text + c.len - 1);
	obj = json_loads(c.text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(obj);
	assert_string_equal(json_string_value(json_object_get(obj, "victim_comm")),
			    "a\"\\\n\x01\xc3\xa9\xef\xbf\xbd");
	assert_int_equal(strlen(json_string_value(json_object_get(obj, "sender_comm"))), 16 * 3);
	assert_int_equal(strlen(json_string_value(json_object_get(obj, "cause_text"))), 256 * 3);
	json_decref(obj);
	capture_close(&c);
}

static void json_end_line(void **state)
{
	struct totals t = {
		.incidents = 12, .events = 40, .lost = 5, .missed = 7, .suppressed = 1, .unmatched = 2,
		.sent = 12, .received = 9,
		.lost_cpu = { { 0, 3 }, { 3, 2 } }, .n_lost_cpu = 2,
		.cause = { { "closed-port", 11 }, { "unknown", 1 } }, .n_cause = 2,
		.ignored = { [FATE_CHALLENGED] = 3, [FATE_NO_SOCKET] = 1 },
		.own = { .value = { [CTR_OUT_RSTS] = 12, [CTR_ESTAB_RESETS] = UINT64_MAX },
			 .known = { [CTR_OUT_RSTS] = true, [CTR_ESTAB_RESETS] = true } },
	};
	static const struct totals none;
	struct capture c;

	capture_open(&c, &sink_json);
	assert_int_equal(sink_json.end(&c.sink, &t), 0);
	assert_int_equal(sink_json.end(&c.sink, &none), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
	assert_string_equal(c.text,
		"{\"schema\":\"rsttrace/1\",\"type\":\"end\",\"incidents\":12,\"events\":40,"
		"\"lost\":5,\"missed\":7,\"suppressed\":1,\"unmatched_errors\":2,\"sent\":12,\"received\":9,"
		"\"lost_per_cpu\":{\"0\":3,\"3\":2},\"causes\":{\"closed-port\":11,\"unknown\":1},"
		"\"ignored\":{\"challenge-ack\":3,\"no-socket\":1},"
		"\"counters\":{\"OutRsts\":12,\"EstabResets\":9223372036854775807}}\n"
		"{\"schema\":\"rsttrace/1\",\"type\":\"end\",\"incidents\":0,\"events\":0,"
		"\"lost\":0,\"missed\":0,\"suppressed\":0,\"unmatched_errors\":0,\"sent\":0,\"received\":0,"
		"\"lost_per_cpu\":{},\"causes\":{},\"counters\":{}}\n");
	capture_close(&c);
}

static void count_one(struct netns_totals *t, uint32_t netns, uint64_t out_rsts)
{
	struct netns_reading r = { .netns = netns, .time_ns = 90000000000,
				   .counters.known[CTR_OUT_RSTS] = true };
	struct rst_event ev = { .type = EV_SENT_REPLY, .time_ns = 50000000000, .flow.netns = netns };
	struct incident inc;

	assert_int_equal(netns_totals_event(t, &ev), 0);
	incident_init(&inc);
	inc.cause = "closed-port";
	inc.kind = KIND_REPLY;
	inc.sender.seen = true;
	inc.netns = netns;
	inc.mono_ns = ev.time_ns;
	netns_totals_incident(t, &inc);
	if (!out_rsts)
		return;
	r.counters.value[CTR_OUT_RSTS] = out_rsts;
	assert_int_equal(netns_totals_end(t, &r), 0);
}

static void json_end_line_with_namespaces(void **state)
{
	struct totals t = { .sent = 3, .netns = netns_totals_new() };
	struct capture c;
	const char *tail;

	assert_non_null(t.netns);
	capture_open(&c, &sink_json);
	assert_int_equal(sink_json.end(&c.sink, &t), 0);
	count_one(t.netns, 6, 0);
	assert_int_equal(sink_json.end(&c.sink, &t), 0);
	count_one(t.netns, 7, 1);
	count_one(t.netns, 5, 3);
	assert_int_equal(sink_json.end(&c.sink, &t), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
	tail = strstr(c.text, "\"counters\":");
	assert_non_null(tail);
	assert_int_equal(strncmp(tail, "\"counters\":{},\"namespaces\":[]}\n", 31), 0);
	/* nothing read: a replay */
	tail = strstr(tail + 1, "\"counters\":");
	assert_non_null(tail);
	assert_non_null(strstr(tail, "{},\"namespaces\":[{\"netns\":6,\"recorded\":1,\"explained\":1,"
				     "\"netfilter\":0,\"received\":0}]}\n"));
	tail = strstr(tail + 1, "\"counters\":");
	assert_string_equal(tail,
		"\"counters\":{},\"namespaces\":["
		"{\"netns\":5,\"recorded\":1,\"explained\":1,\"netfilter\":0,\"received\":0,"
		"\"out_rsts\":3,\"difference\":2,\"sources\":[\"no-baseline\"],"
		"\"counters\":{\"OutRsts\":3},\"accounted\":{}},"
		"{\"netns\":6,\"recorded\":1,\"explained\":1,\"netfilter\":0,\"received\":0},"
		"{\"netns\":7,\"recorded\":1,\"explained\":1,\"netfilter\":0,\"received\":0,"
		"\"out_rsts\":1,\"difference\":0,\"counters\":{\"OutRsts\":1},\"accounted\":{}}],"
		"\"explained\":2,\"of\":4}\n");
	netns_totals_free(t.netns);
	capture_close(&c);
}

static void example_event(struct rst_event *ev)
{
	memset(ev, 0, sizeof(*ev));
	ev->size = sizeof(*ev);
	ev->wire = RST_WIRE;
	ev->type = EV_SENT_ACTIVE;
	ev->cpu = 1;
	ev->time_ns = 12345678901234;
	ev->flags = EVF_SOCK | EVF_SEQ | EVF_REASON;
	ev->task.pid = ev->task.tid = 812;
	strcpy(ev->task.comm, "nginx");
	ev->task.flags = TASKF_SYSCALL;
	ev->task.call.arch = 0xc000003e;
	ev->task.call.nr = 3;
	ev->task.call.arg[0] = 14;
	ev->owner.how = OWNER_CALLER;
	ev->owner.pid = ev->owner.tid = 812;
	ev->owner.fd = -1;
	strcpy(ev->owner.comm, "nginx");
	ev->flow.family = 4;
	memcpy(ev->flow.laddr, "\x0a\x00\x00\x01", 4);
	memcpy(ev->flow.raddr, "\x0a\x00\x00\x09", 4);
	ev->flow.lport = 80;
	ev->flow.rport = 53412;
	ev->flow.netns = 4026531840;
	ev->sock.id = 7;
	ev->sock.state = 7;
	ev->sock.old_state = 1;
	ev->sock.bits = SOCKF_OLD_STATE | SOCKF_EVIDENCE;
	ev->sock.unread = 312;
	ev->seg.rst_seq = 99;
}

static void expect_event(const struct sink_ops *ops, const struct rst_event *ev,
			 const char *reason, const char *want)
{
	struct capture c;

	capture_open(&c, ops);
	assert_int_equal(ops->event(&c.sink, ev, reason), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
	assert_string_equal(c.text, want);
	capture_close(&c);
}

static void json_event_line(void **state)
{
	struct rst_event ev;

	example_event(&ev);
	expect_event(&sink_json, &ev, "TCP_ABORT_ON_CLOSE",
		"{\"schema\":\"rsttrace/1\",\"type\":\"event\",\"event\":\"sent-active\","
		"\"mono_ns\":12345678901234,\"cpu\":1,\"flags\":81,\"family\":\"ipv4\","
		"\"laddr\":\"10.0.0.1\",\"lport\":80,\"raddr\":\"10.0.0.9\",\"rport\":53412,"
		"\"netns\":4026531840,\"task_pid\":812,\"task_tid\":812,\"task_uid\":0,"
		"\"task_comm\":\"nginx\",\"task_flags\":8,\"syscall\":\"close\",\"syscall_fd\":14,\"syscall_arch\":3221225534,"
		"\"syscall_nr\":3,\"owner\":\"caller\",\"owner_pid\":812,\"owner_tid\":812,"
		"\"owner_uid\":0,\"owner_comm\":\"nginx\",\"sock_id\":7,\"state\":\"CLOSE\","
		"\"old_state\":\"ESTABLISHED\",\"sock_bits\":40,\"sk_err\":0,\"unread\":312,"
		"\"unsent\":0,\"bytes_in\":0,\"bytes_out\":0,\"rst_seq\":99,"
		"\"reason\":\"TCP_ABORT_ON_CLOSE\"}\n");
	memset(&ev, 0, sizeof(ev));
	ev.type = EV_IGNORED;
	ev.extra.fate = FATE_OUT_OF_WINDOW;
	expect_event(&sink_json, &ev, NULL,
		"{\"schema\":\"rsttrace/1\",\"type\":\"event\",\"event\":\"ignored\","
		"\"mono_ns\":0,\"cpu\":0,\"flags\":0,\"fate\":\"out-of-window\",\"task_pid\":0,"
		"\"task_tid\":0,\"task_uid\":0,\"task_flags\":0,\"owner\":\"none\"}\n");
	memset(&ev, 0, sizeof(ev));
	ev.type = 200;
	ev.err = ECONNRESET;
	expect_event(&sink_json, &ev, NULL,
		"{\"schema\":\"rsttrace/1\",\"type\":\"event\",\"event\":\"unknown\","
		"\"mono_ns\":0,\"cpu\":0,\"flags\":0,\"errno\":\"ECONNRESET\",\"task_pid\":0,"
		"\"task_tid\":0,\"task_uid\":0,\"task_flags\":0,\"owner\":\"none\"}\n");
}

static void text_event_lines(void **state)
{
	struct rst_event ev;

	example_event(&ev);
	expect_event(&sink_text, &ev, "TCP_ABORT_ON_CLOSE",
		"   12345.678901  CPU 1   sent-active     10.0.0.1:80 → 10.0.0.9:53412  "
		"owner nginx[812] by caller  task nginx[812] in close(14)  ESTABLISHED  "
		"unread 312 unsent 0  seq 99  TCP_ABORT_ON_CLOSE\n");
	ev.type = EV_CALL;
	ev.flags = EVF_RECV | EVF_SIGPIPE;
	ev.err = EPIPE;
	ev.owner.how = OWNER_NONE;
	ev.task.flags = 0;
	ev.sock.bits = 0;
	memset(ev.task.comm, '\n', sizeof(ev.task.comm));
	expect_event(&sink_text, &ev, NULL,
		"   12345.678901  CPU 1   call            10.0.0.1:80 - 10.0.0.9:53412  task "
		"\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a"
		"[812]  EPIPE  SIGPIPE\n");
	memset(&ev.task, 0, sizeof(ev.task));
	ev.type = EV_IGNORED;
	ev.flags = EVF_SEQ;
	ev.err = 0;
	ev.extra.fate = FATE_CHALLENGED;
	expect_event(&sink_text, &ev, NULL,
		"   12345.678901  CPU 1   ignored         10.0.0.1:80 ← 10.0.0.9:53412  task ?[0]  "
		"seq 99  challenge-ack\n");
}

static int note_key(void *ctx, const struct record_doc *doc)
{
	json_t *keys = ctx;

	assert_true(*doc->type && *doc->meaning);
	assert_null(json_object_get(keys, doc->key));	/* each once */
	return json_object_set_new(keys, doc->key, json_true());
}

/* No key of the line but those that the documentation is made of. */
static void end_line_is_described(void **state)
{
	struct totals t = { .ignored = { 1 }, .netns = netns_totals_new() };
	json_t *keys = json_object(), *line = json_object(), *row, *val;
	char name[64];
	const char *key;
	size_t n = 0;

	count_one(t.netns, 7, 3);
	assert_int_equal(end_line_fill(line, &t), 0);
	assert_int_equal(end_line_describe(note_key, keys), 0);
	json_object_foreach(line, key, val)
		n += json_object_get(keys, key) != NULL;
	assert_int_equal(n, json_object_size(line));
	row = json_array_get(json_object_get(line, "namespaces"), 0);
	json_object_foreach(row, key, val) {
		snprintf(name, sizeof(name), "namespaces[].%s", key);
		n += json_object_get(keys, name) != NULL;
	}
	assert_int_equal(n, json_object_size(line) + json_object_size(row));
	assert_int_equal(n, json_object_size(keys));
	json_decref(keys);
	json_decref(line);
	netns_totals_free(t.netns);
}

/* Whatever a recording holds, the sinks write valid text and do not fall over. */
static void hostile_events(void **state)
{
	struct rst_event ev;
	unsigned int fill;

	for (fill = 0; fill < 256; fill++) {
		struct capture c;
		json_t *obj;

		memset(&ev, fill, sizeof(ev));
		capture_open(&c, &sink_json);
		assert_int_equal(sink_json.event(&c.sink, &ev, "R"), 0);
		assert_int_equal(sink_flush(&c.sink), 0);
		obj = json_loads(c.text, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(obj);
		json_decref(obj);
		capture_close(&c);
		capture_open(&c, &sink_text);
		assert_int_equal(sink_text.event(&c.sink, &ev, "R"), 0);
		assert_int_equal(sink_flush(&c.sink), 0);
		assert_ptr_equal(strchr(c.text, '\n'), c.text + c.len - 1);
		capture_close(&c);
	}
}

static const struct sink_ops *const all[] = { &sink_json, &sink_text };

static void full_disk(void **state)
{
	struct incident inc;
	size_t i;

	example(&inc);
	for (i = 0; i < N(all); i++) {
		struct sink s = { .ops = all[i], .out = fopen("/dev/full", "w") };
		int n, err;

		assert_non_null(s.out);
		assert_int_equal(s.ops->incident(&s, &inc), 0);	/* still in the buffer */
		assert_int_equal(sink_flush(&s), -ENOSPC);
		assert_true(sink_flush(&s) < 0);	/* an error stays one */
		/* and when the buffer runs over in the middle */
		for (n = 0, err = 0; !err && n < 1000; n++)
			err = s.ops->incident(&s, &inc);
		assert_int_equal(err, -ENOSPC);
		fclose(s.out);
	}
}

static void closed_pipe(void **state)
{
	struct incident inc;
	size_t i;

	example(&inc);
	for (i = 0; i < N(all); i++) {
		struct sink s = { .ops = all[i] };
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		close(fds[0]);
		s.out = fdopen(fds[1], "w");
		assert_non_null(s.out);
		setvbuf(s.out, NULL, _IONBF, 0);
		assert_int_equal(s.ops->incident(&s, &inc), -EPIPE);
		fclose(s.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_example),
		cmocka_unit_test(text_color),
		cmocka_unit_test(text_update),
		cmocka_unit_test(text_failures),
		cmocka_unit_test(text_who),
		cmocka_unit_test(text_foreign_bytes),
		cmocka_unit_test(text_width),
		cmocka_unit_test(text_sender),
		cmocka_unit_test(text_long_cause),
		cmocka_unit_test(text_from_rule),
		cmocka_unit_test(json_example),
		cmocka_unit_test(json_foreign_bytes),
		cmocka_unit_test(json_end_line),
		cmocka_unit_test(json_end_line_with_namespaces),
		cmocka_unit_test(end_line_is_described),
		cmocka_unit_test(json_event_line),
		cmocka_unit_test(text_event_lines),
		cmocka_unit_test(hostile_events),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(closed_pipe),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
