/* SPDX-License-Identifier: GPL-2.0 */
/* What programs read, byte for byte. */
#include <jansson.h>

#include "capture.h"
#include "events.h"
#include "output/end_line.h"
#include "test.h"

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

	example_incident(&inc);
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
	capture_incident(&c, &inc);
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
		.incidents = 12, .events = 40, .lost = 5, .missed = 7, .stackless = 6, .unkept = 3, .unfollowed = 4, .suppressed = 1,
		.unmatched = 2, .sent = 12, .received = 9,
		.lost_cpu = { { 0, 3 }, { 3, 2 } }, .n_lost_cpu = 2,
		.cause = { { "closed-port", NULL, 11, 3 }, { "unknown", NULL, 1, 0 } }, .n_cause = 2,
		.outcome = { [OUTCOME_ERROR] = 3, [OUTCOME_REMOTE] = 8, [OUTCOME_UNSET] = 1 },
		.ignored = { [FATE_CHALLENGED] = 3, [FATE_NO_SOCKET] = 1 },
		.own = { .value = { [CTR_OUT_RSTS] = 12, [CTR_ESTAB_RESETS] = UINT64_MAX },
			 .known = { [CTR_OUT_RSTS] = true, [CTR_ESTAB_RESETS] = true } },
	};
	static const struct totals none;
	struct rule_count rules[] = { { .rule = "situation=probe", .count = 8 }, { .rule = "port=80" } };
	struct capture c;

	t.rules = &(const struct rule_counts){ rules, 2 };
	capture_open(&c, &sink_json);
	assert_int_equal(sink_json.end(&c.sink, &t), 0);
	assert_int_equal(sink_json.end(&c.sink, &none), 0);
	assert_int_equal(sink_flush(&c.sink), 0);
	assert_string_equal(c.text,
		"{\"schema\":\"rsttrace/1\",\"type\":\"end\",\"incidents\":12,\"events\":40,"
		"\"lost\":5,\"missed\":7,\"suppressed\":1,\"unmatched_errors\":2,\"sent\":12,\"received\":9,"
		"\"suppressed_by_rule\":{\"situation=probe\":8,\"port=80\":0},"
		"\"stacks_left_out\":6,\"owners_unkept\":3,\"unfollowed\":4,"
		"\"lost_per_cpu\":{\"0\":3,\"3\":2},\"causes\":{\"closed-port\":11,\"unknown\":1},"
		"\"outcomes\":{\"error\":3,\"remote\":8},"
		"\"ignored\":{\"challenge-ack\":3,\"no-socket\":1},"
		"\"counters\":{\"OutRsts\":12,\"EstabResets\":9223372036854775807}}\n"
		"{\"schema\":\"rsttrace/1\",\"type\":\"end\",\"incidents\":0,\"events\":0,"
		"\"lost\":0,\"missed\":0,\"suppressed\":0,\"unmatched_errors\":0,\"sent\":0,\"received\":0,"
		"\"lost_per_cpu\":{},\"causes\":{},\"outcomes\":{},\"counters\":{}}\n");
	capture_close(&c);
}

static void count_one(struct netns_totals *t, uint32_t netns, uint64_t out_rsts)
{
	struct netns_reading r = { .netns = netns, .time_ns = 90000000000,
				   .counters.known = { [CTR_OUT_RSTS] = true, [CTR_ATTEMPT_FAILS] = true },
				   .counters.value[CTR_ATTEMPT_FAILS] = 4 };
	struct rst_event ev = { .type = EV_SENT_REPLY, .time_ns = 50000000000, .flow.netns = netns };
	struct incident inc;

	assert_int_equal(netns_totals_event(t, &ev), 0);
	incident_init(&inc);
	inc.cause = "closed-port";
	inc.kind = KIND_REPLY;
	inc.sender.seen = inc.victim.seen = true;
	inc.victim.old_state = 2;	/* SYN_SENT: the attempt failed */
	inc.netns = inc.victim.netns = netns;
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
	/* a replay reads no counters */
	tail = strstr(tail + 1, "\"counters\":");
	assert_non_null(tail);
	assert_non_null(strstr(tail, "{},\"namespaces\":[{\"netns\":6,\"recorded\":1,\"explained\":1,"
				     "\"netfilter\":0,\"received\":0}]}\n"));
	tail = strstr(tail + 1, "\"counters\":");
	assert_string_equal(tail,
		"\"counters\":{},\"namespaces\":["
		"{\"netns\":5,\"recorded\":1,\"explained\":1,\"netfilter\":0,\"received\":0,"
		"\"out_rsts\":3,\"difference\":2,\"sources\":[\"no-baseline\"],"
		"\"counters\":{\"OutRsts\":3,\"AttemptFails\":4},\"accounted\":{\"AttemptFails\":1}},"
		"{\"netns\":6,\"recorded\":1,\"explained\":1,\"netfilter\":0,\"received\":0},"
		"{\"netns\":7,\"recorded\":1,\"explained\":1,\"netfilter\":0,\"received\":0,"
		"\"out_rsts\":1,\"difference\":0,\"counters\":{\"OutRsts\":1,\"AttemptFails\":4},"
		"\"accounted\":{\"AttemptFails\":1}}],"
		"\"explained\":2,\"of\":4}\n");
	netns_totals_free(t.netns);
	capture_close(&c);
}

static int note_key(void *ctx, const struct record_doc *doc)
{
	json_t *keys = ctx;

	assert_true(*doc->type && *doc->meaning);
	assert_null(json_object_get(keys, doc->key));	/* each key is described once */
	return json_object_set_new(keys, doc->key, json_string(doc->meaning));
}

