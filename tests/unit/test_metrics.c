/* SPDX-License-Identifier: GPL-2.0 */
/* The metrics: what is counted of a record, how many rows there can be, and both formats. */
#include "base/array.h"
#include "capture.h"
#include "output/metric_table.h"
#include "output/metrics.h"
#include "test.h"

static char text[1 << 17];

static const char *written(const struct metrics *m, const struct metrics_now *now, bool open_metrics)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	metrics_write(out, m, now, open_metrics);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void has(const char *line)
{
	if (!strstr(text, line))
		fail_msg("'%s' is not in:\n%s", line, text);
}

static void has_not(const char *line)
{
	if (strstr(text, line))
		fail_msg("'%s' is in:\n%s", line, text);
}

static struct totals totals;
static struct metrics_now now = { .version = "1", .kernel = "6.1", .totals = &totals };

/* A record counts once, as it was first; a later revision only adds its outcome. */
static void revisions(void **state)
{
	struct metrics *m = metrics_new(0);
	struct incident inc;

	example_incident(&inc);
	inc.passed = false;
	inc.situation = "gave-up";
	inc.outcome = OUTCOME_PENDING;
	inc.n_failures = 0;
	metrics_incident(m, &inc);
	written(m, &now, false);
	has("rsttrace_records_total{cause=\"close-with-unread\",situation=\"gave-up\",kind=\"active\",direction=\"sent\","
	    "outcome=\"pending\"} 1\n");
	has_not("failed_calls");
	example_incident(&inc);
	inc.passed = true;
	inc.was = OUTCOME_PENDING;
	inc.n_told = 0;
	metrics_incident(m, &inc);
	inc.was = OUTCOME_ERROR;
	inc.n_told = inc.n_failures;
	metrics_incident(m, &inc);
	written(m, &now, false);
	has("outcome=\"pending\"} 1\n");
	has("rsttrace_late_outcomes_total{outcome=\"error\"} 1\n");
	has("rsttrace_failed_calls_total{errno=\"ECONNRESET\",call=\"recvfrom\",side=\"victim\"} 1\n");
	metrics_free(m);
}

/* Names come from outside: nothing in them ends a quote or reaches a terminal raw. */
static void hostile_names(void **state)
{
	struct metrics *m = metrics_new(METRICS_BY_PROCESS | METRICS_BY_UNIT | METRICS_BY_CONTAINER);
	struct incident inc;

	example_incident(&inc);
	inc.passed = false;
	strcpy(inc.sender.comm, "a\"} 7\n# b\\\033\xff");
	inc.sender.process[0] = '\0';
	strcpy(inc.sender.unit, "\xe2\x80\xae.service");
	strcpy(inc.sender.container, "c0ffee");
	metrics_incident(m, &inc);
	written(m, &now, false);
	has("rsttrace_process_records_total{process=\"a\\\"} 7\\\\x0a# b\\\\\\\\\\\\x1b\\\\xff\",part=\"sender\"} 1\n");
	has("{unit=\"\\\\xe2\\\\x80\\\\xae.service\",part=\"sender\"} 1\n");
	has("{container=\"c0ffee\",pod=\"\",part=\"sender\"} 1\n");
	strcpy(inc.sender.container_name, "web-1");
	strcpy(inc.sender.pod, "shop/cart-0");
	metrics_incident(m, &inc);
	written(m, &now, false);
	has("{container=\"web-1\",pod=\"shop/cart-0\",part=\"sender\"} 1\n");
	metrics_free(m);
}

/* However many processes there are, the number of rows is limited. */
static void capped(void **state)
{
	struct metrics *m = metrics_new(METRICS_BY_PROCESS | METRICS_BY_PORT);
	struct incident inc;

	example_incident(&inc);
	inc.passed = false;
	inc.victim.comm[0] = '\0';
	inc.sender.process[0] = '\0';
	for (int i = 0; i < METRICS_MAX_ROWS + 30; i++) {
		snprintf(inc.sender.comm, sizeof(inc.sender.comm), "p%d", i);
		inc.sport = inc.dport = i;
		metrics_incident(m, &inc);
	}
	written(m, &now, false);
	has("{process=\"p199\",part=\"sender\"} 1\n");
	has_not("\"p200\"");
	has("{process=\"other\",part=\"other\"} 30\n");
	has("{port=\"other\"} 30\n");
	metrics_free(m);
}

