/* SPDX-License-Identifier: GPL-2.0 */
/* An incident's id: the same event on another host, or in another boot, is another incident. */
#include "chain_bench.h"

#define BOOT "0123456789abcdef0011223344556677"

/* The id that the incident of this event gets in that boot. */
static void id_of(char id[48], const char *boot, struct rst_event ev)
{
	static const struct chain_ops ops = { diagnose, on_incident, on_no_receipt, on_unmatched,
					      on_resolve };
	struct chain_config cfg = { .settle_ns = SETTLE_US * 1000 };
	struct source_meta meta = events_meta;
	struct bench b = {};

	strcpy(meta.boot, boot);
	b.chain = chain_new(&meta, &cfg, &ops, &b);
	assert_non_null(b.chain);
	feed(&b, ev);
	finish(&b);
	assert_int_equal(b.n, 1);
	memcpy(id, b.shown[0].id, 48);
	chain_free(b.chain);
}

static void other_boot(void **state)
{
	char first[48], again[48], other[48], unknown[48];

	id_of(first, BOOT, sent_active(10));
	id_of(again, BOOT, sent_active(10));	/* as from a replay */
	id_of(other, "0123456789abcdee0011223344556677", sent_active(10));
	id_of(unknown, "", sent_active(10));	/* as from a recording that lacks it */
	assert_string_equal(first, again);
	assert_string_not_equal(first, other);
	assert_int_equal(strncmp(first, "0123456789abcdef-", 17), 0);
	assert_string_equal(first + 17, unknown);
}

static void other_event(void **state)
{
	struct rst_event ev = sent_active(10), last = ev;
	char first[48], later[48], beside[48];

	id_of(first, BOOT, ev);
	ev.time_ns++;
	id_of(later, BOOT, ev);
	ev = sent_active(10);
	ev.cpu++;
	id_of(beside, BOOT, ev);
	assert_string_not_equal(first, later);
	assert_string_not_equal(first, beside);
	/* the id is complete, however long the host has been up */
	last.time_ns = 1ULL << 62;
	last.cpu = UINT32_MAX;
	id_of(later, BOOT, last);
	assert_string_equal(later, "0123456789abcdef-4000000000000000-ffffffff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_boot),
		cmocka_unit_test(other_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
