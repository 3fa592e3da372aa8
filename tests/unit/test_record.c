/* SPDX-License-Identifier: GPL-2.0 */
/* The record: which keys are written, in which order, and which are not. */
#include "events/stacks.h"
#include "output/record.h"
#include "test.h"

/* A walk written as "key=value" lines, with strings in quotes. */
struct log {
	struct record_visitor visitor;
	char text[8192];
	size_t len;
	int stop_at;	/* the n-th call returns -EPIPE; 0: none does */
	int calls;
};

static int note(struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log->len += vsnprintf(log->text + log->len, sizeof(log->text) - log->len, fmt, ap);
	va_end(ap);
	assert_true(log->len < sizeof(log->text));
	return ++log->calls == log->stop_at ? -EPIPE : 0;
}

static int on_value(struct record_visitor *v, const char *key, const struct record_value *val)
{
	struct log *log = (struct log *)v;

	switch (val->type) {
	case RECORD_STRING:
		return note(log, "%s=\"%s\"\n", key, val->str);
	case RECORD_STRINGS:
		return note(log, "%s=[%d: %s]\n", key, (int)val->num, val->strs[val->num - 1]);
	case RECORD_BOOL:
		return note(log, "%s=%s\n", key, val->num == 1 ? "true" : val->num ? "?" : "false");
	default:
		return note(log, "%s=%lld\n", key, (long long)val->num);
	}
}

static int on_list(struct record_visitor *v, const char *key)
{
	return note((struct log *)v, "%s [\n", key);
}

static int on_item(struct record_visitor *v)
{
	return note((struct log *)v, "-\n");
}

static int on_list_end(struct record_visitor *v)
{
	return note((struct log *)v, "]\n");
}

static int walk(struct log *log, const struct incident *inc)
{
	log->visitor = (struct record_visitor){ on_value, on_list, on_item, on_list_end };
	return record_walk(inc, &log->visitor);
}

static const struct stack_text program_stack = { 2, { "close+0x10 (libc.so.6)", "main+0x2 (worker)" } };
static const struct stack_text kernel_stack = { 1, { "tcp_close+0x1e" } };

static void fill_endpoint(struct endpoint *ep, int base)
{
	ep->local = 1;
	ep->pid = base + 1;
	ep->tid = base + 2;
	strcpy(ep->comm, "worker");
	strcpy(ep->process, "main");
	ep->uid = 0;
	strcpy(ep->exe, "/usr/sbin/worker");
	ep->owner = OWNER_SOCKET;
	strcpy(ep->syscall, "close");
	ep->fd = base + 3;
	strcpy(ep->state, "ESTABLISHED");
	ep->unread = base + 4;
	ep->unsent = 0;
	ep->linger0 = 7;	/* any value but 0 is true */
	strcpy(ep->exit, "SIGKILL");
	strcpy(ep->cgroup, "/system.slice/worker.service");
	strcpy(ep->container, "c0ffee");
	strcpy(ep->container_name, "web-1");
	strcpy(ep->pod, "shop/cart-0");
	strcpy(ep->unit, "worker.service");
	ep->age_us = base + 5;
	ep->idle_us = base + 6;
	ep->heard_us = base + 12;
	ep->bytes_in = base + 7;
	ep->bytes_out = base + 8;
	ep->srtt_us = base + 9;
	ep->retrans = base + 10;
	ep->closed_us = base + 11;
	ep->stack = &program_stack;
	ep->kstack = &kernel_stack;
	ep->mptcp = 0;
	ep->role = ROLE_SERVER;
	ep->role_guess = 1;
	ep->said_us = base + 13;
	ep->segs_in = base + 14;
	ep->segs_out = base + 15;
	ep->end = (struct ending){ END_CLOSED, base + 16, base + 17, base + 18, base + 19, UNKNOWN };
}

