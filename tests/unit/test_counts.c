/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel side counted, in the totals and in the table at the end of a run. */
#include "account/totals.h"
#include "output/summary.h"
#include "test.h"

/* Resets that were counted only, or lost, are no difference; they may even explain one. */
static void untold_resets(void **state)
{
	const struct count_row counts[] = {
		{ .key = { .netns = 7, .reason = RST_NO_REASON, .type = EV_SENT_REPLY,
			   .class = CLASS_CLOSED_PORT }, .count = { .seen = 10, .silent = 6, .lost = 1 } },
		{ .key = { .netns = 7, .reason = RST_NO_REASON, .type = EV_SENT_ACTIVE,
			   .class = CLASS_GIVEN_UP }, .count = { .seen = 3, .silent = 2 } },
		{ .key = { .netns = 7, .reason = RST_NO_REASON, .type = EV_RECEIVED,
			   .class = CLASS_REFUSED }, .count = { .seen = 10, .silent = 4 } },
		{ .count = { .seen = 5, .silent = 5 }, .other = true },
	};
	struct totals t = { .netns = netns_totals_new() };
	struct netns_reading r = { .netns = 7, .time_ns = 1, .counters.known[CTR_OUT_RSTS] = true };
	const struct netns_row *row;
	struct netns_row more;
	char *text = NULL;
	size_t len;
	FILE *f;

	netns_totals_begin(t.netns, &r);
	r.time_ns = 2;
	r.counters.value[CTR_OUT_RSTS] = 9;
	netns_totals_end(t.netns, &r);
	totals_counts(&t, counts, N(counts), NULL);
	assert_int_equal(t.sent_silent, 8);
	assert_int_equal(t.received_silent, 4);
	row = netns_totals_find(t.netns, 7);
	assert_int_equal(row->untold, 9);
	assert_int_equal(row->explained, 7);
	assert_int_equal(netns_difference(row), 0);
	/* what found no place in the map is of any namespace */
	assert_int_equal(t.crowded_silent, 5);
	more = *row;
	more.growth.value[CTR_OUT_RSTS] += 5;
	assert_int_equal(netns_likely(&more, &t.doubts), 1 << SOURCE_CROWDED);
	f = open_memstream(&text, &len);
	assert_int_equal(summary_print(f, &t), 0);
	fclose(f);
	assert_non_null(strstr(text, "8 sent and 4 received only counted (--rate), 5 sent or received only "
					"counted (--rate), of too many kinds to tell them apart\n"));
	assert_non_null(strstr(text, "        10           7  sent: nobody listens there\n"));
	assert_non_null(strstr(text, "         5              others\n"));
	assert_non_null(strstr(text, "9 sent without a record; explained 7 of 9"));
	free(text);
	netns_totals_free(t.netns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untold_resets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