/* What the kernel side counted is exact, also for resets without a record. */
static void kernel_counts(void **state)
{
	const struct count_row counts[] = {
		{ .key = { .netns = 7, .reason = RST_NO_REASON, .type = EV_SENT_REPLY,
			   .class = CLASS_CLOSED_PORT, .family = 4 }, .count = { 300000, 290000, 3, "" } },
		{ .key = { .netns = 8, .reason = RST_NO_REASON, .type = EV_SENT_ACTIVE,
			   .class = CLASS_GIVEN_UP, .family = 6 }, .count = { 2, 0, 0, "" } },
		{ .key = { .netns = 7, .reason = RST_NO_REASON, .type = EV_RECEIVED,
			   .class = CLASS_REFUSED, .family = 4 }, .count = { 5, 0, 0, "" } },
		{ .other = true, .count = { 11, 0, 0, "" } },
	};
	struct metrics *m = metrics_new(0);
	struct rule_count rules[] = { { .rule = "port=80", .count = 6 }, { .rule = "situation=probe" } };
	struct totals t = { .counts = counts, .n_counts = ARRAY_SIZE(counts), .lost = 4,
			    .rules = &(const struct rule_counts){ rules, 2 } };
	const struct metrics_program program = { "tp_tcp_send_reset", 12, 1500000000 };
	const struct metrics_now n = {
		.version = "1", .kernel = "6.1", .totals = &t, .netns = 7, .program = &program,
		.n_programs = 1, .ring_used = 96, .ring_size = 4096,
	};

	written(m, &n, false);
	has("rsttrace_seen_resets_total{class=\"closed-port\",event=\"sent-reply\",reason=\"\",family=\"ipv4\"} 300000\n");
	has("rsttrace_seen_resets_total{class=\"other\",event=\"other\",reason=\"\",family=\"other\"} 11\n");
	has("rsttrace_unrecorded_resets_total{why=\"rate\"} 290000\n");
	has("rsttrace_unrecorded_resets_total{why=\"no_room\"} 3\n");
	has("rsttrace_sent_resets_total{namespace=\"host\"} 300000\n");
	has("rsttrace_sent_resets_total{namespace=\"other\"} 2\n");
	has("system_network_tcp_resets_total{network_tcp_reset_cause=\"refused\"} 300000\n");
	has("system_network_tcp_resets_total{network_tcp_reset_cause=\"timeout\"} 2\n");
	has("rsttrace_suppressed_records_total{rule=\"port=80\"} 6\n");
	has("rsttrace_suppressed_records_total{rule=\"situation=probe\"} 0\n");
	has("rsttrace_lost_events_total 4\n");
	has("rsttrace_ring_used_bytes 96\n");
	has("rsttrace_program_runs_total{program=\"tp_tcp_send_reset\"} 12\n");
	has("rsttrace_program_seconds_total{program=\"tp_tcp_send_reset\"} 1.500000000\n");
	metrics_free(m);
}

/* Both formats have the same figures; names of families differ, and one format has an end. */
static void formats(void **state)
{
	struct metrics *m = metrics_new(0);

	written(m, &now, false);
	has("# TYPE rsttrace_events_total counter\nrsttrace_events_total 0\n");
	has("# TYPE rsttrace_build_info gauge\nrsttrace_build_info{version=\"1\",kernel=\"6.1\"} 1\n");
	has_not("# EOF");
	has_not("ring_used");	/* without its size, the ring's use is not shown */
	written(m, &now, true);
	has("# TYPE rsttrace_events counter\nrsttrace_events_total 0\n");
	has("# TYPE rsttrace_build info\nrsttrace_build_info{version=\"1\",kernel=\"6.1\"} 1\n");
	assert_string_equal(text + strlen(text) - strlen("# EOF\n"), "# EOF\n");
	metrics_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revisions),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(capped),
		cmocka_unit_test(kernel_counts),
		cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
