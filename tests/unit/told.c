/* SPDX-License-Identifier: GPL-2.0 */
#include "told.h"
#include "test.h"

struct strings *strings;

int open_strings(void **state)
{
	strings = strings_new();
	return !strings;
}

int close_strings(void **state)
{
	strings_free(strings);
	return 0;
}

struct report *new_report(enum report_by by, size_t keep)
{
	const struct report_config cfg = {
		.by = by, .since_ns = INT64_MIN, .until_ns = INT64_MAX, .skew_ns = 30 * S, .keep = keep,
		.strings = strings,
	};
	struct report *r = report_new(&cfg);

	assert_non_null(r);
	return r;
}

struct incident told(const char *host, int from, int to, bool sent, bool received)
{
	static int n;
	struct incident inc;

	incident_init(&inc);
	snprintf(inc.id, sizeof(inc.id), "%d", n++);
	strcpy(inc.host, host);
	inc.rev = 0;
	inc.time_ns = T0;
	inc.kind = sent ? KIND_ACTIVE : KIND_RECEIVED;
	inc.family = 4;
	memcpy(inc.saddr, (const uint8_t[]){ 10, 0, 0, from }, 4);
	memcpy(inc.daddr, (const uint8_t[]){ 10, 0, 0, to }, 4);
	inc.sport = 80;
	inc.dport = 5000;
	inc.rst_seq = 12345;
	inc.rst_ack = 678;
	inc.cause = sent ? "close-with-unread" : "peer-reset";
	inc.sender.seen = sent;
	inc.victim.seen = received;
	inc.outcome = received ? OUTCOME_ERROR : OUTCOME_REMOTE;
	strcpy(inc.sender.comm, sent ? "nginx" : "");
	strcpy(inc.victim.comm, received ? "curl" : "");
	return inc;
}

void add(struct report *r, struct incident inc)
{
	assert_int_equal(report_incident(r, &inc), 0);
}

void expect_way(struct report *r, enum way way, uint64_t resets)
{
	const struct report_totals *t = report_totals(r);

	assert_int_equal(report_finish(r), 0);
	for (enum way w = 0; w < N_WAYS; w++)
		if (t->pairs.count[w] != (w == way ? resets : 0))
			fail_msg("%d: %d", w, (int)t->pairs.count[w]);
	assert_int_equal(t->resets, resets);
	report_free(r);
}
