/* SPDX-License-Identifier: GPL-2.0 */
/* The records that a chain keeps: after any change, each is found by all its keys. */
#include "incident/kept.h"
#include "test.h"

#define MAX 64

/* Numbers that seem random, but are the same in every run. */
static uint32_t draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static struct kept *kept_of(size_t max)
{
	static struct kept k;

	assert_int_equal(kept_init(&k, max), 0);
	return &k;
}

/* The record due first, found by looking at all of them. */
static struct node *first_of(struct node *const *all, size_t n)
{
	struct node *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (all[i]->due_ns != NOT_DUE &&
		    (!first || all[i]->due_ns < first->due_ns ||
		     (all[i]->due_ns == first->due_ns && all[i]->number < first->number)))
			first = all[i];
	return first;
}

static void first_due(void **state)
{
	struct kept *k = kept_of(MAX);
	struct node *all[MAX];
	uint32_t seed = 1;
	size_t n = 0;

	assert_null(kept_first_due(k));
	for (int step = 0; step < 100000; step++) {
		/* few different times, so that many are due at once */
		uint64_t due = draw(&seed) % 4 ? draw(&seed) % 50 : NOT_DUE;
		size_t i = n ? draw(&seed) % n : 0;

		switch (draw(&seed) % 3) {
		case 0:
			assert_int_equal(kept_full(k), n == MAX);
			if (n < MAX)
				all[n++] = kept_add(k, due);
			break;
		case 1:
			if (!n)
				break;
			kept_drop(k, all[i]);
			all[i] = all[--n];
			break;
		default:
			if (n)
				kept_due(k, all[i], due);
		}
		assert_int_equal(k->n, n);
		assert_ptr_equal(kept_first_due(k), first_of(all, n));
	}
	kept_free(k);
}

static void idle_in_the_order_they_were_shown(void **state)
{
	struct kept *k = kept_of(3);
	struct node *a = kept_add(k, 10), *b = kept_add(k, 20), *c = kept_add(k, 30);

	assert_null(kept_first_idle(k));
	kept_due(k, c, NOT_DUE);
	kept_due(k, a, NOT_DUE);
	kept_due(k, b, NOT_DUE);
	assert_ptr_equal(kept_first_idle(k), c);
	kept_due(k, c, 40);	/* the record changed, so no room is made of it now */
	assert_ptr_equal(kept_first_idle(k), a);
	assert_ptr_equal(kept_first_due(k), c);
	kept_drop(k, a);
	assert_ptr_equal(kept_first_idle(k), b);
	kept_free(k);
}

/* The memory of a dropped record is used again, and nothing of it is left. */
static void nothing_left(void **state)
{
	struct kept *k = kept_of(2);
	struct node *n = kept_add(k, 10), *again;
	struct rst_key key = { .seq = 7 };

	kept_pair(k, n, &key);
	assert_null(kept_set_victim(k, n, 1));
	assert_null(kept_set_sender(k, n, 2));
	n->inc.victim.sk = 3;
	kept_set_receipt(k, n);
	n->shown = n->waited = true;
	n->gone_ns = 30;
	assert_ptr_equal(kept_find_rst(k, &key), n);
	assert_ptr_equal(kept_find_victim(k, 1), n);
	assert_ptr_equal(kept_find_sender(k, 2), n);
	assert_ptr_equal(kept_find_receipt(k, 3), n);
	kept_drop(k, n);
	assert_null(kept_find_rst(k, &key));
	assert_null(kept_find_victim(k, 1));
	assert_null(kept_find_sender(k, 2));
	assert_null(kept_find_receipt(k, 3));
	again = kept_add(k, 20);
	assert_ptr_equal(again, n);
	assert_false(again->shown || again->waited || again->gone_ns || again->paired);
	assert_int_equal(again->inc.victim.pid, UNKNOWN);
	assert_int_equal(again->inc.victim.sk, 0);
	kept_free(k);
}

static void address_used_again(void **state)
{
	struct kept *k = kept_of(2);
	struct node *old = kept_add(k, 10), *new = kept_add(k, 10);

	old->inc.victim.sk = new->inc.victim.sk = 3;
	kept_set_receipt(k, old);
	assert_null(kept_set_victim(k, old, 1));
	assert_null(kept_set_sender(k, old, 1));
	kept_set_receipt(k, new);
	assert_ptr_equal(kept_set_victim(k, new, 1), old);
	assert_ptr_equal(kept_set_sender(k, new, 1), old);
	assert_ptr_equal(kept_find_receipt(k, 3), new);
	assert_ptr_equal(kept_find_victim(k, 1), new);
	assert_ptr_equal(kept_find_sender(k, 1), new);
	assert_null(kept_set_victim(k, new, 1));	/* it was this record's own */
	kept_drop(k, old);
	assert_ptr_equal(kept_find_victim(k, 1), new);
	kept_free(k);
}

/* A socket that is not known belongs to no record. */
static void no_socket(void **state)
{
	struct kept *k = kept_of(2);
	struct node *a = kept_add(k, 10), *b = kept_add(k, 10);

	assert_null(kept_set_victim(k, a, 0));
	assert_null(kept_set_victim(k, b, 0));
	kept_set_receipt(k, a);
	assert_null(kept_find_victim(k, 0));
	assert_null(kept_find_receipt(k, 0));
	kept_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_due),
		cmocka_unit_test(idle_in_the_order_they_were_shown),
		cmocka_unit_test(nothing_left),
		cmocka_unit_test(address_used_again),
		cmocka_unit_test(no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