static void fill(struct incident *inc)
{
	incident_init(inc);
	strcpy(inc->id, "boot-1");
	inc->rev = 2;
	inc->time_ns = 1709215402118000001;
	strcpy(inc->host, "web1");
	inc->kind = KIND_ACTIVE;
	inc->family = 4;
	memcpy(inc->saddr, "\x80\xe8\x6e\x78", 4);
	inc->sport = 34855;
	memcpy(inc->daddr, "\x42\x23\xfa\xcc", 4);
	inc->dport = 80;
	inc->netns = 4026531840;
	inc->rst_seq = 4294967295;
	inc->rst_ack = 17;
	strcpy(inc->rst_text, "policy 7");
	inc->sampled = 64;
	inc->rst_ttl = 255;
	inc->flow_ttl = 57;
	inc->rst_ip_id = 0;
	inc->flow_ip_id = 4001;
	inc->icmp_type = 3;
	inc->icmp_code = 13;
	memcpy(inc->icmp_from, "\x0a\0\0\x01", 4);
	strcpy(inc->reason, "TCP_ABORT_ON_CLOSE");
	inc->cause = "close-with-unread";
	strcpy(inc->cause_text, "closed with 104 bytes unread");
	strcpy(inc->advice, "read to the end");
	inc->confidence = CERTAIN;
	inc->situation = "gave-up";
	strcpy(inc->situation_text, "the server closed");
	inc->situation_confidence = LIKELY;
	strcpy(inc->follows, "boot-0");
	inc->stage = STAGE_POST_DATA;
	inc->outcome = OUTCOME_ERROR;
	inc->lost = LOST_RECEIPT | LOST_END;
	fill_endpoint(&inc->sender, 100);
	fill_endpoint(&inc->victim, 200);
	inc->killer.pid = 77;
	strcpy(inc->killer.comm, "ss");
	strcpy(inc->killer.syscall, "sendmsg");
	inc->accept_queue = 128;
	inc->accept_queue_max = 129;
	inc->n_failures = 3;
	/* An end of file first: it is no error. */
	inc->failures[0] = (struct failure){
		.err = 0, .syscall = "read", .fd = 6, .pid = 993, .tid = 994,
		.comm = "reader", .delay_us = 80, .sigpipe = UNKNOWN,
	};
	inc->failures[1] = (struct failure){
		.err = ECONNRESET, .syscall = "recvfrom", .fd = 5, .pid = 991, .tid = 992,
		.comm = "ab", .delay_us = 83, .sigpipe = 1, .action = SIGPIPE_HANDLED, .returned = RETURNED_EITHER,
		.inferred = true,
	};
	inc->failures[2] = (struct failure){
		.err = EPIPE, .syscall = "write", .fd = 5, .pid = 991, .tid = UNKNOWN,
		.delay_us = -3, .sigpipe = 0, .on_sender = true,
	};
}

