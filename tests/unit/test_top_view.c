/* SPDX-License-Identifier: GPL-2.0 */
/* Which rows are shown and in which order: rows keep their places, and the chosen row stays chosen. */
#include "capture.h"
#include "test.h"
#include "top/view.h"

#define S 1000000000ULL
#define START (1000 * S)
#define ROWS 10

struct bench {
	struct top_model *m;
	struct top_view v;
	int n;
};

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->m = top_model_new(false);
	top_model_tick(b->m, START);
	b->v.by = TOP_BY_PORT;
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;

	top_view_free(&b->v);
	top_model_free(b->m);
	free(b);
	return 0;
}

static void add(struct bench *b, int port, int times)
{
	while (times--) {
		struct incident inc;

		example_incident(&inc);
		snprintf(inc.id, sizeof(inc.id), "id-%d", ++b->n);
		inc.sport = port;
		inc.mono_ns = START + b->n;
		assert_int_equal(top_model_incident(b->m, &inc), 0);
	}
}

static void update(struct bench *b)
{
	top_view_update(&b->v, top_model_tables(b->m), ROWS);
}

/* Checks the names that are shown, in order, separated by blanks. */
static void expect(struct bench *b, const char *want)
{
	char text[256] = "";

	update(b);
	for (unsigned int i = 0; i < b->v.n_shown; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
			 b->v.shown[i]->name);
	assert_string_equal(text, want);
}

static void test_most_first(void **state)
{
	struct bench *b = *state;

	add(b, 1, 1);
	add(b, 2, 3);
	add(b, 3, 2);
	add(b, 4, 2);
	expect(b, "2 3 4 1");
}

/* A row with one reset more than the row above does not pass it; with an eighth more it does. */
static void test_places_are_kept(void **state)
{
	struct bench *b = *state;

	add(b, 1, 100);
	add(b, 2, 90);
	expect(b, "1 2");
	add(b, 2, 20);
	expect(b, "1 2");
	add(b, 2, 3);
	expect(b, "2 1");
	/* a new row gets the place that it deserves, and the others stay */
	add(b, 3, 50);
	expect(b, "2 1 3");
	/* sorting on request is exact */
	add(b, 1, 14);
	expect(b, "2 1 3");
	top_view_sort(&b->v, TOP_SORT_TOTAL);
	expect(b, "1 2 3");
}

static void test_orders(void **state)
{
	struct bench *b = *state;

	add(b, 10, 3);
	add(b, 9, 2);
	top_view_sort(&b->v, TOP_SORT_NAME);
	expect(b, "9 10");
	top_view_sort(&b->v, TOP_SORT_LATEST);
	expect(b, "9 10");
	top_view_sort(&b->v, TOP_SORT_HURT);
	expect(b, "10 9");
	top_view_sort(&b->v, TOP_SORT_RATE);
	expect(b, "10 9");
}

static void test_chosen_is_followed(void **state)
{
	struct bench *b = *state;

	add(b, 1, 3);
	add(b, 2, 2);
	add(b, 3, 1);
	update(b);
	assert_string_equal(top_view_chosen(&b->v)->name, "1");
	/* nothing was chosen, so the choice stays on the first line */
	add(b, 2, 5);
	update(b);
	assert_string_equal(top_view_chosen(&b->v)->name, "2");
	top_view_move(&b->v, 2, ROWS);
	assert_string_equal(top_view_chosen(&b->v)->name, "3");
	add(b, 3, 50);
	expect(b, "3 2 1");
	assert_string_equal(top_view_chosen(&b->v)->name, "3");
	add(b, 1, 500);
	expect(b, "1 3 2");
	assert_string_equal(top_view_chosen(&b->v)->name, "3");
	top_view_move(&b->v, -100, ROWS);
	assert_string_equal(top_view_chosen(&b->v)->name, "1");
	top_view_move(&b->v, 100, ROWS);
	assert_string_equal(top_view_chosen(&b->v)->name, "2");
}

static void test_chosen_is_on_the_screen(void **state)
{
	struct bench *b = *state;

	for (int port = 1; port <= 30; port++)
		add(b, port, 31 - port);
	update(b);
	top_view_move(&b->v, 25, ROWS);
	assert_int_equal(b->v.first, 16);
	top_view_move(&b->v, -12, ROWS);
	assert_int_equal(b->v.chosen, 13);
	assert_int_equal(b->v.first, 13);
	top_view_move(&b->v, 100, ROWS);
	assert_int_equal(b->v.first, 20);
	/* a higher screen shows more of the rows, without empty lines below */
	top_view_update(&b->v, top_model_tables(b->m), 25);
	assert_int_equal(b->v.first, 5);
	top_view_update(&b->v, top_model_tables(b->m), 100);
	assert_int_equal(b->v.first, 0);
}

static void test_filter(void **state)
{
	struct bench *b = *state;
	char wrong[128];

	add(b, 80, 3);
	add(b, 8080, 2);
	add(b, 443, 1);
	assert_null(top_view_filter(&b->v, "^80", wrong, sizeof(wrong)));
	expect(b, "80 8080");
	assert_null(top_view_filter(&b->v, "(^4|^8080$)", wrong, sizeof(wrong)));
	expect(b, "8080 443");
	/* after an invalid pattern the one before is still there */
	assert_non_null(top_view_filter(&b->v, "(", wrong, sizeof(wrong)));
	assert_true(*wrong);
	expect(b, "8080 443");
	/* the cause and the latest pair are searched too; case does not matter */
	assert_null(top_view_filter(&b->v, "CLOSE-with", wrong, sizeof(wrong)));
	expect(b, "80 8080 443");
	assert_null(top_view_filter(&b->v, "nginx.*ab", wrong, sizeof(wrong)));
	expect(b, "80 8080 443");
	assert_null(top_view_filter(&b->v, "nobody", wrong, sizeof(wrong)));
	expect(b, "");
	assert_null(top_view_chosen(&b->v));
	assert_null(top_view_filter(&b->v, "", wrong, sizeof(wrong)));
	expect(b, "80 8080 443");
}

static void test_others_are_last(void **state)
{
	struct bench *b = *state;

	for (int port = 1; port <= TOP_ROWS + 5; port++)
		add(b, port, 1);
	update(b);
	assert_int_equal(b->v.n_shown, TOP_ROWS + 1);
	assert_true(b->v.shown[TOP_ROWS]->other);
	assert_int_equal(b->v.shown[TOP_ROWS]->count.total, 5);
}

static void test_another_grouping(void **state)
{
	struct bench *b = *state;

	add(b, 1, 1);
	update(b);
	top_view_by(&b->v, TOP_BY_CAUSE);
	expect(b, "close-with-unread");
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_most_first),
		test(test_places_are_kept),
		test(test_orders),
		test(test_chosen_is_followed),
		test(test_chosen_is_on_the_screen),
		test(test_filter),
		test(test_others_are_last),
		test(test_another_grouping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