/* No key of the line but those that the documentation is made of. */
/* How many of the keys of this object, which is one in the list `of`, are described. */
static size_t described(json_t *keys, const char *of, json_t *obj)
{
	char name[64];
	const char *key;
	json_t *val;
	size_t n = 0;

	json_object_foreach(obj, key, val) {
		snprintf(name, sizeof(name), "%s[].%s", of, key);
		n += json_object_get(keys, name) != NULL;
	}
	return n;
}

/* Ten refused connects, of which three were told, and some that found no room in the counts. */
static const struct count_row counted[] = {
	{ .key = { .netns = 7, .pid = 12, .reason = R_NO_SOCKET, .type = EV_SENT_REPLY,
		   .class = CLASS_CLOSED_PORT, .family = 4, .ports = PORTS_SYSTEM },
	  .count = { .seen = 10, .silent = 6, .lost = 1, .comm = "curl\xff" } },
	{ .count = { .seen = 5 }, .other = true },
};

static void end_line_counts(void **state)
{
	struct totals t = { .netns = netns_totals_new() };
	json_t *line = json_object(), *list, *want;

	totals_counts(&t, counted, 2, &events_meta);
	assert_int_equal(end_line_fill(line, &t), 0);
	assert_int_equal(json_integer_value(json_object_get(line, "sent_counted_only")), 6);
	assert_int_equal(json_integer_value(json_object_get(line, "received_counted_only")), 0);
	list = json_object_get(line, "counts");
	want = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:i, s:s, s:i, s:i, s:i}",
			 "class", "closed-port", "event", "sent-reply", "reason", "NO_SOCKET",
			 "family", "ipv4", "netns", 7, "ports", "system", "pid", 12,
			 "comm", "curl\xef\xbf\xbd", "count", 10, "counted_only", 6, "lost", 1);
	assert_true(json_equal(json_array_get(list, 0), want));
	json_decref(want);
	want = json_pack("{s:b, s:i, s:i, s:i}", "other", 1, "count", 5, "counted_only", 0, "lost", 0);
	assert_true(json_equal(json_array_get(list, 1), want));
	assert_int_equal(json_array_size(list), 2);
	json_decref(want);
	json_decref(line);
	netns_totals_free(t.netns);
}

static void end_line_is_described(void **state)
{
	struct totals t = { .stackless = 1, .unkept = 1, .unfollowed = 1, .ignored = { 1 }, .cancelled = 1,
			    .rules = &(const struct rule_counts){ &(struct rule_count){ .rule = "port=80" }, 1 },
			    .netns = netns_totals_new() };
	json_t *keys = json_object(), *line = json_object(), *row, *counts, *val;
	struct count_row rows[] = { counted[0], counted[1] };
	const char *key;
	size_t n = 0;

	count_one(t.netns, 7, 12);
	rows[0].count.filtered = 2;
	totals_counts(&t, rows, 2, &events_meta);
	assert_int_equal(end_line_fill(line, &t), 0);
	assert_int_equal(end_line_describe(note_key, keys), 0);
	json_object_foreach(line, key, val)
		n += json_object_get(keys, key) != NULL;
	assert_int_equal(n, json_object_size(line));
	row = json_array_get(json_object_get(line, "namespaces"), 0);
	counts = json_object_get(line, "counts");
	/* the row for all others has one key that the others lack */
	json_object_del(json_array_get(counts, 1), "count");
	json_object_del(json_array_get(counts, 1), "counted_only");
	json_object_del(json_array_get(counts, 1), "lost");
	n += described(keys, "namespaces", row) + described(keys, "counts", json_array_get(counts, 0)) +
	     described(keys, "counts", json_array_get(counts, 1));
	assert_int_equal(n, json_object_size(line) + json_object_size(row) +
			    json_object_size(json_array_get(counts, 0)) + 1);
	assert_int_equal(n, json_object_size(keys));
	json_decref(keys);
	json_decref(line);
	netns_totals_free(t.netns);
}

static void json_event_line(void **state)
{
	struct rst_event ev;

	example_event(&ev);
	ev.type = EV_GAP;
	ev.gap.from_ns = 12345678900000;
	ev.gap.lost[EV_RECEIVED] = 2;
	ev.gap.lost[EV_CALL] = 1;
	expect_event(&sink_json, &ev, NULL,
		"{\"schema\":\"rsttrace/1\",\"type\":\"event\",\"event\":\"gap\","
		"\"mono_ns\":12345678901234,\"cpu\":1,\"flags\":81,\"gap_from_ns\":12345678900000,"
		"\"lost_received\":2,\"lost_call\":1}\n");
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

/* Every code that a line may have is in the reference. */
static void sources_are_described(void **state)
{
	json_t *keys = json_object();
	const char *meaning;

	assert_int_equal(end_line_describe(note_key, keys), 0);
	meaning = json_string_value(json_object_get(keys, "namespaces[].sources"));
	assert_non_null(meaning);
	for (int i = 0; i < N_SOURCES; i++)
		assert_non_null(strstr(meaning, netns_sources[i].code));
	json_decref(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_example),
		cmocka_unit_test(json_foreign_bytes),
		cmocka_unit_test(json_end_line),
		cmocka_unit_test(json_end_line_with_namespaces),
		cmocka_unit_test(end_line_counts),
		cmocka_unit_test(end_line_is_described),
		cmocka_unit_test(sources_are_described),
		cmocka_unit_test(json_event_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