static const char full_record[] =
	"schema=\"rsttrace/1\"\nid=\"boot-1\"\nrev=2\ntime_ns=1709215402118000001\n"
	"time=\"2024-02-29T14:03:22.118000001Z\"\nhost=\"web1\"\nkind=\"active\"\n"
	"family=\"ipv4\"\nsaddr=\"128.232.110.120\"\nsport=34855\ndaddr=\"66.35.250.204\"\n"
	"dport=80\nnetns=4026531840\ncommunity_id=\"1:LQU9qZlK+B5F3KDmev6m5PMibrg=\"\n"
	"rst_seq=4294967295\nrst_ack=17\nrst_text=\"policy 7\"\nrst_ttl=255\nflow_ttl=57\nrst_ip_id=0\nflow_ip_id=4001\n"
	"icmp_type=3\nicmp_code=13\nicmp_from=\"10.0.0.1\"\n"
	"reason=\"TCP_ABORT_ON_CLOSE\"\ncause=\"close-with-unread\"\n"
	"cause_text=\"closed with 104 bytes unread\"\nadvice=\"read to the end\"\n"
	"confidence=\"certain\"\nsituation=\"gave-up\"\nsituation_text=\"the server closed\"\n"
	"situation_confidence=\"likely\"\nfollows=\"boot-0\"\nstage=\"post-data\"\noutcome=\"error\"\n"
	"losses=\"receipt,end\"\n"
	"sampled=64\nsender_local=true\nvictim_local=true\n"
	"sender_role=\"server\"\nsender_role_guess=true\nsender_pid=101\nsender_tid=102\nsender_comm=\"worker\"\nsender_process=\"main\"\nsender_uid=0\n"
	"sender_exe=\"/usr/sbin/worker\"\nsender_owner=\"socket\"\nsender_syscall=\"close\"\n"
	"sender_fd=103\nsender_state=\"ESTABLISHED\"\nsender_unread=104\nsender_unsent=0\n"
	"sender_linger0=true\nsender_exit=\"SIGKILL\"\n"
	"sender_cgroup=\"/system.slice/worker.service\"\nsender_container=\"c0ffee\"\n"
	"sender_container_name=\"web-1\"\nsender_pod=\"shop/cart-0\"\nsender_unit=\"worker.service\"\nsender_age_us=105\nsender_idle_us=106\n"
	"sender_heard_us=112\nsender_said_us=113\nsender_bytes_in=107\nsender_bytes_out=108\n"
	"sender_bytes_read=3\nsender_segs_in=114\nsender_segs_out=115\nsender_srtt_us=109\n"
	"sender_retrans=110\nsender_closed_us=111\nsender_ended=\"closed\"\n"
	"sender_ended_us=116\nsender_ended_unsent=117\nsender_ended_heard_us=118\n"
	"sender_ended_said_us=119\nsender_stack=[2: main+0x2 (worker)]\nsender_kstack=[1: tcp_close+0x1e]\nsender_mptcp=false\n"
	"killer_pid=77\nkiller_comm=\"ss\"\nkiller_syscall=\"sendmsg\"\n"
	"accept_queue=128\naccept_queue_max=129\n"
	"victim_role=\"server\"\nvictim_role_guess=true\nvictim_pid=201\nvictim_tid=202\nvictim_comm=\"worker\"\nvictim_process=\"main\"\nvictim_uid=0\n"
	"victim_exe=\"/usr/sbin/worker\"\nvictim_owner=\"socket\"\nvictim_fd=203\n"
	"victim_state=\"ESTABLISHED\"\nvictim_unread=204\nvictim_unsent=0\n"
	"victim_linger0=true\nvictim_exit=\"SIGKILL\"\n"
	"victim_cgroup=\"/system.slice/worker.service\"\nvictim_container=\"c0ffee\"\n"
	"victim_container_name=\"web-1\"\nvictim_pod=\"shop/cart-0\"\n"
	"victim_unit=\"worker.service\"\nvictim_age_us=205\nvictim_idle_us=206\n"
	"victim_heard_us=212\nvictim_said_us=213\nvictim_bytes_in=207\nvictim_bytes_out=208\n"
	"victim_bytes_read=3\nvictim_segs_in=214\nvictim_segs_out=215\nvictim_srtt_us=209\n"
	"victim_retrans=210\nvictim_closed_us=211\nvictim_ended=\"closed\"\n"
	"victim_ended_us=216\nvictim_ended_unsent=217\nvictim_ended_heard_us=218\n"
	"victim_ended_said_us=219\nvictim_stack=[2: main+0x2 (worker)]\nvictim_kstack=[1: tcp_close+0x1e]\nvictim_mptcp=false\n"
	"eof_syscall=\"read\"\neof_fd=6\neof_pid=993\neof_tid=994\neof_comm=\"reader\"\n"
	"eof_delay_us=80\n"
	"error_errno=\"ECONNRESET\"\nerror_syscall=\"recvfrom\"\nerror_fd=5\nerror_pid=991\n"
	"error_tid=992\nerror_comm=\"ab\"\nerror_delay_us=83\nerror_sigpipe=true\n"
	"error_sigpipe_action=\"handled\"\nerror_returned=\"error-or-part\"\nerror_inferred=true\nerror_side=\"victim\"\n"
	"errors [\n"
	"-\nerrno=\"ECONNRESET\"\nsyscall=\"recvfrom\"\nfd=5\npid=991\ntid=992\ncomm=\"ab\"\n"
	"delay_us=83\nsigpipe=true\nsigpipe_action=\"handled\"\nreturned=\"error-or-part\"\ninferred=true\n"
	"side=\"victim\"\n"
	"-\nerrno=\"EPIPE\"\nsyscall=\"write\"\nfd=5\npid=991\ndelay_us=-3\nsigpipe=false\n"
	"side=\"sender\"\n"
	"]\n";

static void everything_known(void **state)
{
	struct incident inc;
	struct log log = { .len = 0 };

	fill(&inc);
	assert_int_equal(walk(&log, &inc), 0);
	assert_string_equal(log.text, full_record);
}

static void nothing_known(void **state)
{
	struct incident inc;
	struct log log = { .len = 0 };

	memset(&inc, 0xa5, sizeof(inc));	/* incident_init() must overwrite whatever was in the memory */
	incident_init(&inc);
	assert_int_equal(walk(&log, &inc), 0);
	assert_string_equal(log.text, "schema=\"rsttrace/1\"\nrev=0\n");
}

static void eof_is_no_error(void **state)
{
	struct incident inc;
	struct log log = { .len = 0 };

	incident_init(&inc);
	inc.outcome = OUTCOME_EOF;
	inc.n_failures = 1;
	inc.failures[0].err = 0;
	strcpy(inc.failures[0].syscall, "read");
	assert_int_equal(walk(&log, &inc), 0);
	assert_string_equal(log.text, "schema=\"rsttrace/1\"\nrev=0\noutcome=\"eof\"\n"
				      "eof_syscall=\"read\"\n");
	assert_null(incident_first_error(&inc));
}

/* Only the victim's first end of file hid the reset: its errors stay errors. */
static void first_eof(void **state)
{
	struct incident inc;
	struct log log = { .len = 0 };

	incident_init(&inc);
	inc.n_failures = 4;
	inc.failures[0].err = 0;
	inc.failures[0].on_sender = true;
	strcpy(inc.failures[0].syscall, "readv");
	inc.failures[1].err = ECONNRESET;
	inc.failures[2].err = 0;
	strcpy(inc.failures[2].syscall, "recvmsg");
	inc.failures[3].err = 0;
	strcpy(inc.failures[3].syscall, "recvfrom");
	assert_int_equal(walk(&log, &inc), 0);
	assert_string_equal(log.text,
			    "schema=\"rsttrace/1\"\nrev=0\neof_syscall=\"recvmsg\"\n"
			    "error_errno=\"ECONNRESET\"\nerror_side=\"victim\"\n"
			    "errors [\n-\nerrno=\"ECONNRESET\"\nside=\"victim\"\n]\n");
}

/* The victim's error comes before the one that the sender got of its own reset. */
static void first_error(void **state)
{
	struct incident inc;

	incident_init(&inc);
	inc.n_failures = 3;
	inc.failures[0].err = ETIMEDOUT;
	inc.failures[0].on_sender = true;
	inc.failures[1].err = 0;
	inc.failures[2].err = 0;
	assert_ptr_equal(incident_first_error(&inc), &inc.failures[0]);
	inc.failures[2].err = ECONNRESET;
	assert_ptr_equal(incident_first_error(&inc), &inc.failures[2]);
}

static void more_failures_than_kept(void **state)
{
	struct incident inc;
	struct log log = { .len = 0 };
	const char *p;
	int items = 0, i;

	incident_init(&inc);
	inc.n_failures = MAX_FAILURES + 5;
	for (i = 0; i < MAX_FAILURES; i++)
		inc.failures[i].err = EPIPE;
	assert_int_equal(walk(&log, &inc), 0);
	for (p = log.text; (p = strstr(p, "-\nerrno=\"EPIPE\"\n")); p++)
		items++;
	assert_int_equal(items, MAX_FAILURES);
	assert_int_equal(incident_n_failures(&inc), MAX_FAILURES);
	inc.n_failures = -1;
	assert_int_equal(incident_n_failures(&inc), 0);
}

static void remote_end(void **state)
{
	struct incident inc;
	struct log log = { .len = 0 };

	incident_init(&inc);
	inc.sender.local = 1;
	inc.sender.seen = true;	/* but without an owner */
	inc.victim.local = 0;	/* not seen, so its owner is not known */
	inc.outcome = OUTCOME_REMOTE;
	assert_int_equal(walk(&log, &inc), 0);
	assert_string_equal(log.text, "schema=\"rsttrace/1\"\nrev=0\noutcome=\"remote\"\n"
				      "sender_local=true\nvictim_local=false\n"
				      "sender_owner=\"none\"\n");
	/* only its address shows that it belongs to this host */
	inc.sender.seen = false;
	log.len = 0;
	assert_int_equal(walk(&log, &inc), 0);
	assert_string_equal(log.text, "schema=\"rsttrace/1\"\nrev=0\noutcome=\"remote\"\n"
				      "sender_local=true\nvictim_local=false\n");
}

/* Values that a damaged recording may have, but no kernel writes. */
static void hostile_values(void **state)
{
	struct incident inc;
	struct log log = { .len = 0 };

	incident_init(&inc);
	inc.kind = (enum kind)99;
	inc.outcome = (enum outcome)99;
	inc.confidence = (enum confidence)-1;
	inc.sender.owner = (enum rst_owner_how)77;
	inc.sender.local = 1;
	inc.family = 4;
	inc.sport = 70000;	/* no valid port, so there is no community id either */
	inc.dport = 80;
	memset(inc.sender.comm, 'x', sizeof(inc.sender.comm));
	strcpy(inc.sender.exe, "/y");	/* right behind the name that has no end */
	inc.n_failures = 1;
	inc.failures[0].err = 4095;
	inc.failures[0].action = (enum sigpipe_action)9;
	assert_int_equal(walk(&log, &inc), 0);
	assert_string_equal(log.text,
			    "schema=\"rsttrace/1\"\nrev=0\nfamily=\"ipv4\"\nsaddr=\"0.0.0.0\"\n"
			    "sport=70000\ndaddr=\"0.0.0.0\"\ndport=80\nsender_local=true\n"
			    "sender_comm=\"xxxxxxxxxxxxxxxx\"\nsender_exe=\"/y\"\nerror_errno=\"4095\"\n"
			    "error_side=\"victim\"\n"
			    "errors [\n-\nerrno=\"4095\"\nside=\"victim\"\n]\n");
}

static void visitor_ends_the_walk(void **state)
{
	struct incident inc;
	int n, total;
	struct log all = { .len = 0 };

	fill(&inc);
	assert_int_equal(walk(&all, &inc), 0);
	total = all.calls;
	for (n = 1; n <= total; n++) {
		struct log log = { .stop_at = n };

		assert_int_equal(walk(&log, &inc), -EPIPE);
		assert_int_equal(log.calls, n);
	}
}

/* A row of the documentation, written like a line of the walk. */
static int on_doc(void *ctx, const struct record_doc *doc)
{
	struct log *log = ctx;

	assert_true(strlen(doc->meaning) > 5);
	assert_true(doc->meaning[strlen(doc->meaning) - 1] != '.');
	return note(log, "%s:%s\n", doc->key, doc->type);
}

/* Every key of a record is documented, with its type and in its place. */
static void documented(void **state)
{
	char record[sizeof(full_record)], *line, *save = NULL;
	const char *at;
	struct log log = { .len = 0 };

	assert_int_equal(record_describe(on_doc, &log), 0);
	strcpy(record, full_record);
	at = log.text;
	for (line = strtok_r(record, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '='), want[128];

		if (!value)
			break;	/* the list of errors */
		*value++ = '\0';
		snprintf(want, sizeof(want), "%s:%s\n", line,
			 *value == '"' ? "string" : *value == '[' ? "array of strings" : *value == 't' || *value == 'f' ? "bool" : "int");
		assert_int_equal(strncmp(at, want, strlen(want)), 0);
		at += strlen(want);
	}
	assert_string_equal(at, "errors:array of objects\n"
				"errors[].errno:string\nerrors[].syscall:string\n"
				"errors[].fd:int\nerrors[].pid:int\n"
				"errors[].tid:int\nerrors[].comm:string\n"
				"errors[].delay_us:int\nerrors[].sigpipe:bool\n"
				"errors[].sigpipe_action:string\nerrors[].returned:string\n"
				"errors[].inferred:bool\n"
				"errors[].side:string\n");
}

static void describe_stops(void **state)
{
	struct log log = { .stop_at = 3 };

	assert_int_equal(record_describe(on_doc, &log), -EPIPE);
	assert_int_equal(log.calls, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_known),
		cmocka_unit_test(nothing_known),
		cmocka_unit_test(eof_is_no_error),
		cmocka_unit_test(first_eof),
		cmocka_unit_test(first_error),
		cmocka_unit_test(more_failures_than_kept),
		cmocka_unit_test(remote_end),
		cmocka_unit_test(hostile_values),
		cmocka_unit_test(visitor_ends_the_walk),
		cmocka_unit_test(documented),
		cmocka_unit_test(describe_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
